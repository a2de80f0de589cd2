"""matrix.yaml: who may call which route. ``python -m tests.web.matrix`` writes it anew; the diff is for a person to read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from fastapi import FastAPI

from access import Role, roles
from access.permissions import Permission
from audits.store import Store
from tests.web.routes import declared
from web.app import create_app

FILE = Path(__file__).parent / "matrix.yaml"
HEAD = """# Who may call which route; `everybody` needs no sign-in, `nobody` is an account that has no role yet.
# Written by `python -m tests.web.matrix` from what the routes declare and access/roles.yaml; read the diff before you commit it.
"""
EVERYBODY = "everybody"
NOBODY = "nobody"


def matrix_of(app: FastAPI) -> dict[str, list[str]]:
    """Roles that may call each route."""
    found = {}
    for route in declared(app):
        if route.requires is None:
            found[str(route)] = []
        elif route.permission is None:
            found[str(route)] = [EVERYBODY]
        else:
            own = [NOBODY] if route.permission is Permission.ACCOUNT_SELF else []
            found[str(route)] = [str(role) for role in Role if route.permission in roles()[role].permissions] + own
    return found


def written(matrix: dict[str, list[str]]) -> str:
    return HEAD + "".join(f"{route}: [{', '.join(allowed)}]\n" for route, allowed in matrix.items())


def recorded() -> dict[str, list[str]]:
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(written(matrix_of(create_app(Store(Path(folder))))), "utf-8")

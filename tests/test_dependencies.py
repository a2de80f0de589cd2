"""What the service imports is what an installation without extras brings along; here everything is installed, which would hide a gap."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
ENTRANCES = (
    "cli.main",
    "kombu.transport.redis",
    "pg8000",
    "redis",
    "uvicorn",
    "web.app",
    "web.api",
    "worker.app",
    "worker.tasks",
)

OPTIONAL = {"setuptools", "sniffio"}  # looked for by packages that do without


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def brought_along(name: str, extras: frozenset[str], found: set[tuple[str, frozenset[str]]]) -> None:
    """The distribution and all that it asks for, on this machine."""
    if (name, extras) in found:
        return
    found.add((name, extras))
    for line in requires(name) or ():
        wanted = Requirement(line)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            brought_along(normal(wanted.name), frozenset(wanted.extras), found)


def test_a_plain_installation_brings_along_all_that_the_service_imports() -> None:
    found: set[tuple[str, frozenset[str]]] = set()
    for line in PROJECT["dependencies"]:
        wanted = Requirement(line)
        brought_along(normal(wanted.name), frozenset(wanted.extras), found)

    script = f"import importlib, sys\nfor name in {ENTRANCES}: importlib.import_module(name)\nprint(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    distributions = packages_distributions()
    imported = {normal(name) for module in modules for name in distributions.get(module, ())}
    assert "kombu" in imported
    missing = imported - {name for name, _ in found} - OPTIONAL - {"hecha"}
    assert not missing

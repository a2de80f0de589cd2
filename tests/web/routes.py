"""Every route that the app answers, whoever wrote it, and what it says it requires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from access import Permission
from web.security import Guarded, Requires, asked_by


@dataclass(frozen=True)
class Declared:
    """requires: None if the route says nothing at all."""

    method: str
    path: str
    requires: Requires | None
    is_guarded: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> Permission | None:
        return self.requires.permission if self.requires else None

    def filled(self, **ids: str) -> str:
        """The path with these in place of its parameters, and a name of nothing in place of all others."""
        parts = []
        for part in self.path.split("/"):
            name = part.strip("{}").split(":")[0]
            parts.append(ids.get(name, "nothing-of-this-name") if part.startswith("{") else part)
        return "/".join(parts)


def declared(app: FastAPI) -> list[Declared]:
    """By path, then method. Static files, which are for everybody, are left out."""
    found = {}
    for path, methods, dependant, route in _flat(app):
        for method in methods - {"HEAD", "OPTIONS"}:
            item = Declared(method, path, asked_by(dependant), isinstance(route, Guarded))
            found[str(item)] = item
    return sorted(found.values(), key=lambda item: (item.path, item.method))


def _flat(app: FastAPI) -> Iterator[tuple[str, set[str], Any, Any]]:
    """Newer FastAPI keeps included routers as they are, older ones copy their routes."""
    for route in app.routes:
        if hasattr(route, "effective_route_contexts"):
            for context in route.effective_route_contexts():
                yield context.path, set(context.methods), context.dependant, context.original_route
        elif isinstance(route, APIRoute):
            yield route.path, set(route.methods), route.dependant, route

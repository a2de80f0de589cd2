"""docs/api.md names every address of the API, what it does, and the permission that it needs."""

from __future__ import annotations

import re

from tests.servers import ROOT
from tests.web.api.conftest import BASE, Programs
from tests.web.routes import declared

LINE = re.compile(r"^\| ([A-Z]+) \| `(/[^`]*)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_the_guide_lists_what_there_is(read_only: Programs) -> None:
    app = read_only.office.app
    paths = app.openapi()["paths"]
    there = {
        (route.method, route.path.removeprefix(BASE)): (
            paths[route.path][route.method.lower()]["summary"],
            f"`{route.permission}`" if route.permission else "登录即可",
        )
        for route in declared(app)
        if route.path in paths
    }
    told = {
        (method, path): (words, needed)
        for method, path, words, needed in LINE.findall((ROOT / "docs/api.md").read_text("utf-8"))
    }

    assert told == there

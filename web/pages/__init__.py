"""The pages, one file an area. A new area is a file here, a folder of templates, and a line in AREAS."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from web.pages import sign_in

AREAS: Mapping[str, APIRouter] = {
    "sign_in": sign_in.router,
}

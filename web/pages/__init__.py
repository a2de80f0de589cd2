"""The pages, one file an area. A new area is a file here, a folder of templates, and a line in AREAS."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from web.pages import account, batches, dashboard, downloads, failed, log, reports, settings, sign_in, submit, users

AREAS: Mapping[str, APIRouter] = {
    "account": account.router,
    "batches": batches.router,
    "dashboard": dashboard.router,
    "downloads": downloads.router,
    "failed": failed.router,
    "log": log.router,
    "reports": reports.router,
    "settings": settings.router,
    "sign_in": sign_in.router,
    "submit": submit.router,
    "users": users.router,
}

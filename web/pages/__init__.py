"""The pages, one file an area. A new area is a file here, a folder of templates, and a line in AREAS."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from web.pages import (
    account,
    agencies,
    batches,
    belonging,
    coverage,
    dashboard,
    downloads,
    failed,
    log,
    reports,
    rules,
    settings,
    sign_in,
    submit,
    sweeps,
    users,
)

AREAS: Mapping[str, APIRouter] = {
    "account": account.router,
    "agencies": agencies.router,
    "batches": batches.router,
    "belonging": belonging.router,
    "coverage": coverage.router,
    "dashboard": dashboard.router,
    "downloads": downloads.router,
    "failed": failed.router,
    "log": log.router,
    "reports": reports.router,
    "rules": rules.router,
    "settings": settings.router,
    "sign_in": sign_in.router,
    "submit": submit.router,
    "sweeps": sweeps.router,
    "users": users.router,
}

"""Cookies, and the token that forms carry.

``__Host-`` binds a cookie to this host, this path and TLS; over plain http (on the machine itself) a browser would refuse it.
"""

from __future__ import annotations

import secrets

from fastapi import Request, Response

from access.actor import Actor
from web.here import address_of, services

TOKEN_FIELD = "csrf"  # noqa: S105  # the name of a form's field
TOKEN_HEADER = "x-csrf-token"  # noqa: S105  # the name of a header


def session_cookie(request: Request) -> str:
    return "__Host-hecha" if request.url.scheme == "https" else "hecha"


def visit_cookie(request: Request) -> str:
    """Of one who has not signed in: what the tokens of his forms are bound to."""
    return "__Host-hecha-visit" if request.url.scheme == "https" else "hecha-visit"


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """``seconds`` None: until the browser is closed; 0: gone at once."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def form_token(request: Request) -> str:
    """What a form sent from this browser has to carry, in the field ``csrf`` or the header ``x-csrf-token``."""
    secret = request.cookies.get(session_cookie(request)) or getattr(request.state, "visit", None)
    secret = secret or request.cookies.get(visit_cookie(request))
    if not secret:
        secret = request.state.visit = secrets.token_urlsafe(24)  # the page sets the cookie
    return services(request).access.sessions.csrf(secret)


def signed_in(request: Request) -> Actor | None:
    """Whose session the browser's cookie is of, as he is now."""
    secret = request.cookies.get(session_cookie(request))
    return services(request).access.sessions.actor(secret, address_of(request)) if secret else None

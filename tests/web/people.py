"""An office to test pages in: a store, the app over it, and people of every role who are signed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.testclient import TestClient

from access import LOCAL, Access, Account, Role, SignedIn
from audits.store import Store
from web.app import create_app
from web.here import Options

PASSWORD = "Lantern-7-brook-quartz"
BASE = "http://127.0.0.1"


class Browser(TestClient):
    """Sends what a page of ours would send: from where it comes, and the token of its forms. Follows no redirects by itself."""

    def __init__(self, app: FastAPI, base: str = BASE, address: str = "127.0.0.1") -> None:
        super().__init__(app, base_url=base, follow_redirects=False, raise_server_exceptions=False, client=(address, 50000))
        self._token = ("", "")  # and the cookies that it was read with

    @property
    def token(self) -> str:
        """Of the forms that this browser sees now."""
        cookies = str(sorted(self.cookies.items()))
        if self._token[0] != cookies:
            found = re.search(r'<meta name="csrf" content="(\w+)">', self.get("/no-such-page").text)
            assert found is not None
            self._token = (str(sorted(self.cookies.items())), found[1])
        return self._token[1]

    def request(self, method: str, url: Any, **options: Any) -> Any:  # type: ignore[override]
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            given = dict(options.pop("headers", None) or {})
            parts = urlsplit(str(self.base_url))
            ours = {"origin": f"{parts.scheme}://{parts.netloc}", "sec-fetch-site": "same-origin"}
            if "authorization" not in {name.lower() for name in given}:
                ours["x-csrf-token"] = self.token
            options["headers"] = {name: value for name, value in (ours | given).items() if value is not None}
        return super().request(method, url, **options)


@dataclass
class Office:
    store: Store
    access: Access
    app: FastAPI
    accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, role: Role | str | None, regions: Sequence[str] = ("/",), login: str = "") -> Account:
        """A person who has set his password; the same one if asked for again."""
        role = Role(role) if role else None
        login = login or f"{role or 'nobody'}-{'.'.join(region.strip('/').replace('/', '.') for region in regions)}".rstrip(
            "-."
        )
        if login not in self.accounts:
            account, secret = self.access.accounts.create(LOCAL, login, f"测试{login}")
            self.access.entrance.use_link(secret, PASSWORD, "")
            sees_reports = role in (Role.SUPERVISOR, Role.VIEWER, Role.CLERK, Role.OWNER)
            self.access.accounts.grant(LOCAL, account.id, role, list(regions) if sees_reports else [])
            self.accounts[login] = self.access.accounts.get(account.id)
        return self.accounts[login]

    def secret(self, account: Account) -> str:
        """Of a new session."""
        found = self.access.entrance.sign_in(account.login, PASSWORD, f"test-{account.id}")
        assert isinstance(found, SignedIn)
        return found.secret

    def client(self, role: Role | str | None, *regions: str, login: str = "") -> Browser:
        """A browser at which somebody of this role and these regions (all, if none is named) is signed in."""
        browser = Browser(self.app)
        browser.cookies.set("hecha", self.secret(self.account(role, regions or ("/",), login)))
        return browser

    def anonymous(self) -> Browser:
        return Browser(self.app)


def office(folder: Path, options: Options | None = None) -> Office:
    """A new one, without any account."""
    store = Store(folder)
    app = create_app(store, options)
    access: Access = app.state.services.access
    access.settings.change(LOCAL, "small_office", True)
    for name in ("login_per_minute", "upload_per_minute", "export_per_minute"):
        access.settings.change(LOCAL, name, 1000)
    return Office(store, access, app)

"""`hecha user`, `hecha setting` and `hecha log` over the API of a server: what access/ gives a command on the machine, asked of it instead.

Who acts is whom the token belongs to; the actor that a command hands over is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, TypeVar

from access import SETTINGS, Account, Entry, LogWanted, Permission, Role, Session, Setting, Token, Verified
from access.errors import AccountFault
from access.settings import Value
from cli.remote import Server, ServerError

T = TypeVar("T")


class RemoteAccess:
    """The part of ``access.Access`` that the API offers. What it does not is refused with what to do."""

    def __init__(self, server: Server) -> None:
        self.accounts = _Accounts(server)
        self.sessions = _Sessions(server)
        self.tokens = _Tokens(server)
        self.settings = _Settings(server)
        self.log = _Log(server)

    def together(self) -> AbstractContextManager[None]:
        """There is no transaction over several requests: what was done before one that fails stays done."""
        return nullcontext()

    def __getattr__(self, name: str) -> Any:
        raise ServerError("这个操作不能通过服务做；请在服务器本机上做，或用网页")


class _Accounts:
    def __init__(self, server: Server) -> None:
        self._server = server

    def all(self, text: str = "") -> tuple[Account, ...]:
        return tuple(_account(item) for item in self._server.get("/accounts", text=text))

    def get(self, account_id: str) -> Account:
        return _account(self._server.get(f"/accounts/{account_id}"))

    def by_login(self, login: str) -> Account:
        """Raises AccountFault if there is none."""
        found = next((account for account in self.all(login) if account.login == login.casefold()), None)
        if found is None:
            raise AccountFault(f"没有账号 {login}")
        return found

    def create(self, _: object, login: str, name: str) -> tuple[Account, str]:
        made = self._server.send("POST", "/accounts", {"login": login, "name": name})
        return _account(made["account"]), made["key"]

    def grant(self, _: object, account_id: str, role: Role | None, regions: Sequence[str]) -> None:
        self._server.send("PUT", f"/accounts/{account_id}/grant", {"role": role, "regions": list(regions)})

    def disable(self, _: object, account_id: str) -> None:
        self._server.send("POST", f"/accounts/{account_id}/disable")

    def enable(self, _: object, account_id: str) -> None:
        self._server.send("POST", f"/accounts/{account_id}/enable")

    def unlock(self, _: object, account_id: str) -> None:
        self._server.send("POST", f"/accounts/{account_id}/unlock")

    def reset(self, _: object, account_id: str) -> str:
        return str(self._server.send("POST", f"/accounts/{account_id}/reset")["key"])

    def __getattr__(self, name: str) -> Any:
        raise ServerError("这个操作不能通过服务做；请在服务器本机上做，或用网页")


class _Sessions:
    def __init__(self, server: Server) -> None:
        self._server = server

    def of(self, account_id: str | None = None) -> tuple[Session, ...]:
        """None of them if whoever asks may not see them."""
        found = _permitted(self._server, "/sessions", account_id)
        return tuple(_made(Session, item | {"public_id": item["id"]}) for item in found)

    def end_by(self, _: object, public_id: str) -> None:
        self._server.send("DELETE", f"/sessions/{public_id}")


class _Tokens:
    def __init__(self, server: Server) -> None:
        self._server = server

    def of(self, account_id: str | None = None) -> tuple[Token, ...]:
        """None of them if whoever asks may not see them."""
        found = _permitted(self._server, "/tokens", account_id)
        return tuple(_made(Token, item | {"permissions": tuple(map(Permission, item["permissions"]))}) for item in found)

    def revoke(self, _: object, token_id: str) -> None:
        self._server.send("DELETE", f"/tokens/{token_id}")

    def create(self, *_: object) -> tuple[Token, str]:
        raise ServerError("令牌由本人在网页“我的账号”里创建，或在服务器本机上用 hecha user tokens add")


class _Settings:
    def __init__(self, server: Server) -> None:
        self._server = server

    def all(self) -> tuple[tuple[Setting, Value], ...]:
        values = {item["name"]: item["value"] for item in self._server.get("/settings")}
        return tuple((setting, values[name]) for name, setting in SETTINGS.items() if name in values)

    def change(self, _: object, name: str, value: object) -> Value:
        new: Value = self._server.send("PUT", f"/settings/{name}", {"value": value})["value"]
        return new

    def number(self, name: str) -> int:
        return int(self.text(name))

    def text(self, name: str) -> str:
        return next(str(value) for setting, value in self.all() if setting.name == name)


class _Log:
    def __init__(self, server: Server) -> None:
        self._server = server

    def entries(self, wanted: LogWanted, before: int | None, limit: int) -> tuple[Entry, ...]:
        asked = {name: value for name, value in asdict(wanted).items() if value}
        items = self._server.get("/log", **asked, size=limit, **({} if before is None else {"before": before}))
        return tuple(Entry(**{field.name: item[field.name] for field in fields(Entry)}) for item in items)

    def verify(self, head: str) -> Verified:
        found = self._server.send("POST", "/log/verify", {"head": head})
        return Verified(found["count"], found["first"], found["last"], found["head"], tuple(found["faults"]))

    def __getattr__(self, name: str) -> Any:
        raise ServerError("这个操作不能通过服务做；请在服务器本机上做，或用网页")


def _permitted(server: Server, path: str, account_id: str | None) -> list[dict[str, Any]]:
    query = {} if account_id is None else {"account": account_id}
    try:
        return list(server.get(path, **query))
    except ServerError as exc:
        if exc.code == "FORBIDDEN":
            return []
        raise


def _account(item: Mapping[str, Any]) -> Account:
    return _made(Account, {**item, "role": Role(item["role"]) if item["role"] else None, "regions": tuple(item["regions"])})


def _made(kind: type[T], item: Mapping[str, Any]) -> T:
    """The model, with its times as seconds since 1970."""
    values = {field.name: item[field.name] for field in fields(kind)}  # type: ignore[arg-type]  # dataclasses all
    return kind(**{name: _seconds(value) if name.endswith(("_at", "_until")) else value for name, value in values.items()})


def _seconds(value: str | None) -> float | None:
    return None if value is None else datetime.fromisoformat(value).timestamp()

"""Who acts: a person at a browser, a program with a token, or a command on the machine itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from access.errors import Forbidden
from access.permissions import Permission, Role
from audits.regions import ALL, NONE, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody as he is at this request: roles, regions and disabling count from the next one on.

    role        None until the security administrator grants one.
    scope       the regions he may see; nothing for those whose role has nothing to do with reports.
    permissions what he may do now; while ``must`` is not empty, nothing but to see to that.
    must        what he has to do first: give himself a new "password", or set up the "second_factor".
    session_id  the session's public id, or the token's; "" for a command on the machine.
    address     where the request came from.
    """

    account_id: str
    login: str
    name: str
    role: Role | None
    scope: Scope
    permissions: frozenset[Permission]
    via: Literal["session", "token", "local"]
    session_id: str = ""
    address: str = ""
    must: Literal["", "password", "second_factor"] = ""

    def may(self, permission: Permission | str) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission | str) -> None:
        """Raises Forbidden."""
        if permission not in self.permissions:
            raise Forbidden(f"没有权限（{permission}）；如工作需要，请联系安全管理员授权")

    @property
    def own_only(self) -> bool:
        """Lists show him what he submitted himself, and nothing else."""
        return self.role is Role.CLERK

    @property
    def shown(self) -> str:
        """For the log: 王芳（wangfang）."""
        return f"{self.name}（{self.login}）" if self.login else self.name


LOCAL = Actor("", "", "本机命令行", Role.OWNER, ALL, frozenset(Permission), "local", address="本机")


def anonymous(address: str) -> Actor:
    """Somebody who has not said who he is: for the log."""
    return Actor("", "", "（未登录）", None, NONE, frozenset(), "session", address=address)


def local(user: str) -> Actor:
    """A command on the machine itself, by that user of its operating system: whoever may write the data may do everything."""
    return replace(LOCAL, name=f"本机命令行（{user}）")

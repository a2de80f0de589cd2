"""Permissions and the roles that have them. The matrix is roles.yaml; it is read strictly, once, and refused with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from access.errors import RolesFault
from rules.errors import PackError
from rules.strict_yaml import Written, read_yaml

ROLES_FILE = Path(__file__).parent / "roles.yaml"


class Permission(StrEnum):
    ACCOUNT_SELF = "account.self"  # one's own password, second factor, sessions and tokens
    ACCOUNT_READ = "account.read"
    ACCOUNT_CREATE = "account.create"  # and disable, enable
    ACCOUNT_GRANT = "account.grant"  # role, regions, unlock, reset of password and second factor
    SESSION_END = "session.end"  # of others, and revoke their tokens
    SETTING_READ = "setting.read"
    SETTING_CHANGE = "setting.change"
    POLICY_CHANGE = "policy.change"  # the settings that are security policy
    SYSTEM_READ = "system.read"  # health, metrics
    LOG_READ = "log.read"
    LOG_EXPORT = "log.export"
    REPORT_READ = "report.read"
    REPORT_SUBMIT = "report.submit"
    REPORT_DECIDE = "report.decide"
    REPORT_DOWNLOAD = "report.download"
    REPORT_EXPORT = "report.export"
    BATCH_MANAGE = "batch.manage"  # cancel, retry, audit again, resubmit, delete
    ROSTER_READ = "roster.read"
    ROSTER_IMPORT = "roster.import"
    SWEEP_READ = "sweep.read"
    SWEEP_MANAGE = "sweep.manage"
    RULE_READ = "rule.read"
    QUEUE_READ = "queue.read"
    QUEUE_RETRY = "queue.retry"


class Role(StrEnum):
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    SUPERVISOR = "supervisor"
    VIEWER = "viewer"
    CLERK = "clerk"
    OWNER = "owner"

    @property
    def shown(self) -> str:
        return roles()[self].name

    @property
    def is_administrator(self) -> bool:
        """Whether it can change what others may do or see what they did: a second factor is asked of it first."""
        return self in (*ADMINISTRATORS, Role.OWNER)


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
SHARED = frozenset(  # of the three; everything else that one may, the other two may not
    (Permission.ACCOUNT_SELF, Permission.ACCOUNT_READ, Permission.SETTING_READ)
)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a role is called and may do."""

    name: str
    about: str
    permissions: frozenset[Permission]


@cache
def roles() -> Mapping[Role, Granted]:
    """The matrix. Raises RolesFault."""
    return read_roles(ROLES_FILE)


def read_roles(path: Path) -> Mapping[Role, Granted]:
    """The matrix of another file. Raises RolesFault with file, line and what is allowed."""
    try:
        written = read_yaml(path, path.name)
        return _roles(written)
    except PackError as exc:
        raise RolesFault(str(exc)) from exc


def _roles(written: Written) -> Mapping[Role, Granted]:
    if not isinstance(written.data, dict):
        raise written.error("应为各个角色")
    for role in written.data:
        if role not in list(Role):
            raise written.key_error(f"没有角色 {role!r}；可用 {'、'.join(Role)}", role)
    for role in Role:
        if role not in written.data:
            raise written.error(f"缺少角色 {role}")
    matrix = {role: _granted(written, role) for role in Role}
    for one in ADMINISTRATORS:
        for other in ADMINISTRATORS:
            common = matrix[one].permissions & matrix[other].permissions - SHARED
            if one != other and common:
                words = f"{one} 和 {other} 都有 {'、'.join(sorted(common))}；三员的职责不得重叠"
                raise written.error(words, other, "permissions")
    return matrix


def _granted(written: Written, role: Role) -> Granted:
    data = written.data[role]
    if not isinstance(data, dict) or set(data) != {"name", "about", "permissions"}:
        raise written.error("角色应有 name、about、permissions 三项，不多不少", role)
    for key in ("name", "about"):
        if not isinstance(data[key], str):
            raise written.error(f"{key} 应为文字", role, key)
    if not isinstance(data["permissions"], list):
        raise written.error("permissions 应为列表", role, "permissions")
    found: set[Permission] = set()
    for index, name in enumerate(data["permissions"]):
        if name not in list(Permission):
            words = f"没有权限 {name!r}；可用 {'、'.join(Permission)}"
            raise written.error(words, role, "permissions", index)
        if name in found:
            raise written.error(f"权限 {name} 重复出现", role, "permissions", index)
        found.add(Permission(name))
    return Granted(data["name"], data["about"], frozenset(found))

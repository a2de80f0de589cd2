"""Roles are a file that is read strictly, and the three administrators are three."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from access import Permission, Role, roles
from access.errors import RolesFault
from access.permissions import ADMINISTRATORS, ROLES_FILE, SHARED, read_roles

REPORTS = {
    permission for permission in Permission if permission.split(".")[0] in ("report", "batch", "queue", "roster", "sweep")
}


def test_every_permission_is_held_by_somebody_and_every_role_by_name() -> None:
    held = {permission for granted in roles().values() for permission in granted.permissions}

    assert (held, [role for role in Role if not role.shown]) == (set(Permission), [])


@pytest.mark.parametrize(("one", "other"), tuple(permutations(ADMINISTRATORS, 2)))
def test_no_administrator_can_do_a_task_of_another(one: Role, other: Role) -> None:
    assert roles()[one].permissions & roles()[other].permissions <= SHARED


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_no_administrator_sees_or_touches_a_report(role: Role) -> None:
    assert roles()[role].permissions & REPORTS == set()


def test_the_auditor_reads_and_changes_nothing() -> None:
    assert roles()[Role.AUDIT_ADMIN].permissions == {Permission.ACCOUNT_SELF, Permission.LOG_READ, Permission.LOG_EXPORT}


def test_only_the_auditor_and_an_openly_declared_owner_see_the_log() -> None:
    assert {role for role, granted in roles().items() if Permission.LOG_READ in granted.permissions} == {
        Role.AUDIT_ADMIN,
        Role.OWNER,
    }


def test_viewers_and_clerks_change_nothing_of_others() -> None:
    for role in (Role.VIEWER, Role.CLERK):
        changing = {Permission.REPORT_DECIDE, Permission.BATCH_MANAGE, Permission.ROSTER_IMPORT, Permission.SWEEP_MANAGE}
        assert roles()[role].permissions & changing == set()


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("  - account.self", "  - account.selves", "没有权限 'account.selves'"),
        ("viewer:", "visitor:", "没有角色 'visitor'"),
        ("    - log.export\n\n", "    - log.export\n    - log.read\n\n", "权限 log.read 重复出现"),
        ("    - log.export\n\n", "    - log.export\n    - setting.change\n\n", "三员的职责不得重叠"),
        ("  name: 只读人员\n", "", "角色应有 name、about、permissions 三项"),
        ("  name: 只读人员\n", "  name: 只读人员\n  name: 只读\n", "重复出现"),
        ("  name: 只读人员\n", "  name: [只读]\n", "name 应为文字"),
    ],
)
def test_a_roles_file_that_is_wrong_is_refused_with_its_line(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(ROLES_FILE.read_text("utf-8").replace(was, becomes, 1), "utf-8")

    with pytest.raises(RolesFault, match=rf"^roles\.yaml:\d+:\d+: .*{said}"):
        read_roles(path)


def test_a_role_that_is_missing_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(ROLES_FILE.read_text("utf-8").split("# Only where")[0], "utf-8")

    with pytest.raises(RolesFault, match="缺少角色 owner"):
        read_roles(path)

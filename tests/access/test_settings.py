"""Settings have bounds, defaults, and somebody whose they are."""

from __future__ import annotations

import pytest

from access import LOCAL, SETTINGS, Access, Permission, Role
from access.errors import Forbidden, SettingFault
from audits.store import Store
from audits.store.tables import SETTINGS as ROWS
from tests.access.people import Office


def test_every_setting_has_chinese_words_and_a_default_within_its_own_bounds() -> None:
    assert [
        s.name for s in SETTINGS.values() if s.read(s.default) != s.default or not s.title or not s.help or not s.group
    ] == []


def test_a_fresh_installation_has_the_defaults_of_the_checklist(access: Access) -> None:
    wanted = {"lockout_failures": 5, "lockout_minutes": 30, "session_idle_minutes": 30, "session_hours": 12, "djcp_days": 90}
    wanted |= {"djcp_history": 5, "djcp_length": 10, "djcp_classes": 3, "login_per_minute": 10, "upload_per_minute": 20}
    wanted |= {"export_per_minute": 10, "log_keep_days": 1096, "upload_mb": 2048}

    assert {name: access.settings[name] for name in wanted} == wanted
    assert (access.settings["password_profile"], access.settings["small_office"]) == ("djcp", False)


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("lockout_failures", "7", 7),
        ("small_office", "on", True),
        ("second_factor", "all", "all"),
        ("office_name", "  陆浑县\r\n政府办公室\x00 ", "陆浑县 政府办公室"),
        ("syslog", "udp://10.0.0.9:514", "udp://10.0.0.9:514"),
        ("syslog", "", ""),
    ],
)
def test_a_value_is_read_from_a_forms_text(access: Access, name: str, value: str, becomes: object) -> None:
    assert access.settings.change(LOCAL, name, value) == becomes
    assert access.settings[name] == becomes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lockout_failures", "0"),
        ("lockout_failures", "11"),
        ("lockout_failures", "5.5"),
        ("lockout_failures", "五"),
        ("lockout_failures", True),
        ("lockout_failures", None),
        ("session_hours", 25),
        ("log_keep_days", 183),
        ("upload_mb", 4096),
        ("password_profile", "none"),
        ("small_office", "perhaps"),
        ("syslog", "http://10.0.0.9/"),
        ("syslog", "udp://10.0.0.9:0"),
        ("syslog", "udp://10.0.0.9:99999"),
        ("syslog", "tcp://logs..example:601"),
        ("syslog", "tcp://[10.0.0.9]:601"),
        ("office_name", "长" * 61),
        ("nothing_like_it", "1"),
    ],
)
def test_a_value_out_of_bounds_is_refused_and_nothing_changes(access: Access, name: str, value: object) -> None:
    before = access.settings.all()
    with pytest.raises(SettingFault):
        access.settings.change(LOCAL, name, value)

    assert access.settings.all() == before


def test_security_policy_is_changed_by_the_security_administrator_and_the_rest_by_the_system_administrator(
    office: Office,
) -> None:
    actors = {
        role: office.signed_in(role.replace("_", "."), role)
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.SUPERVISOR)
    }
    changed = {}
    for name in ("session_hours", "upload_mb"):
        for role, actor in actors.items():
            try:
                office.access.settings.change(actor, name, 8)
                changed[name, role] = True
            except Forbidden:
                changed[name, role] = False

    assert [key for key, done in changed.items() if done] == [
        ("session_hours", Role.SECURITY_ADMIN),
        ("upload_mb", Role.SYSTEM_ADMIN),
    ]
    assert {setting.changes for setting in SETTINGS.values()} == {Permission.SETTING_CHANGE, Permission.POLICY_CHANGE}


def test_another_process_notices_a_change(access: Access, store: Store) -> None:
    other = Access(store)
    assert other.settings["session_hours"] == 12
    access.settings.change(LOCAL, "session_hours", 8)
    other.settings.look_again()

    assert other.settings["session_hours"] == 8


def test_a_value_that_fits_no_longer_counts_as_not_set(access: Access, store: Store) -> None:
    with store.transactions.write() as db:
        db.execute(ROWS.insert(), [{"name": "session_hours", "value": 99}, {"name": "gone", "value": 1}])

    assert access.settings["session_hours"] == 12


def test_a_change_is_logged_with_the_value_before(access: Access) -> None:
    access.settings.change(LOCAL, "session_hours", 8)

    assert access.log.entries()[0].details == '{"after": 8, "before": 12}'

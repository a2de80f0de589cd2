"""What administrators do to accounts, and everybody to his own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise

import pytest

from access import LOCAL, Access, Account, Action, Actor, LogWanted, Permission, Role
from access.errors import AccessError, AccountFault, Forbidden, PasswordRefused, SettingFault, TooMany, WrongCredentials
from access.second_factor import code_at
from audits.errors import AuditError
from tests.access.conftest import Clock
from tests.access.people import DESK, PASSWORD, PASSWORDS, Office

FUZHOU = "/福建省/福州市/"


def test_who_was_created_and_not_granted_anything_sees_nothing(office: Office) -> None:
    office.person("wang")

    actor = office.actor("wang")

    assert (actor.role, actor.permissions, actor.scope.holds("/")) == (None, {Permission.ACCOUNT_SELF}, False)


def test_an_account_takes_two_administrators(office: Office) -> None:
    system = office.signed_in("zhao", Role.SYSTEM_ADMIN)
    security = office.signed_in("qian", Role.SECURITY_ADMIN)
    accounts = office.access.accounts

    created, _ = accounts.create(system, "wang", "王芳")
    with pytest.raises(Forbidden):
        accounts.grant(system, created.id, Role.SUPERVISOR, [FUZHOU])
    with pytest.raises(Forbidden):
        accounts.create(security, "li", "李雷")
    accounts.grant(security, created.id, Role.SUPERVISOR, [FUZHOU])

    assert (accounts.get(created.id).role, accounts.get(created.id).regions) == (Role.SUPERVISOR, (FUZHOU,))
    assert [account.login for account in accounts.all("li")] == []


TASKS: dict[str, tuple[Permission, Callable[[Access, Actor, Account], object]]] = {
    "create": (Permission.ACCOUNT_CREATE, lambda access, actor, _: access.accounts.create(actor, "new", "新")),
    "rename": (Permission.ACCOUNT_CREATE, lambda access, actor, other: access.accounts.rename(actor, other.id, "新名")),
    "disable": (Permission.ACCOUNT_CREATE, lambda access, actor, other: access.accounts.disable(actor, other.id)),
    "enable": (Permission.ACCOUNT_CREATE, lambda access, actor, other: access.accounts.enable(actor, other.id)),
    "grant": (
        Permission.ACCOUNT_GRANT,
        lambda access, actor, other: access.accounts.grant(actor, other.id, Role.VIEWER, ["/"]),
    ),
    "unlock": (Permission.ACCOUNT_GRANT, lambda access, actor, other: access.accounts.unlock(actor, other.id)),
    "reset": (Permission.ACCOUNT_GRANT, lambda access, actor, other: access.accounts.reset(actor, other.id)),
    "reset_second_factor": (
        Permission.ACCOUNT_GRANT,
        lambda access, actor, other: access.accounts.reset_second_factor(actor, other.id),
    ),
    "end_session": (
        Permission.SESSION_END,
        lambda access, actor, other: access.sessions.end_by(actor, access.sessions.of(other.id)[0].public_id),
    ),
    "revoke_token": (
        Permission.SESSION_END,
        lambda access, actor, other: access.tokens.revoke(actor, access.tokens.of(other.id)[0].id),
    ),
    "change_setting": (Permission.SETTING_CHANGE, lambda access, actor, _: access.settings.change(actor, "upload_mb", 100)),
    "change_policy": (Permission.POLICY_CHANGE, lambda access, actor, _: access.settings.change(actor, "lockout_minutes", 60)),
    "export_log": (Permission.LOG_EXPORT, lambda access, actor, _: list(access.log.export(actor, "jsonl"))),
}


@pytest.mark.parametrize("role", Role)
def test_a_role_can_do_its_own_tasks_and_no_others_and_each_try_is_one_entry(office: Office, role: Role) -> None:
    access = office.access
    access.settings.change(LOCAL, "small_office", True)
    actor = office.signed_in("actor", role)
    done, entered = {}, {}
    for name, (_, task) in TASKS.items():
        other = office.guest(f"other.{name}")
        before = access.log.count()
        try:
            task(access, actor, other)
            done[name] = True
        except Forbidden:
            done[name] = False
        entered[name] = access.log.count() - before

    assert done == {name: actor.may(permission) for name, (permission, _) in TASKS.items()}
    assert entered == dict.fromkeys(TASKS, 1)


@pytest.mark.parametrize("task", ["disable", "enable", "unlock", "reset", "reset_second_factor"])
def test_nobody_does_to_himself_what_another_must_decide(office: Office, task: str) -> None:
    role = Role.SYSTEM_ADMIN if task in ("disable", "enable") else Role.SECURITY_ADMIN
    actor = office.signed_in("qian", role)

    with pytest.raises(AccountFault):
        getattr(office.access.accounts, task)(actor, actor.account_id)
    if role is Role.SECURITY_ADMIN:
        with pytest.raises(AccountFault):
            office.access.accounts.grant(actor, actor.account_id, Role.SUPERVISOR, ["/"])


def test_a_change_of_role_or_regions_holds_at_the_next_request(office: Office) -> None:
    account = office.person("wang", Role.SUPERVISOR, [FUZHOU])
    secret = office.secret("wang")
    actor = office.access.sessions.actor(secret)
    assert actor is not None
    assert actor.scope.holds(FUZHOU)

    office.access.accounts.grant(LOCAL, account.id, Role.SUPERVISOR, ["/福建省/厦门市/"])
    actor = office.access.sessions.actor(secret)
    assert actor is not None
    assert (actor.scope.holds(FUZHOU), actor.scope.holds("/福建省/厦门市/思明区/")) == (False, True)

    office.access.accounts.grant(LOCAL, account.id, Role.VIEWER, ["/福建省/厦门市/"])
    assert office.access.sessions.actor(secret) is None


def test_disabling_ends_every_session_and_token_at_the_next_request_and_enabling_lets_in_again(office: Office) -> None:
    account = office.person("wang", Role.SUPERVISOR, ["/"])
    secret = office.secret("wang")
    _, token = office.access.tokens.create(office.actor("wang"), "脚本", [Permission.REPORT_READ], 10)

    office.access.accounts.disable(LOCAL, account.id)
    assert (office.access.sessions.actor(secret), office.access.tokens.actor(token)) == (None, None)

    office.access.accounts.enable(LOCAL, account.id)
    assert office.access.sessions.actor(secret) is None
    assert office.secret("wang")


def test_a_reset_takes_everything_away_and_gives_a_link_for_a_new_password(office: Office) -> None:
    account = office.person("wang", Role.SUPERVISOR, ["/"])
    secret = office.secret("wang")
    _, token = office.access.tokens.create(office.actor("wang"), "脚本", [Permission.REPORT_READ], 10)

    link = office.access.accounts.reset(LOCAL, account.id)

    assert (office.access.sessions.actor(secret), office.access.tokens.actor(token)) == (None, None)
    with pytest.raises(WrongCredentials):
        office.secret("wang")
    with pytest.raises(PasswordRefused):
        office.access.entrance.use_link(link, PASSWORD, DESK)  # the old one counts as used
    office.access.entrance.use_link(link, PASSWORDS[1], DESK)
    assert office.secret("wang", PASSWORDS[1])


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(office: Office) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    here, there = office.secret("wang"), office.secret("wang")
    actor = office.access.sessions.actor(here)
    assert actor is not None
    with pytest.raises(WrongCredentials):
        office.access.accounts.change_password(actor, "wrong", PASSWORDS[1])
    with pytest.raises(PasswordRefused):
        office.access.accounts.change_password(actor, PASSWORD, PASSWORD)

    office.access.accounts.change_password(actor, PASSWORD, PASSWORDS[1])

    assert office.access.sessions.actor(here) is not None
    assert office.access.sessions.actor(there) is None
    assert office.secret("wang", PASSWORDS[1])


def test_under_djcp_none_of_the_last_five_passwords_comes_back(office: Office, clock: Clock) -> None:
    office.person("wang", Role.VIEWER)
    actor = office.actor("wang")
    for old, new in pairwise(PASSWORDS[:6]):
        office.access.accounts.change_password(actor, old, new)
    clock.now += 120

    for password in PASSWORDS[1:6]:
        with pytest.raises(PasswordRefused, match="最近 5 个"):
            office.access.accounts.change_password(actor, PASSWORDS[5], password)
    office.access.accounts.change_password(actor, PASSWORDS[5], PASSWORDS[0])


def test_the_old_password_cannot_be_guessed_in_a_session_found_open(office: Office) -> None:
    office.person("wang")
    actor = office.actor("wang")
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            office.access.accounts.change_password(actor, "wrong", PASSWORDS[1])

    with pytest.raises(TooMany):
        office.access.accounts.change_password(actor, PASSWORD, PASSWORDS[1])


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_the_last_administrator_of_a_kind_is_neither_disabled_nor_given_another_role(office: Office, role: Role) -> None:
    accounts = office.access.accounts
    one = office.person("one", role)
    with pytest.raises(AccountFault, match=role.shown):
        accounts.disable(LOCAL, one.id)
    with pytest.raises(AccountFault, match=role.shown):
        accounts.grant(LOCAL, one.id, Role.VIEWER, [])
    assert (accounts.get(one.id).is_disabled, accounts.get(one.id).role) == (False, role)

    office.person("other", role)
    accounts.disable(LOCAL, one.id)
    assert accounts.get(one.id).is_disabled


def test_an_owner_is_one_only_where_the_setting_says_so_and_the_setting_stays_while_there_is_one(office: Office) -> None:
    access = office.access
    account = office.person("zhao")
    with pytest.raises(AccountFault, match="small_office"):
        access.accounts.grant(LOCAL, account.id, Role.OWNER, ["/"])
    access.settings.change(LOCAL, "small_office", True)
    access.accounts.grant(LOCAL, account.id, Role.OWNER, ["/"])
    assert office.actor("zhao").permissions == frozenset(Permission)

    with pytest.raises(SettingFault, match="zhao"):
        access.settings.change(LOCAL, "small_office", False)


def test_an_owner_can_hand_over_to_three_administrators(office: Office) -> None:
    access = office.access
    access.settings.change(LOCAL, "small_office", True)
    owner = office.signed_in("zhao", Role.OWNER, ["/"])
    with pytest.raises(AccountFault):
        access.accounts.grant(owner, owner.account_id, Role.SUPERVISOR, ["/"])  # nobody would be left
    for login, role in (("qian", Role.SYSTEM_ADMIN), ("sun", Role.SECURITY_ADMIN), ("li", Role.AUDIT_ADMIN)):
        account, _ = access.accounts.create(owner, login, login)
        access.accounts.grant(owner, account.id, role, [])

    access.accounts.grant(owner, owner.account_id, Role.SUPERVISOR, ["/"])
    access.settings.change(LOCAL, "small_office", False)

    assert access.accounts.get(owner.account_id).role is Role.SUPERVISOR


@pytest.mark.parametrize(
    ("role", "regions"),
    [
        (Role.SUPERVISOR, ["福建省"]),
        (Role.SUPERVISOR, ["/福建省"]),
        (Role.SUPERVISOR, [""]),
        (Role.SUPERVISOR, [f"/{number}/" for number in range(101)]),
        (Role.SYSTEM_ADMIN, ["/"]),
        (None, ["/"]),
    ],
)
def test_regions_that_mean_nothing_are_refused(office: Office, role: Role | None, regions: list[str]) -> None:
    account = office.person("wang")

    with pytest.raises(AccountFault):
        office.access.accounts.grant(LOCAL, account.id, role, regions)


@pytest.mark.parametrize("login", ["w", "a b", "<b>x</b>", "x" * 65, "", ".x", "王\x00芳", "../../x"])
def test_a_login_is_plain(office: Office, login: str) -> None:
    expected = {"王\x00芳": "王芳"}.get(login)  # the invisible is left out
    try:
        assert office.access.accounts.create(LOCAL, login, "王芳")[0].login == expected
    except AccountFault:
        assert expected is None


def test_a_login_is_one_however_it_is_typed(office: Office) -> None:
    office.person("Wang.Fang")

    assert office.secret("ＷＡＮＧ.fang ")
    with pytest.raises(AccountFault, match="已有人用"):
        office.access.accounts.create(LOCAL, "WANG.FANG", "另一人")


@pytest.mark.parametrize("account_id", ["", "x", "a\x00b", "\ud800", "' or 1=1 --"])
def test_an_account_that_is_not_there_is_said_so(office: Office, account_id: str) -> None:
    for call in (office.access.accounts.get, lambda of: office.access.accounts.unlock(LOCAL, of)):
        with pytest.raises(AccountFault, match="没有这个账号"):
            call(account_id)


def test_a_second_factor_counts_once_its_first_code_was_right(office: Office) -> None:
    office.person("wang")
    actor = office.actor("wang")
    offered = office.access.accounts.new_second_factor(actor)
    with pytest.raises(WrongCredentials):
        office.access.accounts.confirm_second_factor(actor, "000000")

    assert not office.access.accounts.by_login("wang").has_second_factor
    assert office.access.accounts.pending_second_factor(actor) == offered


def test_removing_the_second_factor_takes_the_password(office: Office, clock: Clock) -> None:
    office.person("wang")
    actor = office.actor("wang")
    offered = office.access.accounts.new_second_factor(actor)
    office.access.accounts.confirm_second_factor(actor, code_at(offered.secret, int(clock.now // 30)))
    with pytest.raises(WrongCredentials):
        office.access.accounts.remove_second_factor(actor, "wrong")
    assert office.access.accounts.by_login("wang").has_second_factor

    office.access.accounts.remove_second_factor(actor, PASSWORD)
    assert not office.access.accounts.by_login("wang").has_second_factor


def test_what_fails_changes_nothing_and_is_entered_as_failed(office: Office) -> None:
    account = office.person("wang")
    viewer = office.signed_in("li", Role.VIEWER)

    for call in (
        lambda: office.access.accounts.reset(viewer, account.id),
        lambda: office.access.accounts.grant(LOCAL, account.id, Role.OWNER, []),
    ):
        with pytest.raises(AccessError):
            call()

    found = office.access.log.entries(limit=2)
    assert [(entry.action, entry.result) for entry in found] == [("account.grant", "failed"), ("account.reset", "denied")]
    assert office.secret("wang")


def test_every_change_of_an_account_says_in_the_log_what_was_before(office: Office) -> None:
    account = office.person("wang", Role.VIEWER, [FUZHOU])
    office.access.accounts.grant(LOCAL, account.id, Role.SUPERVISOR, ["/"])

    entry = office.access.log.entries(LogWanted(action=Action.ACCOUNT_GRANT), limit=1)[0]

    assert (entry.object, entry.details) == (
        "wang",
        '{"after": {"regions": ["/"], "role": "supervisor"}, "before": {"regions": ["/福建省/福州市/"], "role": "viewer"}}',
    )


def test_two_administrators_cannot_remove_each_other_at_once(office: Office) -> None:
    accounts = office.access.accounts
    people = [office.guest("one"), office.guest("other")]
    for account in people:
        accounts.grant(LOCAL, account.id, Role.SYSTEM_ADMIN, [])

    def remove(account: Account) -> None:
        with suppress(AuditError):
            accounts.disable(LOCAL, account.id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(remove, people))

    assert [account.is_disabled for account in accounts.all()].count(False) >= 1


def test_a_session_found_open_gets_no_second_factor_of_a_strangers_phone(office: Office, clock: Clock) -> None:
    office.person("wang")
    actor = office.actor("wang")
    offered = office.access.accounts.new_second_factor(actor)
    office.access.accounts.confirm_second_factor(actor, code_at(offered.secret, int(clock.now // 30)))
    for password in ("", "wrong"):
        with pytest.raises(WrongCredentials):
            office.access.accounts.new_second_factor(actor, password)
    assert office.access.accounts.pending_second_factor(actor) is None

    assert office.access.accounts.new_second_factor(actor, PASSWORD) == office.access.accounts.pending_second_factor(actor)


def test_whoever_is_locked_out_goes_on_where_he_is_signed_in(office: Office) -> None:
    """Anybody may lock anybody by five wrong passwords: he must not throw him out by it."""
    office.person("wang")
    secret = office.secret("wang")
    for number in range(5):
        with pytest.raises(WrongCredentials):
            office.access.entrance.sign_in("wang", "wrong", f"10.7.7.{number}")

    assert office.access.accounts.by_login("wang").locked_until is not None
    assert office.access.sessions.actor(secret) is not None

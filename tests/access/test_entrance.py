"""How people come in, and how others do not."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from access import LOCAL, Access, Action, CodeWanted, LogWanted, Permission, Person, Role, SetUp, SignedIn, second_factor
from access.errors import AccessError, AccountFault, LinkInvalid, PasswordRefused, WrongCredentials
from audits.store import Store
from audits.store.tables import ACCOUNTS, LINKS
from tests.access.conftest import Clock
from tests.access.people import DESK, PASSWORD, PASSWORDS, Office

HOUR = 3600.0
THREE = SetUp(Person("zhao", "赵"), PASSWORD, Person("qian", "钱"), Person("sun", "孙"))
ALONE = SetUp(Person("zhao", "赵"), PASSWORD)


def refused(access: Access, login: str, password: str, address: str = DESK) -> str:
    with pytest.raises(WrongCredentials) as caught:
        access.entrance.sign_in(login, password, address)
    return str(caught.value)


@pytest.mark.parametrize("login", ["admin", "root", "hecha", "system_admin", ""])
@pytest.mark.parametrize("password", ["admin", "", "hecha", "admin123"])
def test_no_default_account_lets_anybody_in(access: Access, login: str, password: str) -> None:
    assert access.entrance.is_new()
    assert refused(access, login, password)


def test_the_first_link_makes_three_administrators_of_whom_only_the_first_has_a_password(access: Access) -> None:
    link = access.entrance.setup_link(LOCAL)
    assert link is not None

    done = access.entrance.set_up(link, THREE, DESK)

    found = {account.login: (account.role, account.has_password) for account in access.accounts.all()}
    assert found == {
        "zhao": (Role.SYSTEM_ADMIN, True),
        "qian": (Role.SECURITY_ADMIN, False),
        "sun": (Role.AUDIT_ADMIN, False),
    }
    assert {role: account.login for role, (account, _) in done.links.items()} == {
        Role.SECURITY_ADMIN: "qian",
        Role.AUDIT_ADMIN: "sun",
    }
    for number, (account, secret) in enumerate(done.links.values()):
        access.entrance.use_link(secret, PASSWORDS[number + 1], DESK)
        assert isinstance(access.entrance.sign_in(account.login, PASSWORDS[number + 1], DESK), SignedIn)


def test_the_set_up_link_works_once_expires_and_is_kept_as_a_hash(access: Access, store: Store, clock: Clock) -> None:
    first = access.entrance.setup_link(LOCAL)
    second = access.entrance.setup_link(LOCAL)
    assert first is not None
    assert second is not None
    with store.transactions.read() as db:
        assert [secret in (first, second) for secret in db.scalars(sa.select(LINKS.c.secret))] == [False]
    assert [access.entrance.is_setup_link(link) for link in (first, second, "")] == [False, True, False]

    clock.now += 73 * HOUR
    assert not access.entrance.is_setup_link(second)
    with pytest.raises(LinkInvalid):
        access.entrance.set_up(second, THREE, DESK)
    link = access.entrance.setup_link(LOCAL)
    assert link is not None
    access.entrance.set_up(link, THREE, DESK)
    with pytest.raises(LinkInvalid):
        access.entrance.set_up(link, THREE, DESK)
    assert access.entrance.setup_link(LOCAL) is None


@pytest.mark.parametrize(
    "wrong",
    [
        SetUp(Person("zhao", "赵"), "Admin@123456"),
        SetUp(Person("zhao", "赵"), PASSWORD, Person("zhao", "钱"), Person("sun", "孙")),
        SetUp(Person("zhao", "赵"), PASSWORD, Person("qian", "钱")),
        SetUp(Person("<b>", "赵"), PASSWORD),
        SetUp(Person("zhao", ""), PASSWORD),
    ],
)
def test_a_set_up_form_that_is_refused_makes_nobody_and_can_be_sent_again(access: Access, wrong: SetUp) -> None:
    link = access.entrance.setup_link(LOCAL)
    assert link is not None

    with pytest.raises((PasswordRefused, AccountFault)):
        access.entrance.set_up(link, wrong, DESK)

    assert access.entrance.is_new()
    assert access.entrance.set_up(link, THREE, DESK).account.login == "zhao"


def test_an_office_of_one_says_so_openly_and_its_owner_may_do_everything(access: Access) -> None:
    link = access.entrance.setup_link(LOCAL)
    assert link is not None
    access.entrance.set_up(link, ALONE, DESK)

    signed_in = access.entrance.sign_in("zhao", PASSWORD, "127.0.0.1")

    assert isinstance(signed_in, SignedIn)
    actor = access.sessions.actor(signed_in.secret, "127.0.0.1")
    assert actor is not None
    assert (actor.permissions, actor.scope.is_everywhere) == (frozenset(Permission), True)
    assert access.settings["small_office"] is True
    assert '"small_office": true' in access.log.entries(LogWanted(action=Action.SET_UP))[0].details


def test_of_many_who_use_the_set_up_link_at_once_one_succeeds(access: Access) -> None:
    link = access.entrance.setup_link(LOCAL)
    assert link is not None

    def try_it(number: int) -> bool:
        try:
            access.entrance.set_up(link, SetUp(Person(f"zhao{number}", "赵"), PASSWORD), f"10.0.0.{number}")
        except LinkInvalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(try_it, range(4)))

    assert (outcomes.count(True), len(access.accounts.all())) == (1, 1)


def test_what_is_wrong_at_sign_in_is_not_told(office: Office) -> None:
    access = office.access
    office.person("known")
    office.person("disabled")
    access.accounts.disable(LOCAL, access.accounts.by_login("disabled").id)
    access.accounts.create(LOCAL, "invited", "没有口令")
    office.person("locked")
    for number in range(5):
        refused(access, "locked", "wrong", f"10.7.7.{number}")

    answers = {
        refused(access, login, password, f"10.6.6.{number}")
        for number, (login, password) in enumerate(
            [("known", "wrong"), ("nobody", PASSWORD), ("disabled", PASSWORD), ("invited", ""), ("locked", PASSWORD)]
        )
    }

    assert len(answers) == 1


def test_an_unknown_name_takes_as_long_as_a_known_one(office: Office) -> None:
    access = office.access
    access.settings.change(LOCAL, "login_per_minute", 1000)
    office.person("known", Role.VIEWER)
    took: dict[str, list[float]] = {"known": [], "nobody": []}
    for round_ in range(24):
        for login in took:
            access.accounts.unlock(LOCAL, access.accounts.by_login("known").id)
            start = time.thread_time()  # what it costs, whatever else the machine does
            refused(access, login, "wrong", f"10.5.5.{round_}")
            took[login].append(time.thread_time() - start)

    known, nobody = (statistics.median(times) for times in took.values())
    assert abs(known - nobody) < 0.5 * known


def test_five_failures_lock_an_account_for_30_minutes_even_for_the_right_password(office: Office, clock: Clock) -> None:
    office.person("wang")
    for number in range(5):
        refused(office.access, "wang", "wrong", f"10.7.7.{number}")
    assert refused(office.access, "wang", PASSWORD)
    assert office.access.accounts.by_login("wang").locked_until == clock.now + 1800

    clock.now += 1799
    assert refused(office.access, "wang", PASSWORD)
    clock.now += 2
    assert office.secret("wang")


def test_four_failures_do_not_lock_and_a_success_forgets_them(office: Office) -> None:
    office.person("wang")
    for round_ in range(3):
        for number in range(4):
            refused(office.access, "wang", "wrong", f"10.7.{round_}.{number}")
        assert office.secret("wang", address=f"10.7.{round_}.9")


def test_after_a_lock_has_ended_five_more_failures_are_allowed(office: Office, clock: Clock) -> None:
    office.person("wang")
    for number in range(5):
        refused(office.access, "wang", "wrong", f"10.7.7.{number}")
    clock.now += 1801
    for number in range(4):
        refused(office.access, "wang", "wrong", f"10.7.7.{number}")

    assert office.secret("wang")


def test_parameters_of_a_hash_are_upgraded_at_the_next_sign_in(office: Office, store: Store) -> None:
    account = office.person("wang")
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with store.transactions.write() as db:
        db.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == account.id).values(password=weak))

    office.secret("wang")

    with store.transactions.read() as db:
        stored = db.scalar(sa.select(ACCOUNTS.c.password).where(ACCOUNTS.c.id == account.id))
    assert "m=19456,t=2,p=1" in str(stored)
    assert office.secret("wang")


def test_an_invitation_works_once_and_not_after_it_has_expired(office: Office, clock: Clock) -> None:
    access = office.access
    account, link = access.accounts.create(LOCAL, "wang", "王芳")
    assert access.entrance.open_link(link).id == account.id
    with pytest.raises(PasswordRefused):
        access.entrance.use_link(link, "Admin@123456", DESK)
    access.entrance.use_link(link, PASSWORD, DESK)

    with pytest.raises(LinkInvalid):
        access.entrance.use_link(link, PASSWORDS[1], DESK)
    _, late = access.accounts.create(LOCAL, "li", "李雷")
    clock.now += 73 * HOUR
    with pytest.raises(LinkInvalid):
        access.entrance.open_link(late)


def test_the_link_of_a_disabled_account_opens_nothing(office: Office) -> None:
    account, link = office.access.accounts.create(LOCAL, "wang", "王芳")
    office.access.accounts.disable(LOCAL, account.id)

    with pytest.raises(LinkInvalid):
        office.access.entrance.use_link(link, PASSWORD, DESK)


def with_phone(office: Office, login: str) -> str:
    """Set up a second factor; returns the phone's secret."""
    office.person(login)
    actor = office.actor(login)
    offered = office.access.accounts.new_second_factor(actor)
    office.access.accounts.confirm_second_factor(actor, code(offered.secret, office.clock()))
    return offered.secret


def code(secret: str, now: float) -> str:
    return second_factor.code_at(secret, int(now // 30))


def test_who_has_a_second_factor_comes_in_by_a_code_that_works_once(office: Office, clock: Clock) -> None:
    phone = with_phone(office, "wang")
    clock.now += 60
    wanted, again = (office.access.entrance.sign_in("wang", PASSWORD, DESK) for _ in range(2))
    assert isinstance(wanted, CodeWanted)
    assert isinstance(again, CodeWanted)
    with pytest.raises(LinkInvalid):  # the newer one took its place
        office.access.entrance.send_code(wanted.secret, code(phone, clock.now), DESK)

    signed_in = office.access.entrance.send_code(again.secret, code(phone, clock.now), DESK)
    assert office.access.sessions.actor(signed_in.secret) is not None

    third = office.access.entrance.sign_in("wang", PASSWORD, "10.1.1.9")
    assert isinstance(third, CodeWanted)
    with pytest.raises(WrongCredentials):
        office.access.entrance.send_code(third.secret, code(phone, clock.now), "10.1.1.9")


def test_the_password_alone_opens_no_session_for_who_has_a_second_factor(office: Office) -> None:
    with_phone(office, "wang")
    wanted = office.access.entrance.sign_in("wang", PASSWORD, DESK)

    assert isinstance(wanted, CodeWanted)
    assert office.access.sessions.actor(wanted.secret) is None


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(office: Office, clock: Clock) -> None:
    phone = with_phone(office, "wang")
    clock.now += 60
    wanted = office.access.entrance.sign_in("wang", PASSWORD, DESK)
    assert isinstance(wanted, CodeWanted)
    for number in range(5):
        with pytest.raises(WrongCredentials):
            office.access.entrance.send_code(wanted.secret, "000000", f"10.7.7.{number}")

    with pytest.raises(WrongCredentials):
        office.access.entrance.send_code(wanted.secret, code(phone, clock.now), "10.7.8.1")


def test_the_time_to_look_for_the_phone_is_five_minutes(office: Office, clock: Clock) -> None:
    phone = with_phone(office, "wang")
    wanted = office.access.entrance.sign_in("wang", PASSWORD, DESK)
    assert isinstance(wanted, CodeWanted)
    clock.now += 301

    with pytest.raises(LinkInvalid):
        office.access.entrance.send_code(wanted.secret, code(phone, clock.now), DESK)


def test_of_two_who_send_the_same_code_at_once_one_comes_in(office: Office, clock: Clock) -> None:
    phone = with_phone(office, "wang")
    clock.now += 60
    wanted = office.access.entrance.sign_in("wang", PASSWORD, DESK)
    assert isinstance(wanted, CodeWanted)

    def send(number: int) -> bool:
        try:
            office.access.entrance.send_code(wanted.secret, code(phone, clock.now), f"10.4.4.{number}")
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))).count(True) == 1


@pytest.mark.parametrize(
    ("setting", "role", "address", "must"),
    [
        ("administrators", Role.SYSTEM_ADMIN, DESK, "second_factor"),
        ("administrators", Role.SYSTEM_ADMIN, "127.0.0.1", ""),
        ("administrators", Role.SUPERVISOR, DESK, ""),
        ("all", Role.SUPERVISOR, DESK, "second_factor"),
        ("all", Role.SUPERVISOR, "::1", ""),
        ("off", Role.SYSTEM_ADMIN, DESK, ""),
    ],
)
def test_a_second_factor_is_asked_of_administrators_who_come_over_the_network(
    office: Office, setting: str, role: Role, address: str, must: str
) -> None:
    office.access.settings.change(LOCAL, "second_factor", setting)
    office.person("wang", role)

    actor = office.actor("wang", address=address)

    assert actor.must == must
    assert (actor.permissions == {Permission.ACCOUNT_SELF}) == bool(must)


def test_an_expired_password_lets_its_owner_do_nothing_but_change_it(office: Office, clock: Clock) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    clock.now += 91 * 86400
    secret = office.secret("wang")
    actor = office.access.sessions.actor(secret)
    assert actor is not None
    assert (actor.must, actor.permissions) == ("password", {Permission.ACCOUNT_SELF})
    assert not actor.scope.holds("/福建省/")

    office.access.accounts.change_password(actor, PASSWORD, PASSWORDS[1])

    actor = office.access.sessions.actor(secret)
    assert actor is not None
    assert (actor.must, actor.may(Permission.REPORT_READ)) == ("", True)


def test_no_secret_is_kept_as_it_is(office: Office, store: Store) -> None:
    office.person("wang")
    secret = office.secret("wang")
    _, link = office.access.accounts.create(LOCAL, "li", "李雷")
    actor = office.actor("wang")
    office.access.accounts.grant(LOCAL, actor.account_id, Role.SUPERVISOR, ["/"])
    _, token = office.access.tokens.create(office.actor("wang"), "脚本", [Permission.REPORT_READ], 30)

    with store.transactions.read() as db:
        everything = ""
        for name in sa.inspect(db).get_table_names():
            everything += "\n".join(map(str, db.execute(sa.text(f'select * from "{name}"'))))

    assert [kept for kept in (secret, link, token, PASSWORD) if kept in everything] == []


def test_who_has_shown_the_old_password_alone_begins_anew_after_it_was_changed(office: Office, clock: Clock) -> None:
    phone = with_phone(office, "wang")
    clock.now += 60
    wanted = office.access.entrance.sign_in("wang", PASSWORD, DESK)
    assert isinstance(wanted, CodeWanted)
    account = office.access.accounts.by_login("wang")
    with office.store.transactions.write() as db:
        link = office.access.accounts.invite(db, account.id)
    office.access.entrance.use_link(link, PASSWORDS[1], "10.1.1.1")

    with pytest.raises(LinkInvalid):
        office.access.entrance.send_code(wanted.secret, code(phone, clock.now), DESK)

"""Sessions are secrets that end."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from access import LOCAL, Permission, Role
from access.errors import AccountFault, Forbidden
from audits.errors import StoreError
from audits.store import Store
from audits.store.tables import SESSIONS
from tests.access.conftest import Clock
from tests.access.people import DESK, Office

MINUTE = 60.0


def test_a_session_has_a_new_secret_of_256_bits_each_time_which_is_stored_hashed(office: Office, store: Store) -> None:
    office.person("wang")
    secrets = {office.secret("wang") for _ in range(3)}
    with store.transactions.read() as db:
        stored = set(db.scalars(sa.select(SESSIONS.c.secret)))

    assert [len(secret) >= 43 for secret in secrets] == [True] * 3  # six bits a character
    assert len(stored) == 3
    assert stored & secrets == set()


def test_a_session_ends_after_30_minutes_of_nothing(office: Office, clock: Clock) -> None:
    office.person("wang")
    secret = office.secret("wang")
    clock.now += 29 * MINUTE
    assert office.access.sessions.actor(secret) is not None
    clock.now += 29 * MINUTE
    assert office.access.sessions.actor(secret) is not None
    clock.now += 31 * MINUTE
    assert office.access.sessions.actor(secret) is None


def test_a_session_ends_after_12_hours_whatever_is_done_in_it(office: Office, clock: Clock) -> None:
    office.person("wang")
    secret = office.secret("wang")
    for _ in range(12 * 3 - 1):
        clock.now += 20 * MINUTE
        assert office.access.sessions.actor(secret) is not None

    clock.now += 21 * MINUTE
    assert office.access.sessions.actor(secret) is None


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    office.person("wang")
    secret = office.secret("wang")
    office.access.sessions.end(secret, office.access.sessions.actor(secret))

    assert office.access.sessions.actor(secret) is None
    assert office.access.log.entries()[0].action == "session.close"


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "' or 1=1 --", "x" * 100_000])
def test_a_secret_that_is_none_opens_nothing(office: Office, secret: str) -> None:
    assert office.access.sessions.actor(secret) is None
    assert office.access.tokens.actor(secret) is None


def test_the_security_administrator_lists_and_ends_sessions_of_others(office: Office) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    secret = office.secret("wang", address=DESK)
    security = office.signed_in("qian", Role.SECURITY_ADMIN)
    listed = [session for session in office.access.sessions.of() if session.login == "wang"]

    assert [(session.address, session.name) for session in listed] == [(DESK, "wang先生")]
    office.access.sessions.end_by(security, listed[0].public_id)
    assert office.access.sessions.actor(secret) is None


def test_everybody_ends_his_own_sessions_and_nobody_elses(office: Office) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    office.secret("wang")
    there = office.actor("wang")
    other = office.signed_in("li", Role.SUPERVISOR, ["/"])

    with pytest.raises(Forbidden):
        office.access.sessions.end_by(other, there.session_id)
    with pytest.raises(Forbidden):
        office.access.sessions.end_by(other, "not there")  # as one that is
    office.access.sessions.end_by(there, there.session_id)

    assert len(office.access.sessions.of(there.account_id)) == 1
    with pytest.raises(AccountFault):
        office.access.sessions.end_by(LOCAL, "not there")


def test_sessions_that_have_ended_are_neither_listed_nor_kept(office: Office, store: Store, clock: Clock) -> None:
    office.person("wang")
    office.secret("wang")
    clock.now += 13 * 60 * MINUTE

    assert office.access.sessions.of() == ()
    office.secret("wang")
    with store.transactions.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(SESSIONS)) == 1


def test_the_mark_of_forms_belongs_to_one_session(office: Office) -> None:
    office.person("wang")
    one, other = office.secret("wang"), office.secret("wang")
    sessions = office.access.sessions

    assert [sessions.csrf_holds(one, given) for given in (sessions.csrf(one), sessions.csrf(other), "", "\ud800")] == [
        True,
        False,
        False,
        False,
    ]
    assert one not in sessions.csrf(one)


def test_looking_up_a_session_takes_no_write_and_about_a_tenth_of_a_millisecond(office: Office, url: str) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    secret = office.secret("wang")
    took = []
    for _ in range(200):
        start = time.thread_time()  # of ours, whatever else the machine does
        assert office.access.sessions.actor(secret) is not None
        took.append(time.thread_time() - start)

    assert sorted(took)[100] < (0.001 if url.startswith("sqlite") else 0.005)  # the other is a server, asked over a socket


def test_a_longer_idle_time_is_a_setting(office: Office, clock: Clock) -> None:
    office.access.settings.change(LOCAL, "session_idle_minutes", 120)
    office.person("wang")
    secret = office.secret("wang")
    clock.now += 100 * MINUTE

    assert office.access.sessions.actor(secret) is not None


def test_whoever_is_signed_in_goes_on_reading_when_nothing_can_be_written(office: Office, clock: Clock, store: Store) -> None:
    office.person("wang", Role.SUPERVISOR, ["/"])
    secret = office.secret("wang")
    _, token = office.access.tokens.create(office.actor("wang"), "脚本", [Permission.REPORT_READ], 10)
    clock.now += 5 * MINUTE

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.transactions, "write", _full_disk)
        assert office.access.sessions.actor(secret) is not None
        assert office.access.tokens.actor(token) is not None


def _full_disk() -> None:
    raise StoreError("磁盘已满")

"""How often is too often, for all processes together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from access import LOCAL, Access
from access.errors import TooMany
from audits.store import Store
from audits.store.tables import TAKEN
from tests.access.conftest import Clock


def taken(access: Access, what: str = "login", who: str = "10.0.0.1", tries: int = 100) -> int:
    """How many of the tries get through."""
    done = 0
    for _ in range(tries):
        try:
            access.limits.take(what, who)
            done += 1
        except TooMany:
            pass
    return done


@pytest.mark.parametrize(("what", "most"), [("login", 10), ("upload", 20), ("export", 10)])
def test_so_many_a_minute_and_no_more(access: Access, what: str, most: int) -> None:
    assert taken(access, what) == most


def test_addresses_and_things_are_counted_apart(access: Access) -> None:
    taken(access)

    assert (taken(access, who="10.0.0.2"), taken(access, "export")) == (10, 10)


def test_waiting_as_long_as_told_lets_one_more_through_and_a_second_less_does_not(access: Access, clock: Clock) -> None:
    clock.now += 0.5 - clock.now % 60 + 20
    for _ in range(12):
        taken(access, tries=12)
        with pytest.raises(TooMany) as caught:
            access.limits.take("login", "10.0.0.1")
        clock.now += caught.value.retry_after - 1.5
        assert caught.value.retry_after == 1 or taken(access, tries=1) == 0
        clock.now += 1.5
        assert taken(access, tries=1) == 1


def test_no_sixty_seconds_see_twice_as_many_at_the_turn_of_a_minute(access: Access, clock: Clock) -> None:
    clock.now += 59 - clock.now % 60
    assert taken(access) == 10
    clock.now += 2

    assert taken(access) == 0


def test_many_at_once_are_counted_together(access: Access, store: Store, clock: Clock) -> None:
    others = [Access(store, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda one: taken(one, tries=10), others)) == 10


def test_neighbours_of_an_ipv6_address_count_as_one(access: Access) -> None:
    done = [taken(access, who=f"2001:db8:0:1::{number:x}", tries=1) for number in range(1, 20)]

    assert sum(done) == 10
    assert taken(access, who="2001:db8:0:2::1") == 10
    assert (taken(access, who="fe80::1%eth0", tries=6), taken(access, who="fe80::2%eth1")) == (6, 4)
    assert (taken(access, who="::ffff:10.0.0.9", tries=6), taken(access, who="10.0.0.9")) == (6, 4)


def test_old_counts_are_removed(access: Access, store: Store, clock: Clock) -> None:
    for number in range(50):
        clock.now += 60
        access.limits.take("login", f"10.0.0.{number}")
    with store.transactions.read() as db:
        assert (db.scalar(sa.select(sa.func.count()).select_from(TAKEN)) or 0) <= 12


def test_the_limit_is_a_setting(access: Access) -> None:
    access.settings.change(LOCAL, "login_per_minute", 3)

    assert taken(access) == 3

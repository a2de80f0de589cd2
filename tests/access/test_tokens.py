"""Tokens of programs: for some permissions, for some days, revocable."""

from __future__ import annotations

import pytest

from access import LOCAL, Permission, Role
from access.errors import AccessError, Forbidden, TokenFault
from tests.access.conftest import Clock
from tests.access.people import Office

READ, SUBMIT = Permission.REPORT_READ, Permission.REPORT_SUBMIT


def test_a_token_may_do_what_it_was_given_of_what_its_owner_may_still(office: Office) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/福建省/"])
    token, secret = office.access.tokens.create(owner, "夜间脚本", [READ, SUBMIT], 30)

    actor = office.access.tokens.actor(secret, "10.2.2.2")
    assert actor is not None
    assert (actor.permissions, actor.via, actor.session_id, actor.address) == ({READ, SUBMIT}, "token", token.id, "10.2.2.2")
    assert (actor.scope.holds("/福建省/福州市/"), actor.scope.holds("/江西省/")) == (True, False)

    office.access.accounts.grant(LOCAL, owner.account_id, Role.VIEWER, ["/福建省/"])
    actor = office.access.tokens.actor(secret)
    assert actor is not None
    assert actor.permissions == {READ}


def test_a_token_is_told_once_and_listed_without_its_secret(office: Office) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/"])
    token, secret = office.access.tokens.create(owner, "夜间脚本", [READ], 30)

    assert secret.startswith("hecha_")
    assert len(secret) >= 49
    assert office.access.tokens.of(owner.account_id) == (token,)
    assert secret not in repr(token)


def test_a_token_ends_on_its_day_and_when_it_is_revoked(office: Office, clock: Clock) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/"])
    _, short = office.access.tokens.create(owner, "一天", [READ], 1)
    long, secret = office.access.tokens.create(owner, "三十天", [READ], 30)
    clock.now += 86400
    assert (office.access.tokens.actor(short), office.access.tokens.actor(secret) is None) == (None, False)

    office.access.tokens.revoke(owner, long.id)
    assert office.access.tokens.actor(secret) is None


@pytest.mark.parametrize(
    ("permissions", "days", "title"),
    [
        ([], 30, "脚本"),
        ([Permission.ACCOUNT_SELF], 30, "脚本"),
        ([Permission.LOG_READ], 30, "脚本"),
        (["report.everything"], 30, "脚本"),
        ([READ], 0, "脚本"),
        ([READ], 181, "脚本"),
        ([READ], 30, " "),
        ([READ], 30, "长" * 61),
    ],
)
def test_a_token_for_more_than_its_owner_has_or_for_ever_is_refused(
    office: Office, permissions: list[str], days: int, title: str
) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/"])

    with pytest.raises(TokenFault):
        office.access.tokens.create(owner, title, permissions, days)


def test_a_token_makes_no_token_and_gives_its_owner_no_password(office: Office) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/"])
    token, secret = office.access.tokens.create(owner, "脚本", [READ], 30)
    actor = office.access.tokens.actor(secret)
    assert actor is not None

    for call in (
        lambda: office.access.tokens.create(actor, "又一个", [READ], 30),
        lambda: office.access.tokens.revoke(actor, token.id),
        lambda: office.access.accounts.change_password(actor, "", ""),
        lambda: office.access.accounts.new_second_factor(actor),
    ):
        with pytest.raises(Forbidden):
            call()


def test_only_the_security_administrator_revokes_tokens_of_others(office: Office) -> None:
    token, secret = office.access.tokens.create(office.signed_in("wang", Role.SUPERVISOR, ["/"]), "脚本", [READ], 30)
    with pytest.raises(Forbidden):
        office.access.tokens.revoke(office.signed_in("li", Role.SUPERVISOR, ["/"]), token.id)

    office.access.tokens.revoke(office.signed_in("qian", Role.SECURITY_ADMIN), token.id)
    assert office.access.tokens.actor(secret) is None


def test_a_person_has_at_most_twenty_working_tokens(office: Office) -> None:
    owner = office.signed_in("wang", Role.SUPERVISOR, ["/"])
    made = [office.access.tokens.create(owner, f"脚本{number}", [READ], 30)[0] for number in range(20)]
    with pytest.raises(TokenFault, match="20"):
        office.access.tokens.create(owner, "再一个", [READ], 30)

    office.access.tokens.revoke(owner, made[0].id)
    assert office.access.tokens.create(owner, "再一个", [READ], 30)


def test_a_command_on_the_machine_has_no_account_for_a_token_to_belong_to(office: Office) -> None:
    with pytest.raises(AccessError, match="令牌属于账号"):
        office.access.tokens.create(LOCAL, "脚本", [READ], 30)

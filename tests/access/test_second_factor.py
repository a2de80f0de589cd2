"""Codes as RFC 6238 reckons them."""

from __future__ import annotations

import base64

import pytest

from access import second_factor

SECRET = base64.b32encode(b"12345678901234567890").decode()  # of the RFC's appendix B


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standards_examples(now: int, code: str) -> None:
    assert second_factor.code_at(SECRET, now // 30) == code


def test_a_code_counts_a_step_early_and_a_step_late_and_no_further() -> None:
    code = second_factor.code_at(SECRET, 100)

    assert [second_factor.step_of(SECRET, code, now * 30.0, None) for now in (98, 99, 100, 101, 102)] == [
        None,
        100,
        100,
        100,
        None,
    ]


def test_a_code_of_a_step_used_before_or_earlier_counts_no_more() -> None:
    code = second_factor.code_at(SECRET, 100)

    assert [second_factor.step_of(SECRET, code, 3000.0, used) for used in (99, 100, 101)] == [100, None, None]


@pytest.mark.parametrize("typed", ["", "12345", "０００", "abcdef", "1' or '1'='1", "\ud800"])
def test_what_is_no_code_counts_as_a_wrong_one(typed: str) -> None:
    assert second_factor.step_of(SECRET, typed, 3000.0, None) is None


def test_the_picture_says_the_address_that_authenticators_read() -> None:
    offered = second_factor.offered(second_factor.new_secret(), "wang")

    assert offered.uri.startswith("otpauth://totp/%E6%A0%B8%E6%9F%A5%3Awang?secret=")
    assert len(base64.b32decode(offered.secret)) == 20
    assert offered.size >= 21
    assert offered.path.startswith("M0 0h1v1h-1z")

"""How passwords are kept, and which ones are refused."""

from __future__ import annotations

import random
import string
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from argon2 import PasswordHasher, extract_parameters

from access import common, passwords
from access.errors import PasswordRefused
from access.passwords import Policy
from tests.servers import PATIENCE

DJCP = Policy(length=10, classes=3, days=90, history=5)
ASVS = Policy(length=8, classes=1, days=None, history=0)
GOOD = "kV7#mQ2p!x9"


def faults(password: str, policy: Policy = DJCP, own: tuple[str, ...] = (), old: tuple[str, ...] = ()) -> str:
    try:
        passwords.accept(password, policy, own, old)
    except PasswordRefused as refused:
        return "；".join(refused.faults)
    return ""


def test_passwords_are_hashed_with_argon2id_of_at_least_19_mib_two_passes_one_lane() -> None:
    found = extract_parameters(passwords.hashed(GOOD))

    assert (found.type.name, found.memory_cost >= 19 * 1024, found.time_cost >= 2, found.parallelism) == ("ID", True, True, 1)


def test_the_same_password_is_hashed_differently_each_time_and_holds_whatever_the_width_it_is_typed_in() -> None:
    one, other = passwords.hashed(GOOD), passwords.hashed(GOOD)

    assert one != other
    assert passwords.holds(one, "ｋＶ７＃ｍＱ２ｐ！ｘ９")
    assert not passwords.holds(one, GOOD.lower())


def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD))
    assert not passwords.is_outdated(passwords.hashed(GOOD))


def test_nobodys_password_takes_as_long_as_a_wrong_one() -> None:
    stored = passwords.hashed(GOOD)
    took = {"known": float("inf"), "": float("inf")}
    for _ in range(10):
        for name, kept in (("known", stored), ("", "")):
            start = time.thread_time()  # what it costs, whatever else the machine does
            assert not passwords.holds(kept, "Zr4&wT8u%n3")
            took[name] = min(took[name], time.thread_time() - start)

    assert took[""] == pytest.approx(took["known"], rel=0.35)


def test_a_password_of_any_length_costs_no_more_than_one_of_128_characters() -> None:
    assert not passwords.holds(passwords.hashed(GOOD), GOOD * 1_000_000)
    assert faults("x" * 129) == "不能超过 128 个字符"


@pytest.mark.parametrize(
    ("password", "policy", "said"),
    [
        (GOOD, DJCP, ""),
        ("kV7#mQ2p!", DJCP, "至少 10 个字符"),
        ("kvqmzpwxtj", DJCP, "大写字母、小写字母、数字、符号中至少要有 3 类"),
        ("kvqmzpwx", ASVS, ""),
        ("kvqmzpw", ASVS, "至少 8 个字符"),
        ("春眠不觉晓处处闻啼鸟", ASVS, ""),
        ("correct horse battery staple " * 3, ASVS, ""),
    ],
)
def test_the_two_profiles_ask_for_different_things(password: str, policy: Policy, said: str) -> None:
    assert faults(password, policy) == said


def test_under_djcp_the_last_five_passwords_are_refused_and_the_sixth_is_not() -> None:
    old = [f"{GOOD}{letter}" for letter in "abcdef"]  # newest first
    hashes = tuple(map(passwords.hashed, old))

    assert ["相同" in faults(password, old=hashes) for password in old] == [True] * 5 + [False]


def test_under_asvs_only_the_present_password_is_refused() -> None:
    hashes = tuple(map(passwords.hashed, (GOOD, f"{GOOD}a")))

    assert [bool(faults(password, ASVS, old=hashes)) for password in (GOOD, f"{GOOD}a")] == [True, False]


def test_a_password_expires_after_90_days_under_djcp_and_never_under_asvs() -> None:
    days = [passwords.has_expired(policy, 0.0, day * 86400.0 + 1) for policy in (DJCP, ASVS) for day in (89, 90, 4000)]

    assert days == [False, True, True, False, False, False]


@pytest.mark.parametrize(
    "password",
    [
        *(
            "Admin@123456",
            "Passw0rd!23",
            "P@ssw0rd2026",
            "Huawei@123",
            "Qwer1234!@",
            "1qaz@WSX3edc",
            "Abcd1234!",
            "Woaini520!!",
        ),
        *("Fujian@2026", "Fuzhou#20260131", "福州市政府2026A!", "Zfxxgk#2025", "Hecha@2026!!", "Aa123456789!", "1q2w3e4r5t!Q"),
        *("aaaaaaaaaa1A!", "Abc123Abc123!", "13805912345Aa", "20260131Ab!", "Welcome2026!", "Test1234!@#$", "Root@root123"),
    ],
)
def test_a_password_that_everybody_tries_first_is_refused(password: str) -> None:
    assert "太常见" in faults(password)


def test_more_than_3000_common_passwords_are_refused_offline() -> None:
    words = sorted(word for word in common.words() if word.isascii() and word.isalpha() and len(word) >= 4)
    tried = [
        f"{word.title()}{tail}"
        for word, tail in product(words, ("123456", "@2026", "888888", "!@#123", "2025!", "_520", "#1234", "2024!!"))
    ]

    assert len(tried) > 3000
    assert [password for password in tried if not faults(password, ASVS)] == []


def test_words_of_the_office_and_the_persons_own_name_are_refused() -> None:
    own = ("luhun", "陆浑县", "wangfang", "王芳")

    assert [bool(faults(password, own=own)) for password in ("Luhun@2026!", "陆浑县Aa2026!", "WangFang#1234", GOOD)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_thousand_random_passwords_are_all_accepted() -> None:
    draw = random.Random(20261121)
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "#%&*+=?~^")
    made = ["".join(draw.choice(kinds[(at + shift) % 4]) for at in range(12)) for shift in range(4) for _ in range(250)]

    assert [password for password in made if faults(password)] == []


def test_many_sign_ins_at_once_take_the_memory_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, counting, four = 0, 0, threading.Lock(), threading.Barrier(4)

    class Counting:
        def verify(self, *_: object) -> bool:
            nonlocal at_once, most
            with counting:
                at_once += 1
                most = max(most, at_once)
            four.wait(PATIENCE)  # until there are four, who leave together
            with counting:
                at_once -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", Counting())
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: passwords.holds("", "x"), range(32)))

    assert most == 4

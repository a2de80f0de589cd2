"""Passwords: how they are kept (argon2id), and which ones are refused. Two profiles contradict each other, so one is chosen."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from access.common import left
from access.errors import PasswordRefused
from access.in_force import Settings

LONGEST = 128  # characters: a longer one is refused before it costs anything
FEWEST_LEFT = 4  # characters that have to be the person's own, see common.py
DAY_SECONDS = 86400.0
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's least: some 25 ms; the library's own 170
AT_ONCE = threading.BoundedSemaphore(4)  # or the server's threads, each with 19 MiB, are 760 MB that anybody may ask for
# of a password that nobody has: what an unknown name is verified against, to take as long as a known one
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$KZ7nVqWZ3F0cUJ5C8q0iLr5r2mWQ0fUo8mYH0i4m5oI"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a new password has to be. days: until it has to be changed, None: never; history: how many must not come again."""

    length: int
    classes: int
    days: int | None
    history: int


def policy(settings: Settings) -> Policy:
    if settings["password_profile"] == "asvs":  # noqa: S105  # a profile, no password
        return Policy(length=8, classes=1, days=None, history=0)
    number = settings.number
    return Policy(number("djcp_length"), number("djcp_classes"), number("djcp_days"), number("djcp_history"))


def hashed(password: str) -> str:
    with AT_ONCE:
        return HASHER.hash(_normal(password))


def holds(stored: str, password: str) -> bool:
    """Whether that is the password. Takes its time for no password (``""``) too."""
    try:
        with AT_ONCE:
            return HASHER.verify(stored or NOBODYS, _normal(password[:LONGEST])) and stored != "" and len(password) <= LONGEST
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def has_expired(policy: Policy, set_at: float | None, now: float) -> bool:
    return policy.days is not None and now - (set_at or 0.0) > policy.days * DAY_SECONDS


def accept(password: str, policy: Policy, own: Collection[str], old: Sequence[str]) -> None:
    """Raises PasswordRefused with everything that is wrong with a new password.

    own  words of the person and the office; old: hashes of those before, newest first, the present one included.
    """
    faults = []
    if len(password) < policy.length:
        faults.append(f"至少 {policy.length} 个字符")
    if len(password) > LONGEST:
        raise PasswordRefused([f"不能超过 {LONGEST} 个字符"])
    if _classes(password) < policy.classes:
        faults.append(f"大写字母、小写字母、数字、符号中至少要有 {policy.classes} 类")
    if left(password, own) < FEWEST_LEFT:
        faults.append("太常见：主要由常用词、地名、姓名、单位名、日期或键盘上相邻的键组成，容易被猜到")
    if any(holds(one, password) for one in old[: max(1, policy.history)] if one):
        faults.append(f"不能与最近 {policy.history} 个口令相同" if policy.history > 1 else "不能与原口令相同")
    if faults:
        raise PasswordRefused(faults)


def _classes(password: str) -> int:
    kinds = {"u" if char.isupper() else "l" if char.islower() else "d" if char.isdigit() else "s" for char in password}
    return len(kinds)


def _normal(password: str) -> bytes:
    """However the keyboard wrote it: full width, composed or not."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")

"""Errors of access. The messages are for the person at the screen; the codes are for programs.

AccessError (an AuditError, see audits/errors.py)
├── NotSignedIn          there is no session, or it has ended
├── Forbidden            the role has no permission for it
├── WrongCredentials     name or password or code is wrong, or the account is locked or disabled: which of them is not told
├── TooMany              a limit was reached; ``retry_after`` says for how many seconds
├── LinkInvalid          a one-time link was used before, has expired, or never was
├── PasswordRefused      a new password does not fit the policy; ``faults`` says all that is wrong with it
├── AccountFault         an account cannot be created or changed like this
├── TokenFault           a token cannot be made like this
├── SettingFault         no such setting, or a value out of its bounds
├── LogFault             the log of actions cannot be purged or exported like this
└── RolesFault           roles.yaml is wrong
"""

from __future__ import annotations

from collections.abc import Sequence

from audits.errors import AuditError


class AccessError(AuditError):
    """``str()`` is one Chinese line with what to do."""

    code = "ACCESS"


class NotSignedIn(AccessError):
    code = "NOT_SIGNED_IN"

    def __init__(self) -> None:
        super().__init__("没有登录，或登录已失效；请重新登录")


class Forbidden(AccessError):
    code = "FORBIDDEN"


class WrongCredentials(AccessError):
    code = "WRONG_CREDENTIALS"


class TooMany(AccessError):
    """``retry_after`` is a whole number of seconds, at least 1."""

    code = "TOO_MANY"

    def __init__(self, what: str, retry_after: int) -> None:
        super().__init__(f"{what}过于频繁；请在 {retry_after} 秒后再试")
        self.retry_after = retry_after


class LinkInvalid(AccessError):
    code = "LINK_INVALID"

    def __init__(self) -> None:
        super().__init__("这个链接无效、已经用过或已过期；请向管理员要一个新的")


class PasswordRefused(AccessError):
    code = "PASSWORD_REFUSED"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(f"口令不符合要求：{'；'.join(faults)}")
        self.faults = tuple(faults)


class AccountFault(AccessError):
    code = "ACCOUNT"


class TokenFault(AccessError):
    code = "TOKEN"


class SettingFault(AccessError):
    code = "SETTING"


class LogFault(AccessError):
    code = "LOG"


class RolesFault(AccessError):
    code = "ROLES"

"""The kinds of rule. A kind is one file with a frozen dataclass: its fields are the keys a rule of that kind may write,
its ``check(filing)`` answers once per instance. A kind holds no law; the law is in the YAML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rules.filing import Filing
from rules.kinds.balance import Balance
from rules.verdict import Verdict


class Kind(Protocol):
    def check(self, filing: Filing) -> Iterable[Verdict]:
        """One verdict for every instance that the rule is asked about in this filing."""
        ...


KINDS: dict[str, type[Kind]] = {
    "balance": Balance,
}

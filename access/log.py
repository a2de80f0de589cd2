"""The log of actions (操作日志): who did what, when, from where, to what, and how it ended.

It is only ever appended to. Every entry carries the SHA-256 of itself together with the hash of the one before, and the ends of
this chain are recorded beside it, so that an entry changed, taken out, put in, moved or cut off at either end is found
(``verify``). Somebody who may write to the database could build a whole new chain: so the newest hash is shown to the auditor, who
notes it down and gives it to a later ``verify``, and a log server has a copy (``forward``).

An action in our database and its entry are one transaction (``recorded``): neither is there without the other. What happens
outside of it (a download) is entered before it begins. If nothing can be entered, nothing is done.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from access.actions import Action
from access.actor import Actor
from access.entry import Entry, Result
from access.errors import Forbidden, LogFault
from access.permissions import Permission
from access.plain import plain
from access.settings import stored
from access.syslog import Syslog
from audits.store.database import Database
from audits.store.tables import CHAIN_ENDS, ENTRIES
from reports_in.errors import Infected

log = logging.getLogger(__name__)

BEIJING = timezone(timedelta(hours=8))  # all of China's; containers run by UTC, and times as text are to sort
NO_HASH = "0" * 64  # before the first entry
MOST_CHARACTERS = {"who": 100, "address": 60, "object": 300, "region": 200, "details": 4000}
SECRET = re.compile(
    r"password|secret|cookie|authorization|totp|口令", re.IGNORECASE
)  # keys of details that are never written out
MASKED = "***"
CHUNK = 1000
MOST_FAULTS = 100
GREATEST_NUMBER = 2**31 - 1  # that the column takes

HEADINGS = ("序号", "时间", "账号编号", "操作人", "来源", "操作", "对象", "地区", "结果", "详情", "校验值")


@dataclass
class Draft:
    """What an action finds out about itself before its entry is written."""

    object: str
    region: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogWanted:
    """Which entries: of these days (both included, by Beijing time), action, result, account, with the text anywhere in them.

    login  as whoever did it had it then: an account may be renamed or gone.
    """

    text: str = ""
    action: Action | None = None
    result: Result | None = None
    account_id: str | None = None
    since: date | None = None
    until: date | None = None
    login: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found.

    first, last  numbers of the entries that are there, 0 if there are none.
    head         to note down and give to a later check: ``number:hash`` of the newest entry.
    faults       in Chinese, at most MOST_FAULTS.
    """

    count: int
    first: int
    last: int
    head: str
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults


class Log:
    def __init__(self, transactions: Database, clock: Callable[[], float]) -> None:
        self._transactions = transactions
        self._clock = clock

    # writing

    def append(
        self, actor: Actor, action: Action, object: str = "", *, region: str = "", result: Result = "ok", **details: Any
    ) -> None:
        """Enter it now, in the transaction that is open or in one of its own. Raises StoreError: then don't do it."""
        self._enter(actor, action, Draft(object, region, details), result)

    def infected(self, actor: Actor, found: Infected, *, region: str = "", **details: Any) -> None:
        """Enter that a file was refused which the virus scanner says bears a virus."""
        details |= {"sha256": found.sha256, "signature": found.signature}
        self.append(actor, Action.FILE_INFECTED, found.name, region=region, result="denied", **details)

    @contextmanager
    def recorded(self, actor: Actor, action: Action, object: str = "", *, region: str = "") -> Iterator[Draft]:
        """Whatever the store and access write inside is one transaction with its entry.

        If something is raised inside, all of it is undone, another entry says that it failed or was denied, and the exception
        goes on its way. A file that was handed in and bears a virus has an entry of its own.
        """
        draft = Draft(object, region)
        try:
            with self._transactions.together():
                yield draft
                self._enter(actor, action, draft, "ok")
        except Exception as exc:
            self._failed(actor, action, draft, exc)
            raise

    def _failed(self, actor: Actor, action: Action, draft: Draft, exc: Exception) -> None:
        result: Result = "denied" if isinstance(exc, Forbidden) else "failed"
        try:
            draft.details["fault"] = str(getattr(exc, "code", type(exc).__name__))
            self._enter(actor, action, draft, result)
            if isinstance(exc, Infected):
                self.infected(actor, exc, region=draft.region)
        except Exception:  # nothing was done, so nothing is missing from the log but that it was tried
            log.exception("the log of actions has no entry of a failed %s", action)

    def _enter(self, actor: Actor, action: Action, draft: Draft, result: Result) -> None:
        with self._transactions.write() as db:
            number, previous = _last(db)
            entry = self._entry(number + 1, actor, action, draft, result)
            row = {name: getattr(entry, name) for name in COLUMNS} | {"hash": _hash(previous, entry)}
            db.execute(INSERT_ENTRY, row)
            _set_end(db, "last", entry.number, row["hash"])

    def _entry(self, number: int, actor: Actor, action: Action, draft: Draft, result: Result) -> Entry:
        """Without its hash."""
        details = json.dumps(_clean(draft.details), ensure_ascii=False, sort_keys=True) if draft.details else ""
        return Entry(
            number=number,
            at=datetime.fromtimestamp(self._clock(), UTC).astimezone(BEIJING).isoformat(timespec="milliseconds"),
            account_id=actor.account_id or None,
            who=_one_line(actor.shown, MOST_CHARACTERS["who"]),
            address=_one_line(actor.address, MOST_CHARACTERS["address"]),
            action=action,
            object=_one_line(draft.object, MOST_CHARACTERS["object"]),
            region=_one_line(draft.region, MOST_CHARACTERS["region"]),
            result=result,
            details=_one_line(details, MOST_CHARACTERS["details"]),
            hash="",
        )

    # reading

    def entries(self, wanted: LogWanted | None = None, before: int | None = None, limit: int = 50) -> tuple[Entry, ...]:
        """Newest first; ``before`` is the number of the last one seen, for those that follow."""
        query = sa.select(*STORED).where(*_conditions(wanted or LogWanted())).order_by(ENTRIES.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(ENTRIES.c.number < max(0, min(before, GREATEST_NUMBER)))
        with self._transactions.read() as db:
            return tuple(Entry(*row) for row in db.execute(query))

    def count(self, wanted: LogWanted | None = None) -> int:
        query = sa.select(sa.func.count()).select_from(ENTRIES).where(*_conditions(wanted or LogWanted()))
        with self._transactions.read() as db:
            return db.execute(query).scalar_one()

    def export(self, actor: Actor, form: Literal["csv", "jsonl"], wanted: LogWanted | None = None) -> Iterator[bytes]:
        """The entries, oldest first, in pieces of a file. That they were taken out is logged first. Raises Forbidden."""
        with self.recorded(actor, Action.LOG_EXPORT, form) as entry:
            actor.require(Permission.LOG_EXPORT)
            entry.details["count"] = self.count(wanted)
        return self._exported(form, _conditions(wanted or LogWanted()))

    def _exported(self, form: str, conditions: list[sa.ColumnElement[bool]]) -> Iterator[bytes]:
        written = _csv if form == "csv" else _jsonl
        if form == "csv":
            yield "\ufeff".encode() + _csv_lines([HEADINGS])  # Excel takes it for GBK otherwise
        for entries in self._in_order(conditions):
            yield written(entries)

    def _in_order(self, conditions: list[sa.ColumnElement[bool]], after: int = 0) -> Iterator[list[Entry]]:
        query = sa.select(*STORED).where(*conditions).order_by(ENTRIES.c.number).limit(CHUNK)
        while True:
            with self._transactions.read() as db:
                found = [Entry(*row) for row in db.execute(query.where(ENTRIES.c.number > after))]
            if not found:
                return
            yield found
            after = found[-1].number

    # keeping

    def verify(self, head: str = "", newest: int | None = None) -> Verified:
        """Walk the whole chain. ``head`` is what an earlier check gave: that entry must still be there as it was, and so must the
        last one that was forwarded.

        newest  walk no further back than so many entries: what was changed before is not found then.

        Raises LogFault if the head is not written like one.
        """
        known = {"记下的校验值": _noted(head)}
        with self._transactions.read() as db:
            cut = _end(db, "first") or (0, NO_HASH)
            known["已转发到日志服务器的"] = _end(db, "forwarded")
            start = cut if newest is None else _before_newest(db, newest) or cut
        walk = _Walk(start, {words: end for words, end in known.items() if end is not None}, is_part=start != cut)
        while True:
            for entries in self._in_order([], after=walk.number):
                for entry in entries:
                    walk.step(entry)
            with self._transactions.read() as db:
                newest, number, hash = db.execute(ENDS).one()  # by one statement: others go on appending
            if (newest or 0) <= walk.number:
                return walk.ended((number or 0, hash or NO_HASH))

    def purge(self, actor: Actor, before: date) -> int:
        """Remove the entries of the days before that one; returns how many. What is left still verifies.

        Raises LogFault if some of them are younger than the setting log_keep_days allows, Forbidden for anybody but a command
        on the machine: no role may.
        """
        with self.recorded(actor, Action.LOG_PURGE, f"{before}之前") as draft, self._transactions.write() as db:
            if actor.via != "local":
                raise Forbidden("操作日志只能在服务器上用命令清理（hecha log purge）")
            keep = int(stored(db, "log_keep_days"))
            youngest = datetime.fromtimestamp(self._clock(), BEIJING).date() - timedelta(days=keep)
            if before > youngest:
                raise LogFault(f"操作日志要保留 {keep} 天，只能清理 {youngest} 之前的")
            end = db.scalar(sa.select(sa.func.min(ENTRIES.c.number)).where(ENTRIES.c.at >= _begin(before)))
            gone = ENTRIES.c.number < end if end is not None else sa.true()
            oldest = sa.select(ENTRIES.c.number, ENTRIES.c.hash).where(gone).order_by(ENTRIES.c.number.desc()).limit(1)
            cut = db.execute(oldest).one_or_none()
            if cut is None:
                return 0
            _set_end(db, "first", cut.number, cut.hash)
            draft.details |= {"up_to": cut.number, "hash": cut.hash}
            return db.execute(ENTRIES.delete().where(gone)).rowcount

    def forward(self) -> int:
        """Send what is new to the log server of the setting ``syslog``; returns how many, 0 without one. Raises OSError.

        Sent at least once: what was not acknowledged to us by the network is sent again the next time. Raises LogFault if what
        was sent is no longer what we have: the log server has the truth then.
        """
        with self._transactions.read() as db:
            address = str(stored(db, "syslog"))
            sent, hash = _end(db, "forwarded") or (0, NO_HASH)
            cut, _ = _end(db, "first") or (0, NO_HASH)
            is_there = db.scalar(sa.select(ENTRIES.c.hash).where(ENTRIES.c.number == sent)) == hash
        if not address:
            return 0
        if sent > cut and not is_there:
            raise LogFault(
                f"已转发到日志服务器的第 {sent} 条不在了或被改动；请用 hecha audit-verify 校验，并与日志服务器上的核对"
            )
        count = 0
        with Syslog(address) as server:
            for entries in self._in_order([], after=sent):
                for entry in entries:
                    server.send(entry)
                count += len(entries)
                with self._transactions.write() as db:
                    _set_end(db, "forwarded", entries[-1].number, entries[-1].hash)
        return count


class _Walk:
    """Along the chain, from where it was cut by a purge."""

    def __init__(self, cut: tuple[int, str], known: Mapping[str, tuple[int, str]], *, is_part: bool) -> None:
        """known: entries that were there once, by what tells us so. is_part: it is not cut there, the walk begins there."""
        self.cut = cut
        self.known = known
        self.number, self.hash = cut
        self.first = self.count = 0
        self.told_of_cut = is_part or cut == (0, NO_HASH)
        self.faults: list[str] = []

    def step(self, entry: Entry) -> None:
        if entry.number != self.number + 1:
            self.faults.append(_gap(self.number + 1, entry.number - 1))
        elif entry.hash != _hash(self.hash, entry):
            self.faults.append(f"第 {entry.number} 条：内容或次序被改动，与校验值不符")
        for words, (number, hash) in self.known.items():
            if number == entry.number and hash != entry.hash:
                self.faults.append(f"第 {entry.number} 条：与{words}不同")
        self.told_of_cut |= entry.action == Action.LOG_PURGE and _purged(entry) == self.cut
        self.number, self.hash = entry.number, entry.hash
        self.first = self.first or entry.number
        self.count += 1

    def ended(self, last: tuple[int, str]) -> Verified:
        """``last`` is what was recorded beside the chain."""
        faults = self.faults
        if not self.told_of_cut:
            faults.append(f"第 1 至 {self.cut[0]} 条：不在了，却没有清理它们的记录")
        end = max(last[0], *(number for number, _ in self.known.values()), 0)
        if end > self.number:
            faults.append(_gap(self.number + 1, end))
        elif last != (self.number, self.hash):
            faults.append(f"第 {self.number} 条：与链尾记录不符，可能是后加的，或链尾记录被改动")
        last_number = self.number if self.count else 0
        return Verified(self.count, self.first, last_number, f"{self.number}:{self.hash}", tuple(faults[:MOST_FAULTS]))


COLUMNS = tuple(item.name for item in fields(Entry))
STORED = tuple(ENTRIES.c[name] for name in COLUMNS)
_values = attrgetter(*COLUMNS)
CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# built once: SQLAlchemy takes longer to build a statement than SQLite to run it
LAST = sa.select(CHAIN_ENDS.c.number, CHAIN_ENDS.c.hash).where(CHAIN_ENDS.c.which == "last").with_for_update()
MOVE_END = (
    CHAIN_ENDS.update()
    .where(CHAIN_ENDS.c.which == sa.bindparam("of_end"))
    .values(number=sa.bindparam("to_number"), hash=sa.bindparam("to_hash"))
)
INSERT_ENTRY = ENTRIES.insert()
_LAST = sa.select(CHAIN_ENDS).where(CHAIN_ENDS.c.which == "last")
ENDS = sa.select(
    sa.select(sa.func.max(ENTRIES.c.number)).scalar_subquery(),
    _LAST.with_only_columns(CHAIN_ENDS.c.number).scalar_subquery(),
    _LAST.with_only_columns(CHAIN_ENDS.c.hash).scalar_subquery(),
)


def _hash(previous: str, entry: Entry) -> str:
    said = CANONICAL.encode([previous, *_values(entry)[:-1]])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _last(db: sa.Connection) -> tuple[int, str]:
    """The newest entry's number and hash; with PostgreSQL the others who want to append wait from here."""
    found = db.execute(LAST).one_or_none()
    if found is None:
        insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(CHAIN_ENDS)
        db.execute(insert.values(which="last", number=0, hash=NO_HASH).on_conflict_do_nothing())
        found = db.execute(LAST).one()
    return found.number, found.hash


def _before_newest(db: sa.Connection, newest: int) -> tuple[int, str] | None:
    """The entry before so many newest ones; None if there are no more than those."""
    query = sa.select(ENTRIES.c.number, ENTRIES.c.hash).order_by(ENTRIES.c.number.desc()).offset(newest).limit(1)
    row = db.execute(query).one_or_none()
    return None if row is None else (row.number, row.hash)


def _end(db: sa.Connection, which: str) -> tuple[int, str] | None:
    row = db.execute(sa.select(CHAIN_ENDS.c.number, CHAIN_ENDS.c.hash).where(CHAIN_ENDS.c.which == which)).one_or_none()
    return None if row is None else (row.number, row.hash)


def _set_end(db: sa.Connection, which: str, number: int, hash: str) -> None:
    changed = db.execute(MOVE_END, {"of_end": which, "to_number": number, "to_hash": hash})
    if changed.rowcount == 0:
        db.execute(CHAIN_ENDS.insert().values(which=which, number=number, hash=hash))


def _one_line(text: str, most: int) -> str:
    """One line whatever it held: line ends, controls, invisible and direction marks are written out."""
    text = "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text
    )
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _clean(value: Any) -> Any:
    """Without secrets, and of what JSON has."""
    match value:
        case Mapping():
            return {str(key): MASKED if SECRET.search(str(key)) else _clean(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(inner) for inner in value]
        case bool() | int() | None:
            return value
        case _:
            return str(value)


def _conditions(wanted: LogWanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    text = plain(wanted.text)
    if text:
        columns = (ENTRIES.c.who, ENTRIES.c.address, ENTRIES.c.object, ENTRIES.c.region, ENTRIES.c.details)
        found.append(sa.or_(*(column.contains(text, autoescape=True) for column in columns)))
    if wanted.action is not None:
        found.append(ENTRIES.c.action == wanted.action)
    if wanted.result is not None:
        found.append(ENTRIES.c.result == wanted.result)
    if wanted.login:
        found.append(ENTRIES.c.who.endswith(f"（{plain(wanted.login).casefold()}）", autoescape=True))
    if wanted.account_id is not None:
        found.append(ENTRIES.c.account_id == plain(wanted.account_id))
    if wanted.since is not None:
        found.append(ENTRIES.c.at >= _begin(wanted.since))
    if wanted.until is not None:
        found.append(ENTRIES.c.at < f"{_begin(wanted.until)}T24")
    return found


def _begin(day: date) -> str:
    return day.isoformat()  # times begin with their day


def _noted(head: str) -> tuple[int, str] | None:
    if not head:
        return None
    match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", head.strip())
    if match is None:
        raise LogFault("记下的校验值应写作 序号:64位十六进制，如上次校验所显示")
    return int(match[1]), match[2]


def _purged(entry: Entry) -> tuple[int, str] | None:
    """Up to where a purge says that it has removed the entries, and the last one's hash."""
    try:
        details = json.loads(entry.details)
        return int(details["up_to"]), str(details["hash"])
    except (ValueError, KeyError, TypeError):
        return None


def _gap(first: int, last: int) -> str:
    return f"第 {first} 条：缺失" if first == last else f"第 {first} 至 {last} 条：缺失或次序被改动"


def _csv(entries: list[Entry]) -> bytes:
    rows = (
        (*_values(entry)[:5], entry.action_shown, *_values(entry)[6:8], entry.result_shown, *_values(entry)[9:])
        for entry in entries
    )
    return _csv_lines([tuple("" if value is None else str(value) for value in row) for row in rows])


def _csv_lines(rows: list[tuple[str, ...]]) -> bytes:
    from audits.renderers.cells import safe_for_csv  # slow to import, seldom wanted

    text = io.StringIO()
    csv.writer(text).writerows(map(safe_for_csv, row) for row in rows)
    return text.getvalue().encode()


def _jsonl(entries: list[Entry]) -> bytes:
    rows = (dict(zip(COLUMNS, _values(entry), strict=True)) for entry in entries)
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()

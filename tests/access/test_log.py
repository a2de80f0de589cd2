"""The log of actions: whole or found out, and no action without its entry."""

from __future__ import annotations

import csv
import io
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from access import LOCAL, Access, Action, LogWanted, Permission, Role
from access.errors import Forbidden, LogFault
from access.syslog import MOST_BYTES
from audits.errors import StoreError
from audits.store import Store
from audits.store.tables import ACCOUNTS, CHAIN_ENDS, ENTRIES
from tests.access.conftest import Clock
from tests.access.people import DESK, PASSWORD, PASSWORDS, Office
from tests.servers import PATIENCE

DAY = 86400.0
CHANGEABLE = ("at", "who", "address", "action", "object", "region", "result", "details", "account_id", "hash")


def fill(access: Access, count: int) -> None:
    with access.log.recorded(LOCAL, Action.BATCH_SUBMIT, "最后一批"):  # one transaction: it is the chain that is tested
        for number in range(count - 1):
            access.log.append(LOCAL, Action.REPORT_DOWNLOAD, f"第{number}份.pdf", region="/福建省/", number=number)


class Undone(Exception):
    """Makes a tampering of a test be rolled back."""


def faults_after(access: Access, store: Store, tamper: Callable[[sa.Connection], object]) -> tuple[str, ...]:
    found: list[tuple[str, ...]] = []

    def look() -> None:
        with store.transactions.together():
            with store.transactions.write() as db:
                tamper(db)
            found.append(access.log.verify().faults)
            raise Undone

    with pytest.raises(Undone):
        look()
    return found[0]


def alter(number: int, column: str) -> Callable[[sa.Connection], object]:
    def tamper(db: sa.Connection) -> None:
        new = "0" * 64 if column == "hash" else "ok " if column == "result" else f"{number}x"
        db.execute(ENTRIES.update().where(ENTRIES.c.number == number).values({column: new}))

    return tamper


def delete(number: int) -> Callable[[sa.Connection], object]:
    return lambda db: db.execute(ENTRIES.delete().where(ENTRIES.c.number == number))


def swap(one: int, other: int) -> Callable[[sa.Connection], object]:
    def tamper(db: sa.Connection) -> None:
        for was, becomes in ((one, -1), (other, one), (-1, other)):
            db.execute(ENTRIES.update().where(ENTRIES.c.number == was).values(number=becomes))

    return tamper


def test_of_10000_entries_one_altered_deleted_or_moved_is_found_100_times_of_100(
    access: Access, store: Store, url: str
) -> None:
    last = 10_000 if url.startswith("sqlite") else 1_000  # the server is only there to show that it makes no difference
    fill(access, last)
    draw = random.Random(20)
    tampers: list[Callable[[sa.Connection], object]] = [delete(1), delete(last), swap(1, last), swap(last - 1, last)]
    tampers += [alter(number, column) for number in (1, last) for column in CHANGEABLE]
    while len(tampers) < 100:
        one, other = draw.sample(range(1, last + 1), 2)
        tampers.append(draw.choice([delete(one), swap(one, other), alter(one, draw.choice(CHANGEABLE))]))
    assert access.log.verify().is_whole

    found = sum(bool(faults_after(access, store, tamper)) for tamper in tampers)

    assert (found, access.log.verify().count) == (100, last)


def test_a_fault_names_the_entry(access: Access, store: Store) -> None:
    fill(access, 20)

    assert faults_after(access, store, alter(7, "who")) == ("第 7 条：内容或次序被改动，与校验值不符",)
    assert faults_after(access, store, delete(7)) == ("第 7 条：缺失",)
    assert faults_after(access, store, delete(20)) == ("第 20 条：缺失",)


def test_an_entry_put_in_by_hand_is_found_even_with_a_hash_that_fits(access: Access, store: Store) -> None:
    from access.entry import Entry
    from access.log import COLUMNS, _hash

    fill(access, 5)
    newest = access.log.entries(limit=1)[0]
    forged = replace(newest, number=6, who="无人")
    row = {name: getattr(forged, name) for name in COLUMNS} | {"hash": _hash(newest.hash, Entry(*forged_values(forged)))}

    assert faults_after(access, store, lambda db: db.execute(ENTRIES.insert(), row)) != ()


def forged_values(entry: Any) -> list[Any]:
    return [getattr(entry, name) for name in entry.__dataclass_fields__]


def test_a_whole_new_chain_is_found_by_who_noted_down_the_newest_hash(access: Access, store: Store) -> None:
    fill(access, 5)
    noted = access.log.verify().head
    with store.transactions.write() as db:  # somebody with the database's password starts afresh
        db.execute(ENTRIES.delete())
        db.execute(CHAIN_ENDS.delete())
    fill(access, 9)

    assert (access.log.verify().faults, access.log.verify(noted).faults) == ((), ("第 5 条：与记下的校验值不同",))
    with pytest.raises(LogFault):
        access.log.verify("5")


def test_an_honest_chain_agrees_with_every_hash_noted_before(access: Access) -> None:
    heads = []
    for _ in range(3):
        fill(access, 4)
        heads.append(access.log.verify().head)

    assert [access.log.verify(head).is_whole for head in heads] == [True] * 3


def test_many_who_append_at_once_make_one_chain(access: Access, store: Store, clock: Clock) -> None:
    others = [Access(store, clock) for _ in range(4)]

    def act(one: Access) -> None:
        for number in range(25):
            with one.log.recorded(LOCAL, Action.BATCH_SUBMIT) as entry:
                entry.object = store.add_batch(f"批次{number}", [])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, others))

    verified = access.log.verify()
    assert (verified.is_whole, verified.count, len(store.batches())) == (True, 100, 100)


def test_verifying_while_others_append_finds_nothing_wrong(access: Access, store: Store, clock: Clock) -> None:
    stop = threading.Event()

    def go_on() -> None:
        other = Access(store, clock)
        while not stop.is_set():
            other.log.append(LOCAL, Action.REPORT_DOWNLOAD, "一份.pdf")

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        faults = [access.log.verify().faults for _ in range(10)]
    finally:
        stop.set()
        writer.join()

    assert faults == [()] * 10


def test_an_entry_says_who_when_from_where_what_to_what_and_how_it_ended(office: Office) -> None:
    actor = office.signed_in("wang", Role.SUPERVISOR, ["/福建省/"])
    office.access.log.append(actor, Action.REPORT_DOWNLOAD, "报告1", region="/福建省/", form="pdf")

    entry = office.access.log.entries(limit=1)[0]

    assert (entry.account_id, entry.who, entry.at, entry.address) == (
        actor.account_id,
        "wang先生（wang）",
        "2026-11-23T09:15:00.000+08:00",
        actor.address,
    )
    assert (entry.action_shown, entry.object, entry.region, entry.result_shown, entry.details) == (
        "下载",
        "报告1",
        "/福建省/",
        "成功",
        '{"form": "pdf"}',
    )


def test_an_action_and_its_entry_are_one_transaction(access: Access, store: Store) -> None:
    def submit(*, fails: bool) -> None:
        with access.log.recorded(LOCAL, Action.BATCH_SUBMIT) as entry:
            entry.object = store.add_batch("甲", [])
            if fails:
                raise KeyError

    with pytest.raises(KeyError):
        submit(fails=True)
    submit(fails=False)

    assert [batch.id for batch in store.batches()] == [access.log.entries(limit=1)[0].object]
    assert [(entry.result, entry.details) for entry in access.log.entries()] == [
        ("ok", ""),
        ("failed", '{"fault": "KeyError"}'),
    ]


def test_stopping_the_log_stops_every_action(office: Office, store: Store) -> None:
    access = office.access
    account = office.person("wang", Role.VIEWER)
    actor = office.actor("wang")
    with store.transactions.write() as db:
        db.execute(sa.text("alter table entries rename to entries_stopped"))

    def submit() -> None:
        with access.log.recorded(LOCAL, Action.BATCH_SUBMIT):
            store.add_batch("甲", [])

    tries: list[Callable[[], object]] = [
        submit,
        lambda: access.accounts.create(LOCAL, "li", "李雷"),
        lambda: access.accounts.disable(LOCAL, account.id),
        lambda: access.accounts.change_password(actor, PASSWORD, PASSWORDS[1]),
        lambda: access.settings.change(LOCAL, "session_hours", 8),
        lambda: access.entrance.sign_in("wang", PASSWORD, DESK),
        lambda: access.log.append(actor, Action.REPORT_DOWNLOAD, "报告1"),
    ]
    done = [call for call in tries if not _is_refused(call)]
    with store.transactions.write() as db:
        db.execute(sa.text("alter table entries_stopped rename to entries"))

    assert done == []
    with store.transactions.read() as db:
        disabled = db.scalars(sa.select(ACCOUNTS.c.disabled_at)).all()
    assert (store.batches(), disabled, access.settings["session_hours"]) == ([], [None], 12)


def _is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except StoreError:
        return True
    return False


@pytest.mark.parametrize("field", ["object", "region", "who", "address", "details"])
def test_line_ends_and_invisible_characters_are_written_out(access: Access, field: str) -> None:
    nasty = "报告\r\n2026-01-01 伪造的一行\x00\x1b[31m\u2028\u202e\u200b\ud800"
    actor = replace(LOCAL, name=nasty if field == "who" else "王", address=nasty if field == "address" else "10.0.0.1")
    given = {field: nasty} if field in ("object", "region") else {}
    access.log.append(actor, Action.REPORT_DOWNLOAD, **given, **({"name": nasty} if field == "details" else {}))  # type: ignore[arg-type]

    said = getattr(access.log.entries()[0], field)

    assert [char for char in said if not char.isprintable()] == []
    assert "\\r" in said or "\\u000d" in said
    assert access.log.verify().is_whole


def test_no_password_token_link_or_code_is_in_the_log(office: Office, clock: Clock) -> None:
    access = office.access
    link = access.entrance.setup_link(LOCAL) or ""
    account = office.person("wang", Role.SUPERVISOR, ["/"])
    session = office.secret("wang")
    actor = access.sessions.actor(session)
    assert actor is not None
    access.accounts.change_password(actor, PASSWORD, PASSWORDS[1])
    offered = access.accounts.new_second_factor(actor)
    from access.second_factor import code_at

    code = code_at(offered.secret, int(clock.now // 30))
    access.accounts.confirm_second_factor(actor, code)
    _, token = access.tokens.create(actor, "脚本", [Permission.REPORT_READ], 10)
    reset = access.accounts.reset(LOCAL, account.id)
    for typed in (("wang", "typed-Wrong#1"), ("typed-as-Name#2", "x")):  # people type their password into the wrong field
        with pytest.raises(Exception, match="登录名、口令"):
            access.entrance.sign_in(*typed, DESK)
    access.log.append(LOCAL, Action.REPORT_DOWNLOAD, password="given#3", headers={"Cookie": "given#4"})

    text = b"".join(access.log.export(LOCAL, "jsonl")).decode()

    secrets = (link, session, PASSWORD, PASSWORDS[1], offered.secret, token, reset, "typed-", "given#", f'"{code}"')
    assert [secret for secret in secrets if secret and secret in text] == []
    assert text.count('\\"***\\"') == 2


def test_sign_ins_good_and_bad_sign_outs_and_limits_of_a_role_are_entered(office: Office) -> None:
    office.person("wang", Role.VIEWER)
    with pytest.raises(Exception, match="登录名、口令"):
        office.access.entrance.sign_in("wang", "wrong", DESK)
    secret = office.secret("wang")
    actor = office.access.sessions.actor(secret)
    with pytest.raises(Forbidden):
        office.access.accounts.create(actor, "li", "李雷")  # type: ignore[arg-type]
    office.access.sessions.end(secret, actor)

    found = [(entry.action, entry.who, entry.address, entry.result) for entry in reversed(office.access.log.entries(limit=4))]
    who = ("wang先生（wang）", DESK)
    assert found == [
        ("session.refused", *who, "failed"),
        ("session.open", *who, "ok"),
        ("account.create", *who, "denied"),
        ("session.close", *who, "ok"),
    ]


def over_years(access: Access, clock: Clock) -> date:
    """An entry a month for four years; returns today."""
    for month in range(48):
        if month:
            clock.now += 30 * DAY
        access.log.append(LOCAL, Action.BATCH_SUBMIT, f"第{month}月")
    return date(2026, 11, 23) + timedelta(days=30 * 47)


def test_entries_younger_than_three_years_are_not_purged_and_those_older_leave_a_chain_that_verifies(
    access: Access, store: Store, clock: Clock
) -> None:
    today = over_years(access, clock)
    with pytest.raises(LogFault, match="1096"):
        access.log.purge(LOCAL, today - timedelta(days=1095))
    assert access.log.count() == 49  # the try is one

    gone = access.log.purge(LOCAL, today - timedelta(days=1096))

    verified = access.log.verify()
    assert (gone, verified.faults, verified.first, verified.count) == (11, (), 12, 39)
    assert "清理它们的记录" in faults_after(access, store, delete(50))[0]
    assert faults_after(access, store, delete(12)) != ()


def test_no_setting_lets_entries_younger_than_six_months_be_purged(access: Access, clock: Clock) -> None:
    today = over_years(access, clock)
    access.settings.change(LOCAL, "log_keep_days", 184)
    with pytest.raises(LogFault):
        access.log.purge(LOCAL, today - timedelta(days=183))

    assert access.log.purge(LOCAL, today - timedelta(days=184)) > 0
    assert access.log.purge(LOCAL, today - timedelta(days=184)) == 0
    assert access.log.verify().is_whole


def test_no_role_purges_the_log(office: Office) -> None:
    office.access.settings.change(LOCAL, "small_office", True)
    for role in Role:
        actor = office.signed_in(f"a.{role.replace('_', '.')}", role)
        with pytest.raises(Forbidden):
            office.access.log.purge(actor, date(2020, 1, 1))


def test_rows_cut_off_in_front_without_a_purge_are_found(access: Access, store: Store) -> None:
    fill(access, 9)

    def cut(db: sa.Connection) -> None:
        row = db.execute(sa.select(ENTRIES.c.hash).where(ENTRIES.c.number == 3)).one()
        db.execute(ENTRIES.delete().where(ENTRIES.c.number <= 3))
        db.execute(CHAIN_ENDS.insert().values(which="first", number=3, hash=row.hash))

    assert faults_after(access, store, cut) == ("第 1 至 3 条：不在了，却没有清理它们的记录",)


def test_a_copy_as_csv_opens_in_a_spreadsheet_and_runs_nothing(access: Access) -> None:
    access.log.append(LOCAL, Action.REPORT_DOWNLOAD, "=cmd|' /C calc'!A0", region="-1", name="@sum(1)")
    access.log.append(LOCAL, Action.REPORT_DOWNLOAD, "＝cmd", region=" +1")

    data = b"".join(access.log.export(LOCAL, "csv"))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))

    assert data.startswith(b"\xef\xbb\xbf")
    assert (rows[0]["对象"], rows[0]["地区"], rows[0]["操作"]) == ("'=cmd|' /C calc'!A0", "'-1", "下载")
    assert (rows[1]["对象"], rows[1]["地区"]) == ("'＝cmd", "' +1")
    assert rows[2]["操作"] == "导出操作日志"


def test_a_copy_as_jsonl_holds_every_entry_with_its_hash(access: Access) -> None:
    fill(access, 1200)

    lines = [json.loads(line) for line in b"".join(access.log.export(LOCAL, "jsonl")).splitlines()]

    assert [line["number"] for line in lines] == list(range(1, 1202))
    assert f"1201:{lines[-1]['hash']}" == access.log.verify().head


def test_entries_are_found_by_action_result_person_day_and_text(office: Office, clock: Clock) -> None:
    access = office.access
    actor = office.signed_in("wang", Role.SUPERVISOR, ["/"])
    access.log.append(actor, Action.REPORT_DOWNLOAD, "100%_报告.pdf")
    clock.now += DAY
    access.log.append(LOCAL, Action.ACCESS_DENIED, "/batches/1", result="denied")
    days = date(2026, 11, 23), date(2026, 11, 24)

    def found(wanted: LogWanted) -> list[str]:
        assert access.log.count(wanted) == len(access.log.entries(wanted))
        return [entry.action for entry in access.log.entries(wanted)]

    assert found(LogWanted(action=Action.REPORT_DOWNLOAD)) == ["report.download"]
    assert found(LogWanted(result="denied")) == ["access.denied"]
    assert found(LogWanted(account_id=actor.account_id)) == ["report.download", "session.open"]
    assert found(LogWanted(text="%_报")) == ["report.download"]
    assert found(LogWanted(text="\x00")) == found(LogWanted())
    assert found(LogWanted(since=days[1])) == ["access.denied"]
    assert found(LogWanted(until=days[0])) == found(LogWanted())[1:]
    assert found(LogWanted(until=date.max)) == found(LogWanted(since=date.min)) == found(LogWanted())
    assert [[entry.number for entry in access.log.entries(before=before)] for before in (3, 10**30, -(10**30))] == [
        [2, 1],
        [entry.number for entry in access.log.entries()],
        [],
    ]


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_entries_are_forwarded_to_a_log_server_once_in_order(access: Access, kind: str) -> None:
    stream = kind == "tcp"
    with socket.socket(type=socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        if stream:
            server.listen()
        assert access.log.forward() == 0
        access.settings.change(LOCAL, "syslog", f"{kind}://127.0.0.1:{server.getsockname()[1]}")
        access.log.append(LOCAL, Action.BATCH_SUBMIT, '甲"]批')
        assert (access.log.forward(), access.log.forward()) == (2, 0)
        if stream:
            with server.accept()[0] as connection:
                received = [connection.makefile("rb").read()]
        else:
            received = [server.recv(65536) for _ in range(2)]

    text = b"".join(received).decode()
    entries = access.log.entries()
    assert [text.count(f'number="{entry.number}" hash="{entry.hash}"') for entry in entries] == [1, 1]
    assert text.index("setting.change") < text.index("batch.submit")
    assert "<110>1 2026-11-23T09:15:00.000+08:00 " in text
    assert '甲"]批' in text


def test_a_log_server_that_is_away_loses_nothing(access: Access) -> None:
    with socket.socket() as closed:  # who has a port and does not listen
        closed.bind(("127.0.0.1", 0))
        access.settings.change(LOCAL, "syslog", f"tcp://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(OSError, match="refused"):
            access.log.forward()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        access.settings.change(LOCAL, "syslog", f"tcp://127.0.0.1:{server.getsockname()[1]}")

        assert access.log.forward() == 2


@pytest.fixture
def log_server(access: Access) -> Iterator[socket.socket]:
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        access.settings.change(LOCAL, "syslog", f"udp://127.0.0.1:{server.getsockname()[1]}")
        yield server


@pytest.mark.usefixtures("log_server")
def test_a_tail_cut_off_with_its_record_is_found_by_what_was_forwarded(access: Access, store: Store) -> None:
    """Whoever may write to the database removes the newest entries and says that the chain ends before them."""
    fill(access, 9)
    assert access.log.forward() == 10
    with store.transactions.write() as db:
        end = db.execute(sa.select(ENTRIES.c.number, ENTRIES.c.hash).where(ENTRIES.c.number == 7)).one()
        db.execute(ENTRIES.delete().where(ENTRIES.c.number > 7))
        db.execute(CHAIN_ENDS.update().where(CHAIN_ENDS.c.which == "last").values(number=7, hash=end.hash))

    assert access.log.verify().faults == ("第 8 至 10 条：缺失或次序被改动",)
    fill(access, 5)  # and lets others grow in their place
    assert access.log.verify().faults == ("第 10 条：与已转发到日志服务器的不同",)
    with pytest.raises(LogFault, match="第 10 条"):
        access.log.forward()


@pytest.mark.usefixtures("log_server")
def test_what_was_forwarded_and_purged_since_is_no_fault(access: Access, clock: Clock) -> None:
    today = over_years(access, clock)
    access.log.forward()
    access.log.purge(LOCAL, today - timedelta(days=1096))

    assert (access.log.verify().faults, access.log.forward()) == ((), 1)


def test_a_long_entry_reaches_the_log_server_cut_between_characters(access: Access, log_server: socket.socket) -> None:
    access.log.append(LOCAL, Action.BATCH_SUBMIT, "a" * 250, title="批" * 4000)
    access.log.forward()
    received = [log_server.recv(65536) for _ in range(2)]

    assert len(received[1]) in range(MOST_BYTES - 3, MOST_BYTES + 1)
    assert received[1].decode().endswith("批")


def test_a_look_at_the_newest_alone_finds_what_was_changed_among_them(access: Access, store: Store) -> None:
    fill(access, 20)

    def faults(tamper: Callable[[sa.Connection], object]) -> int:
        found = 0
        with suppress(Undone), store.transactions.together():
            with store.transactions.write() as db:
                tamper(db)
            found = len(access.log.verify(newest=5).faults)
            raise Undone
        return found

    part = access.log.verify(newest=5)
    assert (part.faults, part.count, part.first, part.last) == ((), 5, 16, 20)
    assert access.log.verify(newest=50) == access.log.verify()
    assert [faults(alter(number, "who")) > 0 for number in (3, 16, 20)] == [False, True, True]
    assert [faults(delete(number)) > 0 for number in (3, 17, 20)] == [False, True, True]

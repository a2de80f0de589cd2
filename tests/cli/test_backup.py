"""What was backed up comes back: every row, every file, by its hash; while people work, and into the other database."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import resource
import tarfile
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import cli.backup
from access import Access
from audits.intake import Submitted
from audits.service import audit_next, submit_batch
from audits.store import Queue, Store
from audits.store.backup import files_named
from audits.store.tables import CHAIN_ENDS, ENTRIES, METADATA, SESSIONS
from cli.main import main
from tests.servers import Postgres

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
NAMES = ("青禾县教育局2023年报.txt", "石盘乡2020年.txt", "云渡县司法局2023年报.txt")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """With a batch of three, audited; the commands work on it."""
    monkeypatch.setattr(cli.backup, "DATA_FOLDER", tmp_path / "data")
    found = Store(tmp_path / "data")
    submit_batch(found, "一批", [Submitted(SAMPLES / name, name) for name in NAMES])
    work(found)
    return found


def work(store: Store) -> None:
    while audit_next(store, Queue.AUDIT, 60.0):
        pass


def hecha(*args: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, args)))


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All but the log of actions, in which backing up and restoring are entered themselves."""
    with store.snapshot() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(sa.select(table))), key=repr)
            for table in METADATA.sorted_tables
            if table not in (ENTRIES, CHAIN_ENDS)
        }


def files(store: Store) -> dict[str, str]:
    """Every file that a row names, and the hash of its bytes."""
    with store.snapshot() as db:
        return {name: hashlib.sha256(store.file(name).read_bytes()).hexdigest() for name in files_named(db)}


def test_every_row_and_every_file_comes_back(store: Store, tmp_path: Path) -> None:
    assert hecha("backup", tmp_path / "it.tar").exit_code == 0
    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    back = Store(tmp_path / "back")
    assert result.exit_code == 0, result.output
    assert "批次 1 个，报告 3 份" in result.stdout
    assert (rows(back), files(back)) == (rows(store), {name: name for name in files(store)})
    assert (tmp_path / "it.tar").stat().st_mode & 0o077 == 0


def test_the_log_of_actions_comes_back_whole_and_says_that_it_was_put_back(store: Store, tmp_path: Path) -> None:
    hecha("backup", tmp_path / "it.tar")
    hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    log = Access(Store(tmp_path / "back")).log
    assert [entry.action for entry in log.entries()] == ["backup.restore", "backup.make"]
    assert log.verify(Access(store).log.verify().head).is_whole


def test_a_backup_taken_while_reports_are_audited_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def busy() -> None:
        own = Store(tmp_path / "data")
        number = 0
        while not stop.is_set():
            number += 1
            new = tmp_path / f"{number}.txt"
            new.write_bytes((SAMPLES / NAMES[0]).read_bytes() + b"\n" * number)
            submit_batch(own, f"批次{number}", [Submitted(new, new.name)])
            audit_next(own, Queue.AUDIT, 60.0)
        own.close()

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        made = [hecha("backup", tmp_path / f"{number}.tar").exit_code for number in range(3)]
    finally:
        stop.set()
        thread.join()

    assert made == [0, 0, 0]
    for number in range(3):
        assert hecha("restore", tmp_path / f"{number}.tar", "--data", tmp_path / f"back{number}").exit_code == 0
        back = Store(tmp_path / f"back{number}")
        assert files(back) == {name: name for name in files(back)}
        submissions = sum(status.total for status in back.batches())
        assert submissions == sum(1 for status in back.batches() for _ in back.results(status.id)) >= 3
        work(back)  # what was under way is simply gone on with
        assert all(status.is_done or status.counts["auditing"] for status in back.batches())


def test_everybody_signs_in_again_after_a_restore(store: Store, tmp_path: Path) -> None:
    with store.snapshot() as db:
        columns = {column.name for column in SESSIONS.columns}
        assert "secret" in columns
        assert db.scalar(sa.select(sa.func.count()).select_from(SESSIONS)) == 0
    _account_with_session(store)
    hecha("backup", tmp_path / "it.tar")
    hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    found = rows(Store(tmp_path / "back"))
    assert (len(found["accounts"]), found["sessions"]) == (1, [])


def _account_with_session(store: Store) -> None:
    accounts, sessions = METADATA.tables["accounts"], METADATA.tables["sessions"]
    with store._database.write() as db:
        db.execute(accounts.insert().values(_filled(accounts, {"id": "a", "login": "wang", "name": "王"})))
        db.execute(sessions.insert().values(_filled(sessions, {"secret": "s", "account_id": "a", "public_id": "p"})))


def _filled(table: sa.Table, given: dict[str, object]) -> dict[str, object]:
    """Something in every column that wants something."""
    wanted = {
        column.name: {"JSON": [], "DOUBLE": 0.0, "INTEGER": 0, "BOOLEAN": False}.get(str(column.type), "")
        for column in table.columns
        if not column.nullable
    }
    return wanted | given


def test_a_damaged_and_a_missing_file_are_told_by_name_and_the_rest_is_saved(store: Store, tmp_path: Path) -> None:
    damaged, missing = sorted(files(store))[:2]
    store.file(damaged).write_bytes(b"not what it was")
    store.file(missing).unlink()

    made = hecha("backup", tmp_path / "it.tar")
    back = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (made.exit_code, back.exit_code) == (2, 2)
    assert f"1 个文件与其哈希不符，已损坏：{damaged}" in made.stderr
    assert f"1 个文件在数据文件夹里找不到：{missing}" in made.stderr
    assert rows(Store(tmp_path / "back"))["audits"] == rows(store)["audits"]


Harm = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "harm",
    [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"no backup", lambda data: data[:-30_000]],
    ids=["cut in the middle", "empty", "something else", "cut at the end"],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_written(store: Store, tmp_path: Path, harm: Harm) -> None:
    hecha("backup", tmp_path / "it.tar")
    (tmp_path / "it.tar").write_bytes(harm((tmp_path / "it.tar").read_bytes()))

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, result.stderr.startswith("[BACKUP]")) == (2, True)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["hecha.lock"]


def test_a_changed_byte_of_a_file_is_found(store: Store, tmp_path: Path) -> None:
    hecha("backup", tmp_path / "it.tar")
    data = (tmp_path / "it.tar").read_bytes()
    inside = (SAMPLES / NAMES[0]).read_bytes()
    at = data.index(inside) + len(inside) // 2
    (tmp_path / "it.tar").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, "1 个文件与其哈希不符" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["../outside", "/outside", "files/ab/../../outside", "files/ab/abc", "tables/x.sh"])
def test_a_member_that_no_backup_has_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    hecha("backup", tmp_path / "it.tar")
    with tarfile.open(tmp_path / "it.tar", "a") as tar:
        info = tarfile.TarInfo(name)
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, "不该有的" in result.stderr) == (2, True)
    assert not (tmp_path / "outside").exists()


def test_data_that_is_there_is_never_written_over(store: Store, tmp_path: Path) -> None:
    hecha("backup", tmp_path / "it.tar")
    before = rows(store)

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "data")
    again = hecha("backup", tmp_path / "it.tar")

    assert (result.exit_code, "不是空的" in result.stderr) == (2, True)
    assert (again.exit_code, "已有这个文件" in again.stderr) == (2, True)
    assert rows(store) == before


@pytest.mark.integration
def test_a_backup_of_sqlite_comes_back_in_postgresql_and_the_other_way(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres()
    try:
        server.start()
        url = server.database("hecha")
        hecha("backup", tmp_path / "it.tar")
        monkeypatch.setattr(cli.backup, "DATABASE_URL", url)
        to_office = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "office")
        twice = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "twice")
        office = Store(tmp_path / "office", url)
        there = rows(office), files(office)
        office.close()

        monkeypatch.setattr(cli.backup, "DATA_FOLDER", tmp_path / "office")
        hecha("backup", tmp_path / "office.tar")
        monkeypatch.setattr(cli.backup, "DATABASE_URL", "")
        hecha("restore", tmp_path / "office.tar", "--data", tmp_path / "home")
    finally:
        server.remove()

    assert (to_office.exit_code, there) == (0, (rows(store), files(store))), to_office.output
    assert (twice.exit_code, "数据库不是空的" in twice.stderr) == (2, True)
    home = Store(tmp_path / "home")
    assert (rows(home), files(home)) == (rows(store), files(store))


def altered(backup: Path, name: str, data: bytes) -> None:
    """The backup with that member in the place of its own, and with its hash told; as somebody would make it who means harm."""
    with tarfile.open(backup) as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]  # all are files
    members[name] = data
    complete = json.loads(members["complete.json"])
    if name.startswith("tables/"):
        complete["tables"][name.split("/")[1].split(".")[0]] = hashlib.sha256(data).hexdigest()
        members["complete.json"] = json.dumps(complete).encode()
    with tarfile.open(backup, "w") as tar:
        for one, content in members.items():
            info = tarfile.TarInfo(one)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def bomb(size: int) -> bytes:
    """A table of one row without an end."""
    packed = zlib.compressobj(9, wbits=31)
    return b"".join([*(packed.compress(b"[" * (1 << 20)) for _ in range(size >> 20)), packed.flush()])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tables/batches.jsonl.gz", bomb(1 << 30)),
        ("tables/batches.jsonl.gz", gzip.compress(b"[" * 200_000 + b"\n")),
        ("tables/batches.jsonl.gz", gzip.compress(b'{"id": "x"}\n')[:-9]),
        ("tables/batches.jsonl.gz", b"no gzip"),
        ("tables/batches.jsonl.gz", gzip.compress(b'{"no_such_column": 1}\n')),
        ("tables/entries.jsonl.gz", gzip.compress(b'{"number": 99999999999999999999999999}\n')),
        ("tables/entries.jsonl.gz", gzip.compress(b"[1, 2]\n")),
        ("hecha-backup.json", b"[" * 100_000),
        ("hecha-backup.json", b"[]"),
        ("complete.json", b"5"),
    ],
    ids=["bomb", "nested", "cut", "no gzip", "column", "number", "list", "nested head", "head", "end"],
)
def test_a_backup_made_to_harm_is_one_line_and_leaves_nothing(store: Store, tmp_path: Path, name: str, data: bytes) -> None:
    hecha("backup", tmp_path / "it.tar")
    altered(tmp_path / "it.tar", name, data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, result.stderr.startswith("[BACKUP]") or result.stderr.startswith("[STORE]")) == (2, True)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["hecha.lock"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_a_member_that_is_no_file_is_refused(store: Store, tmp_path: Path, kind: bytes) -> None:
    hecha("backup", tmp_path / "it.tar")
    with tarfile.open(tmp_path / "it.tar", "a") as tar:
        info = tarfile.TarInfo("files/ab/ab" + "0" * 62)
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, "不该有的" in result.stderr) == (2, True)


def test_a_file_of_nothing_but_holes_is_refused_before_it_fills_the_disk(store: Store, tmp_path: Path) -> None:
    """A few bytes that say they are a hundred terabytes of zeros."""
    hecha("backup", tmp_path / "it.tar")
    holes = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(100 << 40), "GNU.sparse.name": "x"}
    with tarfile.open(tmp_path / "it.tar", "a", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("files/ab/ab" + "0" * 62)
        info.pax_headers = holes | {"GNU.sparse.name": info.name}
        data = b"1\n" + str(100 << 40).encode() + b"\n0\n"
        info.size = 512
        tar.addfile(info, io.BytesIO(data.ljust(512, b"\0")))

    result = hecha("restore", tmp_path / "it.tar", "--data", tmp_path / "back")

    assert (result.exit_code, "不该有的" in result.stderr) == (2, True)


def test_a_row_that_names_a_path_for_a_hash_opens_no_file(store: Store, tmp_path: Path) -> None:
    """Whoever downloads the original of such a report must not get the server's own files."""
    (tmp_path / "secret").write_text("the server's own")

    for named in ("../../secret", str(tmp_path / "secret"), "..", "", "a" * 63 + "/"):
        assert not store.file(named).exists()
        assert not store.files.has(named)

"""The database is upgraded when it is opened, and is then the very one that a fresh one is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from audits.errors import StoreError
from audits.outcome import Standing, Summary
from audits.store import EVERYBODY, Store, SubmissionState, Wanted
from audits.store.database import REVISIONS, Database
from audits.store.migrations.versions.v0001_jobs import TABLES as FIRST_TABLES
from audits.store.tables import METADATA

SUMMARY = '{"agency": "甲局", "year": 2023, "applicable": true, "reason": "", "errors": 1, "warnings": 0, "notices": 0, "doubtful": 0, "undecided": 2, "worst_sure": "error"}'
FIRST_ROWS = (
    "insert into batches values ('b', '一批', 100.0)",
    "insert into jobs values ('j0', 'b', 0, 'a.txt', 'aa', null, 'audited', 1, null, null, '', '', 120.0)",
    "insert into jobs values ('j1', 'b', 1, 'b.txt', 'bb', 2023, 'auditing', 2, 't', 130.0, '', '', null)",
    "insert into jobs values ('j2', 'b', 2, 'c.txt', '', null, 'unreadable', 0, null, null, 'ENCRYPTED', '有密码', 110.0)",
    f"insert into results values ('j0', 'aa', 'national 1', 'hecha 1', '{SUMMARY}', '{{\"pdf\": \"cc\"}}')",
    "insert into results values ('j2', '', 'national 1', 'hecha 1', null, '{}')",
    "insert into left_out values ('b', 0, 'litter', null)",
)


def engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+pg8000://"))


@pytest.fixture
def first_version(url: str) -> str:
    """A database of the first version, with rows in every state, that Alembic has never seen."""
    with engine(url).begin() as db:
        FIRST_TABLES.create_all(db)
        for row in FIRST_ROWS:
            db.exec_driver_sql(row)
    return url


def reflected(url: str) -> dict[str, Any]:
    """Columns, keys and indexes of every table, in no particular order."""
    inspector = sa.inspect(engine(url))
    found = {}
    for table in inspector.get_table_names():
        columns = {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(table)
        }
        indexes = {index["name"]: (index["column_names"], bool(index["unique"])) for index in inspector.get_indexes(table)}
        uniques = {unique["name"]: unique["column_names"] for unique in inspector.get_unique_constraints(table)}
        foreign = sorted((key["constrained_columns"], key["referred_table"]) for key in inspector.get_foreign_keys(table))
        found[table] = (columns, indexes, uniques, foreign, inspector.get_pk_constraint(table)["constrained_columns"])
    return found


def test_a_fresh_database_has_exactly_the_tables_of_the_code(url: str) -> None:
    Database(url).close()

    with engine(url).connect() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []


def test_an_upgraded_database_and_a_fresh_one_are_equal(
    first_version: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if first_version.startswith("sqlite"):
        fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    else:
        fresh = request.getfixturevalue("postgres").database(f"fresh{tmp_path.name[-8:].replace('-', '_')}")
    Database(first_version).close()
    with engine(fresh).begin() as db:
        METADATA.create_all(db)

    upgraded = reflected(first_version)
    assert upgraded.pop("alembic_version")[0]["version_num"][1] is False
    assert upgraded == reflected(fresh)


def test_an_upgrade_loses_nothing_and_what_was_at_work_waits_again(first_version: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "data", first_version)

    results = store.results("b")
    assert [(r.submission.id, r.submission.name, r.submission.state, r.submission.attempt) for r in results] == [
        ("j0", "a.txt", SubmissionState.AUDITED, 1),
        ("j1", "b.txt", SubmissionState.RECEIVED, 2),
        ("j2", "c.txt", SubmissionState.UNREADABLE, 0),
    ]
    assert (results[0].summary, dict(results[0].outputs)) == (
        Summary("甲局", 2023, True, "", 1, 0, 0, 0, 2, "error"),  # type: ignore[arg-type]
        {"pdf": "cc"},
    )
    assert (results[2].submission.code, store.left_out("b")[0]) == ("ENCRYPTED", ("litter",))
    assert [list(ids) for ids in store.due_hints(10).values()] == [["j1"]]


def test_an_upgrade_lets_lists_show_and_find_what_was_audited_before(first_version: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "data", first_version)

    found = store.listing.reports(EVERYBODY, Wanted()).items
    assert [(row.name, row.agency, row.year, row.standing, row.errors, row.undecided) for row in found] == [
        ("a.txt", "甲局", 2023, Standing.ERRORS, 1, 2),
        ("c.txt", None, None, Standing.UNREADABLE, 0, 0),
        ("b.txt", None, 2023, None, 0, 0),
    ]
    assert [store.listing.reports(EVERYBODY, Wanted(text=text)).total for text in ("甲局", "一批", "C.txt")] == [1, 3, 1]


def test_opening_again_and_by_many_at_once_changes_nothing(url: str) -> None:
    faults: list[BaseException] = []

    def open_it() -> None:
        try:
            Database(url).close()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with engine(url).connect() as db:
        assert (faults, db.exec_driver_sql("select version_num from alembic_version").scalars().all()) == ([], [REVISIONS[-1]])


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(url: str) -> None:
    Database(url).close()
    with engine(url).begin() as db:
        db.exec_driver_sql("update alembic_version set version_num = '9999'")

    with pytest.raises(StoreError, match="请先升级程序"):
        Database(url)


def test_the_revisions_told_are_those_that_there_are() -> None:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "audits.store:migrations")
    scripts = ScriptDirectory.from_config(config)

    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


@pytest.mark.parametrize(
    ("url", "said"),
    [("mysql://u:geheim@h/d", "只支持"), ("no address", "地址不对"), ("postgresql://u:geheim@127.0.0.1:1/d", "数据库出错")],
)
def test_a_database_that_cannot_be_used_is_said_without_its_password(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        Database(url)

    assert "geheim" not in str(raised.value)


def test_what_is_written_together_is_recorded_whole_or_not_at_all(store: Store) -> None:
    def two(first: str, second: str, *, fails: bool) -> list[str]:
        with store.transactions.together():
            store.add_batch(first, [])
            store.add_batch(second, [])
            seen = sorted(batch.title for batch in store.batches())
            if fails:
                raise KeyError(seen)
        return seen

    with pytest.raises(KeyError, match=r"丁.*丙"):
        two("丙", "丁", fails=True)

    assert two("甲", "乙", fails=False) == ["乙", "甲"] == sorted(batch.title for batch in store.batches())


def test_a_writer_that_fails_among_others_leaves_nothing_of_its_own(store: Store) -> None:
    def fail() -> None:
        with store.transactions.write() as db:
            db.execute(sa.text("update batches set title = '乙'"))
            db.execute(sa.text("select from nowhere at all"))

    with store.transactions.together():
        kept = store.add_batch("甲", [])
        with pytest.raises(StoreError):
            fail()

    assert store.batch_status(kept).title == "甲"


def test_what_cannot_be_undone_is_done_when_all_is_recorded_and_not_at_all_if_it_is_not(store: Store) -> None:
    done: list[str] = []

    def write(title: str, *, fails: bool) -> None:
        with store.transactions.together():
            store.add_batch(title, [])
            assert store.transactions.afterwards(lambda: done.append(title)) is None
            assert done == []
            if fails:
                raise KeyError(title)

    with pytest.raises(KeyError):
        write("甲", fails=True)
    write("乙", fails=False)
    assert store.transactions.afterwards(lambda: "at once") == "at once"

    assert done == ["乙"]

"""How fast pages are that list a nation's reports: ``python -m bench.listing [--reports 140000] [--database postgresql]``.

An invented nation: regions, rosters, agencies, reports of four years, their findings, some decisions. A process beside us settles
submissions all the time. Printed, for every question that pages ask and for those who see the nation, a city or a county: p50, p95
and the longest, in ms. The bar is 300 ms at p95 for pages of lists, their counts and their searches.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audits.intake import Submitted
from audits.outcome import Found, Outcome, Settled, Standing, Summary
from audits.regions import Scope, path_of
from audits.store import Queue, Store, SubmissionState, Viewer, Wanted, projection
from audits.store.figures import SUMS
from audits.store.searching import searched
from audits.store.tables import AGENCIES, AUDITS, BATCHES, DECISIONS, FINDINGS, ROSTERS, SUBMISSIONS
from rules.verdict import Severity
from tests.servers import Postgres

BAR_MS = 300.0
YEARS = (2020, 2021, 2022, 2023)
PROVINCES, CITIES, COUNTIES = 20, 14, 9  # of the nation, of a province, of a city
OFFICES = (
    *("人民政府", "人民政府办公室", "教育局", "公安局", "民政局", "司法局", "财政局"),
    *("水利局", "审计局", "统计局", "交通运输局", "农业农村局", "卫生健康局", "应急管理局"),
)
RULES = tuple(f"RULE-{number:03}" for number in range(90))
RARE = "RULE-089"
NULL = "\\N"
WRITES_PER_SECOND = 65.0
FIRST, SECOND = "青白江河湖海山川岭林泉石云霞星辰", "安宁昌平和顺兴隆丰泽永康福寿德"


def name_of(number: int, rank: str) -> str:
    return f"{FIRST[number % len(FIRST)]}{SECOND[number // len(FIRST) % len(SECOND)]}{rank}"


def regions() -> Iterator[tuple[str, ...]]:
    """Every region, with its parts, widest first."""
    for province in range(PROVINCES):
        top = name_of(province, "省")
        yield (top,)
        for city in range(CITIES):
            middle = name_of(100 + province * CITIES + city, "市")
            yield (top, middle)
            for county in range(COUNTIES):
                yield (top, middle, name_of(county * 31 + city * 7 + province, "县"))


def fill(store: Store, reports: int) -> None:
    """Rows as years of use leave them."""
    chance = random.Random(6)
    now = time.time()
    places = list(regions())
    rosters: list[dict[str, Any]] = [
        {"id": f"{number:032x}", "name": "名单.csv", "sha256": f"{number:064x}", "region": path_of(place)}
        | {"account_id": "", "author": "甲", "imported_at": now, "is_current": True}
        for number, place in enumerate(place for place in places if len(place) == 1)
    ]
    roster_of = {roster["region"].strip("/"): roster["id"] for roster in rosters}
    agencies: list[dict[str, Any]] = []
    for place in places:
        region = path_of(place)
        for office in OFFICES:
            name = place[-1] + office
            agencies.append(
                {"roster_id": roster_of[place[0]], "code": f"{len(agencies):06}", "position": len(agencies), "name": name}
                | {"others": [], "level": None, "kind": "department", "parent": None, "depth": 0, "region": region}
                | {"reports": True, "deadline": "01-31", "in_force": True, "search": searched(region, name)}
            )
    batches: list[dict[str, Any]] = [
        {"id": f"{number:032x}", "title": f"{place[-1]}{year}年度年报", "owner": f"user{number % 50}", "pack": ""}
        | {
            "region": path_of(place),
            "received_at": now - number * 1000,
            "closed_at": now,
            "compared_at": now,
            "evidence": False,
        }
        for number, (year, place) in enumerate((year, place) for year in YEARS for place in places if len(place) == 2)
    ]
    batch_of = {(batch["title"][-8:-4], batch["region"]): batch for batch in batches}
    submissions: list[dict[str, Any]] = []
    audits: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []
    decisions: list[dict[str, Any]] = []
    for number in range(reports):
        agency = agencies[number % len(agencies)]
        year = YEARS[number // len(agencies) % len(YEARS)]
        city = "/".join(agency["region"].split("/")[:3]) + "/"
        batch = batch_of.get((str(year), city)) or batches[number % len(batches)]
        dice = chance.random()
        state = (
            SubmissionState.UNREADABLE if dice < 0.01 else SubmissionState.FAILED if dice < 0.013 else SubmissionState.AUDITED
        )
        key = f"{number:064x}"
        found: list[Found] = []
        if state is SubmissionState.AUDITED:
            for index in range(max(0, int(chance.gauss(8, 5)))):
                rule = RULES[min(int(chance.expovariate(0.08)), 88)] if chance.random() > 0.0002 else RARE
                severity = chance.choice(list(Severity))
                found.append(Found(f"{rule}-{number:06}{index:02}", rule, severity, chance.random() < 0.15))
        summary = summary_of(agency["name"], year, found)
        if state is SubmissionState.AUDITED:
            audits.append(
                {"key": key, "sha256": key, "pack": "国家规则包 1", "engine": "1", "outputs": {}, "audited_at": now}
                | {"summary": None, "match": None}
            )
        row = {
            **dict.fromkeys(("replaces", "previous_sha256", "previous_name", "token", "lease_until", "hint_at")),
            "id": f"{number * 2654435761 % 2**32:032x}",
            "batch_id": batch["id"],
            "position": number,
            "version": 1,
            "is_current": True,
            "owner": batch["owner"],
            "name": f"{city[1:]}{agency['name']}{year}年报.docx",
            "sha256": key,
            "year": None,
            "pack": "",
            "queue": Queue.AUDIT,
            "state": state,
            "attempt": 1,
            "hints": 1,
            "code": "",
            "reason": "",
            "audit_key": key if state is SubmissionState.AUDITED else None,
            "received_at": now - reports + number,
            "settled_at": now,
            "region": agency["region"],
            "agency": agency["name"],
            "agency_code": agency["code"],
            "roster_id": agency["roster_id"],
            "match": "matched",
            "told": None,
            **projection.audited(summary, found),
        }
        row["search"] = searched(row["region"], row["agency"], row["name"], batch["title"])
        if state is not SubmissionState.AUDITED:
            row |= projection.settled(state)
        row["open"] = 0 if number % 7 == 0 else len(found)
        submissions.append(row)
        for index, one in enumerate(found, 1):
            findings.append(
                {"audit_key": key, "number": index, "finding_id": one.id, "rule": one.rule, "severity": one.severity}
                | {"is_doubtful": one.is_doubtful}
            )
            if number % 7 == 0:
                decisions.append(
                    {"id": f"{len(decisions):032x}", "finding_id": one.id, "is_current": True, "region": row["region"]}
                    | {"agency": row["agency"], "year": year, "rule": one.rule, "decision": "confirmed", "reason": ""}
                    | {
                        "message": "",
                        "expires": None,
                        "submission_id": row["id"],
                        "account_id": "",
                        "author": "甲",
                        "decided_at": now,
                    }
                )
    for batch in batches:
        batch["figures"] = {"states": {"audited": 500}, "standings": {"errors": 500}, "sums": dict.fromkeys(SUMS, 500)}
    for table, rows in (
        *((ROSTERS, rosters), (AGENCIES, agencies), (BATCHES, batches), (AUDITS, audits), (SUBMISSIONS, submissions)),
        *((FINDINGS, findings), (DECISIONS, decisions)),
    ):
        put(store, table, rows)
    if store.database.startswith("postgresql"):  # what its autovacuum does in time; SQLite is never told
        raw = store._database._engine.raw_connection()
        raw.rollback()  # of what the pool asked it
        raw.driver_connection.autocommit = True  # type: ignore[union-attr]
        raw.cursor().execute("vacuum analyze")
        raw.driver_connection.autocommit = False  # type: ignore[union-attr]
        raw.close()


def summary_of(agency: str, year: int, found: Sequence[Found]) -> Summary:
    errors, warnings, notices = (sum(one.severity is level for one in found) for level in Severity)
    sure = [one.severity for one in found if not one.is_doubtful]
    worst = next((level for level in Severity if level in sure), None)
    doubtful, published = sum(one.is_doubtful for one in found), f"{year + 1}-01-15"
    return Summary(agency, year, True, "", errors, warnings, notices, doubtful, 3, worst, 0, published)


def put(store: Store, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """All of them, as fast as the database takes them."""
    if not rows:
        return
    with store._database.write() as db:
        if db.dialect.name == "sqlite":
            for at in range(0, len(rows), 20_000):
                db.execute(table.insert(), rows[at : at + 20_000])
            return
        names = list(rows[0])
        text = io.StringIO()
        writer = csv.writer(text)
        for row in rows:
            writer.writerow([printed(row[name]) for name in names])
        text.seek(0)
        columns = ",".join(f'"{name}"' for name in names)
        cursor = db.connection.cursor()
        copy = f"copy {table.name} ({columns}) from stdin with (format csv, null '{NULL}')"
        cursor.execute(copy, stream=text)  # type: ignore[call-arg]  # pg8000's own


def printed(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return NULL if value is None else value


def settle(folder: Path, url: str, stop: Any, settled: Any) -> None:
    """What workers do to the store, all the time."""
    store = Store(folder, url)
    number = 0
    path = folder / "report.txt"
    path.write_text("report")
    due = time.monotonic()
    while not stop.is_set():
        store.add_batch("新批次", [Submitted(path, f"{number + one}.txt") for one in range(500)], owner="writer")
        while not stop.is_set() and (claim := store.claim(Queue.AUDIT, 600.0)) is not None:
            number += 1
            found = tuple(Found(f"{rule}-w{number}", rule, Severity.ERROR, is_doubtful=False) for rule in RULES[:8])
            outcome = Outcome(Settled.AUDITED, summary=summary_of(f"第{number}局", 2023, found), findings=found)
            store.finish(claim, outcome, f"w{number:063}", "国家规则包 1", "1")
            settled.value = number
            due = max(due + 1 / WRITES_PER_SECOND, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))


Question = Callable[[Store, Viewer], object]


def questions() -> dict[str, Question]:
    """What pages ask."""
    base = Wanted()
    lists = {
        "worst first": base,
        "errors only": replace(base, standing=Standing.ERRORS),
        "clean ones": replace(base, standing=Standing.CLEAN),
        "one year": replace(base, year=2021),
        "severity": replace(base, severity=Severity.NOTICE),
        "a common rule": replace(base, rule=RULES[0]),
        "a rare rule": replace(base, rule=RARE),
        "doubtful": replace(base, doubtful=True),
        "not decided": replace(base, open_only=True),
        "newest": replace(base, order="newest"),
        "by name": replace(base, order="name"),
        "search 教育局": replace(base, text="教育局"),
        "search two words": replace(base, text="青安 水利"),
        "search nothing": replace(base, text="没有这个单位"),
        "a region": replace(base, region=path_of(next(iter(place for place in regions() if len(place) == 2)))),
        "failed files": replace(base, state=SubmissionState.FAILED),
    }
    found: dict[str, Question] = {}
    for name, wanted in lists.items():
        found[f"list, {name}"] = lambda store, viewer, wanted=wanted: store.listing.reports(viewer, wanted)  # type: ignore[misc]
    found["list, page 400"] = lambda store, viewer: store.listing.reports(viewer, base, 400)
    for name in ("worst first", "errors only", "a common rule", "search 教育局", "not decided"):
        found[f"counts, {name}"] = lambda store, viewer, wanted=lists[name]: store.listing.facets(viewer, wanted)  # type: ignore[misc]
    found["neighbours"] = lambda store, viewer: store.listing.neighbours(viewer, base, f"{70_000 * 2654435761 % 2**32:032x}")
    found["batches"] = lambda store, viewer: store.listing.batches(viewer)
    found["batches, search"] = lambda store, viewer: store.listing.batches(viewer, "2023")
    found["failed"] = lambda store, viewer: store.listing.failed(viewer)
    found["dashboard"] = lambda store, viewer: store.listing.totals(viewer)
    found["coverage"] = lambda store, viewer: store.listing.coverage(viewer, YEARS)
    found["coverage, counts"] = lambda store, viewer: store.listing.coverage_totals(viewer, 2023)
    found["agencies, search"] = lambda store, viewer: store.listing.agencies(viewer, text="水利")
    found["regions"] = lambda store, viewer: store.listing.regions(viewer)
    return found


VIEWERS = {
    "nation": Viewer(Scope(("/",))),
    "city": Viewer(Scope((path_of(next(place for place in regions() if len(place) == 2)),))),
    "county": Viewer(Scope((path_of(next(place for place in regions() if len(place) == 3)),))),
}


def measured(store: Store, question: Question, viewer: Viewer, repeats: int) -> list[float]:
    took = []
    for _ in range(repeats):
        begun = time.perf_counter()
        question(store, viewer)
        took.append((time.perf_counter() - begun) * 1000)
    return took


def percentile(values: Iterable[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 with --strict if the bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.listing", description="pages over a nation's reports, in ms")
    parser.add_argument("--reports", type=int, default=140_000)
    parser.add_argument("--repeats", type=int, default=20, help="of every question, by every viewer")
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--alone", action="store_true", help="nobody writes meanwhile")
    parser.add_argument("--strict", action="store_true", help="exit 1 if the bar is missed")
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="hecha-listing-"))
    postgres = Postgres() if arguments.database == "postgresql" else None
    try:
        if postgres is not None:
            postgres.start()
        url = postgres.database("hecha") if postgres is not None else ""
        store = Store(folder, url)
        begun = time.monotonic()
        fill(store, arguments.reports)
        print(f"{arguments.reports} reports on {arguments.database}, filled in {time.monotonic() - begun:.0f} s", flush=True)
        store.close()
        context = multiprocessing.get_context("spawn")
        stop, settled = context.Event(), context.Value("i", 0)
        writer = context.Process(target=settle, args=(folder, url, stop, settled))
        if not arguments.alone:
            writer.start()
            while not settled.value:
                time.sleep(0.1)
        began, first = time.monotonic(), settled.value
        store = Store(folder, url)
        everything: list[float] = []
        missed = False
        print(f"{'':28}" + "".join(f"{name:>24}" for name in VIEWERS), flush=True)
        for name, question in questions().items():
            if arguments.only not in name:
                continue
            cells = []
            for viewer in VIEWERS.values():
                took = measured(store, question, viewer, arguments.repeats)
                everything += took
                p95 = percentile(took, 0.95)
                missed |= p95 > BAR_MS
                cells.append(f"{statistics.median(took):8.0f}{p95:8.0f}{max(took):7.0f}{'!' if p95 > BAR_MS else ' '}")
            print(f"{name:28}" + "".join(cells), flush=True)
        print(f"all: p50 {percentile(everything, 0.5):.0f} ms, p95 {percentile(everything, 0.95):.0f} ms (bar {BAR_MS:.0f} ms)")
        if not arguments.alone:
            print(f"meanwhile {(settled.value - first) / (time.monotonic() - began):.0f} submissions were settled a second")
            stop.set()
            writer.join(30)
    finally:
        if postgres is not None:
            postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())

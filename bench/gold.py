"""Measure the audit against the hand-labelled real reports of ../shared: ``python -m bench.gold [REPORT ...]``.

Cells: every data cell of the template in the JSON form, state and value (and raw where the gold prints a unit).
Findings: every ``certain`` finding whose rule the pack has, and no ``must_not``. A finding matches an entry when its rule is
the entry's (or, for a certain one, one of accept_also) and its evidence or its place falls where the entry says. A finding in
doubt counts neither way; one that no entry names is printed as unlisted.
The reports are other people's and lie beside the repository (or where HECHA_SHARED points); nothing of them is copied here.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bench.corpus.page import Spot
from reports_in.errors import IntakeError
from rules.compile import load_pack
from rules.editions import Edition, editions
from rules.numbers import parse_figure

Json = Mapping[str, Any]
Span = tuple[int, int]
REPORTS = (".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".doc", ".ofd")


def shared_folder() -> Path | None:
    """Where the real reports and their gold are; None if they are not on this machine."""
    folder = Path(os.environ.get("HECHA_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    return folder if (folder / "gold" / "findings.yaml").is_file() else None


def report_files(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / "reports").iterdir() if path.suffix in REPORTS)


def audit_as_json(path: Path) -> Json:
    """The JSON form of the audit of that file, numbers as Decimal or int. Raises IntakeError."""
    from audits.audit import audit  # here, so that the gold can be looked into while the chain does not run
    from audits.renderers import RENDERERS
    from reports_in import read

    parsed: Json = json.loads(RENDERERS["json"](audit(read(path), load_pack())), parse_float=Decimal)
    return parsed


@dataclass(frozen=True, slots=True)
class GoldCell:
    """state "absent", "blank" or "filled"; raw only where the gold has it."""

    state: str
    value: int | Decimal | None = None
    raw: str | None = None


def gold_of(shared: Path, report: str) -> Json | None:
    """The gold of that report; None if it has none."""
    path = shared / "gold" / f"{Path(report).stem}.json"
    parsed: Json | None = json.loads(path.read_text("utf-8"), parse_float=Decimal) if path.is_file() else None
    return parsed


def gold_edition(gold: Json) -> Edition:
    return editions()[f"E{gold['template_edition']}"]


def gold_cells(gold: Json) -> dict[Spot, GoldCell]:
    """Every data cell of the edition; what the gold does not list is absent."""
    edition = gold_edition(gold)
    cells: dict[Spot, GoldCell] = {}
    for table in edition.tables.values():
        listed = gold["tables"].get(table.key, {})
        for row in table.rows.values():
            if table.key == "disclosure":
                by_label = listed.get(row.label, {})
                values = {column.key: by_label[column.label] for column in row.columns if column.label in by_label}
            else:
                values = dict(zip((column.key for column in row.columns), listed.get(row.key, ()), strict=False))
            for column in row.columns:
                spot = Spot(table.key, row.key, column.key)
                cells[spot] = _gold_cell(values[column.key]) if column.key in values else GoldCell("absent")
    return cells


def _gold_cell(value: int | Decimal | str | None) -> GoldCell:
    if value is None:
        return GoldCell("blank")
    if isinstance(value, str):
        return GoldCell("filled", parse_figure(value).value, value)
    return GoldCell("filled", value)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of findings.yaml. lines and place empty: anywhere in the report."""

    rules: tuple[str, ...]
    lines: tuple[Span, ...]
    place: Mapping[str, str]
    where: str
    certain: bool

    def matches(self, finding: Json, answer: Json) -> bool:
        if finding["rule"] not in self.rules:
            return False
        if self.place:
            return all((finding["place"] or {}).get(key) == name for key, name in self.place.items())
        if self.lines:
            spans = finding_lines(finding, answer)
            return any(first <= b and a <= last for a, b in self.lines for first, last in spans)
        return True


@dataclass(frozen=True, slots=True)
class Labels:
    """What a strict supervisor must, may and must not report for one report."""

    findings: tuple[Entry, ...]
    must_not: tuple[Entry, ...]


def labels_of(shared: Path, report: str) -> Labels | None:
    """The labels of that report; None if nobody labelled it."""
    listed = yaml.safe_load((shared / "gold" / "findings.yaml").read_text("utf-8"))["reports"]
    found = next((item for item in listed if item["file"] == Path(report).name), None)
    if found is None:
        return None
    findings = tuple(_entry(item, tuple(item.get("accept_also", ()))) for item in found["findings"])
    return Labels(findings, tuple(_entry(item, ()) for item in found["must_not"]))


def _entry(item: Json, others: tuple[str, ...]) -> Entry:
    place = item.get("place", {})
    if isinstance(place, str):
        row, column = place.split(".")
        place = {"row": row, "column": column}
    lines = tuple((int(a), int(b)) for a, b in item.get("lines", ()))
    return Entry((item["rule"], *others), lines, place, str(item.get("where", "")), bool(item.get("certain", False)))


def finding_lines(finding: Json, answer: Json) -> list[Span]:
    """The lines that a finding points at: its evidence and the row or cell it names; if these have none, its section."""
    spans = [
        (item["at"]["line"], item["at"]["line"] + item["quote"].strip("\n").count("\n"))
        for item in finding["evidence"]
        if item["at"] and item["at"]["line"] is not None
    ]
    spans.extend((line, line) for line in _place_lines(finding["place"] or {}, answer))
    return spans or _section_lines(finding["place"] or {}, answer)


def _place_lines(place: Json, answer: Json) -> Iterator[int]:
    row = answer["tables"].get(place.get("table"), {}).get(place.get("row"), {})
    cells = [row[place["column"]]] if place.get("column") in row else list(row.values())
    for cell in cells:
        if cell["at"] and cell["at"]["line"] is not None:
            yield cell["at"]["line"]


def _section_lines(place: Json, answer: Json) -> list[Span]:
    starts = {s["key"]: s["at"]["line"] for s in answer["sections"] if s["at"] and s["at"]["line"] is not None}
    key = place.get("section")
    if key not in starts:
        return []
    later = [line for line in starts.values() if line > starts[key]]
    return [(starts[key], min(later) - 1 if later else 10**9)]


@dataclass(slots=True)
class Score:
    """One report against its gold. Lists hold one line for each thing to look at."""

    report: str
    unread: str = ""
    cells_right: int = 0
    cells: int = 0
    cells_in_doubt: int = 0
    wrong_cells: list[str] = field(default_factory=list)
    facts_wrong: list[str] = field(default_factory=list)
    names_differ: list[str] = field(default_factory=list)
    certain_found: int = 0
    certain: int = 0
    missed: list[str] = field(default_factory=list)
    without_rule: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    in_doubt: list[str] = field(default_factory=list)
    sums: str = ""

    @property
    def whole(self) -> bool:
        """True if nothing counts against the report."""
        return not (self.unread or self.wrong_cells or self.facts_wrong or self.missed or self.false_alarms)


def score(shared: Path, path: Path) -> Score:
    """Audit the report and compare. A report without gold gets its sums checked instead."""
    result = Score(path.name)
    try:
        answer = audit_as_json(path)
    except IntakeError as exc:
        result.unread = f"{exc.code}: {exc}"
        return result
    gold = gold_of(shared, path.name)
    if gold is not None:
        _compare_cells(result, gold, answer)
        _compare_facts(result, gold, answer)
    result.sums = sums(answer)
    _compare_findings(result, labels_of(shared, path.name), answer, load_pack().rules)
    return result


def _compare_cells(result: Score, gold: Json, answer: Json) -> None:
    expected = gold_cells(gold)
    for spot, want in expected.items():
        got = answer["tables"].get(spot.table, {}).get(spot.row, {}).get(spot.column)
        state, value, raw = ("absent", None, "") if got is None else (got["state"], got["value"], got["raw"])
        right = (state, value) == (want.state, want.value)
        if want.raw is not None:
            right = right and re.sub(r"\s", "", raw) == want.raw
        result.cells += 1
        result.cells_right += right
        result.cells_in_doubt += bool(got and got["doubt"])
        if not right:
            result.wrong_cells.append(f"{'.'.join(spot)}: want {want.state} {want.value}, got {state} {value} {raw!r}")
    for table, rows in answer["tables"].items():
        for row, cells in rows.items():
            for column, cell in cells.items():
                if Spot(table, row, column) not in expected and cell["state"] != "absent":
                    result.cells += 1
                    result.wrong_cells.append(
                        f"{table}.{row}.{column}: not of this edition, got {cell['state']} {cell['raw']!r}"
                    )


def _compare_facts(result: Score, gold: Json, answer: Json) -> None:
    report = answer["report"]
    present = [s["key"] for s in answer["sections"] if s["state"] != "absent"]
    by_heading = {section.heading: section.key for section in gold_edition(gold).sections.values()}
    facts = {
        "year": (report["year"], gold["year"]),
        "edition": (report["edition"], f"E{gold['template_edition']}"),
        "sections": (present, [by_heading[heading] for heading in gold["sections_present"]]),
    }
    for name, (got, want) in facts.items():
        if got != want:
            result.facts_wrong.append(f"{name}: want {want}, got {got}")
    for name in ("agency", "title"):
        if re.sub(r"\s", "", report[name] or "") != gold[name]:
            result.names_differ.append(f"{name}: gold {gold[name]}, got {report[name]}")


def _compare_findings(result: Score, labels: Labels | None, answer: Json, pack: Iterable[str]) -> None:
    known = set(pack)
    sure = [finding for finding in answer["findings"] if not finding["doubt"]]
    result.in_doubt.extend(_shown(finding) for finding in answer["findings"] if finding["doubt"])
    if labels is None:
        result.unlisted.extend(_shown(finding) for finding in sure)
        return
    for entry in labels.findings:
        if not entry.certain:
            continue
        if entry.rules[0] not in known:
            result.without_rule.append(entry.rules[0])
            continue
        result.certain += 1
        if any(entry.matches(finding, answer) for finding in sure):
            result.certain_found += 1
        else:
            result.missed.append(f"{entry.rules[0]} at {entry.where}")
    for finding in sure:
        banned = next((entry for entry in labels.must_not if entry.matches(finding, answer)), None)
        if banned is not None:
            result.false_alarms.append(f"{_shown(finding)} (must not: {banned.where or 'anywhere'})")
        elif not any(entry.matches(finding, answer) for entry in labels.findings):
            result.unlisted.append(_shown(finding))


def _shown(finding: Json) -> str:
    line = next((item["at"]["line"] for item in finding["evidence"] if item["at"] and item["at"]["line"]), None)
    at = f" line {line}" if line else ""
    return f"{finding['severity']} {finding['rule']}{at} {finding['where']}: {finding['message']}"


def sums(answer: Json) -> str:
    """How many of the sums that the tables must keep hold, over those whose cells are all numbers: a check without gold."""
    held = asked = 0
    applications, litigation = answer["tables"]["applications"], answer["tables"]["litigation"]
    people = ("natural", "business", "research", "ngo", "legal", "other")
    outcomes = [key for key in applications if key not in ("new", "carried_in", "total", "carried_out")]
    equations: list[tuple[list[Json], list[Json]]] = []
    for row in applications.values():
        equations.append(([row[key] for key in people], [row["total"]]))
    for column in (*people, "total") if applications else ():
        parts = [applications[key][column] for key in outcomes if applications[key][column]["state"] != "absent"]
        equations.append((parts, [applications["total"][column]]))
        incoming, outgoing = (("new", "carried_in"), ("total", "carried_out"))
        equations.append(([applications[k][column] for k in incoming], [applications[k][column] for k in outgoing]))
    for group in litigation.values():
        equations.append(([cell for key, cell in group.items() if key != "total"], [group["total"]]))
    for left, right in equations:
        if all(cell["value"] is not None for cell in (*left, *right)):
            asked += 1
            held += sum(cell["value"] for cell in left) == sum(cell["value"] for cell in right)
    states = [cell["state"] for rows in answer["tables"].values() for row in rows.values() for cell in row.values()]
    counted = ", ".join(f"{states.count(state)} {state}" for state in ("filled", "blank", "absent", "unreadable"))
    return f"{held}/{asked} sums hold; cells: {counted}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print every report's score. Returns 1 if anything counts against one, 2 if the reports are not here."""
    parser = argparse.ArgumentParser(prog="python -m bench.gold", description="the audit against hand-labelled reports")
    parser.add_argument("reports", nargs="*", help="only reports whose name holds one of these words")
    arguments = parser.parse_args(argv)
    shared = shared_folder()
    if shared is None:
        print("gold: the labelled reports are not on this machine (set HECHA_SHARED)", file=sys.stderr)
        return 2
    chosen = [p for p in report_files(shared) if not arguments.reports or any(word in p.name for word in arguments.reports)]
    scores = [score(shared, path) for path in chosen]
    print(f"{'report':32}{'cells right/all':>16}{'in doubt':>9}{'certain found/all':>18}{'false alarms':>13}{'unlisted':>9}")
    for one in scores:
        if one.unread:
            print(f"{one.report:32}not read: {one.unread}")
            continue
        cells = f"{one.cells_right}/{one.cells}" if one.cells else "no gold"
        found = f"{one.certain_found}/{one.certain}"
        print(
            f"{one.report:32}{cells:>16}{one.cells_in_doubt:>9}{found:>18}{len(one.false_alarms):>13}{len(one.unlisted):>9}"
            f"  {one.sums}"
        )
    for one in scores:
        _print_details(one)
    return 0 if all(one.whole for one in scores) else 1


def _print_details(one: Score) -> None:
    groups = {
        "wrong cell": one.wrong_cells,
        "wrong fact": one.facts_wrong,
        "name differs (not counted)": one.names_differ,
        "missed": one.missed,
        "false alarm": one.false_alarms,
        "unlisted": one.unlisted,
        "in doubt": one.in_doubt,
        "no such rule yet": one.without_rule,
    }
    for name, items in groups.items():
        for item in items[:12]:
            print(f"{one.report}: {name}: {item}")
        if len(items) > 12:
            print(f"{one.report}: {name}: and {len(items) - 12} more")


if __name__ == "__main__":
    raise SystemExit(main())

"""Restore an Audit from the JSON that was recorded of it, so that documents can be printed anew without reading the report again.

What no renderer prints is not in the JSON and is not restored: the prose, the report of the year before, the claims' clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from audits.digest import decision_from, finding_from, plain_number, source_from, waived_from, whole_from
from audits.findings import Audit, Change, Deduction, Explanation, Repair, Score, Undecided
from audits.matching import Candidate, Match, MatchState
from reports_in.document import ReadingNote, Source
from rules.filing import Cell, CellState, Claim, ExtraRow, Filing, FilingTable, Header, Heading, PartState, Row, Section, Stated
from rules.verdict import State

Json = Mapping[str, Any]


def audit_from(written: bytes) -> Audit:
    """The audit that was written as JSON (audits/renderers/json_form.py). Raises ValueError for anything else."""
    try:
        return _audit(whole_from(written))
    except (KeyError, TypeError, AttributeError, IndexError, ArithmeticError) as exc:
        raise ValueError("not the JSON of an audit") from exc


def _audit(whole: Json) -> Audit:
    return Audit(
        name=whole["source"]["name"],
        sha256=whole["source"]["sha256"],
        media_type=whole["source"]["media_type"],
        filing=_filing(whole),
        applicable=whole["applicable"],
        reason=whole["reason"],
        findings=tuple(map(finding_from, whole["findings"])),
        undecided=tuple(Undecided(item["rule"], item["title"], item["where"], item["reason"]) for item in whole["undecided"]),
        verdicts={item["rule"]: {state: item[state.value] for state in State if item[state.value]} for item in whole["rules"]},
        notes=tuple(ReadingNote(note["code"], note["message"]) for note in whole["notes"]),
        pack=whole["hecha"]["pack"],
        engine=whole["hecha"]["engine"],
        titles={item["rule"]: item["title"] for item in whole["rules"]},
        explanations=tuple(map(_explanation, whole["explanations"])),
        waived=tuple(map(waived_from, whole["waived"])),
        score=_score(whole["score"]),
        match=_match(whole["roster"]),
        decisions={decision.finding_id: decision for decision in map(decision_from, whole.get("decisions", ()))},
    )


def _filing(whole: Json) -> Filing:
    report, stated = whole["report"], whole["stated"]
    return Filing(
        title=_stated(stated["title"]),
        agency=_stated(stated["agency"]),
        year=_stated(stated["year"]),
        published=_stated(stated["published"]),
        edition=report["edition"],
        edition_due=report["edition_due"],
        evidence=(),
        sections={
            item["key"]: Section(item["key"], PartState(item["state"]), item["heading"], source_from(item["at"]))
            for item in whole["sections"]
        },
        headings=tuple(
            Heading(h["text"], "", h["number"], h["key"], plain_number(h["score"]), _place(h["at"]), h["dirty"])
            for h in whole["headings"]
        ),
        tables={key: _table(key, layout, whole["tables"].get(key, {})) for key, layout in whole["layout"].items()},
        claims=tuple(map(_claim, whole["claims"])),
    )


def _stated(fact: Json) -> Stated[Any]:
    others = tuple((other["rests_on"], other["value"]) for other in fact["others"])
    return Stated(fact["value"], fact["rests_on"], fact["quote"], source_from(fact["at"]), others)


def _table(key: str, layout: Json, rows: Mapping[str, Mapping[str, Json]]) -> FilingTable:
    return FilingTable(
        key=key,
        state=PartState(layout["state"]),
        rows={
            name: Row(
                name,
                {column: _cell(cell) for column, cell in rows.get(name, {}).items()},
                row["label"],
                source_from(row["at"]),
                plain_number(row["score"]),
            )
            for name, row in layout["rows"].items()
        },
        headers=tuple(
            Header(h["key"], h["expected"], h["printed"], source_from(h["at"]), plain_number(h["score"]))
            for h in layout["headers"]
        ),
        extra=tuple(
            ExtraRow(row["label"], tuple(map(_cell, row["cells"])), _place(row["at"]), row["repeats"], row["same"])
            for row in layout["extra"]
        ),
        order=tuple(layout["order"]),
        foreign=tuple(layout["foreign"]),
        at=source_from(layout["at"]),
        is_image=layout["is_image"],
    )


def _cell(cell: Json) -> Cell:
    return Cell(CellState(cell["state"]), cell["raw"], cell["value"], source_from(cell["at"]), 0.0, cell["doubt"])


def _place(at: Json) -> Source:
    place = source_from(at)
    if place is None:
        raise TypeError("a place is missing")
    return place


def _claim(claim: Json) -> Claim:
    return Claim(
        claim["subject"],
        claim["value"],
        claim["unit"],
        claim["quote"],
        _place(claim["at"]),
        claim["section"],
        claim["year"],
        claim["scope"],
        claim["approximate"],
        claim["subset"],
        claim["zero"],
    )


def _explanation(item: Json) -> Explanation:
    repairs = tuple(
        Repair(
            tuple(Change(c["table"], c["row"], c["column"], c["where"], c["raw"], c["value"]) for c in repair["changes"]),
            repair["words"],
            tuple(repair["support"]),
        )
        for repair in item["repairs"]
    )
    return Explanation(tuple(item["findings"]), item["where"], repairs, item["reason"])


def _score(item: Json | None) -> Score | None:
    if item is None:
        return None
    full = None if item["full"] is None else Decimal(item["full"])
    return Score(full, _deductions(item["deducted"]), _deductions(item["proposed"]))


def _deductions(items: Iterable[Json]) -> tuple[Deduction, ...]:
    return tuple(Deduction(d["item"], d["title"], Decimal(d["points"]), tuple(d["findings"])) for d in items)


def _match(item: Json | None) -> Match | None:
    if item is None:
        return None
    candidates: Sequence[Json] = item["candidates"]
    return Match(
        MatchState(item["state"]),
        tuple(Candidate(one["code"], one["name"], plain_number(one["score"])) for one in candidates),
        tuple((one["place"], one["words"]) for one in item["rests_on"]),
        item["reason"],
    )

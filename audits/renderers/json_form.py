"""The JSON form of an audit. Its shape is audit.schema.json, told in words in docs/json.md; names in it never change.

One line for each row, finding and so on, so that two audits can be compared with any text tool.

What an audit has by the hundred (cells, places, the counts of each rule) is written as text straight away, which takes a third of the
time of making a dictionary for the encoder; the rest is told in dictionaries. Both write the same JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from json import encoder
from json.encoder import encode_basestring as quoted
from math import isfinite
from typing import Any

from audits.decision import Decision
from audits.findings import Audit, Explanation, Finding, Score, Undecided, Waived
from audits.renderers.terms import PLAIN, Terms
from audits.wording import BEIJING
from reports_in.document import Source
from rules.claims import Claim
from rules.editions import editions
from rules.filing import Cell, CellState, ExtraRow, Filing, FilingTable, Number, Row, Section, Stated
from rules.sensitive import mask
from rules.verdict import State

FORMAT = "hecha-audit/1"
TABLES = ("disclosure", "applications", "litigation")
CELLS = {state: f'{{"state": "{state}", "raw": ' for state in CellState}  # spelled once: to format a member of an Enum is slow
DECIMAL = "\x00decimal:"  # NUL cannot come from a report: intake strips it
ENCODED_DECIMAL = re.compile(r'"\\u0000decimal:(-?\d+(?:\.\d+)?)"')

Json = dict[str, Any]


def render(audit: Audit, terms: Terms = PLAIN, source: bytes | None = None) -> bytes:
    """The audit as UTF-8 JSON, ending in a newline. The same audit gives the same bytes."""
    filing = audit.filing
    parts = {
        "hecha": _line(_hecha(audit)),
        "source": _line({"name": audit.name, "sha256": audit.sha256, "media_type": audit.media_type}),
        "applicable": _line(audit.applicable),
        "reason": _line(audit.reason),
        "report": _line(_report(filing)),
        "stated": _object({name: _stated(fact) for name, fact in _facts(filing).items()}),
        "roster": _line(audit.match.in_json() if audit.match is not None else None),
        "sections": _array(_section(section) for section in filing.sections.values()),
        "headings": _array(
            {"text": h.text, "number": h.number, "key": h.key, "score": h.score, "dirty": h.dirty, "at": _at(h.at)}
            for h in filing.headings
        ),
        "tables": _tables(filing),
        "layout": _block(f'"{key}": {_layout(filing.tables[key])}' for key in TABLES if key in filing.tables),
        "claims": _array(_claim(claim) for claim in filing.claims),
        "verdicts": _line(_verdicts(audit)),
        "rules": _lines(_rule(audit, rule, counts) for rule, counts in audit.verdicts.items()),
        "findings": _array(_finding(finding) for finding in audit.findings),
        "explanations": _array(_explanation(explanation) for explanation in audit.explanations),
        "waived": _array(_waived(waived) for waived in audit.waived),
        "score": _line(_score(audit.score)),
        "decisions": _array(_decision(audit.decisions[f.id]) for f in audit.findings if f.id in audit.decisions),
        "undecided": _array(_undecided(undecided) for undecided in audit.undecided),
        "notes": _array({"code": note.code, "message": note.message} for note in audit.notes),
    }
    text = "{\n" + ",\n".join(f'"{name}": {value}' for name, value in parts.items()) + "\n}\n"
    return text.encode("utf-8", "backslashreplace")  # a lone surrogate becomes its JSON escape


def _hecha(audit: Audit) -> Json:
    edition = editions().get(audit.filing.edition or "")
    template = edition.document if edition else None
    return {"format": FORMAT, "engine": audit.engine, "pack": audit.pack, "template": template}


def _report(filing: Filing) -> Json:
    values = {name: fact.value for name, fact in _facts(filing).items()}
    return {
        "title": values["title"],
        "agency": values["agency"],
        "year": values["year"],
        "edition": filing.edition,
        "published": values["published"],
        "edition_due": filing.edition_due,
    }


def _facts(filing: Filing) -> dict[str, Stated[Any]]:
    return {"title": filing.title, "agency": filing.agency, "year": filing.year, "published": filing.published}


def _stated(fact: Stated[Any]) -> Json:
    return {
        "value": fact.value,
        "rests_on": fact.rests_on,
        "quote": fact.quote,
        "at": _at(fact.at),
        "others": [{"rests_on": place, "value": value} for place, value in fact.others],
    }


def _section(section: Section) -> Json:
    return {"key": section.key, "state": section.state, "heading": section.heading, "at": _at(section.at)}


def _tables(filing: Filing) -> str:
    tables = []
    for key in TABLES:
        rows = filing.tables[key].rows if filing.edition and key in filing.tables else {}
        tables.append(f'"{key}": {_block(f"{quoted(row)}: {_cells(found)}" for row, found in rows.items())}')
    return "{\n" + ",\n".join(tables) + "}"


def _cells(row: Row) -> str:
    return "{" + ", ".join([f'"{column}": {_cell(cell)}' for column, cell in row.cells.items()]) + "}"


def _cell(cell: Cell) -> str:
    state, raw, value, at, _, doubt = cell
    if doubt is None and type(value) is int and at is not None:  # nearly every cell: in one piece, which takes half the time
        page, line, box, (begin, end) = at
        return (
            f'{CELLS[state]}{quoted(raw)}, "value": {value}, "at": {{"page": {"null" if page is None else page}, '
            f'"line": {"null" if line is None else line}, "box": {"null" if box is None else _box(box)}, '
            f'"chars": [{begin}, {end}]}}, "doubt": null}}'
        )
    told = "null" if doubt is None else quoted(doubt)
    return f'{CELLS[state]}{quoted(raw)}, "value": {_number(value)}, "at": {_place(at)}, "doubt": {told}}}'


def _number(value: Number | None) -> str | int:
    """An amount with just the digits printed."""
    return "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else value


def _layout(table: FilingTable) -> str:
    """How the table was found: what its labels say and how well they match the template's."""
    rows = [
        f'{quoted(key)}: {{"label": {quoted(row.label)}, "score": {row.score!r}, "at": {_place(row.at)}}}'
        for key, row in table.rows.items()
    ]
    headers = [
        f'{{"key": {quoted(h.key)}, "expected": {quoted(h.expected)}, "printed": {quoted(h.printed)}, "score": {h.score!r}, '
        f'"at": {_place(h.at)}}}'
        for h in table.headers
    ]
    return (
        f'{{"state": "{table.state}", "at": {_place(table.at)}, "is_image": {_line(table.is_image)}, '
        f'"order": {_line(table.order)}, "foreign": {_line(table.foreign)}, "rows": {{{", ".join(rows)}}}, '
        f'"headers": [{", ".join(headers)}], "extra": [{", ".join(map(_extra, table.extra))}]}}'
    )


def _extra(row: ExtraRow) -> str:
    cells = ", ".join(map(_cell, row.cells))
    return (
        f'{{"label": {quoted(row.label)}, "cells": [{cells}], "repeats": {_line(row.repeats)}, "same": {_line(row.same)}, '
        f'"at": {_place(row.at)}}}'
    )


def _claim(claim: Claim) -> Json:
    return {
        "subject": claim.subject,
        "value": claim.value,
        "unit": claim.unit,
        "year": claim.year,
        "scope": claim.scope,
        "approximate": claim.approximate,
        "subset": claim.subset,
        "zero": claim.zero,
        "section": claim.section,
        "quote": mask(claim.quote),
        "at": _at(claim.at),
    }


def _verdicts(audit: Audit) -> Json:
    totals = dict.fromkeys(State, 0)
    for counts in audit.verdicts.values():
        for state in counts:
            totals[state] += counts[state]
    return {"asked": sum(totals.values()), **{state.value: count for state, count in totals.items()}}


def _rule(audit: Audit, rule: str, counts: Mapping[State, int]) -> str:
    return _rule_line(rule, audit.titles.get(rule, ""), tuple(counts.items()))


@lru_cache(maxsize=8192)
def _rule_line(rule: str, title: str, counts: tuple[tuple[State, int], ...]) -> str:
    """Most rules answer the same of most reports."""
    told = dict(counts)
    states = "".join([f', "{state}": {told.get(state, 0)}' for state in State])
    return f'{{"rule": {quoted(rule)}, "title": {quoted(title)}{states}}}'


def _finding(finding: Finding) -> Json:
    place = finding.place
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity,
        "doubt": finding.doubt,
        "title": finding.title,
        "where": finding.where,
        "place": {
            "section": place.section,
            "table": place.table,
            "row": place.row,
            "column": place.column,
            "topic": place.topic,
        },
        "message": finding.message,
        "evidence": [{"quote": evidence.quote, "at": _at(evidence.at)} for evidence in finding.evidence],
        "expected": finding.expected,
        "actual": finding.actual,
        "basis": finding.basis,
        "advice": finding.advice,
        "arithmetic": finding.arithmetic,
    }


def _explanation(explanation: Explanation) -> Json:
    return {
        "findings": explanation.findings,
        "where": explanation.where,
        "repairs": [
            {
                "words": repair.words,
                "support": repair.support,
                "changes": [
                    {"table": c.table, "row": c.row, "column": c.column, "where": c.where, "raw": c.raw, "value": c.value}
                    for c in repair.changes
                ],
            }
            for repair in explanation.repairs
        ],
        "reason": explanation.reason,
    }


def _waived(waived: Waived) -> Json:
    return {"finding": _finding(waived.finding), "reason": waived.reason, "owner": waived.owner, "expires": waived.expires}


def _decision(decision: Decision) -> Json:
    return {
        "id": decision.id,
        "finding": decision.finding_id,
        "decided": decision.decided,
        "reason": decision.reason,
        "author": decision.author,
        "decided_at": datetime.fromtimestamp(decision.decided_at, BEIJING).isoformat(timespec="seconds"),
        "expires": decision.expires.isoformat() if decision.expires else None,
        "said_otherwise": decision.said_otherwise,
    }


def _score(score: Score | None) -> Json | None:
    if score is None:
        return None
    lists = {"deducted": score.deducted, "proposed": score.proposed}
    return {
        "full": score.full,
        "total": score.total,
        "lost": score.lost,
        **{
            name: [{"item": d.item, "title": d.title, "points": d.points, "findings": d.findings} for d in found]
            for name, found in lists.items()
        },
    }


def _undecided(undecided: Undecided) -> Json:
    return {"rule": undecided.rule, "title": undecided.title, "where": undecided.where, "reason": undecided.reason}


def _at(source: Source | None) -> Json | None:
    if source is None:
        return None
    return {"page": source.page, "line": source.line, "box": source.box, "chars": source.chars}


def _place(source: Source | None) -> str:
    """The text of what ``_at`` tells."""
    if source is None:
        return "null"
    page, line, box, (begin, end) = source
    where = f'"page": {"null" if page is None else page}, "line": {"null" if line is None else line}'
    return f'{{{where}, "box": {"null" if box is None else _box(box)}, "chars": [{begin}, {end}]}}'


def _box(box: tuple[float, float, float, float]) -> str:
    """The encoder is asked only if a side is no plain finite float."""
    left, top, right, bottom = box
    if type(left) is type(top) is type(right) is type(bottom) is float and isfinite(left + top + right + bottom):
        return f"[{left!r}, {top!r}, {right!r}, {bottom!r}]"
    return _line(box)


def _array(items: Iterable[Json]) -> str:
    return _lines(map(_line, items))


def _object(items: Mapping[str, Any]) -> str:
    return _block(f"{_line(key)}: {_line(value)}" for key, value in items.items())


def _lines(items: Iterable[str]) -> str:
    """A list of values already written, one on each line."""
    lines = ",\n".join(items)
    return f"[\n{lines}]" if lines else "[]"


def _block(items: Iterable[str]) -> str:
    """An object of names and values already written, one pair on each line."""
    lines = ",\n".join(items)
    return f"{{\n{lines}}}" if lines else "{}"


def _line(value: Any) -> str:
    """One line of JSON, an amount with just the digits printed (251000.50 stays 251000.50)."""
    text = "".join(ENCODE(value, 0))
    return ENCODED_DECIMAL.sub(r"\1", text) if "\\u0000decimal" in text else text


def _encode_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{DECIMAL}{value:f}"
    raise TypeError(f"{type(value).__name__} has no JSON form")


# what json.JSONEncoder(ensure_ascii=False, allow_nan=False, ...).encode comes to, made once and not for every line
ENCODE = encoder.c_make_encoder(  # type: ignore[attr-defined]
    None, _encode_decimal, quoted, None, ": ", ", ", False, False, False
)

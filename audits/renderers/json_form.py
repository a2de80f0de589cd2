"""The JSON form of an audit. Its shape is audit.schema.json, told in words in docs/json.md; names in it never change.

One line for each row, finding and so on, so that two audits can be compared with any text tool.

What an audit has many of (cells, places, rows, claims, findings, the counts of each rule) is written as text straight away, which takes
a third of the time of making a dictionary for the encoder; the rest is told in dictionaries. Both write the same JSON. What is the same
in most reports (labels of the template, what a rule answers everywhere) is written once and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
from rules.filing import Cell, CellState, ExtraRow, Filing, FilingTable, Heading, Number, Row, Section, Stated
from rules.sensitive import mask
from rules.verdict import State

FORMAT = "hecha-audit/1"
TABLES = ("disclosure", "applications", "litigation")
CELLS = {state: f'{{"state": "{state}", "raw": ' for state in CellState}  # spelled once: to format a member of an Enum is slow
TRUTH = ("false", "true")
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
        "stated": _block(f'"{name}": {_stated(fact)}' for name, fact in _facts(filing).items()),
        "roster": _line(audit.match.in_json() if audit.match is not None else None),
        "sections": _lines(map(_section, filing.sections.values())),
        "headings": _lines(map(_heading, filing.headings)),
        "tables": _tables(filing),
        "layout": _block(f'"{key}": {_layout(filing.tables[key])}' for key in TABLES if key in filing.tables),
        "claims": _lines(map(_claim, filing.claims)),
        "verdicts": _line(_verdicts(audit)),
        "rules": _lines(
            [_rule(rule, audit.titles.get(rule, ""), *tally, *tally.values()) for rule, tally in audit.verdicts.items()]
        ),
        "findings": _lines(map(_finding, audit.findings)),
        "explanations": _array(_explanation(explanation) for explanation in audit.explanations),
        "waived": _lines(map(_waived, audit.waived)),
        "score": _line(_score(audit.score)),
        "decisions": _array(_decision(audit.decisions[f.id]) for f in audit.findings if f.id in audit.decisions),
        "undecided": _lines(map(_undecided, audit.undecided)),
        "notes": _array({"code": note.code, "message": note.message} for note in audit.notes),
    }
    # one by one: the tables, which are the half of it, are plain ASCII. A lone surrogate becomes its JSON escape
    encoded = [f'"{name}": {value}'.encode("utf-8", "backslashreplace") for name, value in parts.items()]
    return b"{\n" + b",\n".join(encoded) + b"\n}\n"


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


def _stated(fact: Stated[Any]) -> str:
    others = ", ".join([f'{{"rests_on": {quoted(place)}, "value": {_line(value)}}}' for place, value in fact.others])
    return (
        f'{{"value": {_line(fact.value)}, "rests_on": {_words(fact.rests_on)}, "quote": {quoted(fact.quote)}, '
        f'"at": {_place(fact.at)}, "others": [{others}]}}'
    )


def _section(section: Section) -> str:
    return (
        f'{{"key": {quoted(section.key)}, "state": {quoted(section.state)}, "heading": {quoted(section.heading)}, '
        f'"at": {_place(section.at)}}}'
    )


def _heading(heading: Heading) -> str:
    return (
        f'{{"text": {quoted(heading.text)}, "number": {_number(heading.number)}, "key": {_words(heading.key)}, '
        f'"score": {heading.score!r}, "dirty": {TRUTH[heading.dirty]}, "at": {_place(heading.at)}}}'
    )


def _tables(filing: Filing) -> str:
    tables = []
    for key in TABLES:
        rows = filing.tables[key].rows if filing.edition and key in filing.tables else {}
        tables.append(f'"{key}": {_block(f"{quoted(row)}: {_cells(found)}" for row, found in rows.items())}')
    return "{\n" + ",\n".join(tables) + "}"


def _cells(row: Row) -> str:
    told = []
    for column, cell in row.cells.items():
        state, raw, value, at, _, doubt = cell
        if doubt is None and type(value) is int and at is not None:  # nearly all: in one piece, which takes half the time
            page, line, box, (begin, end) = at
            told.append(
                f'"{column}": {CELLS[state]}{quoted(raw)}, "value": {value}, "at": {{"page": {"null" if page is None else page}, '
                f'"line": {"null" if line is None else line}, "box": {"null" if box is None else _box(box)}, '
                f'"chars": [{begin}, {end}]}}, "doubt": null}}'
            )
        else:
            told.append(f'"{column}": {_cell(cell)}')
    return "{" + ", ".join(told) + "}"


def _cell(cell: Cell) -> str:
    state, raw, value, at, _, doubt = cell
    return f'{CELLS[state]}{quoted(raw)}, "value": {_number(value)}, "at": {_place(at)}, "doubt": {_words(doubt)}}}'


def _number(value: Number | None) -> str | int:
    """An amount with just the digits printed."""
    return "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else value


def _layout(table: FilingTable) -> str:
    """How the table was found: what its labels say and how well they match the template's."""
    rows = [f"{_row_head(key, row.label, row.score)}{_place(row.at)}}}" for key, row in table.rows.items()]
    headers = [
        f"{_header_head(key, expected, printed, score)}{_place(at)}}}" for key, expected, printed, at, score in table.headers
    ]
    return (
        f'{{"state": {quoted(table.state)}, "at": {_place(table.at)}, "is_image": {TRUTH[table.is_image]}, '
        f'"order": {_line(table.order)}, "foreign": {_line(table.foreign)}, "rows": {{{", ".join(rows)}}}, '
        f'"headers": [{", ".join(headers)}], "extra": [{", ".join(map(_extra, table.extra))}]}}'
    )


@lru_cache(maxsize=4096, typed=True)  # 100 and 100.0 are written differently
def _row_head(key: str, label: str, score: float) -> str:
    """All but the place, which is what differs: most reports print the labels of the template."""
    return f'{quoted(key)}: {{"label": {quoted(label)}, "score": {score!r}, "at": '


@lru_cache(maxsize=4096, typed=True)
def _header_head(key: str, expected: str, printed: str, score: float) -> str:
    return f'{{"key": {quoted(key)}, "expected": {quoted(expected)}, "printed": {quoted(printed)}, "score": {score!r}, "at": '


def _extra(row: ExtraRow) -> str:
    cells = ", ".join(map(_cell, row.cells))
    return (
        f'{{"label": {quoted(row.label)}, "cells": [{cells}], "repeats": {_words(row.repeats)}, "same": {TRUTH[row.same]}, '
        f'"at": {_place(row.at)}}}'
    )


def _claim(claim: Claim) -> str:
    return (
        f'{{"subject": {quoted(claim.subject)}, "value": {_number(claim.value)}, "unit": {quoted(claim.unit)}, '
        f'"year": {_number(claim.year)}, "scope": {quoted(claim.scope)}, "approximate": {TRUTH[claim.approximate]}, '
        f'"subset": {TRUTH[claim.subset]}, "zero": {TRUTH[claim.zero]}, "section": {quoted(claim.section)}, '
        f'"quote": {quoted(mask(claim.quote))}, "at": {_place(claim.at)}}}'
    )


def _verdicts(audit: Audit) -> Json:
    totals = dict.fromkeys(State, 0)
    for counts in audit.verdicts.values():
        for state, count in counts.items():
            totals[state] += count
    return {"asked": sum(totals.values()), **{state.value: count for state, count in totals.items()}}


@lru_cache(maxsize=8192)
def _rule(rule: str, title: str, *counts: State | int) -> str:
    """counts: states, then how often each was answered. Most rules answer the same of most reports."""
    half = len(counts) // 2
    told = dict(zip(counts[:half], counts[half:], strict=True))
    states = "".join([f', "{state}": {told.get(state, 0)}' for state in State])
    return f'{{"rule": {quoted(rule)}, "title": {quoted(title)}{states}}}'


def _finding(finding: Finding) -> str:
    section, table, row, column, topic = finding.place
    evidence = ", ".join([f'{{"quote": {quoted(quote)}, "at": {_place(at)}}}' for quote, at in finding.evidence])
    return (
        f'{{"id": {quoted(finding.id)}, "rule": {quoted(finding.rule)}, "severity": {quoted(finding.severity)}, '
        f'"doubt": {_words(finding.doubt)}, "title": {quoted(finding.title)}, "where": {quoted(finding.where)}, '
        f'"place": {{"section": {_words(section)}, "table": {_words(table)}, "row": {_words(row)}, "column": {_words(column)}, '
        f'"topic": {_words(topic)}}}, "message": {quoted(finding.message)}, "evidence": [{evidence}], '
        f'"expected": {quoted(finding.expected)}, "actual": {quoted(finding.actual)}, "basis": {quoted(finding.basis)}, '
        f'"advice": {quoted(finding.advice)}, "arithmetic": {quoted(finding.arithmetic)}}}'
    )


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


def _waived(waived: Waived) -> str:
    return (
        f'{{"finding": {_finding(waived.finding)}, "reason": {quoted(waived.reason)}, "owner": {quoted(waived.owner)}, '
        f'"expires": {quoted(waived.expires)}}}'
    )


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


@lru_cache(maxsize=8192)
def _undecided(undecided: Undecided) -> str:
    """What cannot be decided of one report often cannot of the next, for the same reason."""
    return (
        f'{{"rule": {quoted(undecided.rule)}, "title": {quoted(undecided.title)}, "where": {quoted(undecided.where)}, '
        f'"reason": {quoted(undecided.reason)}}}'
    )


def _place(source: Source | None) -> str:
    if source is None:
        return "null"
    page, line, box, (begin, end) = source
    return (
        f'{{"page": {"null" if page is None else page}, "line": {"null" if line is None else line}, '
        f'"box": {"null" if box is None else _box(box)}, "chars": [{begin}, {end}]}}'
    )


def _words(words: str | None) -> str:
    return "null" if words is None else quoted(words)


def _box(box: tuple[float, float, float, float]) -> str:
    """The encoder is asked only if a side is no plain finite float."""
    left, top, right, bottom = box
    if type(left) is type(top) is type(right) is type(bottom) is float and isfinite(left + top + right + bottom):
        return f"[{left!r}, {top!r}, {right!r}, {bottom!r}]"
    return _line(box)


def _array(items: Iterable[Json]) -> str:
    return _lines(map(_line, items))


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

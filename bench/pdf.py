"""CPU time of the PDF of a report with 20 findings: ``python -m bench.pdf [--repeats 40] [--no-peers] [--strict]``.

Two reports are invented, one with short problems and one with long ones. Beside Hecha stand fpdf2, weasyprint and typst setting the same
problems and tables in the same run; they live in bench/.venv. The bars are for three and for six pages; Hecha's report is longer than
those of its peers, as it also tells what was checked, what could not be, and how labels were matched.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pypdfium2

from audits.audit import audit
from audits.findings import Audit
from audits.renderers import pdf
from audits.renderers.fonts import FOLDER as FONTS
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from reports_in import read_bytes
from rules.compile import load_pack
from rules.editions import editions

BARS_MS = {3: 14.0, 6: 26.0}  # pages -> CPU ms, of a report with 20 findings
FINDINGS = 20
PEERS = Path(__file__).parent / "peers"
PEER_PYTHON = Path(__file__).parent / ".venv" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Case:
    """A report to set. pages_asked is the bar's number of pages, for which it stands."""

    name: str
    audit: Audit
    pages_asked: int


def cases() -> list[Case]:
    """An invented report, its findings repeated to 20: with what they are made of cut short, and whole."""
    invented = invent(1, 2023)
    page = invented.page()
    for defect in ("result-sum", "label", "blank-row", "text-review", "fee", "numbering-gap"):
        planted = DEFECTS[defect].plant(invented, page, Random(1))
        page = planted.page if planted else page
    found = audit(read_bytes(print_as("tabs-own", invented, page).printed.data, "年报.txt"), load_pack())
    whole = [replace(found.findings[index % len(found.findings)], id=f"F{index}") for index in range(FINDINGS)]
    whole.sort(key=lambda finding: list(type(finding.severity)).index(finding.severity))
    short = [replace(finding, evidence=finding.evidence[:1], basis=finding.basis[:24], advice="") for finding in whole]
    return [
        Case("20 short findings", replace(found, findings=tuple(short), undecided=(), verdicts={}), 3),
        Case("20 whole findings", replace(found, findings=tuple(whole)), 6),
    ]


def content_of(audited: Audit) -> dict[str, Any]:
    """What the peers set: the problems with their fields, and the three tables."""
    edition = editions()[audited.filing.edition or ""]
    fields = (
        ("位置", "where"),
        ("问题", "message"),
        ("应为", "expected"),
        ("实为", "actual"),
        ("依据", "basis"),
        ("建议", "advice"),
    )
    problems = []
    for number, finding in enumerate(audited.findings, 1):
        lines = [(name, getattr(finding, key)) for name, key in fields if getattr(finding, key)]
        lines.insert(2, ("原文", "；".join(item.quote for item in finding.evidence)))
        problems.append({"title": f"{number}. {finding.title}　{finding.rule}", "fields": lines})
    tables = []
    for key, template in edition.tables.items():
        rows = [
            [template.rows[name].label, *(cell.raw for cell in row.cells.values())]
            for name, row in audited.filing.tables[key].rows.items()
            if name in template.rows
        ]
        wide = max(map(len, rows))
        tables.append([row + [""] * (wide - len(row)) for row in rows])
    return {"title": f"{audited.filing.agency.value}核查报告", "problems": problems, "tables": tables}


def measured(audited: Audit, repeats: int) -> tuple[float, int, int]:
    """Median CPU ms, pages and bytes of Hecha's own PDF."""
    for _ in range(5):
        data = pdf.render(audited)
    times = []
    for _ in range(repeats):
        begun = process_time()
        data = pdf.render(audited)
        times.append(process_time() - begun)
    return statistics.median(times) * 1000, len(pypdfium2.PdfDocument(data)), len(data)


def peers(audited: Audit, repeats: int) -> dict[str, Any] | str:
    """Figures by peer, or why there are none. Installs them at the first run."""
    if not PEER_PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER_PYTHON.parents[1])], capture_output=True)
    pip = [str(PEER_PYTHON), "-m", "pip", "install", "-q", "-r", str(PEERS / "requirements-pdf.txt")]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["not installed"])[-1]
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder) / "content.json"
        content.write_text(json.dumps(content_of(audited), ensure_ascii=False), "utf-8")
        command = [str(PEER_PYTHON), str(PEERS / "make_pdf.py"), str(repeats), str(content), str(FONTS)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def main(argv: list[str] | None = None) -> int:
    """Print the figures. Returns 1 with --strict if a bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.pdf", description="CPU time of the PDF")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--no-peers", action="store_true", help="leave out fpdf2, weasyprint and typst")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed")
    arguments = parser.parse_args(argv)
    missed = False
    print(f"CPU ms per PDF, median of {arguments.repeats}, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for case in cases():
        spent, pages, size = measured(case.audit, arguments.repeats)
        bar = BARS_MS[case.pages_asked]
        missed |= spent > bar
        print(f"{case.name}: {spent:.1f} ms, {pages} pages, {size // 1000} kB (bar {bar:g} ms for {case.pages_asked} pages)")
        found = {} if arguments.no_peers else peers(case.audit, max(5, arguments.repeats // 8))
        if isinstance(found, str):
            print(f"  peers: {found}")
            continue
        for peer, figures in found.items():
            told = figures if isinstance(figures, str) else "{ms:.0f} ms, {pages} pages, {bytes} bytes".format(**figures)
            print(f"  {peer}: {told}")
    if missed:
        print("bar missed")
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())

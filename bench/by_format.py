"""One line per file format: ``python -m bench.by_format [--variants 24] [--only docx]``; ``--variants 60`` for a release.

A variant is one invented report in one layout. Cells exact / all over the layouts that print every cell whole; then over all layouts of
the format, also those that lose or garble something, where to say so (honest) is right; planted faults found / all over
its plain layout, clean / faultless over all that lose nothing, false alarms over both; CPU ms to read and align, the quietest
run of each report; peak memory of a process that audits nothing else. The bar: every cell of exact layouts, every planted
fault, no false alarm.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from audits.align import align
from bench.corpus.defects import DEFECTS
from bench.corpus.layouts import LAYOUTS, case
from bench.layouts import Outcome, measure
from bench.planted import Found, audit_case, clean_layouts, measure_clean, measure_defect
from bench.speed import times_ms
from reports_in import read_bytes
from rules.compile import load_pack

# format -> the word its layouts' names begin with, and the plain layout that faults are planted in
FORMATS: dict[str, tuple[tuple[str, ...], str]] = {
    "text": (("tabs", "cells", "label", "spaces", "columns", "boxes"), "tabs-own"),
    "markdown": (("pipes", "markdown"), "pipes"),
    "html": (("html",), "html-article"),
    "docx": (("docx",), "docx-split"),
    "doc": (("doc",), "doc-pieces"),
    "xlsx": (("xlsx",), "xlsx"),
    "pdf": (("pdf",), "pdf-split-rows"),
    "ofd": (("ofd",), "ofd"),
}


@dataclass(slots=True)
class Line:
    """What is printed for one format."""

    variants: int = 0
    kept: int = 0
    kept_right: int = 0
    right: int = 0
    honest: int = 0
    wrong: int = 0
    found: int = 0
    planted: int = 0
    alarms: int = 0
    clean: int = 0
    faultless: int = 0
    read_ms: float = 0.0
    peak_mib: int = 0

    @property
    def misses(self) -> bool:
        lost = self.kept_right < self.kept or self.found < self.planted or self.clean < self.faultless
        return bool(self.wrong or self.alarms or lost)


def layouts_of(form: str) -> list[str]:
    begins = FORMATS[form][0]
    return [name for name in LAYOUTS if name.split("-")[0] in begins]


def measured(form: str, variants: int) -> Line:
    """At least so many variants: as many reports in every layout as that takes."""
    seeds = range(-(-variants // len(layouts_of(form))))
    line = Line()
    for name in layouts_of(form):
        tally = measure(name, seeds, 0)
        line.variants += tally.reports
        if LAYOUTS[name].exact:
            line.kept += sum(tally.cells.values())
            line.kept_right += tally.cells[Outcome.RIGHT]
        line.right += tally.cells[Outcome.RIGHT]
        line.honest += tally.cells[Outcome.HONEST]
        line.wrong += tally.cells[Outcome.WRONG]
    known = load_pack().rules
    planted: list[Found] = [
        measure_defect(defect, [FORMATS[form][1]], seeds) for defect in DEFECTS.values() if defect.rule in known
    ]
    line.found, line.planted = sum(f.found for f in planted), sum(f.planted for f in planted)
    faultless = measure_clean([name for name in layouts_of(form) if name in clean_layouts()], seeds)
    line.clean, line.faultless = faultless.found, faultless.planted
    line.alarms = sum(len(f.alarms) for f in planted) + len(faultless.alarms)
    line.read_ms = statistics.median(_read_ms(form, seed) for seed in seeds)
    line.peak_mib = _peak_mib(form)
    return line


def _read_ms(form: str, seed: int) -> float:
    printed = case(FORMATS[form][1], seed).printed
    return min(times_ms(lambda: align(read_bytes(printed.data, printed.name)), 9))


def _peak_mib(form: str) -> int:
    command = [sys.executable, "-m", "bench.by_format", "--peak-of", form]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[1])
    return int(done.stdout)


def _print_peak(form: str) -> None:
    import resource

    for seed in range(8):
        audit_case(case(FORMATS[form][1], seed))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 if a format misses its bar, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.by_format", description="what is measured, per file format")
    parser.add_argument("--variants", type=int, default=24, help="reports per format, over all its layouts, at least")
    parser.add_argument("--only", default="", metavar="FORMAT", choices=["", *FORMATS], help="one format")
    parser.add_argument("--peak-of", choices=FORMATS, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.peak_of:
        _print_peak(arguments.peak_of)
        return 0
    print(
        f"{'format':10}{'variants':>9}{'exact/all':>16}{'lossy ones too':>16}{'honest':>8}{'wrong':>7}{'faults found/all':>18}"
        f"{'clean/faultless':>17}{'false alarms':>14}{'read+align ms':>15}{'peak MiB':>10}"
    )
    missed = False
    for form in FORMATS:
        if arguments.only in (form, ""):
            line = measured(form, arguments.variants)
            missed |= line.misses
            total = line.right + line.honest + line.wrong
            print(
                f"{form:10}{line.variants:9}{f'{line.kept_right}/{line.kept}':>16}{f'{line.right}/{total}':>16}{line.honest:8}{line.wrong:7}"
                f"{f'{line.found}/{line.planted}':>18}{f'{line.clean}/{line.faultless}':>17}{line.alarms:14}"
                f"{line.read_ms:15.2f}{line.peak_mib:10}"
            )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

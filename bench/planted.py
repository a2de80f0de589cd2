"""Plant faults and look for them: ``python -m bench.planted [--seeds 6] [--only WORD] [--layouts WORD] [--show 5]``.

First faultless reports through every clean layout: any error or warning is a false alarm. Then every fault of
corpus/defects.py through some clean layouts: found means that its rule names every planted place without doubt.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from audits.audit import audit
from audits.findings import Audit, Finding
from bench.corpus.defects import DEFECTS, Defect, Place, Planted
from bench.corpus.invent import Invented
from bench.corpus.layouts import LAYOUTS, Case, case, print_as
from reports_in import read_bytes
from rules.compile import load_pack
from rules.verdict import Severity

# layouts that faults are planted in: one plain one of every format, and those where a row may be misread
SAMPLE = ("tabs-drift", "tabs-row-twice", "cells", "pipes", "html-article", "docx-split", "pdf-split-rows", "ofd")


@dataclass(slots=True)
class Found:
    """What came of one fault, or of faultless reports, over all seeds and layouts. Lists hold one line for each case."""

    planted: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)


def audit_case(printed: Case) -> Audit:
    return audit(read_bytes(printed.printed.data, printed.printed.name), load_pack())


def clean_layouts(word: str = "") -> list[str]:
    return [name for name, layout in LAYOUTS.items() if layout.clean and word in name]


def false_alarms(printed: Case) -> list[Finding]:
    """What an audit holds against a faultless report: findings of severity error or warning, in doubt or not."""
    return [finding for finding in audit_case(printed).findings if finding.severity is not Severity.NOTICE]


def measure_clean(layouts: Iterable[str], seeds: Iterable[int]) -> Found:
    result = Found()
    for layout in layouts:
        for seed in seeds:
            result.planted += 1
            try:
                alarms = false_alarms(case(layout, seed))
            except Exception as exc:  # a crash on one report is a result to print, not the end of the run
                result.crashes.append(f"{layout} seed {seed}: {type(exc).__name__}: {exc}")
                continue
            result.found += not alarms
            result.alarms.extend(f"{layout} seed {seed}: {shown(finding)}" for finding in alarms)
    return result


def plantings(defect: Defect, seeds: Iterable[int]) -> Iterator[tuple[Invented, Planted]]:
    for seed in seeds:
        invented = defect.make(seed)
        planted = defect.plant(invented, invented.page(), Random(seed)) if invented.edition.id in defect.editions else None
        if planted is not None:
            yield invented, planted


def measure_defect(defect: Defect, layouts: Iterable[str], seeds: Iterable[int]) -> Found:
    result = Found()
    for invented, planted in plantings(defect, seeds):
        for layout in layouts:
            result.planted += 1
            where = f"{layout} seed {invented.seed}"
            try:
                findings = audit_case(print_as(layout, invented, planted.page)).findings
            except Exception as exc:  # as above
                result.crashes.append(f"{where}: {type(exc).__name__}: {exc}")
                continue
            sure = [finding for finding in findings if finding.rule == defect.rule and finding.doubt is None]
            lacking = [place for place in planted.places if not any(covers(finding, place) for finding in sure)]
            if lacking:
                doubted = " (in doubt)" if any(f.rule == defect.rule and f.doubt for f in findings) else ""
                result.missed.append(f"{where}: {defect.rule} at {lacking}{doubted}")
            else:
                result.found += 1
            allowed = {defect.rule, *defect.also}
            result.alarms.extend(
                f"{where}: {shown(f)}" for f in findings if f.severity is not Severity.NOTICE and f.rule not in allowed
            )
    return result


def covers(finding: Finding, place: Place) -> bool:
    return all(getattr(finding.place, key) in (value, None) for key, value in place.items()) and (
        not place or any(getattr(finding.place, key) == value for key, value in place.items())
    )


def shown(finding: Finding) -> str:
    doubt = " (in doubt)" if finding.doubt else ""
    return f"{finding.severity} {finding.rule}{doubt} {finding.where}: {finding.message}"


def main(argv: list[str] | None = None) -> int:
    """Print both tables. Returns 1 if a fault was missed or a false alarm given, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.planted", description="planted faults and false alarms")
    parser.add_argument("--seeds", type=int, default=6, help="reports per fault and layout")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", default="", help="faults whose name or rule holds this word")
    parser.add_argument("--layouts", default="", help="clean layouts whose name holds this word")
    parser.add_argument("--show", type=int, default=4, help="examples per fault")
    arguments = parser.parse_args(argv)
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    clean = Found() if arguments.only else measure_clean(clean_layouts(arguments.layouts), seeds)
    if not arguments.only:
        print_clean(clean, arguments.show)
    missed, alarms = print_defects(seeds, arguments.only, arguments.show)
    return 1 if missed or alarms or clean.alarms or clean.crashes else 0


def print_clean(clean: Found, show: int) -> None:
    sure = len({alarm.split(": ")[0] for alarm in clean.alarms if "(in doubt)" not in alarm})
    print(
        f"faultless reports: {clean.found}/{clean.planted} without error or warning, {sure} with one that is not in doubt, "
        f"{len(clean.crashes)} crashes"
    )
    by_rule: dict[str, list[str]] = defaultdict(list)
    for alarm in clean.alarms:
        by_rule[alarm.split(": ")[1].split(" ")[1]].append(alarm)
    for rule, alarms in sorted(by_rule.items(), key=lambda item: -len(item[1])):
        layouts = Counter(alarm.split(" ")[0] for alarm in alarms)
        print(f"  {rule}: {len(alarms)} false alarms in {', '.join(f'{name} {n}' for name, n in layouts.most_common(6))}")
        for alarm in alarms[:show]:
            print(f"    {alarm}")
    for crash in clean.crashes[:show]:
        print(f"  crash: {crash}")


def print_defects(seeds: Iterable[int], only: str, show: int) -> tuple[int, int]:
    """Returns how many planted faults were missed and how many false alarms were given beside them."""
    known = load_pack().rules
    planted = found = missed = alarms = 0
    print(f"\n{'planted fault':22}{'rule':34}{'found/all':>10}{'false alarms':>14}")
    for name, defect in DEFECTS.items():
        if only not in name and only not in defect.rule:
            continue
        if defect.rule not in known:
            print(f"{name:22}{defect.rule:34}{'no rule':>10}")
            continue
        result = measure_defect(defect, SAMPLE, seeds)
        planted, found = planted + result.planted, found + result.found
        missed, alarms = missed + len(result.missed) + len(result.crashes), alarms + len(result.alarms)
        print(f"{name:22}{defect.rule:34}{f'{result.found}/{result.planted}':>10}{len(result.alarms):>14}")
        for kind, items in (("missed", result.missed), ("false alarm", result.alarms), ("crash", result.crashes)):
            for item in items[:show]:
                print(f"    {kind}: {item}")
    print(f"planted faults found: {found}/{planted}; false alarms beside them: {alarms}")
    return missed, alarms


if __name__ == "__main__":
    raise SystemExit(main())

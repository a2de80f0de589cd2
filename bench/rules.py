"""CPU time of the rules: ``python -m bench.rules [--repeats 200] [--no-peers] [--strict]``.

All rules over one filing, claims from its prose included; the locator, which works only where sums are broken, apart. Every call gets
a filing whose prose and tables are new, so that they are cut and walked through again; what serves all reports (figures once read,
labels, RE2's automata) is kept, and after a few calls of the same report it has all that this one needs. "first" is therefore the
first call of all, in a process that has seen BEFORE other reports but not this one.
Beside them the pack's sums and formulas alone, and the same through simpleeval and cel-python in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from audits.align import align
from audits.audit import audit, audit_filing
from audits.findings import Audit
from audits.locate import locate
from audits.single import warm_up
from bench.corpus.layouts import case
from bench.speed import PEER_VENV, install_peers, samples
from reports_in import read_bytes
from rules.claims import claims_of
from rules.compile import Pack, load_pack
from rules.filing import Filing
from rules.kinds.balance import Balance
from rules.kinds.formula import Formula
from rules.verdict import State

RULES_MS = 2.0  # bar of the project: all rules over one filing, claims included
FORMULAS = Path(__file__).parent / "peers" / "formulas.py"
ARITHMETIC = (Balance, Formula)
BEFORE = 100  # reports that the process has seen before a sample is asked about for the first time
LAYOUT = "tabs-own"  # how they are printed


@dataclass(frozen=True, slots=True)
class Told:
    """CPU ms: median of all rules with the claims, the quickest call and the first one, claims alone, sums and formulas alone."""

    everything: float
    best: float
    first: float
    claims: float
    arithmetic: float


def fresh(filing: Filing) -> Filing:
    """The same filing as if it had just been laid out: nothing that is kept for its prose or its tables is found again."""
    tables = {key: replace(table) for key, table in filing.tables.items()}
    return replace(filing, sections=dict(filing.sections), tables=tables)


def told(filing: Filing, pack: Pack, repeats: int) -> Told:
    arithmetic = [rule for rule in pack.rules.values() if isinstance(rule.kind, ARITHMETIC)]
    whole, claiming, adding = [], [], []
    for _ in range(repeats + 5):
        asked = fresh(filing)
        begun = process_time()
        claimed = replace(asked, claims=claims_of(asked))
        between = process_time()
        for rule in pack.rules.values():
            rule.check(claimed)
        done = process_time()
        for rule in arithmetic:
            rule.check(claimed)
        adding.append((process_time() - done) * 1000)
        whole.append((done - begun) * 1000)
        claiming.append((between - begun) * 1000)
    return Told(median(whole[5:]), min(whole[5:]), whole[0], median(claiming[5:]), median(adding[5:]))


def locator_ms(result: Audit, pack: Pack) -> float | None:
    """None where no sum is broken: then it does not run."""
    if not result.explanations:
        return None
    times = []
    for _ in range(12):
        begun = process_time()
        locate(result.filing, pack, result.findings)
        times.append((process_time() - begun) * 1000)
    return median(times)


def formulas_of(filing: Filing, pack: Pack) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every sum and formula that the pack decides for the filing as text with its numbers, and what Hecha says of it."""
    for rule, instead in pack.asked(filing):
        if isinstance(rule.kind, Balance) and instead is None:
            for equality in rule.kind.equalities(filing):
                terms = equality.terms
                values = {"_".join(at): filing.tables[at[0]].cell(*at[1:]).value for at in terms}
                if all(isinstance(value, int) for value in values.values()):
                    sides = {
                        sign: " + ".join(n for n, f in zip(values, terms.values(), strict=True) if f == sign)
                        for sign in (1, -1)
                    }
                    holds = sum(f * (v or 0) for f, v in zip(terms.values(), values.values(), strict=True)) == 0
                    yield {"text": f"{sides[1]} == {sides[-1]}", "names": values}, holds
        elif isinstance(rule.kind, Formula) and rule.kind.cells and not rule.kind.previous and not rule.kind.when:
            values = {name: filing.tables[at[0]].cell(*at[1:]).value for name, at in rule.kind.addresses.items()}
            states = {verdict.state for verdict in rule.check(filing)}
            if states <= {State.HOLDS, State.BROKEN} and all(isinstance(value, int) for value in values.values()):
                yield {"text": rule.kind.holds, "names": values}, states == {State.HOLDS}


def peers(filing: Filing, pack: Pack, repeats: int) -> dict[str, str]:
    """What each peer took for the same formulas, in words; a peer that answers otherwise is said to."""
    python = PEER_VENV / "bin" / "python"
    why = install_peers()
    if why:
        return {"peers": f"not installed: {why}"}
    asked = list(formulas_of(filing, pack))
    sent = json.dumps([formula for formula, _ in asked])
    done = subprocess.run([str(python), str(FORMULAS), str(repeats)], input=sent, capture_output=True, text=True)
    if done.returncode:
        return {"peers": f"failed: {(done.stderr.strip().splitlines() or ['unknown reason'])[-1]}"}
    said = {}
    for name, result in json.loads(done.stdout.strip().splitlines()[-1]).items():
        if "why" in result:
            said[name] = result["why"]
        else:
            other = sum(answer is not holds for answer, (_, holds) in zip(result["answers"], asked, strict=True))
            said[name] = f"{result['ms']:.2f} ms for {len(asked)} formulas" + (f", {other} answered otherwise" if other else "")
    return said


def main(argv: list[str] | None = None) -> int:
    """Print the figures. Returns 1 with --strict if the bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description="CPU time of the rules")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--no-peers", action="store_true", help="leave out simpleeval and cel-python")
    parser.add_argument("--strict", action="store_true", help="exit 1 if the bar is missed")
    arguments = parser.parse_args(argv)
    warm_up()  # as the product's own processes start
    pack = load_pack()
    print(
        f"CPU ms of {len(pack.rules)} rules over one filing, median of {arguments.repeats}, "
        f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (bar {RULES_MS:g} with claims, locator apart)"
    )
    print(f"{'report':28}{'rules+claims':>13}{'best':>8}{'first':>8}{'claims':>8}{'formulas':>10}{'locator':>9}")
    missed = []
    for seed in range(BEFORE):
        printed = case(LAYOUT, seed).printed
        audit(read_bytes(printed.data, printed.name), pack)
    for sample in samples():
        document = read_bytes(sample.data, sample.name)
        filing = align(document)
        found = told(filing, pack, arguments.repeats)
        result = audit_filing(replace(filing, claims=claims_of(filing)), document, pack)
        locating = locator_ms(result, pack)
        located = f"{'-':>9}" if locating is None else f"{locating:9.1f}"
        times = f"{found.everything:13.2f}{found.best:8.2f}{found.first:8.2f}{found.claims:8.2f}{found.arithmetic:10.2f}"
        print(f"{sample.name:28}{times}{located}")
        if found.everything > RULES_MS:
            missed.append(f"{sample.name}: {found.everything:.2f} ms, bar {RULES_MS:g}")
    if not arguments.no_peers:
        sample = samples()[0]
        filing = align(read_bytes(sample.data, sample.name))
        for name, words in peers(filing, pack, max(20, arguments.repeats // 4)).items():
            print(f"{name}, formulas of {sample.name}: {words}")
    for miss in missed:
        print(f"bar missed: {miss}")
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())

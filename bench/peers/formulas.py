"""Run by the interpreter of bench/.venv: evaluate formulas with simpleeval and cel-python, print CPU ms for all of them as JSON.

    python bench/peers/formulas.py REPEATS < formulas.json

Input: a list of {"text", "names"}. Both peers parse every formula once beforehand; only evaluating is timed, as with Hecha. A peer
that cannot be imported, or that does not give true or false everywhere, is reported as text.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from time import process_time
from typing import Any

Formula = Mapping[str, Any]


def simpleeval(formulas: Sequence[Formula]) -> Callable[[], list[bool]]:
    peer = import_module("simpleeval")
    parsed = [(formula["text"], peer.SimpleEval.parse(formula["text"]), formula["names"]) for formula in formulas]

    def evaluate() -> list[bool]:
        return [bool(peer.SimpleEval(names=names).eval(text, previously_parsed=tree)) for text, tree, names in parsed]

    return evaluate


def cel_python(formulas: Sequence[Formula]) -> Callable[[], list[bool]]:
    peer = import_module("celpy")
    environment = peer.Environment()
    words = (" and ", " && "), (" or ", " || ")
    programs = []
    for formula in formulas:
        text = formula["text"]
        for ours, theirs in words:
            text = text.replace(ours, theirs)
        programs.append((environment.program(environment.compile(text)), formula["names"]))

    def evaluate() -> list[bool]:
        number = peer.celtypes.IntType
        return [bool(run.evaluate({name: number(value) for name, value in names.items()})) for run, names in programs]

    return evaluate


PEERS: dict[str, Callable[[Sequence[Formula]], Callable[[], list[bool]]]] = {
    "simpleeval": simpleeval,
    "cel-python": cel_python,
}


def main() -> None:
    repeats, formulas = int(sys.argv[1]), json.load(sys.stdin)
    result: dict[str, dict[str, Any]] = {}
    for name, load in PEERS.items():
        try:
            work = load(formulas)
            answers = work()
            times = []
            for _ in range(repeats):
                begun = process_time()
                work()
                times.append(process_time() - begun)
            result[name] = {"ms": statistics.median(times) * 1000, "answers": answers}
        except Exception as exc:  # the reason is what the table prints
            result[name] = {"why": f"{type(exc).__name__}: {exc}"}
    print(json.dumps(result))


if __name__ == "__main__":
    main()

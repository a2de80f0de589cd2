"""Scans of the applications table read back: ``python -m bench.scans [--seeds 1] [--only WORD] [--show 3] [--strict]``.

Per variant: cells right, without doubt, wrong among those without doubt; CPU seconds and peak memory. The bars: 96 % right, 80 %
without doubt, none of those wrong. Needs the extra hecha[ocr].
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from audits.align import align
from audits.confirm import confirmed
from bench.corpus.formats import scan
from bench.corpus.formats.pdf import Drawn
from bench.corpus.formats.scan import Scanned
from bench.corpus.formats.sheets import Paper
from bench.corpus.invent import invent
from bench.corpus.layouts import Case, Layout, print_by
from bench.corpus.page import Grid, Page, Words
from bench.layouts import Outcome, compare
from reports_in import read_bytes
from rules.filing import CellState
from rules.numbers import parse_figure

RIGHT, SURE = 0.96, 0.80  # of all cells
FONTS = Path(
    "/usr/share/fonts/truetype"
)  # Song and Kai faces, where the machine has them: fonts-arphic-uming, -ukai, fonts-wqy-microhei
SONG, KAI, HEI = (str(FONTS / name) for name in ("arphic/uming.ttc", "arphic/ukai.ttc", "wqy/wqy-microhei.ttc"))
TABLE = Paper(first_page=60.0)


def _in(font: str, **paper: object) -> Drawn:
    return Drawn(replace(TABLE, **paper), font=font)  # type: ignore[arg-type]


SCANS: dict[str, Scanned] = {
    "clean": Scanned(skew=0, blur=0, noise=0, quality=0, shadow=0, fade=0),
    "skew": Scanned(skew=1.5),
    "blur": Scanned(blur=1.1, noise=8, quality=55),
    "noise": Scanned(noise=14, quality=0, form="tiff"),
    "jpeg": Scanned(form="jpeg", quality=35, blur=0.6),
    "shadow": Scanned(form="png", shadow=0.5, fade=0.25),
    "dirty": Scanned(form="png", specks=150),
    "faint": Scanned(form="tiff", fade=0.45, noise=5),
    "lying": Scanned(turned=1, form="jpeg", quality=80),
    "upside-down": Scanned(turned=2, skew=0.3),
    "300-dpi": Scanned(dpi=300, skew=0.8, blur=1.2, noise=10),
    "larger-type": Scanned(drawn=Drawn(replace(TABLE, cell_size=10.5))),
    "boxes": Scanned(drawn=Drawn(TABLE, lines="boxes", bold=True)),
    "song": Scanned(drawn=_in(SONG, cell_size=10.5)),
    "song-blur": Scanned(drawn=_in(SONG, cell_size=10.5), blur=1.0, noise=9, quality=50, skew=0.9),
    "kai": Scanned(drawn=_in(KAI, cell_size=10.5), form="tiff"),
    "hei": Scanned(drawn=_in(HEI), form="jpeg", quality=60),
}


@dataclass(slots=True)
class Score:
    cells: int = 0
    right: int = 0
    sure: int = 0
    wrong: int = 0
    seconds: float = 0.0
    pages: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.cells += other.cells
        self.right += other.right
        self.sure += other.sure
        self.wrong += other.wrong
        self.seconds += other.seconds
        self.pages += other.pages

    @property
    def misses(self) -> bool:
        return self.right < RIGHT * self.cells or self.sure < SURE * self.cells or self.wrong > 0


def only_applications(page: Page) -> Page:
    """The title, and the applications table under its heading: what fits on a sheet or two."""
    kept = [
        block
        for block in page
        if (
            isinstance(block, Words)
            and (block.role == "title" or (block.role == "heading" and block.section == "applications"))
        )
        or (isinstance(block, Grid) and block.table == "applications")
    ]
    return tuple(kept)


def scan_case(name: str, seed: int) -> Case:
    """The same bytes for the same name and seed."""
    invented = invent(seed)
    layout = Layout(partial(scan.write, style=SCANS[name]), lambda page, _: only_applications(page))
    return print_by(layout, invented, None, f"scan-{name}")


def fonts_are_there(name: str) -> bool:
    font = SCANS[name].drawn.font
    return "/" not in font or Path(font).exists()


def measure_scan(name: str, seeds: Iterable[int]) -> Score:
    score = Score()
    for seed in seeds:
        case = scan_case(name, seed)
        before = time.process_time()
        document = read_bytes(case.printed.data, case.printed.name)
        score.seconds += time.process_time() - before
        score.pages += len(document.recognised)
        for reading in compare(case, confirmed(align(document))):
            if reading.expected.state is CellState.ABSENT and reading.got.state is CellState.ABSENT:
                continue
            same = reading.got.state is reading.expected.state
            same = same and reading.got.value == parse_figure(reading.expected.raw).value
            sure = reading.got.doubt is None and reading.got.state is not CellState.UNREADABLE
            score.cells += 1
            score.right += same
            score.sure += sure
            score.wrong += sure and (not same or reading.outcome is Outcome.WRONG)
            if not (same and sure):
                score.examples.append(f"seed {seed}: {reading}")
    score.examples.sort(key=lambda line: "doubt=None" not in line)
    return score


def main(argv: list[str] | None = None) -> int:
    """Print the table. Returns 1 if the bars are missed over all variants."""
    parser = argparse.ArgumentParser(prog="python -m bench.scans", description="scans of the applications table, read back")
    parser.add_argument("--seeds", type=int, default=1, help="reports per variant")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", default="", help="variants whose name holds this word")
    parser.add_argument("--show", type=int, default=0, help="cells shown that are not right and sure")
    arguments = parser.parse_args(argv)
    total = Score()
    print(f"{'scan':14}{'pages':>6}{'cells':>7}{'right':>8}{'sure':>8}{'wrong and sure':>16}{'CPU s/page':>12}")
    for name in SCANS:
        if arguments.only not in name:
            continue
        if not fonts_are_there(name):
            print(f"{name:14}  left out: this machine has no {SCANS[name].drawn.font}")
            continue
        score = measure_scan(name, range(arguments.first, arguments.first + arguments.seeds))
        total.add(score)
        print(_line(name, score))
        for example in score.examples[: arguments.show]:
            print(f"    {example}")
    print(_line("all", total), f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    return 1 if total.misses else 0


def _line(name: str, score: Score) -> str:
    cells = max(1, score.cells)
    return (
        f"{name:14}{score.pages:6}{score.cells:7}{score.right / cells:8.1%}{score.sure / cells:8.1%}{score.wrong:16}"
        f"{score.seconds / max(1, score.pages):12.1f}"
    )


if __name__ == "__main__":
    raise SystemExit(main())

"""CPU time and memory of the audit: ``python -m bench.speed [--repeats 60] [--no-peers] [--strict]``.

Each stage is timed with the process's CPU clock, median of many calls after a warm-up. Beside it stand markitdown and
kreuzberg merely converting the same files in the same run; they live in bench/.venv, which is made at the first run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import process_time

from audits.align import align
from audits.audit import audit, audit_filing
from audits.renderers import RENDERERS
from audits.single import warm_up
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from bench.gold import shared_folder
from reports_in import read_bytes
from rules.claims import claims_of
from rules.compile import load_pack

WITHOUT_PDF_MS = 6.0  # bars of the project, median CPU on one core; these two hold for text and HTML reports
WITH_PDF_MS = 20.0  # of a PDF of three pages
READ_AND_ALIGN_MS = {".txt": 3.0, ".html": 4.0, ".docx": 7.0, ".ofd": 10.0, ".pdf": 28.0}  # the last for six pages
WORKER_MIB = 150
INVENTED = {"txt": "tabs-own", "html": "html-article", "docx": "docx", "ofd": "ofd", "pdf": "pdf-split-rows"}
REAL = ("003_993b10d7eafd07e2.txt", "004_3b852b11c21bff53.txt", "pingtan-2019.html", "pingtan-2020.html", "huaian-2024.pdf")
STAGES = ("read", "align", "claims", "rules", "json", "pdf")
PEERS = Path(__file__).parent / "peers"
PEER_VENV = Path(__file__).parent / ".venv"


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU ms by stage; ``audit`` is read to JSON in one go, ``best`` its quickest call (what a quiet machine gives),
    ``whole`` the audit with the PDF. pages of the PDF, None without one."""

    stages: Mapping[str, float]
    audit: float
    best: float
    whole: float
    pages: int | None


def samples() -> list[Sample]:
    """An invented report with faults (so that there is something to say) in every format, and real ones where they are here."""
    found = []
    for suffix, layout in INVENTED.items():
        invented = invent(1, 2023)
        page = invented.page()
        for defect in ("result-sum", "label", "blank-row", "text-review", "fee", "numbering-gap"):
            planted = DEFECTS[defect].plant(invented, page, Random(1))
            page = planted.page if planted else page
        found.append(Sample(f"invented.{suffix}", print_as(layout, invented, page).printed.data))
    shared = shared_folder()
    if shared is not None:
        found.extend(Sample(name, (shared / "reports" / name).read_bytes()) for name in REAL)
    return found


def median_ms(work: Callable[[], object], repeats: int) -> float:
    return statistics.median(times_ms(work, repeats))


def times_ms(work: Callable[[], object], repeats: int) -> list[float]:
    """CPU ms of every call after a warm-up."""
    for _ in range(5):
        work()
    times = []
    for _ in range(repeats):
        begun = process_time()
        work()
        times.append((process_time() - begun) * 1000)
    return times


def timed(sample: Sample, repeats: int) -> Timing:
    pack = load_pack()
    document = read_bytes(sample.data, sample.name)
    filing = align(document)
    told = replace(filing, claims=claims_of(filing))
    result = audit_filing(told, document, pack)
    work: dict[str, Callable[[], object]] = {
        "read": lambda: read_bytes(sample.data, sample.name),
        "align": lambda: align(document),
        "claims": lambda: claims_of(filing),
        "rules": lambda: audit_filing(told, document, pack),
        "json": lambda: RENDERERS["json"](result),
    }
    if "pdf" in RENDERERS:
        work["pdf"] = lambda: RENDERERS["pdf"](result)
    stages = {name: median_ms(call, repeats) for name, call in work.items()}

    def to_json() -> None:
        RENDERERS["json"](audit(read_bytes(sample.data, sample.name), pack))

    def to_both() -> None:
        answer = audit(read_bytes(sample.data, sample.name), pack)
        for form in work.keys() & {"json", "pdf"}:
            RENDERERS[form](answer)

    pages = _pages(RENDERERS["pdf"](result)) if "pdf" in RENDERERS else None
    audits = times_ms(to_json, repeats)
    return Timing(stages, statistics.median(audits), min(audits), median_ms(to_both, repeats), pages)


def fresh_ms(layout: str, repeats: int) -> float:
    """CPU ms of read to JSON over reports that are all different, each audited once: no cache has seen their words."""
    pack = load_pack()
    prints = [print_as(layout, invent(seed)).printed for seed in range(500, 505 + repeats)]
    times = []
    for printed in prints:
        begun = process_time()
        RENDERERS["json"](audit(read_bytes(printed.data, printed.name), pack))
        times.append((process_time() - begun) * 1000)
    return statistics.median(times[5:])


def _missed(name: str, timing: Timing) -> list[str]:
    """The bars that the report misses, in words."""
    missed = []
    suffix = Path(name).suffix
    reading = timing.stages["read"] + timing.stages["align"]
    if reading > READ_AND_ALIGN_MS[suffix]:
        missed.append(f"{name}: {reading:.2f} ms to read and align, bar {READ_AND_ALIGN_MS[suffix]:g}")
    if suffix in (".txt", ".html"):
        if timing.audit > WITHOUT_PDF_MS:
            missed.append(f"{name}: {timing.audit:.2f} ms without PDF, bar {WITHOUT_PDF_MS:g}")
        if timing.pages is not None and timing.whole > WITH_PDF_MS * max(1.0, timing.pages / 3):
            missed.append(f"{name}: {timing.whole:.2f} ms with a PDF of {timing.pages} pages, bar {WITH_PDF_MS:g} for three")
    return missed


def _pages(pdf: bytes) -> int:
    import pypdfium2

    return len(pypdfium2.PdfDocument(pdf))


def install_peers() -> str:
    """Make the peers' environment where there is none, or another Python made it: that one may be quicker or slower than ours by itself.

    Returns why that failed, "" if all is there.
    """
    python = PEER_VENV / "bin" / "python"
    if not python.exists() or not _is_ours(PEER_VENV):
        print(f"making {PEER_VENV.name} with Python {platform.python_version()}", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER_VENV)], capture_output=True, text=True)
        if made.returncode:
            return _last_line(made.stderr)
    pip = [str(python), "-m", "pip", "install", "-q", "-r", str(PEERS / "requirements.txt")]
    done = subprocess.run(pip, capture_output=True, text=True)
    return _last_line(done.stderr) if done.returncode else ""


def _is_ours(environment: Path) -> bool:
    """Whether the Python that runs this made the environment."""
    lines = (environment / "pyvenv.cfg").read_text("utf-8").splitlines()
    said = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return said.get("version") == platform.python_version() and Path(said.get("home", "")) == Path(sys.base_prefix) / "bin"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["unknown reason"])[-1]


def peers(found: Sequence[Sample], repeats: int) -> dict[str, dict[str, float | str]]:
    """CPU ms by peer and sample name, or why there is no figure."""
    python = PEER_VENV / "bin" / "python"
    missing = install_peers()
    if missing:
        return {"peers": dict.fromkeys((sample.name for sample in found), f"not installed: {missing}")}
    with tempfile.TemporaryDirectory() as folder:
        paths = {sample.name: str(Path(folder) / sample.name) for sample in found}
        for sample in found:
            Path(paths[sample.name]).write_bytes(sample.data)
        command = [str(python), str(PEERS / "convert.py"), str(repeats), *paths.values()]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"peers": dict.fromkeys(paths, f"failed: {_last_line(done.stderr)}")}
    by_peer = json.loads(done.stdout.strip().splitlines()[-1])
    return {peer: {name: figures[path] for name, path in paths.items()} for peer, figures in by_peer.items()}


def peak_mib(repeats: int) -> tuple[int, int]:
    """Peak resident MiB of a fresh process that audits the samples, after one round and after many."""
    command = [sys.executable, "-m", "bench.speed", "--peak-of", str(repeats)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    first, last = done.stdout.split()
    return int(first), int(last)


def _print_peaks(repeats: int) -> None:
    import resource

    pack = load_pack()
    found = samples()
    for at in range(repeats):
        for sample in found:
            answer = audit(read_bytes(sample.data, sample.name), pack)
            for render in RENDERERS.values():
                render(answer)
        if at in (0, repeats - 1):
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main(argv: list[str] | None = None) -> int:
    """Print the figures. Returns 1 with --strict if a bar is missed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description="CPU time and memory of the audit")
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--no-peers", action="store_true", help="leave out markitdown and kreuzberg")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.peak_of:
        _print_peaks(arguments.peak_of)
        return 0
    warm_up()  # as the product's own processes start
    found = samples()
    timings = {sample.name: timed(sample, arguments.repeats) for sample in found}
    beside = {} if arguments.no_peers else peers(found, max(5, arguments.repeats // 6))
    bars = f"bars for text and HTML: {WITHOUT_PDF_MS:g} ms without, {WITH_PDF_MS:g} ms with a PDF of three pages"
    print(
        f"CPU ms per report, median of {arguments.repeats}, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores ({bars})"
    )
    head = "".join(f"{name:>8}" for name in STAGES)
    print(f"{'report':28}{head}{'audit':>9}{'best':>8}{'with PDF':>10}{'pages':>6}" + "".join(f"{peer:>12}" for peer in beside))
    missed = []
    for name, timing in timings.items():
        figures = "".join(f"{timing.stages[s]:8.2f}" if s in timing.stages else f"{'-':>8}" for s in STAGES)
        whole = f"{timing.whole:10.2f}" if timing.pages else f"{'-':>10}"
        cells = (
            f"{v:12.2f}" if isinstance(v := figures_of[name], float) else f"{v[:11]:>12}" for figures_of in beside.values()
        )
        print(f"{name:28}{figures}{timing.audit:9.2f}{timing.best:8.2f}{whole}{timing.pages or '-':>6}{''.join(cells)}")
        missed.extend(_missed(name, timing))
    fresh = {suffix: fresh_ms(INVENTED[suffix], arguments.repeats) for suffix in ("txt", "html")}
    print("reports all different, each once, without PDF: " + ", ".join(f"{k} {ms:.2f} ms" for k, ms in fresh.items()))
    missed.extend(f"different {k}: {ms:.2f} ms, bar {WITHOUT_PDF_MS:g}" for k, ms in fresh.items() if ms > WITHOUT_PDF_MS)
    first, last = peak_mib(50)
    print(f"peak memory of one process: {first} MiB after one round, {last} MiB after fifty (bar {WORKER_MIB})")
    if last > WORKER_MIB:
        missed.append(f"peak memory {last} MiB, bar {WORKER_MIB}")
    for miss in missed:
        print(f"bar missed: {miss}")
    for peer, figures_of in beside.items():
        for why in sorted({v for v in figures_of.values() if isinstance(v, str) and v != "-"}):
            print(f"{peer}: {why}")
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())

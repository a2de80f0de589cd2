"""Run by the interpreter of bench/.venv: convert files with the peers, print CPU ms per file as JSON.

    python bench/peers/convert.py REPEATS FILE ...

A peer that cannot be imported, or that fails on a file, is reported as text in place of the figure; "-" where it reads no
such files.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from time import process_time


def markitdown() -> Callable[[str], object]:
    convert: Callable[[str], object] = import_module("markitdown").MarkItDown().convert
    return convert


def kreuzberg() -> Callable[[str], object]:
    peer = import_module("kreuzberg")
    return partial(peer.extract_file_sync, config=peer.ExtractionConfig(use_cache=False))


def pdfplumber() -> Callable[[str], object]:
    peer = import_module("pdfplumber")

    def convert(path: str) -> object:
        with peer.open(path) as file:
            return [(page.extract_text(), page.extract_tables()) for page in file.pages]

    return convert


def python_docx() -> Callable[[str], object]:
    peer = import_module("docx")

    def convert(path: str) -> object:
        file = peer.Document(path)
        paragraphs = [paragraph.text for paragraph in file.paragraphs]
        return paragraphs, [[cell.text for cell in row.cells] for table in file.tables for row in table.rows]

    return convert


# peer -> how to load it, and the only suffix that it reads ("" for all)
PEERS: dict[str, tuple[Callable[[], Callable[[str], object]], str]] = {
    "markitdown": (markitdown, ""),
    "kreuzberg": (kreuzberg, ""),
    "pdfplumber": (pdfplumber, ".pdf"),
    "python-docx": (python_docx, ".docx"),
}
UNREAD = (".ofd",)  # no peer reads it


def median_ms(work: Callable[[], object], repeats: int) -> float:
    for _ in range(3):
        work()
    times = []
    for _ in range(repeats):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return statistics.median(times) * 1000


def main() -> None:
    repeats, files = int(sys.argv[1]), sys.argv[2:]
    result: dict[str, dict[str, float | str]] = {}
    for name, (load, suffix) in PEERS.items():
        try:
            convert = load()
        except Exception as exc:  # the reason is what the table prints
            result[name] = dict.fromkeys(files, f"import failed: {type(exc).__name__}: {exc}")
            continue
        result[name] = {}
        for path in files:
            if not path.endswith(suffix) or path.endswith(UNREAD):
                result[name][path] = "-"
                continue
            try:
                result[name][path] = median_ms(partial(convert, path), repeats)
            except Exception as exc:
                result[name][path] = f"failed: {type(exc).__name__}"
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""Run by the interpreter of bench/.venv: lay out one report with each peer, print CPU ms, pages and bytes as JSON.

    python bench/peers/make_pdf.py REPEATS CONTENT.json FONTS_FOLDER

The content is what Hecha's own report says: facts, problems with their fields, tables, ledgers. A peer that cannot be imported, or that
fails, is reported as text in place of its figures. The peers do a little less than Hecha: one weight of type, no marks in cells,
no links, no bookmarks.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from html import escape
from importlib import import_module
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

Content = dict[str, Any]


def fpdf2(content: Content, fonts: Path) -> Callable[[], bytes]:
    maker = import_module("fpdf")

    def make() -> bytes:
        pdf = maker.FPDF()
        pdf.set_margins(22, 26, 22)
        pdf.add_font("N", "", str(fonts / "regular.ttf"))
        pdf.add_page()
        pdf.set_font("N", "", 20)
        pdf.multi_cell(0, 12, content["title"], align="C", new_x="LMARGIN", new_y="NEXT")
        for problem in content["problems"]:
            pdf.set_font("N", "", 10)
            pdf.multi_cell(0, 5.5, problem["title"], new_x="LMARGIN", new_y="NEXT")
            pdf.set_font("N", "", 9.4)
            for name, value in problem["fields"]:
                pdf.multi_cell(0, 5.1, f"{name}　{value}", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(3)
        pdf.set_font("N", "", 7.5)
        for rows in content["tables"]:
            with pdf.table(line_height=4.2, first_row_as_headings=False) as table:
                for row in rows:
                    cells = table.row()
                    for text in row:
                        cells.cell(text)
            pdf.ln(4)
        return bytes(pdf.output())

    return make


def weasyprint(content: Content, fonts: Path) -> Callable[[], bytes]:
    maker = import_module("weasyprint")
    parts = [f"<h1>{escape(content['title'])}</h1>"]
    for problem in content["problems"]:
        parts.append(f"<h3>{escape(problem['title'])}</h3>")
        parts += [f"<p><b>{escape(name)}</b>　{escape(value)}</p>" for name, value in problem["fields"]]
    for rows in content["tables"]:
        cells = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
        parts.append(f"<table>{cells}</table>")
    style = (
        f"@font-face{{font-family:N;src:url({(fonts / 'regular.ttf').as_uri()})}}@page{{size:A4;margin:26mm 22mm}}"
        "body{font:9.4pt/1.55 N}h1{font-size:20pt;text-align:center}h3{font-size:10pt;margin:8pt 0 0}p{margin:0}"
        "table{border-collapse:collapse;width:100%;font-size:7.5pt;margin:8pt 0}td{border:.5pt solid #999;padding:1.5pt 3pt}"
    )
    html = f"<html lang='zh-CN'><head><style>{style}</style></head><body>{''.join(parts)}</body></html>"
    return lambda: bytes(maker.HTML(string=html).write_pdf())


def typst(content: Content, fonts: Path) -> Callable[[], bytes]:
    maker = import_module("typst")

    def text(value: str) -> str:
        return "#" + json.dumps(value, ensure_ascii=False)

    lines = [
        '#set page(paper: "a4", margin: (x: 22mm, y: 26mm))',
        '#set text(font: "Noto Sans SC", size: 9.4pt, lang: "zh")',
        f"#align(center, text(size: 20pt, {json.dumps(content['title'], ensure_ascii=False)}))",
    ]
    for problem in content["problems"]:
        lines.append(f"\n{text(problem['title'])}\n")
        lines += [f"\n{text(name + '　' + value)}\n" for name, value in problem["fields"]]
    for rows in content["tables"]:
        cells = ", ".join(json.dumps(cell, ensure_ascii=False) for row in rows for cell in row)
        lines.append(f"#text(size: 7.5pt, table(columns: {len(rows[0])}, inset: 2.5pt, {cells}))")
    path = Path(tempfile.mkdtemp()) / "a.typ"
    path.touch()
    compiler = maker.Compiler(str(path), font_paths=[str(fonts)])
    rounds = count()

    def make() -> bytes:
        number = next(rounds)  # it remembers what it has laid out: no two reports of a batch are alike
        path.write_text("\n".join(lines).replace("　", f" {number} ").replace("。", f"{number}。"), "utf-8")
        return bytes(compiler.compile())

    return make


PEERS: dict[str, Callable[[Content, Path], Callable[[], bytes]]] = {"fpdf2": fpdf2, "weasyprint": weasyprint, "typst": typst}


def main() -> None:
    repeats, content, fonts = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")), Path(sys.argv[3])
    result: dict[str, Any] = {}
    for name, load in PEERS.items():
        try:
            make = load(content, fonts)
            data = make()
            times = []
            for _ in range(repeats):
                begun = process_time()
                make()
                times.append(process_time() - begun)
            pages = data.count(b"/Type /Page\n") or _pages(data)
            result[name] = {"ms": statistics.median(times) * 1000, "pages": pages, "bytes": len(data)}
        except Exception as exc:  # the reason is what is printed
            result[name] = f"{type(exc).__name__}: {exc}"
    print(json.dumps(result))


def _pages(data: bytes) -> int:
    from pypdfium2 import PdfDocument  # comes with pdfplumber

    return len(PdfDocument(data))


if __name__ == "__main__":
    main()

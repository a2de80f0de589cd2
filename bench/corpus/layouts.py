"""The table of layouts: how a page is damaged and written. A new layout is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from bench.corpus import damage as d
from bench.corpus.formats import Printed, doc, docx, html, markdown, ofd, pdf, text, xlsx
from bench.corpus.formats.doc import Saved
from bench.corpus.formats.docx import Word
from bench.corpus.formats.html import Markup
from bench.corpus.formats.markdown import Embedded, Pipes
from bench.corpus.formats.ofd import Marked
from bench.corpus.formats.pdf import Drawn
from bench.corpus.formats.sheets import Paper
from bench.corpus.formats.text import Boxes, CellPerLine, Columns, LabelThenFigures, Spaces, Tabs
from bench.corpus.formats.xlsx import Book
from bench.corpus.invent import Invented, invent
from bench.corpus.page import ExpectedCell, Page, Spot, expectation

Writer = Callable[[Page, Random], Printed]


@dataclass(frozen=True, slots=True)
class Layout:
    """clean  nothing is lost or garbled, so that a faultless report must come through without any error or warning.
    exact  every cell that is not lost can be told; if not (noise in labels, blanks among shifted columns), a doubt is as good.
    """

    write: Writer
    damage: d.Damage = d.no_damage
    clean: bool = True
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """An invented report as printed, with what must be read back."""

    layout: str
    seed: int
    invented: Invented
    page: Page
    printed: Printed
    expected: Mapping[Spot, ExpectedCell]


def case(layout: str, seed: int) -> Case:
    """The same bytes for the same layout and seed."""
    return print_as(layout, invent(seed))


def print_as(layout: str, invented: Invented, page: Page | None = None) -> Case:
    return print_by(LAYOUTS[layout], invented, page, layout)


def print_by(layout: Layout, invented: Invented, page: Page | None = None, name: str = "") -> Case:
    random = Random(f"{name}-{invented.seed}")
    page = layout.damage(page or invented.page(), random)
    printed = layout.write(page, random)
    return Case(name, invented.seed, invented, page, printed, expectation(invented.edition, page, printed.lost))


def tabs(encoding: str = "utf-8", marks: str = "none", end: str = "\n", **style: object) -> Writer:
    return partial(text.write, style=Tabs(**style), encoding=encoding, marks=marks, end=end)  # type: ignore[arg-type]


def cells(encoding: str = "utf-8", **style: object) -> Writer:
    return partial(text.write, style=CellPerLine(**style), encoding=encoding)  # type: ignore[arg-type]


def pipes(marks: str = "right", **style: object) -> Writer:
    return partial(markdown.write, style=Pipes(**style), marks=marks)  # type: ignore[arg-type]


def web(**style: object) -> Writer:
    return partial(html.write, style=Markup(**style))  # type: ignore[arg-type]


def sheets(paper: Paper | None = None, **style: object) -> Writer:
    return partial(pdf.write, style=Drawn(paper or Paper(), **style))  # type: ignore[arg-type]


def ofd_sheets(paper: Paper | None = None, **style: object) -> Writer:
    return partial(ofd.write, style=Marked(paper or Paper(), **style))  # type: ignore[arg-type]


def word(**style: object) -> Writer:
    return partial(docx.write, style=Word(**style))  # type: ignore[arg-type]


def word97(**style: object) -> Writer:
    return partial(doc.write, style=Saved(**style))  # type: ignore[arg-type]


def workbook(**style: object) -> Writer:
    return partial(xlsx.write, style=Book(**style))  # type: ignore[arg-type]


LAYOUTS: dict[str, Layout] = {
    # rows by tabs
    "tabs": Layout(tabs()),
    "tabs-own": Layout(tabs(labels="own")),
    "tabs-left": Layout(tabs(labels="left")),
    "tabs-gap": Layout(tabs(labels="own", gap=3, trailing="ragged")),
    "tabs-drift": Layout(tabs(drift=0.25, breaks=0.15)),
    "tabs-strip": Layout(tabs(labels="own", trailing="strip")),
    "tabs-markdown-levels": Layout(tabs(marks="wrong")),
    "tabs-crlf-bom": Layout(tabs(encoding="utf-8-sig", end="\r\n")),
    "tabs-gb18030": Layout(tabs(encoding="gb18030", labels="own")),
    "tabs-utf16": Layout(tabs(encoding="utf-16")),
    "tabs-lost-rows": Layout(tabs(), d.lost_rows(0.12), clean=False),
    "tabs-lost-heads": Layout(tabs(labels="own"), d.lost_heads("applications"), clean=False),
    "tabs-lost-headings": Layout(tabs(), d.lost_headings("applications", "litigation"), clean=False),
    "tabs-lost-table": Layout(tabs(), d.lost_table("applications"), clean=False),
    "tabs-blank-rows": Layout(tabs(labels="own"), d.blank_cells(0.0, rows=0.5), clean=False),
    "tabs-blank-cells": Layout(tabs(), d.blank_cells(0.3), clean=False, exact=False),
    "tabs-slashes": Layout(tabs(labels="own"), d.slashes(0.2), clean=False),
    "tabs-broken-labels": Layout(tabs(breaks=0.1), d.broken_labels(0.4), exact=False),
    "tabs-noise": Layout(tabs(labels="own"), d.noisy_labels(0.04), clean=False, exact=False),
    "tabs-marks": Layout(tabs(labels="own"), d.other_marks),
    "tabs-spaced": Layout(tabs(), d.spaced_labels),
    "tabs-cut": Layout(tabs(breaks=0.05), d.cut_in_two()),
    "tabs-cut-heads": Layout(tabs(), d.cut_in_two(heads=True)),
    "tabs-row-twice": Layout(tabs(), d.cut_in_two(again=True)),
    "tabs-worst": Layout(
        tabs(labels="own", gap=1, drift=0.15, trailing="ragged", breaks=0.1, marks="wrong"),
        d.chained(d.other_marks, d.lost_rows(0.06), d.broken_labels(0.3), d.noisy_labels(0.02)),
        clean=False,
        exact=False,
    ),
    "tabs-furniture": Layout(tabs(labels="own"), d.furnished),
    "tabs-contents": Layout(tabs(), d.chained(d.listed, d.split_title)),
    "tabs-run-on": Layout(tabs(), d.run_on_headings),
    "tabs-kangxi": Layout(tabs(labels="own"), d.kangxi),
    "tabs-litigation-stacked": Layout(tabs(), d.stacked_litigation),
    "tabs-litigation-glued": Layout(tabs(glued=True), clean=False),
    "tabs-repeat": Layout(tabs(labels="repeat")),
    "tabs-lead": Layout(tabs(lead=1, labels="own")),
    "tabs-aside": Layout(tabs(aside=True)),
    "tabs-wrapped-prose": Layout(partial(text.write, style=Tabs(), wrap=38, indent="\u3000\u3000")),
    "tabs-captions": Layout(tabs(labels="own"), d.captioned),
    "tabs-full-width": Layout(tabs(), d.full_width_figures),
    "tabs-units": Layout(tabs(), d.figures_with_units, clean=False),
    "tabs-thousands": Layout(tabs(), d.thousands),
    "tabs-spreadsheet": Layout(tabs(labels="repeat"), d.spreadsheet_figures, clean=False),
    "tabs-hidden": Layout(tabs(labels="own"), d.hidden_characters),
    "tabs-allowed-headings": Layout(tabs(), d.allowed_headings),
    "tabs-bare-headings": Layout(tabs(), d.bare_headings, clean=False),
    "tabs-dotted-headings": Layout(tabs(), d.dotted_headings),
    # one cell a line
    "cells": Layout(cells()),
    "cells-tight": Layout(cells(ruled=False)),
    "cells-spaced": Layout(cells(spaced=True, ruled=False)),
    "cells-tab": Layout(cells(lead="\t", covered=True)),
    "cells-tab-uncovered": Layout(cells(lead="\t")),
    "cells-tab-blanks": Layout(cells(lead="\t", covered=True), d.blank_cells(0.3), clean=False, exact=False),
    "cells-tight-blanks": Layout(cells(ruled=False), d.blank_cells(0.3), clean=False, exact=False),
    "cells-blanks-untraced": Layout(cells(blanks=False), d.blank_cells(0.3), clean=False),
    "cells-lost-rows": Layout(cells(), d.lost_rows(0.12), clean=False),
    "cells-wrapped": Layout(cells(), d.wrapped_labels),
    "cells-marks": Layout(cells(ruled=False), d.other_marks),
    "cells-noise": Layout(cells(), d.noisy_labels(0.04), clean=False, exact=False),
    "cells-row-twice": Layout(cells(), d.cut_in_two(again=True)),
    "cells-furniture": Layout(cells(), d.chained(d.furnished, d.listed)),
    "cells-page-numbers": Layout(cells(), d.bare_page_numbers, clean=False, exact=False),
    "tabs-page-numbers": Layout(tabs(), d.bare_page_numbers),
    "cells-lost-heads": Layout(cells(), d.lost_heads("applications"), clean=False),
    "cells-broken-labels": Layout(cells(spaced=True), d.wrapped_labels),
    "cells-captions": Layout(cells(), d.captioned),
    "cells-wrapped-prose": Layout(partial(text.write, style=CellPerLine(), wrap=30)),
    "cells-closed": Layout(cells(trail=" |", ruled=False)),
    "cells-closed-blanks": Layout(cells(trail=" |", ruled=False), d.blank_cells(0.3), clean=False, exact=False),
    "cells-bare-headings": Layout(cells(), d.bare_headings, clean=False),
    "label-then-figures": Layout(partial(text.write, style=LabelThenFigures())),
    "label-then-tabs": Layout(partial(text.write, style=LabelThenFigures("\t")), d.other_marks),
    # rows by blanks
    "spaces": Layout(partial(text.write, style=Spaces())),
    "spaces-single": Layout(partial(text.write, style=Spaces(" ")), d.other_marks),
    "spaces-blanks": Layout(partial(text.write, style=Spaces()), d.blank_cells(0.3), clean=False),
    "spaces-wide": Layout(partial(text.write, style=Spaces("\u3000"))),
    "columns": Layout(partial(text.write, style=Columns())),
    "columns-wrapped": Layout(partial(text.write, style=Columns(width=12)), exact=False),
    "boxes": Layout(partial(text.write, style=Boxes())),
    # Markdown
    "pipes": Layout(pipes()),
    "pipes-repeat": Layout(pipes(covered="repeat", padded=True)),
    "pipes-wrong-levels": Layout(pipes(marks="wrong")),
    "pipes-blank-cells": Layout(pipes(), d.blank_cells(0.3), clean=False, exact=False),
    "pipes-lost-rows": Layout(pipes(), d.lost_rows(0.12), clean=False),
    "pipes-cut": Layout(pipes(), d.cut_in_two()),
    "pipes-open": Layout(pipes(outer=False)),
    "pipes-closed": Layout(pipes(closed=True)),
    "pipes-closed-blanks": Layout(pipes(closed=True), d.blank_cells(0.3), clean=False, exact=False),
    "pipes-bold": Layout(pipes(bold=True)),
    "pipes-captions": Layout(pipes(), d.chained(d.captioned, d.allowed_headings)),
    "markdown-tables": Layout(partial(markdown.write, style=Embedded())),
    # HTML
    "html": Layout(web()),
    "html-article": Layout(web(furniture=True, levels="tags", inline="spans")),
    "html-split": Layout(web(inline="split", spaces=True)),
    "html-wrong-levels": Layout(web(levels="wrong", outer=True)),
    "html-blank-merged": Layout(web(merged="blank", spaces=True)),
    "html-rows-only": Layout(web(merged="rows")),
    "html-overflow": Layout(web(merged="overflow")),
    "html-breaks": Layout(web(levels="breaks")),
    "html-related": Layout(web(related=True, furniture=True, inline="spans")),
    "html-captions": Layout(web(), d.chained(d.captioned, d.dotted_headings)),
    "html-hidden": Layout(web(spaces=True), d.hidden_characters),
    "html-thousands": Layout(web(inline="split"), d.thousands),
    "html-furniture": Layout(web(furniture=True), d.chained(d.furnished, d.listed)),
    "html-litigation-stacked": Layout(web(), d.stacked_litigation),
    "html-unclosed": Layout(web(unclosed=True)),
    "html-gbk": Layout(web(charset="gb2312", encoding="gb18030", furniture=True)),
    "html-gbk-undeclared": Layout(web(charset=None, encoding="gb18030")),
    "html-gbk-misdeclared": Layout(web(charset="utf-8", encoding="gb18030")),
    "html-blank-cells": Layout(web(spaces=True), d.blank_cells(0.3), clean=False),
    "html-lost-rows": Layout(web(), d.lost_rows(0.12), clean=False),
    "html-cut-heads": Layout(web(), d.cut_in_two(heads=True)),
    "html-tall": Layout(web(), d.chained(d.tall_labels, d.wrapped_labels)),
    "html-kangxi": Layout(web(), d.kangxi),
    "html-slashes": Layout(web(), d.slashes(0.2), clean=False),
    "html-noise": Layout(web(inline="split"), d.noisy_labels(0.04), clean=False, exact=False),
    # PDF
    "pdf": Layout(sheets()),
    "pdf-split-rows": Layout(sheets(Paper(split=True))),
    "pdf-repeated-heads": Layout(sheets(Paper(repeated=True, head="示例单位年度报告", number="of"))),
    "pdf-split-repeated": Layout(sheets(Paper(split=True, repeated=True, number="plain", stacked=False))),
    "pdf-boxes-bold": Layout(sheets(lines="boxes", bold=True)),
    "pdf-fills-glyphs": Layout(sheets(lines="fills", glyphs=True)),
    "pdf-dashed": Layout(sheets(lines="dashed")),
    "pdf-double": Layout(sheets(lines="double")),
    "pdf-one-path": Layout(sheets(Paper(shade=True), lines="path")),
    "pdf-open": Layout(sheets(Paper(rules="open", split=True))),
    "pdf-level": Layout(sheets(Paper(rules="level", stacked=False)), exact=False),
    "pdf-borderless": Layout(sheets(Paper(rules="none", stacked=False)), exact=False),
    "pdf-level-blank": Layout(sheets(Paper(rules="level", stacked=False)), d.blank_cells(0.3), clean=False, exact=False),
    "pdf-borderless-blank": Layout(sheets(Paper(rules="none", stacked=False)), d.blank_cells(0.3), clean=False, exact=False),
    "pdf-borderless-lost": Layout(sheets(Paper(rules="none", stacked=False)), d.lost_rows(0.12), clean=False, exact=False),
    "pdf-spread": Layout(sheets(Paper(spread=True))),
    "pdf-lying": Layout(sheets(turned=90, moved=True)),
    "pdf-upside-down": Layout(sheets(turned=180)),
    "pdf-named-font": Layout(sheets(font="named", turned=270)),
    "pdf-form": Layout(sheets(form=True)),
    "pdf-shuffled-watermark": Layout(sheets(order="shuffled", mark="仅供内部参考")),
    "pdf-landscape": Layout(sheets(Paper(width=842, height=595, number="slash", split=True))),
    "pdf-kangxi": Layout(sheets(font="named"), d.kangxi),
    "pdf-blank-cells": Layout(sheets(Paper(split=True)), d.blank_cells(0.3), clean=False),
    "pdf-lost-rows": Layout(sheets(Paper(repeated=True)), d.lost_rows(0.12), clean=False),
    "pdf-slashes": Layout(sheets(), d.slashes(0.2), clean=False),
    "pdf-contents": Layout(sheets(), d.chained(d.listed, d.split_title)),
    "pdf-litigation-stacked": Layout(sheets(), d.stacked_litigation),
    # OFD
    "ofd": Layout(ofd_sheets()),
    "ofd-split-rows": Layout(ofd_sheets(Paper(split=True), deltas="listed", lines="boxes")),
    "ofd-glyphs": Layout(ofd_sheets(Paper(repeated=True), deltas="glyphs", lines="fills")),
    "ofd-scaled": Layout(ofd_sheets(Paper(shade=True), scaled=True)),
    "ofd-template": Layout(ofd_sheets(template=True, seal=True)),
    "ofd-open": Layout(ofd_sheets(Paper(rules="open", spread=True))),
    "ofd-blank-cells": Layout(ofd_sheets(Paper(split=True)), d.blank_cells(0.3), clean=False),
    "ofd-lost-rows": Layout(ofd_sheets(Paper(repeated=True)), d.lost_rows(0.12), clean=False),
    # Word
    "docx": Layout(word()),
    "docx-split": Layout(word(runs="split", headings="styles", furniture=True), d.wrapped_labels),
    "docx-paragraphs": Layout(word(paragraphs=True, gridless=True), d.chained(d.tall_labels, d.wrapped_labels)),
    "docx-numbered": Layout(word(numbered=True, headings="styles")),
    "docx-controls": Layout(word(controls=True)),
    "docx-changes": Layout(word(changes=True)),
    "docx-boxed": Layout(word(boxed=True, furniture=True)),
    "docx-nested": Layout(word(nested=True)),
    "docx-strict": Layout(word(strict=True)),
    "docx-captions": Layout(word(headings="styles"), d.chained(d.captioned, d.allowed_headings)),
    "docx-hidden": Layout(word(runs="split"), d.chained(d.hidden_characters, d.dotted_headings)),
    "docx-cut": Layout(word(), d.cut_in_two()),
    "docx-cut-heads": Layout(word(), d.cut_in_two(heads=True)),
    "docx-blank-cells": Layout(word(), d.blank_cells(0.3), clean=False),
    "docx-lost-rows": Layout(word(), d.lost_rows(0.12), clean=False),
    "docx-slashes": Layout(word(runs="split"), d.slashes(0.2), clean=False),
    "docx-noise": Layout(word(), d.noisy_labels(0.04), clean=False, exact=False),
    # Word 97
    "doc": Layout(word97()),
    "doc-pieces": Layout(word97(pieces=40), d.wrapped_labels),
    "doc-pieces-reversed": Layout(word97(pieces=40, reverse=True)),
    "doc-deleted": Layout(word97(deleted=True)),
    "doc-boxed": Layout(word97(boxed=True, pieces=5)),
    "doc-captions": Layout(word97(), d.chained(d.captioned, d.allowed_headings)),
    "doc-cut-heads": Layout(word97(), d.cut_in_two(heads=True)),
    "doc-blank-cells": Layout(word97(), d.blank_cells(0.3), clean=False),
    "doc-lost-rows": Layout(word97(pieces=5), d.lost_rows(0.12), clean=False),
    "doc-slashes": Layout(word97(), d.slashes(0.2), clean=False),
    # workbooks
    "xlsx": Layout(workbook()),
    "xlsx-unruled": Layout(workbook(ruled=False)),
    "xlsx-sheets": Layout(workbook(sheets=True)),
    "xlsx-wrapped": Layout(workbook(), d.wrapped_labels),
    "xlsx-captions": Layout(workbook(sheets=True), d.captioned),
    "xlsx-cut-heads": Layout(workbook(), d.cut_in_two(heads=True)),
    "xlsx-blank-cells": Layout(workbook(), d.blank_cells(0.3), clean=False),
    "xlsx-lost-rows": Layout(workbook(), d.lost_rows(0.12), clean=False),
    "xlsx-slashes": Layout(workbook(), d.slashes(0.2), clean=False),
}

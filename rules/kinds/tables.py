"""tables: whether the three tables, and the blocks of the first, are there and hold any figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rules.editions import TemplateTable, editions
from rules.filing import Filing, FilingTable, PartState
from rules.headings import bare
from rules.kinds.gaps import damage_near, has_figures
from rules.labels import TABLES
from rules.verdict import Evidence, Place, State, Verdict

LEFT_OVER = 3  # so many labels of a table in the prose of its section are a table that we did not recognise
ELSEWHERE = re.compile(r"附件|附表|附后|见下图|如图|见图|详见|点击|下载")


@dataclass(frozen=True, slots=True)
class Tables:
    """asks: missing, empty, block (a 第二十条第（n）项 block that is not there) or image.

    Facts: table, section (its heading), block.
    """

    asks: Literal["missing", "empty", "block", "image"]

    @property
    def gives(self) -> frozenset[str]:
        return frozenset({"table", "section", "block"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        """At least one answer for each table."""
        edition = editions()[filing.edition or ""]
        ask = {"missing": self._missing, "empty": self._empty, "block": self._blocks, "image": self._image}[self.asks]
        for key, template in edition.tables.items():
            heading = edition.sections[template.section].heading
            yield from ask(filing.tables[key], template, filing, {"table": TABLES[key], "section": heading})

    def _missing(
        self, table: FilingTable, template: TemplateTable, filing: Filing, facts: dict[str, object]
    ) -> Iterator[Verdict]:
        place = Place(template.section, table.key)
        section = filing.sections[template.section]
        if table.state is not PartState.ABSENT or table.is_image:
            yield Verdict(State.HOLDS, place)
        elif section.state is PartState.ABSENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason="该部分缺失，由“缺少法定部分”报告")
        else:
            evidence = (Evidence(section.heading, section.at),)
            yield Verdict(State.BROKEN, place, evidence, facts, doubt=self._why_not_seen(table, template, filing))

    def _why_not_seen(self, table: FilingTable, template: TemplateTable, filing: Filing) -> str | None:
        text = bare(filing.sections[table.key].text)
        words = [label for label in _labels(template) if bare(label) in text]
        if len(words) >= LEFT_OVER:
            return f"该部分印有“{words[0]}”等表内文字，表格可能未能识别，请核对原件"
        pointer = next((p.text for p in filing.sections[table.key].paragraphs if ELSEWHERE.search(p.text)), None)
        if pointer is not None:
            return f"该部分写有“{pointer[:40]}”，表格可能另附"
        if all(other.state is not PartState.PRESENT for other in filing.tables.values()):
            return "各表均未取得，可能为图片、附件或采集缺失，请核对原件"
        return damage_near(filing, table.key)

    def _empty(
        self, table: FilingTable, template: TemplateTable, filing: Filing, facts: dict[str, object]
    ) -> Iterator[Verdict]:
        place = Place(template.section, table.key)
        if table.state is PartState.ABSENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason=f"{TABLES[table.key]}缺失")
        elif has_figures(table):
            yield Verdict(State.HOLDS, place)
        else:
            doubt = damage_near(filing, table.key)
            if not any(has_figures(other) for other in filing.tables.values()):
                doubt = doubt or "各表均无数据，可能为采集缺失，请核对原件"
            evidence = (Evidence(filing.sections[template.section].heading or TABLES[table.key], table.at),)
            yield Verdict(State.BROKEN, place, evidence, facts, doubt=doubt)

    def _blocks(
        self, table: FilingTable, template: TemplateTable, filing: Filing, facts: dict[str, object]
    ) -> Iterator[Verdict]:
        if not template.blocks:
            return
        if not has_figures(table):
            why = "缺失" if table.state is PartState.ABSENT else "无任何数据"
            yield Verdict(State.NOT_APPLICABLE, Place(template.section, table.key), reason=f"{TABLES[table.key]}{why}")
            return
        headings = {header.key: header for header in table.headers}
        for block in template.blocks:
            place = Place(template.section, table.key, topic=block.key)
            heading = headings.get(block.key)
            if any(table.rows[row].present for row in block.rows) or (heading is not None and heading.present):
                yield Verdict(State.HOLDS, place)
            else:
                evidence = (Evidence(TABLES[table.key], table.at),)
                yield Verdict(
                    State.BROKEN, place, evidence, {**facts, "block": block.heading}, doubt=damage_near(filing, table.key)
                )

    def _image(
        self, table: FilingTable, template: TemplateTable, filing: Filing, facts: dict[str, object]
    ) -> Iterator[Verdict]:
        place = Place(template.section, table.key)
        if table.is_image:
            section = filing.sections[template.section]
            doubt = "文中有图片，是否就是该表须对照原件"  # where in the text a picture stands is not known in every format
            yield Verdict(State.BROKEN, place, (Evidence(section.heading, table.at or section.at),), facts, doubt=doubt)
        elif table.state is PartState.ABSENT:
            yield Verdict(State.UNDETERMINED, place, reason="未取得表格，也没有图片线索")
        else:
            yield Verdict(State.HOLDS, place)


def _labels(template: TemplateTable) -> list[str]:
    """The row and column labels that prose does not use by itself."""
    rows = template.rows.values()
    labels = [*(row.label for row in rows), *(column.label for row in rows for column in row.columns)]
    return [label for label in dict.fromkeys(labels) if len(bare(label)) >= 4]

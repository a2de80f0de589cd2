"""What has to be said, at the end, of a report that came as printed pages (PDF, OFD): what was unreadable, left out or mended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reports_in.builder import Builder
from reports_in.errors import EmptyFile, NeedsOcr
from reports_in.radicals import fold_radicals

UNREADABLE_SHARE = 0.02  # of all characters; more, and a font's mapping is broken
TABLE_WIDTH, TABLE_HEIGHT = 150.0, 60.0  # points; a smaller picture is a seal or an emblem, no table
SPARSE = 30  # characters; a page with a picture over most of it and fewer is a scan with a stamp or a page number

_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")


@dataclass(slots=True)
class Tally:
    """Counted over all pages.

    pictures, pictured, blank  the numbers of pages that are a picture, hold one, show nothing.
    """

    chars: int = 0
    unreadable: int = 0
    folded: int = 0
    hidden: int = 0
    slanted: list[str] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    pictured: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)

    def page(self, number: int, text: str, pictures: list[tuple[float, float]], area: float) -> str:
        """Count a page and the width and height of its pictures; its text with radicals folded."""
        if sum(width * height for width, height in pictures) > 0.5 * area and len(text) < SPARSE:
            self.pictures.append(number)
        elif any(width >= TABLE_WIDTH and height >= TABLE_HEIGHT for width, height in pictures):
            self.pictured.append(number)
        elif not text:
            self.blank.append(number)
        self.unreadable += len(_UNREADABLE.findall(text))
        text, folded = fold_radicals(text)
        self.folded += folded
        self.chars += len(text) - text.count(" ")
        return text

    def read_by_ocr(self, number: int, before: str, text: str) -> None:
        """Count what OCR read of a page in the place of what ``page`` counted."""
        if number in self.pictures:
            self.pictures.remove(number)
        self.unreadable -= len(_UNREADABLE.findall(before))
        self.chars += len(text) - text.count(" ") - (len(before) - before.count(" "))

    def conclude(self, builder: Builder, form: str, pages: int) -> None:
        """Note it all. Raises NeedsOcr if there are only pictures, EmptyFile if there is nothing. form is "PDF" or "OFD"."""
        name = builder.name
        if not self.chars or len(self.pictures) + len(self.blank) == pages:
            if self.pictures:
                layer = "（隐藏的识别文字层不作为依据）" if self.hidden else ""
                raise NeedsOcr(
                    name,
                    f"{form} 是扫描件或图片，没有可读的文字{layer}",
                    f"请提交由文档直接导出的 {form}，或启用文字识别（OCR）",
                )
            raise EmptyFile(name, f"{form} 有 {pages} 页，但没有任何文字", "请核对后重新提交有内容的文件")
        if self.pictures:
            shown = page_list(self.pictures)
            builder.note("IMAGE", f"第{shown}页是图片，没有文字层，需文字识别（OCR）后才能核查")
        if self.pictured:
            builder.note("IMAGE", f"第{page_list(self.pictured)}页有图片，图片里的文字和表格没有读取")
        if self.blank:
            builder.note("BLANK_PAGE", f"第{page_list(self.blank)}页没有任何文字")
        if self.unreadable > UNREADABLE_SHARE * self.chars:
            share = f"{self.unreadable / self.chars:.0%}"
            builder.note(
                "FONT_UNREADABLE",
                f"有{self.unreadable}个字符（{share}）因字体缺少对照表而无法解读，已原样保留，相关内容需人工核对",
            )
        if self.folded:
            builder.note("RADICALS_FOLDED", f"有{self.folded}个字被字体写成部首码位或兼容字，已还原为通用字")
        if self.hidden:
            builder.note("HIDDEN_TEXT", f"有{self.hidden}个页面上看不见的字符，未采用")
        if self.slanted:
            shown = "、".join(f"“{text[:30]}”" for text in dict.fromkeys(self.slanted))
            builder.note("WATERMARK", f"斜排的文字视为水印，未计入正文：{shown[:200]}")


def unreadable_share(text: str) -> float:
    """How much of a text is characters that its font does not explain."""
    return len(_UNREADABLE.findall(text)) / max(1, len(text))


def page_list(pages: list[int]) -> str:
    """1, 2, 3, 7 as 1-3、7."""
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and ranges[-1][1] == page - 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    return "、".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)

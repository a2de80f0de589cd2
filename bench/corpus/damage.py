"""What dumps, converters and page breaks do to a report. Page in, page out; what is left on the page is what must be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from bench.corpus.page import Block, Grid, Line, Page, Slot, Words, cut, map_grids, published, without_line

Damage = Callable[[Page, Random], Page]

# characters that OCR, fonts and typists put for others; Kangxi radicals as PDF text layers hold them
LOOKALIKES = {
    "未": "末",
    "其": "共",
    "己": "已",
    "出": "岀",
    "人": "入",
    "公": "分",
    "件": "伴",
    "查": "査",
    "属": "厲",
    "复": "夏",
}
KANGXI = {
    "人": "⼈",
    "无": "⽆",
    "行": "⾏",
    "一": "⼀",
    "民": "⺠",
    "门": "⻔",
    "大": "⼤",
    "自": "⾃",
    "文": "⽂",
    "生": "⽣",
    "二": "⼆",
}
HALF = str.maketrans("（），：“”", '(),:""')


def _grids(change: Callable[[Grid, Random], Grid]) -> Damage:
    return lambda page, random: map_grids(page, lambda grid: change(grid, random))


def no_damage(page: Page, random: Random) -> Page:
    return page


def lost_rows(share: float) -> Damage:
    """Data rows of the applications and disclosure tables go."""

    def change(grid: Grid, random: Random) -> Grid:
        at = 0
        while grid.table != "litigation" and at < len(grid.lines):
            if grid.lines[at].role == "data" and random.random() < share:
                grid = without_line(grid, at)
            else:
                at += 1
        return grid

    return _grids(change)


def lost_heads(*tables: str) -> Damage:
    """The column heads of these tables go."""

    def change(grid: Grid, random: Random) -> Grid:
        while grid.table in tables and any(line.role == "head" for line in grid.lines):
            grid = without_line(grid, next(at for at, line in enumerate(grid.lines) if line.role == "head"))
        return grid

    return _grids(change)


def lost_headings(*sections: str) -> Damage:
    def damage(page: Page, random: Random) -> Page:
        return tuple(b for b in page if not (isinstance(b, Words) and b.role == "heading" and b.section in sections))

    return damage


def lost_table(table: str) -> Damage:
    def damage(page: Page, random: Random) -> Page:
        return tuple(b for b in page if not (isinstance(b, Grid) and b.table == table))

    return damage


def cut_in_two(heads: bool = False, again: bool = False) -> Damage:
    """The applications table is cut between two rows. heads: its column heads are printed again; again: the row before the cut too."""

    def damage(page: Page, random: Random) -> Page:
        blocks: list[Block] = []
        for block in page:
            if not isinstance(block, Grid) or block.table != "applications":
                blocks.append(block)
                continue
            data = [at for at, line in enumerate(block.lines) if line.role == "data"]
            if len(data) < 4:  # the rest of a table cut already
                blocks.append(block)
                continue
            at = random.choice(data[2:-1])
            first, second = cut(block, at)
            if again:
                repeated = replace(first.lines[-1], slots=tuple(_single(s) for s in first.lines[-1].slots))
                second = replace(second, lines=(repeated, *second.lines))
            if heads:
                second = replace(second, lines=(*(line for line in block.lines if line.role == "head"), *second.lines))
            blocks.extend((first, second))
        return tuple(blocks)

    return damage


def _single(slot: Slot) -> Slot:
    return replace(slot, height=1)


def broken_labels(share: float) -> Damage:
    """A page break tears a long row label: its rest stands on a row of its own below the figures."""

    def change(grid: Grid, random: Random) -> Grid:
        if grid.table != "applications":
            return grid
        lines: list[Line] = []
        for line in grid.lines:
            label = _label(line)
            if label is None or len(label.text) < 12 or random.random() >= share:
                lines.append(line)
                continue
            at = random.randint(6, len(label.text) - 4)
            torn = replace(label, text=label.text[:at])
            rest = replace(label, text=label.text[at:], height=1)
            lines.append(replace(line, slots=tuple(torn if slot is label else slot for slot in line.slots)))
            lines.append(Line((rest,), "rest", line.row))
        return _spans_mended(replace(grid, lines=tuple(lines)))

    return _grids(change)


def _label(line: Line) -> Slot | None:
    labels = [slot for slot in line.slots if slot.spot is None]
    return labels[-1] if line.role == "data" and labels else None


def _spans_mended(grid: Grid) -> Grid:
    """Merged cells grow by the rows that were put in among theirs."""
    at = [index for index, line in enumerate(grid.lines) if line.role != "rest"]
    lines = list(grid.lines)
    for old, new in enumerate(at):
        slots = []
        for slot in lines[new].slots:
            last = old + slot.height - 1
            after = at[last + 1] if last + 1 < len(at) else len(lines)
            slots.append(replace(slot, height=after - new) if slot.height > 1 else slot)
        lines[new] = replace(lines[new], slots=tuple(slots))
    return replace(grid, lines=tuple(lines))


def blank_cells(share: float, rows: float = 0.0) -> Damage:
    """Data cells printed with nothing in them; ``rows`` is the share of rows that are blank from end to end."""
    return _figures(lambda text, random: "" if random.random() < share else text, rows, "")


def slashes(share: float) -> Damage:
    return _figures(lambda text, random: random.choice("/—-") if random.random() < share else text, 0.0, "/")


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def full_width_figures(page: Page, random: Random) -> Page:
    return _figures(lambda text, random: text.translate(FULL_WIDTH), 0.0, "0")(page, random)


def figures_with_units(page: Page, random: Random) -> Page:
    """12件 for 12, in some cells."""
    return _figures(lambda text, random: f"{text}件" if text.isdigit() and random.random() < 0.3 else text, 0.0, "0")(
        page, random
    )


def thousands(page: Page, random: Random) -> Page:
    """1,234 for 1234."""
    return _figures(lambda text, random: f"{int(text):,}" if text.isdigit() else text, 0.0, "0")(page, random)


def spreadsheet_figures(page: Page, random: Random) -> Page:
    """12.0 for 12, as spreadsheet programs export numbers."""
    return _figures(lambda text, random: f"{text}.0" if text.isdigit() else text, 0.0, "0")(page, random)


def hidden_characters(page: Page, random: Random) -> Page:
    """No-break blanks and zero-width characters around figures, as web editors leave them."""
    hidden = ("\u00a0", "\u200b", "\u2003", "\ufeff")
    return _figures(lambda text, random: random.choice(hidden) + text + random.choice(hidden), 0.0, "0")(page, random)


def _figures(change: Callable[[str, Random], str], rows: float, whole: str) -> Damage:
    def changed(grid: Grid, random: Random) -> Grid:
        lines = []
        for line in grid.lines:
            all_of_it = line.role == "data" and random.random() < rows
            slots = (
                slot if slot.spot is None else replace(slot, text=whole if all_of_it else change(slot.text, random))
                for slot in line.slots
            )
            lines.append(replace(line, slots=tuple(slots)))
        return replace(grid, lines=tuple(lines))

    return _grids(changed)


def _labels(change: Callable[[str, Random], str], headings: bool = False) -> Damage:
    """Change every label and head of the grids, and the headings if asked."""

    def damage(page: Page, random: Random) -> Page:
        blocks: list[Block] = []
        for block in page:
            if isinstance(block, Words):
                touched = headings and block.role in ("heading", "subheading")
                blocks.append(replace(block, text=change(block.text, random)) if touched else block)
                continue
            lines = (
                replace(
                    line, slots=tuple(s if s.spot is not None else replace(s, text=change(s.text, random)) for s in line.slots)
                )
                for line in block.lines
            )
            blocks.append(replace(block, lines=tuple(lines)))
        return tuple(blocks)

    return damage


def noisy_labels(share: float) -> Damage:
    """Characters of labels replaced by lookalikes or lost."""

    def change(text: str, random: Random) -> str:
        out = []
        for char in text:
            if random.random() >= share:
                out.append(char)
            elif char in LOOKALIKES:
                out.append(LOOKALIKES[char])
            elif random.random() < 0.5 and len(text) > 5:
                continue
            else:
                out.append("□" if char not in "0123456789一二三四五六七" else char)
        return "".join(out)

    return _labels(change)


def other_marks(page: Page, random: Random) -> Page:
    """1、 for 1., (一) with a blank for （一）, half-width punctuation: the same to every reader."""
    marks = random.choice(("、", ".", "．"))

    def change(text: str, random: Random) -> str:
        text = text.translate(HALF)
        if text[:1].isdigit() and text[1:2] == ".":
            text = text[0] + marks + text[2:]
        return text.replace(")", ") ", 1) if text.startswith("(") else text

    return _labels(change)(page, random)


def kangxi(page: Page, random: Random) -> Page:
    def change(text: str, random: Random) -> str:
        return "".join(KANGXI.get(char, char) if random.random() < 0.7 else char for char in text)

    return _labels(change, headings=True)(page, random)


def spaced_labels(page: Page, random: Random) -> Page:
    """Blanks inside words, as justified cells give."""

    def change(text: str, random: Random) -> str:
        return " ".join((text[:2], text[2:])) if 3 < len(text) < 9 else text

    return _labels(change)(page, random)


def tall_labels(page: Page, random: Random) -> Page:
    """The merged labels at the left are set one character a line."""

    def stacked(slot: Slot) -> Slot:
        return replace(slot, text="\n".join(slot.text)) if slot.height > 3 and slot.spot is None else slot

    def change(grid: Grid) -> Grid:
        return replace(grid, lines=tuple(replace(line, slots=tuple(map(stacked, line.slots))) for line in grid.lines))

    return map_grids(page, change)


def wrapped_labels(page: Page, random: Random) -> Page:
    """Line breaks inside the labels of narrow columns."""

    def change(text: str, random: Random) -> str:
        return f"{text[:2]}\n{text[2:]}" if 3 < len(text) < 8 and random.random() < 0.6 else text

    return _labels(change)(page, random)


def furnished(page: Page, random: Random) -> Page:
    """Page numbers of a printed report between its lines, and between two rows of the long table."""
    return _paged(page, random, ("— {} —", "- {} -", "第 {} 页 共 9 页"))


def bare_page_numbers(page: Page, random: Random) -> Page:
    """As above, nothing but the number: in a table dumped one cell a line it cannot be told from a figure."""
    return _paged(page, random, ("{}",))


def _paged(page: Page, random: Random, forms: tuple[str, ...]) -> Page:
    blocks: list[Block] = []
    number = 1
    for block in cut_in_two()(page, random):
        at_cut = isinstance(block, Grid) and bool(blocks) and isinstance(blocks[-1], Grid)
        if at_cut or (isinstance(block, Words) and blocks and random.random() < 0.15):
            blocks.append(Words(random.choice(forms).format(number), "furniture"))
            number += 1
        blocks.append(block)
    return tuple(blocks)


def listed(page: Page, random: Random) -> Page:
    """An index table and a table of contents with dot leaders stand before the report."""
    headings = [b.text for b in page if isinstance(b, Words) and b.role == "heading"]
    index = ("索引号：000014349/2025-00001", "发布机构：示例单位", f"发布日期：{published(page)}", "【字体：大 中 小】")
    contents = (f"{text}{'…' * 12}{2 + at}" for at, text in enumerate(headings))
    title, *rest = page
    return (
        *(Words(t, "furniture") for t in index),
        title,
        Words("目  录", "furniture"),
        *(Words(t, "furniture") for t in contents),
        *rest,
    )


def captioned(page: Page, random: Random) -> Page:
    """A caption and the unit above every table, a remark below."""
    names = {"disclosure": "表一  主动公开政府信息情况统计表", "applications": "表二", "litigation": "附表3：复议诉讼情况"}
    blocks: list[Block] = []
    for block in page:
        if isinstance(block, Grid):
            unit = Words("（单位：件）" if block.table != "disclosure" else "统计单位：件、项", "furniture")
            blocks.extend(
                (Words(names[block.table], "furniture"), unit, block, Words("注：本表数据由承办科室提供。", "furniture"))
            )
        else:
            blocks.append(block)
    return tuple(blocks)


ALLOWED = {
    "litigation": "因政府信息公开工作被申请行政复议、提起行政诉讼情况",
    "problems": "政府信息公开工作存在的主要问题及改进情况",
    "other_matters": "其他报告的事项",
}


def allowed_headings(page: Page, random: Random) -> Page:
    """Section headings in the long wordings that are no fault."""
    return _headings(page, lambda words: words.text[:2] + ALLOWED.get(words.section or "", words.text[2:]))


def bare_headings(page: Page, random: Random) -> Page:
    """Section headings without their numbers."""
    return _headings(page, lambda words: words.text[2:])


def dotted_headings(page: Page, random: Random) -> Page:
    """一. or 一， for 一、 and blanks after it."""
    mark = random.choice((". ", "．", "、 ", "、\u3000"))
    return _headings(page, lambda words: words.text[0] + mark + words.text[2:])


def _headings(page: Page, change: Callable[[Words], str]) -> Page:
    return tuple(replace(b, text=change(b)) if isinstance(b, Words) and b.role == "heading" else b for b in page)


def split_title(page: Page, random: Random) -> Page:
    """The title over two lines, broken inside."""
    title, *rest = page
    assert isinstance(title, Words)
    at = random.randint(6, len(title.text) - 6)
    return (replace(title, text=title.text[:at]), replace(title, text=title.text[at:]), *rest)


def run_on_headings(page: Page, random: Random) -> Page:
    """Lower headings share the line of their text: （一）主动公开情况。全年…"""
    blocks: list[Block] = []
    for block in page:
        before = blocks[-1] if blocks else None
        if isinstance(block, Words) and isinstance(before, Words) and before.role == "subheading" and block.role == "prose":
            blocks[-1] = replace(block, text=f"{before.text}。{block.text}")
        else:
            blocks.append(block)
    return tuple(blocks)


def stacked_litigation(page: Page, random: Random) -> Page:
    """The fifteen columns do not fit the page: three tables of five, one below the other, each with its heads."""
    blocks: list[Block] = []
    for block in page:
        if not isinstance(block, Grid) or block.table != "litigation":
            blocks.append(block)
            continue
        figures = block.lines[-1].slots
        heads = list(block.lines[2].slots[:5])
        names = ("行政复议", "行政诉讼：未经复议直接起诉", "行政诉讼：复议后起诉")
        for group, name in enumerate(names):
            top = Line((Slot(name, 0, 5),), "head")
            middle = Line(tuple(Slot(slot.text, at) for at, slot in enumerate(heads)), "head")
            bottom = Line(tuple(replace(slot, column=at) for at, slot in enumerate(figures[5 * group : 5 * group + 5])), "data")
            blocks.append(Grid("litigation", (top, middle, bottom), 5, 0))
    return tuple(blocks)


def chained(*damages: Damage) -> Damage:
    def damage(page: Page, random: Random) -> Page:
        for one in damages:
            page = one(page, random)
        return page

    return damage

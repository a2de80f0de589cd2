"""Faults from the rule catalogue, planted at known places: a faultless page in, the faulty page and what must be found out.

Every fault is isolated as far as arithmetic allows (two cells move together where one alone would break two sums); what else
may truly be said of the faulty report is named in ``also``, and anything beyond that, of severity error or warning, is a
false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from bench.corpus.invent import GOVERNMENTS, Invented, invent
from bench.corpus.page import Block, Grid, Line, Page, Slot, Spot, Words, map_grids, spots, without_line

Place = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A faulty page. Every place (keys of Place; a part of them is enough) must be found by the defect's rule."""

    page: Page
    places: tuple[Place, ...] = ({},)


Plant = Callable[[Invented, Page, Random], Planted | None]


@dataclass(frozen=True, slots=True)
class Defect:
    """plant gives None where the fault cannot be planted into this report. also: rules that may be broken with it."""

    rule: str
    plant: Plant
    also: tuple[str, ...] = ()
    editions: tuple[str, ...] = ("E2019", "E2021")
    make: Callable[[int], Invented] = invent


def figure(page: Page, spot: Spot) -> int:
    return int(spots(page)[spot])


def with_figures(page: Page, figures: Mapping[Spot, str]) -> Page:
    def figure_of(slot: Slot) -> Slot:
        return replace(slot, text=figures.get(slot.spot, slot.text)) if slot.spot else slot

    return _slots_changed(page, figure_of)


def _slots_changed(page: Page, change: Callable[[Slot], Slot]) -> Page:
    return map_grids(
        page, lambda grid: replace(grid, lines=tuple(replace(ln, slots=tuple(map(change, ln.slots))) for ln in grid.lines))
    )


def with_prose(page: Page, section: str, change: Callable[[Words], Words | None]) -> Page:
    """Change or drop (None) the words of a section, its heading left out; the preamble is ``""``."""
    blocks: list[Block] = []
    for block in page:
        if isinstance(block, Words) and block.role in ("prose", "subheading") and (block.section or "") == section:
            changed = change(block)
            if changed is not None:
                blocks.append(changed)
        else:
            blocks.append(block)
    return tuple(blocks)


def with_heading(page: Page, section: str, text: str) -> Page:
    return tuple(
        replace(b, text=text) if isinstance(b, Words) and b.role == "heading" and b.section == section else b for b in page
    )


def after_heading(page: Page, section: str, *words: Words) -> Page:
    blocks: list[Block] = []
    for block in page:
        blocks.append(block)
        if isinstance(block, Words) and block.role == "heading" and block.section == section:
            blocks.extend(words)
    return tuple(blocks)


def received_text(page: Page, text: str) -> Page:
    """The paragraph on applications replaced."""
    blocks = list(page)
    at = next(i for i, b in enumerate(blocks) if isinstance(b, Words) and b.role == "subheading" and "依申请" in b.text)
    blocks[at + 1] = Words(text, "prose", "overview")
    return tuple(blocks)


def _app(row: str, column: str) -> Spot:
    return Spot("applications", row, column)


def _at(spot: Spot) -> Place:
    return {"table": spot.table, "row": spot.row, "column": spot.column}


def _add(page: Page, by: Mapping[Spot, int]) -> Page:
    return with_figures(page, {spot: str(figure(page, spot) + extra) for spot, extra in by.items()})


# arithmetic


def row_sum(invented: Invented, page: Page, random: Random) -> Planted | None:
    """One is moved from one outcome of natural persons to another: the columns hold, two rows do not."""
    rows = [r for r in ("granted", "partial", "denied_4", "unavailable_1") if figure(page, _app(r, "natural")) > 0]
    if not rows:
        return None
    giver = random.choice(rows)
    taker = random.choice([r for r in ("granted", "partial", "denied_2", "rejected_2") if r != giver])
    places = tuple({"table": "applications", "row": row} for row in (giver, taker))
    return Planted(_add(page, {_app(giver, "natural"): -1, _app(taker, "natural"): 1}), places)


def result_sum(invented: Invented, page: Page, random: Random) -> Planted | None:
    row, by = random.choice(("granted", "denied_6", "rejected_1")), random.randint(1, 30)
    moved = {_app(row, "natural"): by, _app(row, "total"): by}
    return Planted(_add(page, moved), tuple({"table": "applications", "column": c} for c in ("natural", "total")))


def balance(invented: Invented, page: Page, random: Random) -> Planted | None:
    by = random.randint(1, 9)
    moved = {_app("carried_out", "natural"): by, _app("carried_out", "total"): by}
    return Planted(_add(page, moved), ({"table": "applications", "column": "total"},))


def litigation_total(invented: Invented, page: Page, random: Random) -> Planted | None:
    group = random.choice(("review", "direct", "after_review"))
    return Planted(_add(page, {Spot("litigation", group, "other"): 2}), ({"table": "litigation", "row": group},))


def no_power(invented: Invented, page: Page, random: Random) -> Planted | None:
    if invented.kind not in ("bureau", "town"):
        return None
    return Planted(with_figures(page, {Spot("disclosure", "rules", "made"): "2"}), ({"table": "disclosure", "row": "rules"},))


def stock_impossible(invented: Invented, page: Page, random: Random) -> Planted | None:
    cells = {"made": "9", "repealed": "1", "valid": "5"}
    changed = with_figures(page, {Spot("disclosure", "norm", column): text for column, text in cells.items()})
    return Planted(changed, ({"table": "disclosure", "row": "norm"},))


def open_exceeds(invented: Invented, page: Page, random: Random) -> Planted | None:
    cells = {"made": "9", "opened": "9", "stock": "5"}
    changed = with_figures(page, {Spot("disclosure", "norm", column): text for column, text in cells.items()})
    return Planted(changed, ({"table": "disclosure", "row": "norm"},))


def stock_equals_new(invented: Invented, page: Page, random: Random) -> Planted | None:
    changed = with_figures(page, {Spot("disclosure", "norm", column): "9" for column in ("made", "opened", "stock")})
    return Planted(changed, ({"table": "disclosure", "row": "norm"},))


def procurement(invented: Invented, page: Page, random: Random) -> Planted | None:
    changed = with_figures(page, {Spot("disclosure", "procure", "n"): "4", Spot("disclosure", "procure", "amt"): "0"})
    return Planted(changed, ({"table": "disclosure", "row": "procure"},))


# cells


PENALTIES = Spot("disclosure", "penalty", "n")


def _cell_text(text: str, spot: Spot = PENALTIES) -> Plant:
    def plant(invented: Invented, page: Page, random: Random) -> Planted | None:
        return Planted(with_figures(page, {spot: text}), (_at(spot),))

    return plant


def blank_row(invented: Invented, page: Page, random: Random) -> Planted | None:
    row = random.choice(("denied_3", "rejected_3", "unavailable_2"))
    blank = {spot: "" for spot in spots(page) if spot.table == "applications" and spot.row == row}
    return Planted(with_figures(page, blank), ({"table": "applications"},))


def decimals(invented: Invented, page: Page, random: Random) -> Planted | None:
    spot = Spot("disclosure", "charge", "amt")
    page = _renamed(
        with_figures(page, {spot: "15.91"}), "本年收费金额（单位：万元）", "本年收费金额（单位：万元，保留4位小数）"
    )
    return Planted(page, (_at(spot),))


# tables


def _renamed(page: Page, label: str, printed: str) -> Page:
    return _slots_changed(page, lambda s: replace(s, text=printed) if s.spot is None and s.text == label else s)


def label_variant(invented: Invented, page: Page, random: Random) -> Planted | None:
    row, label, printed = random.choice(
        (
            ("denied_2", "2.其他法律行政法规禁止公开", "2.其他法律法规禁止公开"),
            ("denied_5", "5.属于三类内部事务信息", "5.属于内部事务信息"),
            ("rejected_5", "5.要求行政机关确认或重新出具已获取信息", "5.要求确认或重新出具已获取信息"),
            ("unavailable_1", "1.本机关不掌握相关政府信息", "1.本单位不掌握相关政府信息"),
        )
    )
    return Planted(_renamed(page, label, printed), ({"table": "applications", "row": row},))


def head_variant(invented: Invented, page: Page, random: Random) -> Planted | None:
    label, printed = random.choice((("法律服务机构", "法律服务机关"), ("社会公益组织", "社会公益性组织")))
    return Planted(_renamed(page, label, printed), ({"table": "applications"},))


def _grid_changed(table: str, change: Callable[[Grid], Grid]) -> Callable[[Page], Page]:
    return lambda page: map_grids(page, lambda grid: change(grid) if grid.table == table else grid)


def row_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    empty = [
        row
        for row in ("denied_3", "denied_7", "rejected_3", "rejected_4", "unavailable_2")
        if all(text == "0" for spot, text in spots(page).items() if (spot.table, spot.row) == ("applications", row))
    ]
    if not empty:
        return None
    row = random.choice(empty)

    def change(grid: Grid) -> Grid:
        return without_line(grid, next(at for at, line in enumerate(grid.lines) if line.row == row))

    return Planted(_grid_changed("applications", change)(page), ({"table": "applications", "row": row},))


def row_extra(invented: Invented, page: Page, random: Random) -> Planted | None:
    def change(grid: Grid) -> Grid:
        lines = list(grid.lines)
        zeros = tuple(Slot("0", 3 + at) for at in range(7))
        lines.insert(-1, Line((Slot("转送其他机关办理数量", 0, 3), *zeros), "data", "extra"))
        return replace(grid, lines=tuple(lines))

    return Planted(_grid_changed("applications", change)(page), ({"table": "applications"},))


def row_order(invented: Invented, page: Page, random: Random) -> Planted | None:
    """Two neighbours change places, labels and figures."""

    def change(grid: Grid) -> Grid:
        lines = list(grid.lines)
        at = next(index for index, line in enumerate(lines) if line.row == "rejected_3")
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
        return replace(grid, lines=tuple(lines))

    return Planted(_grid_changed("applications", change)(page), ({"table": "applications"},))


def table_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    table = random.choice(("disclosure", "applications", "litigation"))
    return Planted(tuple(b for b in page if not (isinstance(b, Grid) and b.table == table)), ({"table": table},))


def table_empty(invented: Invented, page: Page, random: Random) -> Planted | None:
    table = random.choice(("disclosure", "applications", "litigation"))
    blank = {spot: "" for spot in spots(page) if spot.table == table}
    return Planted(with_figures(page, blank), ({"table": table},))


def block_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    heading = random.choice(("第二十条第（六）项", "第二十条第（八）项"))

    def change(grid: Grid) -> Grid:
        at = next(index for index, line in enumerate(grid.lines) if line.slots[0].text == heading)
        end = next((i for i in range(at + 1, len(grid.lines)) if grid.lines[i].role == "block"), len(grid.lines))
        return replace(grid, lines=(*grid.lines[:at], *grid.lines[end:]))

    return Planted(_grid_changed("disclosure", change)(page), ({"table": "disclosure"},))


# sections and title


def section_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    section = random.choice(("litigation", "problems", "other_matters"))
    gone = {"litigation": "litigation"}.get(section)
    left = (
        b for b in page if not (isinstance(b, Words) and b.section == section) and not (isinstance(b, Grid) and b.table == gone)
    )
    return Planted(tuple(left), ({"section": section},))


def section_order(invented: Invented, page: Page, random: Random) -> Planted | None:
    last = [b for b in page if isinstance(b, Words) and b.section == "other_matters"]
    rest = [b for b in page if not (isinstance(b, Words) and b.section == "other_matters")]
    at = next(i for i, b in enumerate(rest) if isinstance(b, Words) and b.section == "problems")
    return Planted((*rest[:at], *last, *rest[at:]))


def section_renamed(invented: Invented, page: Page, random: Random) -> Planted | None:
    return Planted(with_heading(page, "problems", "五、存在的主要问题及改进措施"), ({"section": "problems"},))


def section_misnumbered(invented: Invented, page: Page, random: Random) -> Planted | None:
    return Planted(with_heading(page, "problems", "七、存在的主要问题及改进情况"), ({"section": "problems"},))


def section_twice(invented: Invented, page: Page, random: Random) -> Planted | None:
    again = (
        Words("本部分数据截止时间与统计期限一致，口径与上年相同。", "prose", "overview"),
        Words("一、总体情况", "heading", "overview"),
    )
    return Planted(after_heading(page, "overview", *again), ({"section": "overview"},))


def section_extra(invented: Invented, page: Page, random: Random) -> Planted | None:
    more = (Words(f"七、{invented.year + 1}年工作思路", "heading"), Words("继续做好栏目更新和业务培训。", "prose"))
    return Planted((*page, *more))


def section_empty(invented: Invented, page: Page, random: Random) -> Planted | None:
    return Planted(with_prose(page, "other_matters", lambda words: None), ({"section": "other_matters"},))


def _subheads(section: str, old: str, new: str) -> Plant:
    def plant(invented: Invented, page: Page, random: Random) -> Planted | None:
        changed = with_prose(
            page, section, lambda w: replace(w, text=w.text.replace(old, new)) if w.role == "subheading" else w
        )
        return Planted(changed) if changed != page else None

    return plant


def title_form(invented: Invented, page: Page, random: Random) -> Planted | None:
    text = random.choice(
        (
            f"{invented.agency}{invented.year}年信息公开工作年度报告",
            f"{invented.agency}政府信息公开工作年度报告",
            f"{invented.year}年政府信息公开工作年度报告",
        )
    )
    title, *rest = page
    assert isinstance(title, Words)
    return Planted((replace(title, text=text), *rest))


def wrong_edition(seed: int) -> Invented:
    """A report of 2020 in the tables of 2021, or the other way round."""
    return invent(seed, 2020, "E2021") if seed % 2 else invent(seed, 2022, "E2019")


def as_it_is(invented: Invented, page: Page, random: Random) -> Planted | None:
    return Planted(page)


def wrong_period(invented: Invented, page: Page, random: Random) -> Planted | None:
    year = invented.year - 1
    text = f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。"
    title, *rest = with_prose(page, "", lambda words: None)
    return Planted((title, Words(text, "prose"), *rest))


def wrong_year(invented: Invented, page: Page, random: Random) -> Planted | None:
    text = f"{invented.year - 1}年，通过门户网站主动公开政府信息318条。"
    blocks = list(page)
    at = next(i for i, b in enumerate(blocks) if isinstance(b, Words) and b.role == "subheading" and "主动公开" in b.text)
    blocks[at + 1] = Words(text, "prose", "overview")
    return Planted(tuple(blocks))


def leftover(invented: Invented, page: Page, random: Random) -> Planted | None:
    return Planted(after_heading(page, "overview", Words("本年度政府集中采购3项，采购总金额25.6万元。", "prose", "overview")))


def stale_citation(invented: Invented, page: Page, random: Random) -> Planted | None:
    text = "本报告按照《中华人民共和国政府信息公开工作年度报告格式（试行）》（国办公开办函〔2019〕60号）编制。"
    title, *rest = page
    return Planted((title, Words(text, "prose"), *rest))


def old_law(invented: Invented, page: Page, random: Random) -> Planted | None:
    text = "按照条例规定，承办科室收到政府信息公开申请后应当在15个工作日内予以答复。"
    return Planted(after_heading(page, "overview", Words(text, "prose", "overview")))


# overview, problems, other matters


def aspect_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    """The third of the five aspects, 政府信息管理, is left out; the numbers close up."""
    blocks = list(page)
    heads = [at for at, b in enumerate(blocks) if isinstance(b, Words) and (b.role, b.section) == ("subheading", "overview")]
    if len(heads) != 5:
        return None
    for at, old, new in ((heads[3], "四", "三"), (heads[4], "五", "四")):
        head = blocks[at]
        assert isinstance(head, Words)
        blocks[at] = replace(head, text=head.text.replace(old, new, 1))
    del blocks[heads[2] : heads[3]]
    return Planted(tuple(blocks))


def assessment_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    if invented.kind not in GOVERNMENTS:
        return None

    def change(words: Words) -> Words:
        return replace(words, text="明确分管领导和责任科室，全年组织业务培训2次。") if "社会评议" in words.text else words

    return Planted(with_prose(page, "overview", change))


def problems_empty(invented: Invented, page: Page, random: Random) -> Planted | None:
    stripped = with_prose(page, "problems", lambda words: None)
    return Planted(after_heading(stripped, "problems", Words("无。", "prose", "problems")))


def improvements_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    stripped = with_prose(page, "problems", lambda words: None)
    text = "一是部分业务科室对公开范围把握不准，个别办事指南更新滞后，群众反映查找不便；二是政策解读多为文字，图解、视频较少。"
    return Planted(after_heading(stripped, "problems", Words(text, "prose", "problems")))


def fee_missing(invented: Invented, page: Page, random: Random) -> Planted | None:
    stripped = with_prose(page, "other_matters", lambda words: None)
    return Planted(after_heading(stripped, "other_matters", Words("无其他需要报告的事项。", "prose", "other_matters")))


# text against tables


def _totals(page: Page) -> tuple[int, int, int, int, int, int]:
    """new, carried_in, total, carried_out, reviews, suits."""
    app = [figure(page, _app(row, "total")) for row in ("new", "carried_in", "total", "carried_out")]
    suits = figure(page, Spot("litigation", "direct", "total")) + figure(page, Spot("litigation", "after_review", "total"))
    return app[0], app[1], app[2], app[3], figure(page, Spot("litigation", "review", "total")), suits


def txt_received(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, carried_in, *_ = _totals(page)
    wrong = new + carried_in + random.randint(1, 20)
    return Planted(received_text(page, f"{invented.year}年，共收到政府信息公开申请{wrong}件。"))


def txt_handled(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, _, total, *_ = _totals(page)
    if new == 0:
        return None
    wrong = total + new + random.randint(1, 9)
    return Planted(received_text(page, f"全年新收政府信息公开申请{new}件，办结{wrong}件。"))


def txt_carry(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, carried_in, _, out, *_ = _totals(page)
    if new == 0:
        return None
    text = f"全年新收政府信息公开申请{new}件，上年结转{carried_in}件，结转下年度继续办理{out + 3}件。"
    return Planted(received_text(page, text))


def txt_review(invented: Invented, page: Page, random: Random) -> Planted | None:
    reviews = _totals(page)[4]
    return Planted(received_text(page, f"依法做好依申请公开工作，因政府信息公开被申请行政复议{reviews + 2}件。"))


def txt_litigation(invented: Invented, page: Page, random: Random) -> Planted | None:
    suits = _totals(page)[5]
    return Planted(received_text(page, f"依法做好依申请公开工作，因政府信息公开被提起行政诉讼{suits + 2}件。"))


def txt_zero(invented: Invented, page: Page, random: Random) -> Planted | None:
    if _totals(page)[0] == 0:
        return None
    return Planted(received_text(page, f"{invented.year}年，本机关未收到政府信息公开申请。"))


def txt_all_done(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, _, _, out, *_ = _totals(page)
    if out == 0 or new == 0:
        return None
    return Planted(received_text(page, f"全年共收到政府信息公开申请{new}件，已全部办结。"))


def txt_conflict(invented: Invented, page: Page, random: Random) -> Planted | None:
    new = _totals(page)[0]
    page = received_text(page, f"{invented.year}年，共收到政府信息公开申请{new}件。")
    again = Words(f"{invented.year}年，共收到政府信息公开申请{new + 4}件，政府信息公开工作平稳有序。", "prose", "overview")
    return Planted(after_heading(page, "overview", again))


# single sentences


def said(text: str | Callable[[Invented, Page], str | None]) -> Plant:
    """The sentence as a paragraph of its own at the end of the overview."""

    def plant(invented: Invented, page: Page, random: Random) -> Planted | None:
        words = text if isinstance(text, str) else text(invented, page)
        if words is None:
            return None
        blocks = list(page)
        at = next(i for i, b in enumerate(blocks) if isinstance(b, Words) and (b.role, b.section) == ("heading", "disclosure"))
        return Planted((*blocks[:at], Words(words, "prose", "overview"), *blocks[at:]))

    return plant


def _identity_number() -> str:
    """A number of nobody, with the check digit that makes it one."""
    body = "11010119900307001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def _one_more(row: str, column: str, sentence: str) -> Callable[[Invented, Page], str | None]:
    def words(invented: Invented, page: Page) -> str | None:
        if any(isinstance(b, Words) and sentence[:6] in b.text for b in page):
            return None  # the report says the true figure itself: two sentences would contradict each other
        return sentence.format(figure(page, Spot("disclosure", row, column)) + 3)

    return words


def txt_result(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, granted = _totals(page)[0], figure(page, _app("granted", "total"))
    if new < granted + 2:
        return None
    return Planted(received_text(page, f"共收到政府信息公开申请{new}件，予以公开{granted + 2}件。"))


def txt_applicant(invented: Invented, page: Page, random: Random) -> Planted | None:
    new, natural = _totals(page)[0], figure(page, _app("new", "natural"))
    if natural in (0, new):
        return None
    return Planted(received_text(page, f"共收到政府信息公开申请{new}件，申请人均为自然人。"))


def txt_outcome(invented: Invented, page: Page, random: Random) -> Planted | None:
    reviews, corrected = _totals(page)[4], figure(page, Spot("litigation", "review", "corrected"))
    if corrected == 0:
        return None
    return Planted(received_text(page, f"因政府信息公开被申请行政复议{reviews}件，复议结果均维持。"))


SUMS = ("APP-ROW-SUM", "APP-RESULT-SUM", "APP-BALANCE", "LIT-TOTAL")
TEXTS = (
    "TXT-VS-TABLE-RECEIVED",
    "TXT-VS-TABLE-HANDLED",
    "TXT-VS-TABLE-CARRY",
    "TXT-VS-TABLE-REVIEW",
    "TXT-VS-TABLE-LITIGATION",
    "TXT-ZERO-CLAIM",
    "TXT-ALL-DONE",
    "TXT-INTERNAL-CONFLICT",
    "TXT-VS-TABLE-APPLICANT",
    "TXT-VS-TABLE-RESULT",
    "TXT-VS-TABLE-NORM",
    "TXT-VS-TABLE-PERMIT",
    "TXT-VS-TABLE-CHARGE",
    "TXT-LIT-OUTCOME",
)
NEW, OLD = ("E2021",), ("E2019",)

DEFECTS: dict[str, Defect] = {
    "row-sum": Defect("APP-ROW-SUM", row_sum),
    "result-sum": Defect("APP-RESULT-SUM", result_sum, TEXTS),
    "balance": Defect("APP-BALANCE", balance, TEXTS),
    "litigation-total": Defect("LIT-TOTAL", litigation_total, TEXTS),
    "no-power": Defect("RULES-NO-POWER", no_power, ("OPEN-EXCEEDS-STOCK", "STOCK-IMPOSSIBLE")),
    "stock-impossible": Defect("STOCK-IMPOSSIBLE", stock_impossible, TEXTS, NEW),
    "open-exceeds": Defect("OPEN-EXCEEDS-STOCK", open_exceeds, TEXTS, OLD),
    "stock-equals-new": Defect("STOCK-EQ-NEW", stock_equals_new, TEXTS, OLD),
    "procurement": Defect("PROCURE-INCONSISTENT", procurement, editions=OLD),
    "blank-row": Defect("CELL-BLANK", blank_row, (*SUMS, *TEXTS)),
    "slash": Defect("CELL-PLACEHOLDER", _cell_text("/")),
    "not-a-number": Defect("CELL-NOT-A-NUMBER", _cell_text("若干")),
    "negative": Defect("NEGATIVE", _cell_text("-2")),
    "not-integer": Defect("NOT-INTEGER", _cell_text("2.5")),
    "full-width": Defect("NUMBER-FORMAT", _cell_text("１２")),
    "han-number": Defect("NUMBER-FORMAT", _cell_text("十二")),
    "unit": Defect("UNIT-SUSPECT", _cell_text("251000元", Spot("disclosure", "charge", "amt")), editions=NEW),
    "decimals": Defect("DECIMALS", decimals, ("HDR-VARIANT",), NEW),
    "label": Defect("ROW-LABEL-VARIANT", label_variant),
    "head": Defect("HDR-VARIANT", head_variant),
    "row-missing": Defect("ROW-MISSING", row_missing, (*SUMS, *TEXTS)),
    "row-extra": Defect("ROW-EXTRA", row_extra),
    "row-order": Defect("ROW-ORDER", row_order),
    "table-missing": Defect("TBL-MISSING", table_missing, ("SEC-EMPTY", *TEXTS)),
    "table-empty": Defect("TBL-EMPTY", table_empty, ("CELL-BLANK",)),
    "block-missing": Defect("TBL-SUBTABLE-MISSING", block_missing),
    "section-missing": Defect(
        "SEC-MISSING", section_missing, ("TBL-MISSING", "PROBLEMS-EMPTY", "IMPROVE-MISSING", "FEE-NOT-REPORTED", *TEXTS)
    ),
    "section-order": Defect("SEC-ORDER", section_order, ("SEC-MISNUMBERED",)),
    "section-renamed": Defect("SEC-RENAMED", section_renamed),
    "section-misnumbered": Defect("SEC-MISNUMBERED", section_misnumbered, ("NUMBERING-GAP", "NUMBERING-DUP", "SEC-ORDER")),
    "section-twice": Defect("SEC-DUPLICATE", section_twice, ("NUMBERING-DUP",)),
    "section-extra": Defect("SEC-EXTRA", section_extra),
    "section-empty": Defect("SEC-EMPTY", section_empty, ("FEE-NOT-REPORTED",)),
    "numbering-gap": Defect("NUMBERING-GAP", _subheads("problems", "（二）", "（三）")),
    "numbering-twice": Defect("NUMBERING-DUP", _subheads("problems", "（二）", "（一）")),
    "title": Defect("TITLE-FORM", title_form),
    "edition": Defect("EDITION-WRONG", as_it_is, ("EDITION-LEFTOVER", "FEE-NOT-REPORTED", *TEXTS), make=wrong_edition),
    "period": Defect("PERIOD-WRONG", wrong_period, ("YEAR-MISMATCH",)),
    "year": Defect("YEAR-MISMATCH", wrong_year),
    "leftover": Defect("EDITION-LEFTOVER", leftover, editions=NEW),
    "stale-citation": Defect("CITE-STALE", stale_citation, editions=NEW),
    "old-law": Defect("OLD-LAW-CITED", old_law),
    "aspect": Defect("OVERVIEW-PART-MISSING", aspect_missing),
    "assessment": Defect("OVERVIEW-GOV-ASSESSMENT-MISSING", assessment_missing),
    "problems": Defect("PROBLEMS-EMPTY", problems_empty, ("IMPROVE-MISSING",)),
    "improvements": Defect("IMPROVE-MISSING", improvements_missing),
    "fee": Defect("FEE-NOT-REPORTED", fee_missing, editions=NEW),
    "text-received": Defect("TXT-VS-TABLE-RECEIVED", txt_received, ("TXT-VS-TABLE-CARRY",)),
    "text-handled": Defect("TXT-VS-TABLE-HANDLED", txt_handled),
    "text-carry": Defect("TXT-VS-TABLE-CARRY", txt_carry),
    "text-review": Defect("TXT-VS-TABLE-REVIEW", txt_review),
    "text-litigation": Defect("TXT-VS-TABLE-LITIGATION", txt_litigation),
    "text-zero": Defect("TXT-ZERO-CLAIM", txt_zero, ("TXT-VS-TABLE-RECEIVED",)),
    "text-all-done": Defect("TXT-ALL-DONE", txt_all_done),
    "text-conflict": Defect("TXT-INTERNAL-CONFLICT", txt_conflict, ("TXT-VS-TABLE-RECEIVED", "TXT-ZERO-CLAIM")),
    "text-result": Defect("TXT-VS-TABLE-RESULT", txt_result, ("TXT-SUBSUM",)),
    "text-applicant": Defect("TXT-VS-TABLE-APPLICANT", txt_applicant),
    "text-outcome": Defect("TXT-LIT-OUTCOME", txt_outcome),
    "text-norm": Defect("TXT-VS-TABLE-NORM", said(_one_more("norm", "made", "制发行政规范性文件{}件。")), editions=NEW),
    "text-permit": Defect("TXT-VS-TABLE-PERMIT", said(_one_more("penalty", "n", "作出行政处罚决定{}件。")), editions=NEW),
    "text-percent": Defect("TXT-PCT", said("报送信息200条，采用86条，采用率53%。"), ("TXT-INTERNAL-CONFLICT",)),
    "text-parts": Defect("TXT-SUBSUM", said("公开信息120条，其中财政类50条、规划类40条、其他类20条。")),
    "placeholder": Defect("PLACEHOLDER", said("XX局全年公开信息____条。")),
    "secret": Defect("SECRET-MARK", said("以上报告妥否，请批示。")),
    "phone": Defect("SENSITIVE-PHONE", said("联系人手机：13800138000。")),
    "identity": Defect("SENSITIVE-ID", said(f"申请人身份证号码为{_identity_number()}。"), ("SENSITIVE-APPLICANT",)),
    "applicant": Defect("SENSITIVE-APPLICANT", said("申请人王小明，住松澜县城关镇和平路1号，申请公开征地批准文件。")),
    "typo": Defect("TYPO", said("严格控制控制发布时限，做好栏目维护。")),
    "phrase": Defect("FIXED-PHRASE", said("坚持以习近平新时代中国特社会主义思想为指导。")),
    "quotes": Defect("PUNCT-UNBALANCED", said("开展“阳光政务进社区活动，发放宣传册。")),
    "brackets": Defect("PUNCT-NESTED-TITLE", said("印发《关于转发《政务公开工作要点》的通知》。")),
    "enumeration": Defect("ENUM-BROKEN", said("一是完善公开制度，明确职责；三是加强业务培训，提升能力。")),
}

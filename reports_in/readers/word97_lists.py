"""Styles and automatic numbers of a Word 97 file, in the form of docx_numbering.py.

Source: [MS-DOC] 2.4.6 (lists), 2.9.271 (style sheet).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from reports_in.readers.docx_numbering import DEEPEST, Level, Numbering
from reports_in.readers.word97 import C_HIDDEN, LIST_USES, LISTS, P_LIST, P_LIST_LEVEL, P_OUTLINE, STYLES, Word97, sprms_of

HEADINGS = 9  # styles 1 to 9 are the headings of those levels in every file
FORMS = {
    0: "decimal",
    1: "upperRoman",
    2: "lowerRoman",
    3: "upperLetter",
    4: "lowerLetter",
    10: "ideographDigital",
    11: "japaneseCounting",
    14: "decimalFullWidth",
    17: "japaneseDigitalTenThousand",
    18: "decimalEnclosedCircle",
    19: "decimalFullWidth2",
    22: "decimalZero",
    23: "bullet",
    26: "decimalEnclosedFullstop",
    27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese",
    29: "ideographEnclosedCircle",
    30: "ideographTraditional",
    31: "ideographZodiac",
    33: "taiwaneseCounting",
    35: "taiwaneseCountingThousand",
    37: "chineseCounting",
    38: "chineseLegalSimplified",
    39: "chineseCountingThousand",
    255: "none",
}


@dataclass(slots=True)
class Style:
    """What a paragraph style gives; list_use counts from 1, 0 for none, None where the style it is based on decides."""

    based_on: int = 0xFFF
    list_use: int | None = None
    list_level: int | None = None
    outline: int | None = None
    hidden: bool = False


def read_styles(file: Word97) -> list[Style]:
    """The styles by their number, each with what it takes from those it is based on. A broken sheet gives the built-in headings."""
    styles = _own_styles(file.part(STYLES))
    settled = []
    for number, own in enumerate(styles):
        style = replace(own)
        base, seen = own.based_on, {number}
        while base < len(styles) and base not in seen:
            seen.add(base)
            above = styles[base]
            style.list_level = above.list_level if style.list_level is None else style.list_level
            style.list_use = above.list_use if style.list_use is None else style.list_use
            style.outline = above.outline if style.outline is None else style.outline
            base = above.based_on
        settled.append(style)
    return settled


def _own_styles(sheet: bytes) -> list[Style]:
    if len(sheet) < 6:
        return []
    head, count, base = struct.unpack_from("<HHH", sheet)
    at = 2 + head
    styles: list[Style] = []
    for number in range(count):
        style = Style(outline=number - 1 if 1 <= number <= HEADINGS else None)
        styles.append(style)
        if at + 2 > len(sheet):
            break
        size = struct.unpack_from("<H", sheet, at)[0]
        held = sheet[at + 2 : at + 2 + size]
        at += 2 + size + size % 2
        if len(held) < base + 2 or base < 6:
            continue
        kind = struct.unpack_from("<H", held, 2)[0]
        style.based_on = kind >> 4
        if kind & 15 != 1:
            continue
        name = struct.unpack_from("<H", held, base)[0]
        place = base + 2 + 2 * name + 2
        for paragraphs in (True, False):
            if place + 2 > len(held):
                break
            length = struct.unpack_from("<H", held, place)[0]
            group = held[place + 2 : place + 2 + length]
            place += 2 + length + length % 2
            _take(style, group[2:] if paragraphs else group)
    return styles


def _take(style: Style, group: bytes) -> None:
    for sprm, operand in sprms_of(group):
        if sprm == P_LIST:
            style.list_use = struct.unpack("<H", operand)[0]
        elif sprm == P_LIST_LEVEL:
            style.list_level = operand[0]
        elif sprm == P_OUTLINE:
            style.outline = operand[0]
        elif sprm == C_HIDDEN:
            style.hidden = operand[0] == 1


def read_numbering(file: Word97) -> Numbering:
    """The lists, by the number that paragraphs call them by."""
    numbering = Numbering()
    try:
        _read_uses(file, _defined(file), numbering)
    except (struct.error, IndexError) as error:
        raise file.damaged("编号定义不全") from error
    return numbering


def _defined(file: Word97) -> dict[int, dict[int, Level]]:
    """Levels by the identity of their list. The levels of all lists follow the list of lists."""
    lists = file.part(LISTS)
    if len(lists) < 2:
        return {}
    defined: dict[int, dict[int, Level]] = {}
    rest = file.after(LISTS)
    at = 0
    for index in range(struct.unpack_from("<H", lists)[0]):
        place = 2 + 28 * index
        identity = struct.unpack_from("<i", lists, place)[0]
        levels: dict[int, Level] = {}
        for number in range(1 if lists[place + 26] & 1 else DEEPEST):
            levels[number], at = _level(rest, at)
        defined[identity] = levels
    return defined


def _read_uses(file: Word97, defined: dict[int, dict[int, Level]], numbering: Numbering) -> None:
    uses = file.part(LIST_USES)
    if len(uses) < 4:
        return
    count = struct.unpack_from("<I", uses)[0]
    at = 4 + 16 * count
    for index in range(count):
        identity = struct.unpack_from("<i", uses, 4 + 16 * index)[0]
        changed = uses[4 + 16 * index + 12]
        levels = dict(defined.get(identity, {}))
        at += 4
        restarting = set()
        for _ in range(changed):
            start, flags = struct.unpack_from("<iI", uses, at)
            at += 8
            number = flags & 15
            if flags & 32:
                levels[number], at = _level(uses, at)
            if flags & 16 and number in levels:
                levels[number] = replace(levels[number], start=max(start, 0))
                restarting.add(number)
        key = str(index + 1)
        numbering.levels[key] = levels
        numbering.shared[key] = f"list {identity}"
        numbering.restarting[key] = frozenset(restarting)


def _level(data: bytes, at: int) -> tuple[Level, int]:
    """The level that is stored there, and where the next one is."""
    start, form, flags = struct.unpack_from("<iBB", data, at)
    places = [place for place in data[at + 6 : at + 15] if place]
    follow, characters, paragraphs, limit = data[at + 15], data[at + 24], data[at + 25], data[at + 26]
    at += 28 + paragraphs + characters
    length = struct.unpack_from("<H", data, at)[0]
    text = data[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    printed = "".join(f"%{ord(char) + 1}" if place in places else char for place, char in enumerate(text, 1))
    level = Level(
        form=FORMS.get(form, "decimal"),
        text=printed,
        start=max(start, 0),
        spaced=follow != 2,
        restart=limit if flags & 8 else None,
        legal=bool(flags & 4),
    )
    return level, at + 2 + 2 * length

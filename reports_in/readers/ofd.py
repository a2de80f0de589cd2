"""Read OFD (GB/T 33190): text codes and paths with their places, laid out by reports_in.geometry; a page that is a picture by OCR.

The characters are those of TextCode: CGTransform only says which glyph of the embedded font draws them. Page templates are
read with their pages. Signatures, seals, annotations and attachments are noted, never trusted or opened.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from reports_in.builder import Builder, too_much
from reports_in.decoding import INVISIBLE
from reports_in.document import Document, PageMeta
from reports_in.errors import Damaged, EmptyFile, Encrypted, LimitExceeded
from reports_in.geometry import Floats, Page, Rule, lay_out
from reports_in.limits import LIMITS
from reports_in.ocr import Scans, is_ready
from reports_in.package import Package
from reports_in.printed import SPARSE, Tally
from reports_in.readers.ofd_pictures import Placed, is_see_through, media_in, photographed

MEDIA_TYPE = "application/ofd"
POINTS = 72 / 25.4  # OFD measures in millimetres
PAGE_POINTS = 14_400.0
THIN = 2.5  # points; a filled shape no thicker is a rule, a thicker one is shading
ASCENT = 0.86  # of the type size, above the baseline; the rest of the square is below
NARROW = 0.5  # the advance of a Latin character whose width the file does not state, in type sizes
OBJECTS = 400_000
DEPTH = 30  # of page blocks and composite units in each other

OPAQUE = (None, "255")
CLEAR = ("0",)  # as Alpha
LINE_ENDS = "\r\n"
TURNS = {"90": (0.0, 1.0), "180": (-1.0, 0.0), "270": (0.0, -1.0)}  # CharDirection, clockwise: cosine and sine
NOWHERE = "0 0 0 0"
LINE = {0: ("M", "S"), 3: ("L",)}  # the commands of a path that is a single line, by their place in it

Places = NDArray[np.float64]
Stroke = tuple[str, str, str]  # boundary, matrix and path of a single line, as written
Matrix = tuple[float, float, float, float, float, float]
Element = etree._Element
_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def read(data: bytes, name: str) -> Document:
    """Raise Damaged, Encrypted, LimitExceeded, EmptyFile or NeedsOcr (pictures only)."""
    package = Package(data, name)
    builder = Builder(name)
    reading = _Reading(package, builder)
    lay_out(reading.pages(), builder)
    reading.conclude()
    return builder.document(data, MEDIA_TYPE, reading.meta)


class _Reading:
    def __init__(self, package: Package, builder: Builder) -> None:
        self.package = package
        self.builder = builder
        self.meta = PageMeta()
        self.count = 0
        self.objects = 0
        self.tally = Tally()
        self.numbers = _Numbers()
        self.scans = Scans(builder.name)

    def pages(self) -> Iterator[Page]:
        """Every page of every document body, in order."""
        package = self.package
        path = package.find("OFD.xml")
        if path is None:
            raise self.damaged("缺少 OFD.xml")
        if any("encrypt" in name.lower() for name in package.names()):  # its parts are no XML then
            raise Encrypted(self.builder.name, "OFD 已加密", "请去掉密码后重新提交")
        root = package.xml(path)
        bodies = [child for child in root if _tag(child) == "DocBody"]
        for body in bodies:
            if _first(body, "Signatures") is not None:
                self.builder.note("SIGNED", "OFD 带有电子签名或签章，未核验其效力")
            title = _text_of(body, "DocInfo", "Title")
            if title and self.meta.title is None:
                self.meta = PageMeta(title=INVISIBLE.sub("", title).strip() or None)
            location = _text_of(body, "DocRoot")
            document = package.find(location, path) if location else None
            if document is None:
                raise self.damaged("找不到文档根部件")
            yield from self._body(document)
        if not self.count:
            raise EmptyFile(self.builder.name, "OFD 里一页也没有", "请核对后重新提交")

    def conclude(self) -> None:
        """Refuse what could not be read, note what was read in part."""
        self.tally.conclude(self.builder, "OFD", self.count)
        self.scans.conclude(self.builder)

    def _body(self, document: str) -> Iterator[Page]:
        package = self.package
        root = package.xml(document)
        common = _first(root, "CommonData")
        area = _box(_text_of(common, "PageArea", "PhysicalBox")) if common is not None else None
        templates: dict[str, str] = {}
        composites: dict[str, Element] = {}
        media: dict[str, str] = {}
        for child in common if common is not None else ():
            location = (child.get("BaseLoc") if _tag(child) == "TemplatePage" else child.text) or ""
            part = package.find(location, document) if location.strip() else None
            if part is None:
                continue
            if _tag(child) == "TemplatePage":
                templates[child.get("ID", "")] = part
            elif _tag(child) in ("PublicRes", "DocumentRes"):
                resources = package.xml(part)
                composites |= _composites_in(resources)
                media |= media_in(package, part, resources)
        for kind, code, message in (
            ("Annotations", "ANNOTATIONS", "OFD 含注释或批注，未计入正文"),
            ("Attachments", "ATTACHMENTS", "OFD 内嵌了附件，附件未打开、未审核"),
        ):
            if _first(root, kind) is not None:
                self.builder.note(code, message)
        listed = _first(root, "Pages")
        parsed: dict[str, Element] = {}
        for entry in listed if listed is not None else ():
            self.count += 1
            if self.count > LIMITS.pages:
                raise LimitExceeded(self.builder.name, f"OFD 超过 {LIMITS.pages} 页", "请只提交年报本身，或拆分后重新提交")
            part = package.find(entry.get("BaseLoc", ""), document)
            if part is None:
                raise self.damaged(f"找不到第{self.count}页")
            page_root = package.xml(part)
            units, pictured = composites, media
            for location in [child.text or "" for child in page_root if _tag(child) == "PageRes"]:  # what only this page uses
                path = package.find(location, part) or package.find(location, document) if location.strip() else None
                if path is not None:
                    resources = package.xml(path)
                    units = units | _composites_in(resources)
                    pictured = pictured | media_in(package, path, resources)
            page, pictures = self._page(page_root, area, templates, parsed, units, pictured)
            if page.number in self.tally.pictures and is_ready():
                page = self._recognised(page, pictures, pictured)
            yield page

    def _recognised(self, page: Page, pictures: list[Placed], media: dict[str, str]) -> Page:
        """The page as OCR reads it; as it was, if that finds nothing or its pictures cannot be read."""
        picture = photographed(self.package, media, pictures, page.width, page.height)
        if picture is None:
            return page
        read = self.scans.page(picture[0], page.number, picture[1], page.width)
        if not read.text.strip():
            self.scans.forget(page.number)
            return page
        self.tally.read_by_ocr(page.number, page.text, read.text)
        return read

    def _page(
        self,
        root: Element,
        area: tuple[float, float, float, float] | None,
        templates: dict[str, str],
        parsed: dict[str, Element],
        composites: dict[str, Element],
        media: dict[str, str],
    ) -> tuple[Page, list[Placed]]:
        """The page as it is printed, and where its pictures are."""
        left, top, width, height = _box(_text_of(root, "Area", "PhysicalBox")) or area or (0.0, 0.0, 210.0, 297.0)
        width, height = width * POINTS, height * POINTS
        if not (0 < width <= PAGE_POINTS and 0 < height <= PAGE_POINTS):
            raise LimitExceeded(
                self.builder.name,
                f"第{self.count}页的尺寸为 {width:.0f}×{height:.0f} 点，不是正常页面",
                "请按 A4 重新导出后提交",
            )
        ink = _Ink(self, composites)
        at: Matrix = (POINTS, 0.0, 0.0, POINTS, -left * POINTS, -top * POINTS)
        self._templates(root, ink, at, templates, parsed)
        ink.content(_first(root, "Content"), at)
        cover = media.get(ink.covered_by(width * height) or "")
        if cover is not None and not is_see_through(self.package.read(cover)):
            self.tally.hidden += sum(map(len, ink.text))
            ink.forget_text()
        text = "".join(ink.text)
        boxes = ink.boxes()
        if not np.isfinite(boxes).all():
            raise self.damaged(f"第{self.count}页的文字没有位置")
        if INVISIBLE.search(text):
            kept = [index for index, char in enumerate(text) if not INVISIBLE.match(char)]
            text, boxes = "".join([text[index] for index in kept]), boxes[kept]
        sizes = [(wide, high) for _, (_, _, wide, high) in ink.pictures]
        text = self.tally.page(self.count, text, sizes, width * height)
        page = Page(self.count, width, height, text, boxes, ink.horizontal, ink.vertical)
        quarter = ink.quarter() if len(text) >= SPARSE else 0
        for _ in range(quarter):
            page = _turned_left(page)
        return page, ink.pictures

    def _templates(
        self,
        root: Element,
        ink: _Ink,
        at: Matrix,
        templates: dict[str, str],
        parsed: dict[str, Element],
        inside: frozenset[str] = frozenset(),
    ) -> None:
        """Draw the template pages that a page names, and those that these name themselves."""
        for used in root:
            key = used.get("TemplateID", "") if _tag(used) == "Template" else ""
            if not key or key in inside:
                continue
            if key not in templates:
                raise self.damaged(f"找不到第{self.count}页的模板页")
            if key not in parsed:
                parsed[key] = self.package.xml(templates[key])
            self._templates(parsed[key], ink, at, templates, parsed, inside | {key})
            ink.content(_first(parsed[key], "Content"), at)

    def damaged(self, what: str) -> Damaged:
        return Damaged(self.builder.name, f"OFD 已损坏：{what}", "请用阅读器核对原文件，重新导出后提交")


class _Ink:
    """What stands on one page: characters with their boxes, rules, and the area of pictures.

    A page has a thousand objects and each states a dozen numbers: they are kept as written and made numbers together.
    """

    def __init__(self, reading: _Reading, composites: dict[str, Element]) -> None:
        self.reading = reading
        self.composites = composites
        self.text: list[str] = []
        self.x = array("d")  # of every character, as are the steps to the next one
        self.steps = array("d")
        self.places: list[str] = []  # of every run: its object's boundary
        self.runs: list[tuple[float, ...]] = []  # matrix without the boundary's corner, size, width, y, number of characters
        self.fallen: list[tuple[int, list[float]]] = []  # index of a first character and the y of all those of its run
        self.numbers = reading.numbers
        self.deltas: dict[tuple[str, int], list[float]] = {}
        self.horizontal: list[Rule] = []
        self.vertical: list[Rule] = []
        self.pictures: list[Placed] = []
        self.over = 0, 0.0, ""  # how many runs stood when the latest opaque picture was drawn, the area that it takes, its id

    def covered_by(self, area: float) -> str | None:
        """The id of the picture as large as the page that is drawn over all its text: the page shows a scan, if it is there."""
        runs, taken, key = self.over
        return key if 0 < len(self.runs) == runs and taken > 0.8 * area else None

    def quarter(self) -> int:
        """By how many quarter turns the page must be turned left to stand upright, as most of its characters do then."""
        turns = [0, 0, 0, 0]
        for a, b, *_, count in self.runs:
            turns[(0 if a >= 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)] += int(count)
        return turns.index(max(turns))

    def forget_text(self) -> None:
        self.text, self.places, self.runs, self.fallen = [], [], [], []
        self.x, self.steps = array("d"), array("d")

    def content(self, element: Element | None, at: Matrix, depth: int = 0, inside: frozenset[str] = frozenset()) -> None:
        """All that is drawn in a Content, Layer, PageBlock or composite unit, in drawing order.

        inside names the composite units around it: one that holds itself is drawn once.
        """
        if element is None:
            return
        if depth > DEPTH:
            raise too_much(self.reading.builder.name, "图文对象的嵌套", DEPTH, "层")
        reading = self.reading
        strokes: list[Stroke] = []
        scaled: list[Stroke] = []
        for child in element:
            tag = _NAMES.get(child.tag) or _tag(child)
            get = child.get
            if get("Visible") == "false":
                continue
            reading.objects += 1
            if reading.objects > OBJECTS:
                raise too_much(reading.builder.name, "图文对象", OBJECTS, "个")
            if tag == "PathObject":
                stroked = get("Stroke") != "false"
                if not stroked and get("Fill") != "true":
                    continue
                drawn = _drawn(child)
                if not drawn:
                    continue
                place, matrix = get("Boundary", ""), get("CTM")
                if drawn.count(" ") == 5:  # a single line, as most rules are
                    (scaled if matrix else strokes).append((place, matrix or "", drawn))
                else:
                    self._path(drawn, stroked, _placed(place, matrix, at))
            elif tag == "TextObject":
                self._text(child, at)
            elif tag == "ImageObject":
                box = _box(get("Boundary"))
                if box:
                    left, top, wide, high = box
                    a, b, c, d, e, f = at
                    corner = (a * left + c * top + e, b * left + d * top + f)
                    self.pictures.append((get("ResourceID", ""), (*corner, abs(a) * wide, abs(d) * high)))
                    if get("Alpha") in OPAQUE and not get("ImageMask"):
                        self.over = len(self.runs), abs(a) * wide * abs(d) * high, get("ResourceID", "")
            elif tag == "CompositeObject":
                key = get("ResourceID", "")
                unit = self.composites.get(key)
                if unit is None:
                    raise reading.damaged(f"找不到第{reading.count}页的复合对象")
                if key not in inside:
                    placed = _placed(get("Boundary"), get("CTM"), at)
                    self.content(_first(unit, "Content"), placed, depth + 1, inside | {key})
            elif tag in ("Layer", "PageBlock"):
                self.content(child, at, depth + 1, inside)
        for group in (strokes, scaled):
            if group and not self._strokes(group, at):
                for place, matrix, drawn in group:
                    self._path(drawn, True, _placed(place, matrix, at))

    def _text(self, element: Element, at: Matrix) -> None:
        """Note every character's origin and steps; boxes() makes boxes of them, for all of the page at once."""
        get, number = element.get, self._number
        size = number(get("Size"), 3.5)
        wide = size * number(get("HScale"), 1.0)
        place, matrix = get("Boundary", ""), get("CTM")
        if matrix:
            at, place = _placed(place, matrix, at), NOWHERE
        x = y = 0.0
        slanted = at[1] != 0 and _is_slanted(at)
        hidden = (get("Fill") == "false" and get("Stroke") != "true") or get("Alpha") in CLEAR
        downwards, turn = get("ReadDirection") == "90", TURNS.get(get("CharDirection", ""))
        for code in element:
            tag = _NAMES.get(code.tag) or _tag(code)
            if tag != "TextCode":
                hidden = hidden or (tag == "FillColor" and code.get("Alpha") in CLEAR and get("Stroke") != "true")
                continue
            text, stated = code.text, code.get
            x, y = number(stated("X"), x), number(stated("Y"), y)  # what is not stated goes on from the code before
            if text and text[0] in LINE_ENDS:  # an indented file; a line end is no character that is set
                text = text.strip()
            if not text:
                continue
            if hidden:
                self.reading.tally.hidden += len(text)
                continue
            if slanted:
                self.reading.tally.slanted.append(text.strip())
                continue
            count = len(text)
            fallen: list[float] | None = None
            if count > 1:
                across, down = self._deltas(stated("DeltaX"), count - 1), self._deltas(stated("DeltaY"), count - 1)
                if downwards and not across and not down:
                    down = [size] * (count - 1)
                if len(across) < count - 1:  # what is not stated follows from the widths, unless the line runs downwards
                    given = len(across)
                    across = across + [0.0 if down else wide if char > "\x7f" else NARROW * wide for char in text[given:-1]]
                if down:
                    fallen = list(accumulate(down + [0.0] * (count - 1 - len(down)), initial=y))
            else:
                across = []
            if turn is not None:
                self._turned(text, list(accumulate(across, initial=x)), fallen or [y] * count, turn, (*at, size, wide), place)
                continue
            if fallen:
                self.fallen.append((len(self.x), fallen))
            self.x.extend(accumulate(across, initial=x))
            self.steps.extend(across)
            self.steps.append(0.0)
            self.text.append(text)
            self.places.append(place)
            self.runs.append((*at, size, wide, y, count))

    def _turned(
        self, text: str, xs: list[float], ys: list[float], turn: tuple[float, float], run: tuple[float, ...], place: str
    ) -> None:
        """Note characters that are turned each about its own origin, as runs of one. turn: cosine and sine."""
        cos, sin = turn
        *matrix, size, wide = run
        a, b, c, d, e, f = _placed(place, None, (matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5]))
        for x, y in zip(xs, ys, strict=True):
            linear = a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin
            self.runs.append((*linear, a * x + c * y + e, b * x + d * y + f, size, wide, 0.0, 1))
        self.x.extend([0.0] * len(xs))
        self.steps.extend([0.0] * len(xs))
        self.places += [NOWHERE] * len(xs)
        self.text.append(text)

    def _number(self, stated: str | None, default: float) -> float:
        """As _number, but every spelling is parsed once."""
        if not stated:
            return default
        try:
            return self.numbers[stated]
        except ValueError:
            return _number(stated, default)

    def _deltas(self, stated: str | None, needed: int) -> list[float]:
        """As _deltas, but every spelling is parsed once; the list is shared, so not to be changed."""
        if not stated:
            return []
        key = stated, needed
        known = self.deltas.get(key)
        if known is None:
            known = self.deltas[key] = _deltas(stated, needed)
        return known

    def boxes(self) -> Floats:
        """Left, top, right, bottom of every character: its advance, or its step to the next one where that is shorter."""
        if not self.runs:
            return np.empty((0, 4), np.float32)
        places = _table(self.places, 4, self.numbers)
        if places is None:  # some boundary is missing or is no four numbers
            places = np.array([_box(place) or (0.0, 0.0, 0.0, 0.0) for place in self.places])
        runs = np.fromiter(chain.from_iterable(self.runs), np.float64, 10 * len(self.runs)).reshape(-1, 10).T
        a, b, c, d, e, f = runs[:6]
        one, two = places[:, 0], places[:, 1]
        with np.errstate(all="ignore"):
            placed = np.vstack((runs[:4], one * a + two * c + e, one * b + two * d + f, runs[6:9]))
        a, b, c, d, e, f, size, wide, y = np.repeat(placed, runs[9].astype(np.int64), axis=1)
        x, step = np.frombuffer(self.x), np.frombuffer(self.steps)
        for first, ys in self.fallen:
            y[first : first + len(ys)] = ys
        codes = np.frombuffer("".join(self.text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        advance = np.where(codes > 0x7F, wide, NARROW * wide)
        room = np.where(advance < wide, wide, advance)  # a Latin character may be wider than supposed
        advance = np.where((step > 0) & (step < room), step, advance)
        left, top, right, bottom = x, y - ASCENT * size, x + advance, y + (1 - ASCENT) * size
        x0, y0, x1, y1 = a * left + c * top + e, b * left + d * top + f, a * right + c * bottom + e, b * right + d * bottom + f
        boxes = np.empty((len(x), 4), np.float32)
        np.minimum(x0, x1, out=boxes[:, 0], casting="same_kind")
        np.minimum(y0, y1, out=boxes[:, 1], casting="same_kind")
        np.maximum(x0, x1, out=boxes[:, 2], casting="same_kind")
        np.maximum(y0, y1, out=boxes[:, 3], casting="same_kind")
        return boxes

    def _strokes(self, strokes: list[Stroke], at: Matrix) -> bool:
        """Note single lines as rules, all at once. False, and nothing is noted, if one of them is not written plainly."""
        boundaries, matrices, drawn = zip(*strokes, strict=True)
        places, lines = _table(boundaries, 4, self.numbers), _table(drawn, 6, self.numbers, LINE)
        own = _table(matrices, 6, self.numbers) if matrices[0] else None
        if places is None or lines is None or (own is None and matrices[0]):
            return False
        p, q, r, s, t, u = at
        left, top = places[:, 0], places[:, 1]
        a: Any
        with np.errstate(all="ignore"):
            if own is None:
                a, b, c, d, e, f = p, q, r, s, left * p + top * r + t, left * q + top * s + u
            else:
                a, b, c, d, e, f = own.T
                e, f = e + left, f + top
                a, b, c, d, e, f = (
                    a * p + b * r,
                    a * q + b * s,
                    c * p + d * r,
                    c * q + d * s,
                    e * p + f * r + t,
                    e * q + f * s + u,
                )
            x0, y0, x1, y1 = lines.T
            x0, y0, x1, y1 = a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f
            left, right, top, bottom = np.minimum(x0, x1), np.maximum(x0, x1), np.minimum(y0, y1), np.maximum(y0, y1)
            real = np.isfinite(left + top + right + bottom)
            wide, high = right - left, bottom - top
            level = real & (wide > 2 * high)
            upright = real & (high > 2 * wide)
            middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        self.horizontal += zip(middle_y[level].tolist(), left[level].tolist(), right[level].tolist(), strict=True)
        self.vertical += zip(middle_x[upright].tolist(), top[upright].tolist(), bottom[upright].tolist(), strict=True)
        return True

    def _path(self, drawn: str, stroked: bool, at: Matrix) -> None:
        a, b, c, d, e, f = at
        tokens = drawn.split()
        if len(tokens) == 6 and tokens[0] in ("M", "S") and tokens[3] == "L":  # a single line
            try:
                x0, y0, x1, y1 = float(tokens[1]), float(tokens[2]), float(tokens[4]), float(tokens[5])
            except ValueError:
                return
            left, top, right, bottom = a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f
            if right < left:
                left, right = right, left
            if bottom < top:
                top, bottom = bottom, top
            self._rule(left, top, right, bottom)
            return
        for points, straight in _subpaths(drawn):
            if not straight or len(points) < 2:
                continue
            placed = [(a * x + c * y + e, b * x + d * y + f) for x, y in points]
            box = (
                min([x for x, _ in placed]),
                min([y for _, y in placed]),
                max([x for x, _ in placed]),
                max([y for _, y in placed]),
            )
            if min(box[2] - box[0], box[3] - box[1]) <= THIN:
                self._rule(*box)
            elif stroked:
                for (x0, y0), (x1, y1) in pairwise(placed):
                    if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                        self._rule(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def _rule(self, left: float, top: float, right: float, bottom: float) -> None:
        """A thin box is a rule; one nearly as thick as long is a dot or a slanted line, one without end is a fault."""
        if not math.isfinite(left + top + right + bottom):
            return
        if right - left > 2 * (bottom - top):
            self.horizontal.append(((top + bottom) / 2, left, right))
        elif bottom - top > 2 * (right - left):
            self.vertical.append(((left + right) / 2, top, bottom))


def _subpaths(data: str) -> list[tuple[list[tuple[float, float]], bool]]:
    """The corner points of every subpath of an AbbreviatedData, and whether all its lines are straight."""
    paths: list[tuple[list[tuple[float, float]], bool]] = []
    points: list[tuple[float, float]] = []
    straight = True
    tokens = data.replace(",", " ").split()
    index = 0
    while index < len(tokens):
        command = tokens[index]
        count = _ARGUMENTS.get(command)
        if count is None:
            index += 1  # a number without command
            continue
        try:
            numbers = [float(token) for token in tokens[index + 1 : index + 1 + count]]
        except ValueError:
            break
        if len(numbers) < count:
            break
        index += 1 + count
        if command in "SM":
            if points:
                paths.append((points, straight))
            points, straight = [(numbers[0], numbers[1])], True
        elif command == "C":
            if points:
                points.append(points[0])
        else:
            straight = straight and command == "L"
            points.append((numbers[-2], numbers[-1]))
    if points:
        paths.append((points, straight))
    return paths


def _deltas(stated: str | None, needed: int) -> list[float]:
    """DeltaX or DeltaY spelled out: ``g 3 5.5`` stands for 5.5 5.5 5.5. No more than the text needs."""
    if not stated:
        return []
    deltas: list[float] = []
    tokens = stated.replace(",", " ").split()
    index = 0
    while index < len(tokens) and len(deltas) < needed:
        try:
            if tokens[index] == "g":
                count, value = int(float(tokens[index + 1])), float(tokens[index + 2])
                deltas.extend([value] * min(count, needed - len(deltas)))
                index += 3
            else:
                deltas.append(float(tokens[index]))
                index += 1
        except (ValueError, IndexError, OverflowError):
            break
    return deltas


def _placed(place: str | None, stated: str | None, at: Matrix) -> Matrix:
    """From an object's own coordinates to points on the page: its CTM, its boundary's corner, then what holds it."""
    left, top, _, _ = _box(place) or (0.0, 0.0, 0.0, 0.0)
    p, q, r, s, t, u = at
    own = _numbers(stated) if stated else ()
    if len(own) != 6:
        return p, q, r, s, left * p + top * r + t, left * q + top * s + u
    a, b, c, d, e, f = own
    e, f = e + left, f + top
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _turned_left(page: Page) -> Page:
    """The page turned by a quarter against the clock: what ran downwards runs to the right."""
    left, top, right, bottom = page.boxes.T
    return replace(
        page,
        width=page.height,
        height=page.width,
        boxes=np.stack((top, page.width - right, bottom, page.width - left), axis=1).astype(np.float32),
        horizontal=[(page.width - x, y0, y1) for x, y0, y1 in page.vertical],
        vertical=[(y, page.width - x1, page.width - x0) for y, x0, x1 in page.horizontal],
    )


def _composites_in(resources: Element) -> dict[str, Element]:
    return {unit.get("ID", ""): unit for unit in resources.iter("{*}CompositeGraphicUnit")}


def _drawn(path: Element) -> str | None:
    """The AbbreviatedData of a path; asked for its first child only where that is it, as in most files."""
    if len(path):
        first = path[0]
        if (_NAMES.get(first.tag) or _tag(first)) == "AbbreviatedData":
            return first.text
    return _text_of(path, "AbbreviatedData")


class _Numbers(dict[str, float]):
    """What numbers in attributes come to. In a table most are written many times: looking up costs a fifth of parsing.

    Raises ValueError for what is no number.
    """

    def __missing__(self, stated: str) -> float:
        number = float(stated)
        if len(self) < 100_000:
            self[stated] = number
        return number


def _table(
    stated: Sequence[str], width: int, numbers: _Numbers, words: Mapping[int, tuple[str, ...]] = MappingProxyType({})
) -> Places | None:
    """The numbers of many attributes, a row for each; None if one of them is not so many numbers parted by blanks.

    words  what must stand, instead of a number, at these places of every row.
    """
    joined = " | ".join(stated)
    tokens = joined.split()
    between = tokens[width :: width + 1]
    rows = len(stated)
    if len(tokens) != (width + 1) * rows - 1 or between.count("|") != rows - 1 or joined.count("|") != rows - 1:
        return None
    del tokens[width :: width + 1]
    for place in sorted(words, reverse=True):
        found = tokens[place::width]
        if sum(map(found.count, words[place])) != rows:
            return None
        del tokens[place::width]
        width -= 1
    try:
        return np.fromiter(map(numbers.__getitem__, tokens), np.float64, width * rows).reshape(rows, width)
    except ValueError:
        return None


def _is_slanted(at: Matrix) -> bool:
    """Written neither level nor upright, as watermarks are."""
    lean = math.atan2(at[1], at[0]) % (math.pi / 2)
    return 0.05 < lean < math.pi / 2 - 0.05


def _box(stated: str | None) -> tuple[float, float, float, float] | None:
    if not stated:
        return None
    numbers = _numbers(stated)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def _numbers(stated: str) -> list[float]:
    if "," in stated:
        stated = stated.replace(",", " ")
    try:
        return list(map(float, stated.split()))
    except ValueError:
        return []


def _number(stated: str | None, default: float) -> float:
    if not stated:
        return default
    try:
        return float(stated)
    except ValueError:  # a comma beside it is forgiven
        numbers = _numbers(stated)
        return numbers[0] if len(numbers) == 1 else default


def _tag(element: Element) -> str:
    """The name without namespace; a comment or processing instruction has none."""
    tag = element.tag
    name = _NAMES.get(tag)
    if name is None:
        if not isinstance(tag, str):
            return ""
        name = tag.rpartition("}")[2]
        if len(_NAMES) < 1_000:
            _NAMES[tag] = name
    return name


_NAMES: dict[str, str] = {}


def _first(element: Element | None, name: str) -> Element | None:
    if element is not None:
        for child in element:
            if _tag(child) == name:
                return child
    return None


def _text_of(element: Element | None, *names: str) -> str | None:
    for name in names:
        element = _first(element, name)
    return element.text if element is not None else None

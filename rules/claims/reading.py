"""Read the claims of a filing's sentences: clause by clause, with what was said before in mind.

A clause becomes a string of word kinds (``words.py``). Each figure in it is bound by what stands before it in the clause (收到…申请 N 件) or
after it (N 件…予以公开). What is not understood is not taken: an unknown word between verb and object makes a part of it (subset),
an unknown word anywhere else where it could matter drops it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from rules.agencies import Body, Level
from rules.claims.vocabulary import COUNT, DISPUTES, SCOPE
from rules.claims.words import LONGEST_SENTENCE, VOCABULARY, Word, words_of
from rules.filing import Claim, Filing, Number
from rules.prose import Passage, Prose, Sentence, prose_of
from rules.verdict import Evidence

# a sentence that names none of these, or says neither a number nor none nor all of it, states nothing that a table knows
TELLING = re.compile(
    "申请|复议|诉讼|起诉|结转|顺延|办结|答复|正在[办处]理|收到|受理|规范性文件|行政许可|行政处罚|行政强制|事业性收费|处理费|收费|收取|费用"
    "|主动公开(?:政府|政务)信息|予以公开|部分公开|不予|无法提供|自然人|胜诉|败诉"
)
# a figure that is no year, 三件, none, all: one class of characters to begin with, which is found ten times as fast as a choice
NUMBERED = re.compile(
    r"[\d一二两三四五六七八九十百未无零均没不全](?:(?<=\d)(?<!\d\d)(?<!2(?=0\d\d年))|(?<=[未无零均])"
    r"|(?<=[一二两三四五六七八九十百])(?:件|起|项|宗|例|份)|(?<=没)有|(?<=不)存在|(?<=全)部)"
)
ABOUT = frozenset({"按照", "根据", "依据", "对", "向", "就", "关于", "针对", "由", "经", "因"})  # 按照全市部署 names no circle
OPENING = re.compile(
    rf"(?:（[一二三四五六七八九十]+）[^。，]{{0,20}}。|[一二三四五六七八九十]是)?(?:20\d\d年度?，?|今年，?|全年，?|本年度，?)*"
    rf"(?P<circle>{'|'.join(sorted((w for w, (kind, _) in VOCABULARY.items() if kind == SCOPE), key=len, reverse=True))})"
)
OPENS = frozenset("（一二三四五六七八九十2今全本").union(word[0] for word, (kind, _) in VOCABULARY.items() if kind == SCOPE)
TABLE_SECTIONS = frozenset(
    {"disclosure", "applications", "litigation"}
)  # a line there without a full stop is a piece of a table
OTHERS = re.compile("建议|提案|信访|热线|信箱|投诉|举报|咨询|诉求|留言|工单")
NAMED = re.compile(f"{TELLING.pattern}|{OTHERS.pattern}")  # most sentences name neither: one look tells
HEADING_END = re.compile("[。：，；]")
OBJECTS = "OoRrLlDAGgkcfçiB"
# who speaks at the head of a sentence of a government's report: 市公安局, 县卫生健康委, 东街街道
DEPARTMENT_SPEAKS = re.compile(
    r"(?:(?:20\d\d年度?|今年|全年|本年度)，?|[一二三四五六七八九十]是|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．])*"
    r"(?P<name>[市县区省州旗][\u4e00-\u9fff]{1,14}?(?:局|委员会|委|厅|法院|检察院|中心|办公室|街道|镇|乡|管委会))"
)
SPEAKS = frozenset("今全本一二三四五六七八九十（(市县区省州旗")  # what it begins with, or a digit
ORGANISATION = re.compile(
    r"(?:局|委|办|厅|部|院|署|中心|公司|办公室|机关|部门|单位|街道|镇|乡|处|所|站|队|政府|法院|管委会|委员会)$"
)
MARK = re.compile("[,;:()]")  # what ends a clause
LEADING = frozenset("YFq@*m0&WSyn")
FIGURES = frozenset("NM#")
UNCOUNTED = frozenset("N0M#")  # beside a figure, a channel is where that many came in
NOTED = frozenset(OBJECTS + "p")

OF_THIS_YEAR = re.compile("(?:本年度?|当年度?|今年|20[0-4][0-9]年度?|新)(?:新?收到?的?|受理的?)?(?:政府信息公开)?申请")
LONG_CLAUSE = 40  # characters; a message shows the end of a longer one
WHOLE_DISPUTES = frozenset(f"{group}.total" for group in (*DISPUTES.values(), "disputes"))
NARROWED = re.compile(
    r"(?:涉及?|其中|属于|有关|关于)[^，；]{0,8}信息公开[^，；]{0,12}?(?:[0-9一二三四五六七八九十零]+[件起宗项]|为[0零]|没有|未发生)"
    r"|(?:不涉及?|不属于?|非|与|并非)[^，；]{0,8}信息公开"
)
DUE = re.compile("[（(][^（()）]{0,12}(?:到期|届满|期限|应办|按期)")  # 办结率100%（已到期件）
UP_TO_DAY = re.compile("截[至止]到?(20[0-4][0-9])年")
ALL_CONCLUDED = re.compile(r"\*[F&]*H")
CONCLUDED = re.compile("[办处]理?[结完]|完成")
ALL_NATURAL = re.compile(r"\*F*K[FoO]*")


@dataclass(slots=True)
class Said:
    """What a sentence has said so far."""

    year: int | None = None
    scope: str = ""
    some: bool = False  # 市直部门, 各县区: a part of the circle that a government's tables count
    subset: bool = False
    channel: bool = False
    cumulated: bool = False
    object: str = ""  # the last thing counted: one kind of OBJECTS, "" if none yet
    outer: list[bool] = field(default_factory=list)  # whether the text outside each open bracket was a subset
    published: bool = False
    last_is_part: bool = False  # the last number of applications was a part of them
    pair: list[str] = field(default_factory=list)  # subjects that wait for their figure: 分别为3件、2件


@dataclass(slots=True)
class Around:
    """What a passage has said so far, and under which heading it stands."""

    section: str = ""
    heading: str = ""
    applications: bool = False
    year: int | None = None
    scope: str = ""
    object: str = ""
    foreign: bool = False  # another agency is spoken of
    last_is_part: bool = False  # the last number of applications was a part of them


def read_claims(filing: Filing, binding: Binding) -> tuple[Claim, ...]:
    """Every claim of the filing's prose in reading order. Tables and headings are not prose."""
    prose = prose_of(filing)
    reader = Reader(filing, prose, binding)
    found: list[Claim] = []
    for index in prose.text().lines_of(NAMED):
        sentence = prose.sentences[index]
        words = sentence.words
        if len(words) > LONGEST_SENTENCE or (sentence.section in TABLE_SECTIONS and not words.endswith(("。", "；", "！"))):
            continue
        if TELLING.search(words) and NUMBERED.search(words):
            reader.enter(index)
            found.extend(reader.read(sentence))
        elif OTHERS.search(words):
            reader.enter(index)
            reader.around.object = "B"
    if any(claim.subject == "applications.carried_out" and claim.value for claim in found):
        # 均已办结 beside 结转2件 speaks of those that were due
        found = [replace(claim, subset=True) if claim.subject == "applications.all_handled" else claim for claim in found]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Binding:
    """What binds figures to subjects (bindings.py). counts: each answers True if it has settled the figure; money: for amounts.

    Beside each of ``counts`` the kinds of words of which one must stand beside the figure: without it the answer is False.
    """

    counts: tuple[tuple[frozenset[str], Callable[[Figure], bool]], ...]
    money: Callable[[Reading, str, Word, int | None], None]


class Reader:
    """Reads the sentences of one filing in order."""

    def __init__(self, filing: Filing, prose: Prose, binding: Binding) -> None:
        self.prose = prose
        self.binding = binding
        self.year = filing.year.value
        self.agency = filing.agency.value or ""
        self.kind = filing.agency_kind
        self.is_whole = self.kind.body in (Body.GOVERNMENT, Body.ZONE)
        self.is_town = self.kind.level is Level.TOWNSHIP
        self.reviews_others = "司法" in self.agency or "法院" in self.agency or "检察" in self.agency
        self.around = Around()
        self._headed = 0  # passages whose headings have been noted
        self._opened = 0  # sentences whose first words have been noted, or need not be: their passage is over

    def enter(self, index: int) -> None:
        """Note under which heading the sentence stands and of whom those before it in its passage speak. Most sentences are never
        entered: they state nothing."""
        sentences = self.prose.sentences
        passage = sentences[index].passage
        if self._opened == 0 or sentences[self._opened - 1].passage is not passage:
            self._begin(passage)
            self._opened = index
            while self._opened and sentences[self._opened - 1].passage is passage:
                self._opened -= 1
        for sentence in sentences[self._opened : index + 1]:
            self._open(sentence)
        self._opened = index + 1

    def _begin(self, passage: Passage) -> None:
        around = self.around
        passages = self.prose.passages
        heading: Passage | None = None
        while self._headed == 0 or passages[self._headed - 1] is not passage:
            following = passages[self._headed]
            if following.section != around.section:
                around.section, around.heading, heading = following.section, "", None
            if following.lead is not None and following.lead.style in ("paren_han", "han"):
                heading = following
            self._headed += 1
        if heading is not None:
            around.heading = HEADING_END.split(heading.title[:40], maxsplit=1)[0]
        around.applications = "申请" in around.heading or passage.section == "applications"
        around.foreign = around.last_is_part = False
        around.year, around.scope, around.object = None, "", "O" if around.applications else ""

    def _open(self, sentence: Sentence) -> None:
        """Note of whom the sentence speaks from its first words on: 2023年，全市各级行政机关……"""
        first = sentence.words[:1]
        opening = OPENING.match(sentence.words) if first in OPENS else None
        if opening is not None:
            self.around.scope = self.circle(VOCABULARY[opening["circle"]][1])
            self.around.foreign = False
        speaks = DEPARTMENT_SPEAKS.match(sentence.words) if first in SPEAKS or first.isdecimal() else None
        if speaks is not None:
            self.around.foreign = not self.is_own(speaks["name"])

    def circle(self, meaning: str) -> str:
        """The scope that a word such as 全市, 本机关, 我镇 gives; of a town, its own name is no other circle."""
        if meaning != "self":
            return "all" if meaning == "some" else meaning
        return "" if self.is_town or self.kind.body is Body.ZONE else "all"

    def is_own(self, name: str) -> bool:
        """True if the name is the agency's, whole or shortened: 党政办 for …党政综合办公室, but not 市政府 for …市人民政府办公室."""
        letters = iter(self.agency)
        ends = name[-1:] in self.agency[-3:] or (name.endswith(("街道", "镇", "乡")) and self.is_town)
        return len(name) > 1 and ends and all(char in letters for char in name)

    def read(self, sentence: Sentence) -> Iterator[Claim]:
        """The claims of one sentence."""
        text = sentence.bare
        words = words_of(text)
        kinds = "".join([word[0] for word in words])  # of each its kind
        reading = Reading(self, sentence, text, words, kinds)
        claims = reading.claims()
        if "O" in kinds:
            self.around.applications = True
        if claims:
            self.around.year, self.around.scope = reading.said.year, reading.said.scope
        if reading.said.object:
            self.around.object = reading.said.object
        self.around.last_is_part = reading.said.last_is_part
        yield from claims


class Reading:
    """One sentence under the reader's eyes."""

    def __init__(self, reader: Reader, sentence: Sentence, text: str, words: tuple[Word, ...], kinds: str) -> None:
        self.reader = reader
        self.sentence = sentence
        self.text = text
        self.words = words
        self.kinds = kinds
        around = reader.around
        self.said = Said(
            year=around.year if around.year != reader.year else None,
            scope=around.scope,
            object=around.object,
            last_is_part=around.last_is_part,
        )
        self.qualified = "O" in kinds or "Q" in kinds
        self.in_context = around.applications or self.qualified
        self.found: list[Claim] = []
        self.foreign = around.foreign
        self.clause = (0, 0)
        self.span = (0, 0)  # the words of the last clause
        self.evidence: Evidence | None = None

    def claims(self) -> list[Claim]:
        mark = ";"
        begin = 0
        for match in MARK.finditer(self.kinds):
            self._clause(begin, match.start(), mark)
            mark, begin = match[0], match.end()
        self._clause(begin, len(self.kinds), mark)
        return self._settled() if self.found else []

    # a clause

    def _clause(self, begin: int, end: int, mark: str) -> None:
        said = self.said
        if mark == ";":
            # 其中1件申请甲，予以公开；1件申请乙: a list that 其中 opened goes on where the next part starts with its figure
            goes_on = said.subset and self.kinds[begin:end].lstrip("F&")[:1] == COUNT
            said.subset, said.channel, said.cumulated, said.some = goes_on, False, False, False
        elif mark == "(":
            said.outer.append(said.subset or self._another_speaks())
            said.subset = True
        elif mark == ")" and said.outer:
            said.subset = said.outer.pop()
        kinds = self.kinds[begin:end]
        if not kinds:
            return
        self.clause = (self.words[begin].start, self.words[end - 1].end)
        opens = self.span[0] if mark == ":" and kinds.strip("F") == "Z" else begin  # 依申请公开情况：无
        self.span = (begin, end)
        if "x" in kinds:
            self.note_objects(begin, end)
            return
        figures = [] if FIGURES.isdisjoint(kinds) else [index for index, kind in enumerate(kinds, begin) if kind in FIGURES]
        # what each of these looks for is in few clauses, and to call one costs more than to see that
        if "y" in kinds and not figures and self._cumulated(begin, end):
            said.cumulated = True
        year = self._note_time(begin, end, kinds) if "Y" in kinds and "J" not in kinds else said.year
        if "q" in kinds:
            self._note_scope(begin, end, kinds)
        if "w" in kinds:
            self._note_channel(begin, end, kinds)
        if "S" in kinds and not figures:
            said.subset = True
        if "Z" in kinds:
            self._none(opens, end, year)
        if "*" in kinds or "u" in kinds:
            self._without_number(begin, end, kinds, year, figures)
        start = begin
        for position, figure in enumerate(figures):
            stop = figures[position + 1] if position + 1 < len(figures) else end
            self._figure(begin, start, figure, stop, stop < end, year)
            start = figure + 1
        self.note_objects(start, end)

    def _another_speaks(self) -> bool:
        """县政府（含办公室）收到5件: the clause before the bracket names who speaks, and that is a part of what is reported."""
        begin, end = self.span
        kinds = self.kinds[begin:end]
        return "X" in kinds and set(kinds) <= LEADING | {"X"} and self.speaker(begin, end) == "part"

    def _note_time(self, begin: int, end: int, kinds: str) -> int | None:
        """The year of this clause; a printed year holds for what follows too."""
        said = self.said
        opens = self._opens(begin, end)
        numbered = not FIGURES.isdisjoint(kinds)
        years = []
        for index in range(begin, end):
            word = self.words[index]
            if word.kind != "Y":
                continue
            if word.meaning == "-1":
                return (self.reader.year or 0) - 1
            if (numbered or index <= opens) and self.text[word.start - 1 : word.start] not in ABOUT:
                years.append(int(word.meaning))
        if len(set(years)) > 1:
            said.cumulated = True
        elif years:
            said.year = years[0]
        return said.year

    def _note_scope(self, begin: int, end: int, kinds: str) -> None:
        """A circle of agencies counts where it opens the clause or stands beside a number."""
        opens = self._opens(begin, end)
        numbered = not FIGURES.isdisjoint(kinds)
        for index in range(begin, end):
            word = self.words[index]
            if word.kind == "q" and (index == opens or numbered or word.meaning == "own"):
                self.said.scope = self.reader.circle(word.meaning)
                self.said.some = word.meaning == "some" and self.reader.is_whole

    def _opens(self, begin: int, end: int) -> int:
        """Where the clause's own words begin, after the year and 共, 其中; its end if it opens with 按照, 根据 or the like."""
        for index in range(begin, end):
            if self.words_between(index, index + 1) in ABOUT:
                return begin - 1
            if self.kinds[index] not in "YFS*&@":
                return index
        return end

    def _note_channel(self, begin: int, end: int, kinds: str) -> None:
        if "W" not in kinds and UNCOUNTED.isdisjoint(kinds):
            text = self.words_between(begin, end)
            if (
                text.endswith(("方面", "渠道", "方式", "途径", "形式"))
                and not text.startswith(("畅通", "拓宽", "完善", "依托", "公布"))
                and not re.search("各|多种|等|所有", text)
            ):
                self.said.channel = True

    def note_objects(self, begin: int, end: int) -> None:
        kinds = self.kinds[begin:end]
        if NOTED.isdisjoint(kinds):
            return
        said = self.said
        for index, kind in enumerate(kinds, begin):
            if kind in OBJECTS:
                if kind == "o" and (not self.in_context or (index and self.kinds[index - 1] in "XBk")):
                    kind = "B"
                said.object = kind
            elif kind == "p":
                said.published = True

    # a statement of none

    def _none(self, begin: int, end: int, year: int | None) -> None:
        """未收到政府信息公开申请; 未发生行政复议、行政诉讼; 行政复议、行政诉讼均未发生."""
        at = self.kinds.index("Z", begin, end)
        before, after = self.kinds[begin:at], self.kinds[at + 1 : end]
        if "X" in before:
            speaker = self.speaker(begin, at)
            if speaker == "part":
                return
            if speaker == "all":
                self.said.scope = "all"
        if set(before) & set("Jmw") or "J" in after or self.said.channel:
            return
        if set(before) <= set("F*Q&oRrLlDAOY@qt:") and set(after) <= set("FnVH*") and set(before) & set("RrLlDAO"):
            items = before
            offset = begin
        else:
            items, offset = after, at + 1
            if not set(items) <= set("FnVvQOohtKq&WRrLlDAf*ç$Bi") and not self._one_case(at + 1, end):
                return
        if items.count("K") == 1:  # 未收到法人的申请: one kind of applicant is not all of them
            return
        for part in re.finditer("[^&]+", items):
            kinds = part[0].rstrip("F*n:")
            if not kinds:
                continue
            kind = kinds[-1]
            index = offset + part.start() + len(kinds) - 1
            if kind in "Oo":
                self._no_application(kind, kinds, index, year, at)
            elif kind in DISPUTES and self.dispute_counts(kind, 0):
                self.add(f"{DISPUTES[kind]}.total", 0, year, zero=True)
            elif kind in "fç" and (kind == "f" or self.about_fees()):
                self.add("fee.charged", 0, year, zero=True, unit="元")
            elif kind == "i":
                self.add("fee.notices", 0, year, zero=True)
            if kind in OBJECTS:
                self.said.object = kind

    def _no_application(self, kind: str, kinds: str, index: int, year: int | None, at: int) -> None:
        if kind == "o" and (not self.in_context or set(kinds[:-1]) & set("B")):
            return
        if not set(kinds[:-1]) & set("VvnO") and self.text[self.words[at].start : self.words[at].end] not in (
            "无",
            "没有",
            "暂无",
            "均无",
            "均没有",
        ):
            return
        if set(kinds[:-1]) & set("H"):  # 未答复的申请: not that there was none
            return
        if "h" in kinds[:-1] and not set(kinds[:-1]) & set("Vv"):
            return
        if self.kinds[index + 1 : index + 2] in ("R", "L"):
            return
        self.add("applications.received", 0, year, zero=True, subset=self.said.subset)

    def _one_case(self, begin: int, end: int) -> bool:
        """未发生一起行政复议案件: a figure of one after a negation is a way of saying none."""
        kinds = self.kinds[begin:end]
        if kinds.count("N") != 1 or not set(kinds.replace("N", "")) <= set("FnVvQOoqRrLlDA&"):
            return False
        return self.words[begin + kinds.index("N")].value in (0, 1)

    # statements without a number

    def _without_number(self, begin: int, end: int, kinds: str, year: int | None, figures: list[int]) -> None:
        if "*" in kinds:
            tail = kinds[figures[-1] + 1 - begin if figures else 0 :]
            self._all_handled(begin, end, tail, year)
            by_one_kind = ALL_NATURAL.fullmatch(tail.lstrip("FoO&q")) and self.about_applications()
            if by_one_kind and self.words[begin + kinds.rindex("K")].meaning == "natural":
                self.add("applicants.all_natural", None, year, subset=self.said.last_is_part or self.said.subset)
        if "u" in kinds:
            self.note_objects(begin, end)
            group = DISPUTES.get(self.said.object)
            if group and self.dispute_counts(self.said.object, None) and not set(kinds) & set("XSJ"):
                settled = "settled" if "审结" in self.words_between(begin, end) else "all"
                self.add(f"{group}.{settled}_upheld", None, year)

    def _all_handled(self, begin: int, end: int, tail: str, year: int | None) -> None:
        """均已办结, of applications; not 按时办结, not 均已答复, not of those that are left."""
        if not ALL_CONCLUDED.search(tail) or not CONCLUDED.search(self.words_between(begin, end)):
            return
        self.note_objects(begin, end)
        said = self.said
        kinds = self.kinds[begin:end]
        hindered = "S" in kinds or set(tail) & set("@XBRrLlJTCP") or said.subset or self._of_carried_in(kinds)
        if said.object in ("O", "o") and not hindered and not self._by_next_year(end):
            self.add("applications.all_handled", None, year, subset=said.last_is_part)

    def _by_next_year(self, end: int) -> bool:
        """截至2024年1月10日，2023年收到的申请已全部办结: at the end of the year they may not have been."""
        found = UP_TO_DAY.search(self.text, 0, self.words[end - 1].end)
        return found is not None and self.reader.year is not None and int(found[1]) > self.reader.year

    def _of_carried_in(self, kinds: str) -> bool:
        """上年结转的2件均已办结 and 上年结转2件，均已办结: all of those, not of this year's."""
        if "C" in kinds:
            return not set(kinds[: kinds.index("C")]) & set("VvhHOoN")
        return bool(self.found) and all(claim.subject == "applications.carried_in" for claim in self.found)

    # a figure

    def _figure(self, clause: int, start: int, figure: int, stop: int, ends_at_figure: bool, year: int | None) -> None:
        """Bind one figure: its clause begins at ``clause``, its own words at ``start``, the next figure or the clause's end is ``stop``."""
        word, said = self.words[figure], self.said
        left, before = self.kinds[start:figure], self.kinds[clause:figure]
        if word.kind == "#":
            self._percent(clause, figure, year)
        elif "J" in before or "Z" in left or (word.meaning == "han" and "Z" in before):
            pass  # 较上年增加3件; 未发生一起
        elif word.kind == "M":
            self.note_objects(start, figure)
            self.reader.binding.money(self, left, word, year)
        else:
            said.subset = said.subset or ("S" in left and not self._own_of_all(start, figure))
            by_channel = "w" in before and "W" not in before
            part = said.subset or said.channel or said.cumulated or self.foreign or by_channel or "m" in before
            joined = ends_at_figure and not self.kinds[figure + 1 : stop].strip("F&")
            right = self._words_after(figure, stop, ends_at_figure)
            if said.pair and not left.strip("&F"):
                self.count(said.pair.pop(0), word, year, False)
            else:
                said.pair.clear()
                sides = left + right
                asked = [bind for kinds, bind in self.reader.binding.counts if not kinds.isdisjoint(sides)]
                if asked:
                    part = part or self._cumulated(clause, figure)
                    context = Figure(self, start, figure, left, right, word, year, part, joined)
                    any(bind(context) for bind in asked)
        self.note_objects(start, figure)

    def _own_of_all(self, start: int, figure: int) -> bool:
        """全县收到320件，其中我办收到12件: a part of those, and the whole of what the office's own table counts."""
        if self.reader.is_whole or not self.found or self.found[-1].scope != "all":
            return False
        return any(word.kind == SCOPE and word.meaning == "own" for word in self.words[start:figure])

    def _words_after(self, figure: int, stop: int, ends_at_figure: bool) -> str:
        """What may say what the figure counts. Words before another figure belong to that one, but for 3件维持、2件纠正."""
        right = self.kinds[figure + 1 : stop]
        return "" if ends_at_figure and not right.endswith("&") and right[:1] not in "CEUKP" else right

    def count(self, subject: str, word: Word, year: int | None, part: bool) -> None:
        zero = word.value == 0 and subject.endswith((".received", ".new", ".total", ".processed", ".notices"))
        self.add(subject, word.value, year, unit=word.unit, approximate=word.approximate, subset=part, zero=zero, end=word.end)

    def add(
        self,
        subject: str,
        value: Number | None,
        year: int | None,
        *,
        unit: str = "",
        approximate: bool = False,
        subset: bool = False,
        zero: bool = False,
        end: int | None = None,
    ) -> None:
        """``end`` is where the figure ends: of a long clause with several figures, what follows it is not quoted."""
        if self.evidence is None:
            self.evidence = self.sentence.evidence()
        evidence = self.evidence
        assert evidence.at is not None
        if self.foreign or self.said.some:
            subset = True
        self.found.append(
            Claim(
                subject,
                value,
                unit,
                evidence.quote,
                evidence.at,
                self.sentence.section,
                year,
                self.said.scope,
                approximate,
                subset,
                zero,
                self._quoted(end),
            )
        )
        if subject.startswith("applications."):
            self.said.last_is_part = subset

    def _quoted(self, end: int | None) -> str:
        start, stop = self.clause
        if end is not None and stop - start > LONG_CLAUSE:
            following = self.text.find("、", end, stop)
            stop = stop if following < 0 else following
        return self.sentence.words[start:stop]

    def _percent(self, clause: int, figure: int, year: int | None) -> None:
        word = self.words[figure]
        kinds = self.kinds[clause:figure]
        if "%" in kinds:
            rate = next(w.meaning for w in reversed(self.words[clause:figure]) if w.kind == "%")
            hindered = set(kinds) & set("@SXBRrLlJTw") or set(self.kinds) & set("CPT")
            of_those_due = DUE.match(self.text, word.end) is not None
            if (
                rate == "办结率"
                and word.value == 100
                and not (hindered or of_those_due)
                and self.about_applications()
                and not word.approximate
            ):
                self.add("applications.all_handled", None, year, subset=self.said.subset or self.said.last_is_part)
            return
        text = self.words_between(clause, figure)
        if "J" in kinds and re.search("同比|较上年|较去年|比上年|比去年|较上一年", text):
            change = re.search("增长|增加|上升|提高|下降|减少|降低", text)
            received = any(claim.subject == "applications.received" and not claim.subset for claim in self.found)
            if change and received and not set(kinds) & set("BRrLlXwK") and word.value is not None:
                sign = 1 if change[0] in ("增长", "增加", "上升", "提高") else -1
                self.add("applications.change", sign * word.value, year, unit="%", approximate=word.approximate)

    # who speaks, of what

    def speaker(self, begin: int, end: int) -> str:
        """Whose number the words before the verb make it: "own", "all", or "part" for another's or a part."""
        words = list(self.words[begin:end])
        while words and words[0].kind in LEADING:
            words.pop(0)
        while words and words[-1].kind in LEADING and self.text[words[-1].start : words[-1].end] != "街道":
            words.pop()
        if not words:
            return "own"
        name = self.text[words[0].start : words[-1].end]
        kind = self.reader.kind
        if name in kind.region or name == "".join(kind.region):
            return "own" if self.reader.is_whole or self.reader.is_town else "all"
        if self.reader.is_own(name):
            whole = not self.reader.is_whole or self.reader.is_town or (name in self.reader.agency and "人民政府" in name)
            return "own" if whole or not ORGANISATION.search(name) else "part"
        return "part"

    def about_applications(self) -> bool:
        return self.in_context and self.said.object in ("O", "o", "")

    def about_fees(self) -> bool:
        return self.sentence.section == "other_matters" or self.in_context or "f" in self.kinds

    def dispute_counts(self, kind: str, value: Number | None) -> bool:
        """Whether a number of reviews or lawsuits is about information disclosure, and not about all that the agency does."""
        if self.reader.reviews_others:
            return self.qualified
        if "应诉" in self.text or re.search("一审|二审|再审|上诉|抗诉", self.text):
            return False
        if self.in_context or self.sentence.section in ("applications", "litigation"):
            return True
        return value == 0

    def _cumulated(self, clause: int, figure: int) -> bool:
        kinds = self.kinds[clause:figure]
        if "y" not in kinds:
            return False
        before = self.text[self.words[clause].start : self.words[clause + kinds.index("y")].start]
        return not before.endswith(("全年", "本年度", "年度", "今年", "年初", f"{self.reader.year}年"))

    def words_between(self, begin: int, end: int) -> str:
        return self.text[self.words[begin].start : self.words[end - 1].end] if end > begin else ""

    def _settled(self) -> list[Claim]:
        return self._without_all_disputes(self._without_parts())

    def _without_all_disputes(self, claims: list[Claim]) -> list[Claim]:
        """被申请行政复议9件，涉及信息公开的0件: the nine are all that were brought against the agency."""
        narrowed = NARROWED.search(self.text) if any(claim.subject in WHOLE_DISPUTES for claim in claims) else None
        if narrowed is None:
            return claims
        return [
            replace(claim, subset=True) if claim.subject in WHOLE_DISPUTES and "信息公开" not in claim.clause else claim
            for claim in claims
        ]

    def _without_parts(self) -> list[Claim]:
        """The claims, numbers of answers made parts where the sentence accounts for some apart: 答复12件，另有1件撤回;
        办结上年结转申请2件，本年度申请办结11件."""
        claims = _without_shares(self.found)
        if "T" in self.kinds or "P" in self.kinds:
            return [replace(claim, subset=True) if claim.subject == "applications.handled" else claim for claim in claims]
        if not any(claim.subject == "applications.carried_in" for claim in claims):
            return claims
        return [replace(claim, subset=True) if _handled_of_this_year(claim) else claim for claim in claims]


def _without_shares(claims: list[Claim]) -> list[Claim]:
    """已按期答复10件，延期答复3件，共计答复13件: the smaller number of one sentence is a share of the larger."""
    most: dict[tuple[int | None, str], Number] = {}
    for claim in claims:
        if claim.subject == "applications.handled" and not claim.subset:
            key = (claim.year, claim.scope)
            most[key] = max(most.get(key, 0), claim.value or 0)
    return [
        replace(claim, subset=True)
        if claim.subject == "applications.handled" and (claim.value or 0) < most.get((claim.year, claim.scope), 0)
        else claim
        for claim in claims
    ]


def _handled_of_this_year(claim: Claim) -> bool:
    if claim.subject not in ("applications.handled", "applications.processed") or not OF_THIS_YEAR.search(claim.clause):
        return False
    return "办结" in claim.clause or "答复" in claim.clause


@dataclass(slots=True)
class Figure:
    """A count and what stands around it in its clause, up to the figures before and after."""

    reading: Reading
    start: int
    index: int
    left: str
    right: str
    word: Word
    year: int | None
    part: bool
    joined: bool  # the next figure follows after nothing but 和, 、

    @property
    def before(self) -> str:
        """The words before it."""
        return self.reading.words_between(self.start, self.index)

    def count(self, subject: str, *, part: bool | None = None) -> bool:
        self.reading.count(subject, self.word, self.year, self.part if part is None else part)
        return True

    def meaning(self, kind: str, side: str) -> str:
        """What the last word of that kind on that side stands for."""
        words = self.reading.words
        place = self.start + self.left.rindex(kind) if side == "left" else self.index + 1 + self.right.index(kind)
        return words[place].meaning

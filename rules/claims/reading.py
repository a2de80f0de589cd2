"""Read the claims of a filing's sentences: clause by clause, with what was said before in mind.

A clause becomes a string of word kinds (``words.py``). Each figure in it is bound by what stands before it in the clause (收到…申请 N 件) or
after it (N 件…予以公开). What is not understood is not taken: an unknown word between verb and object makes a part of it (subset),
an unknown word anywhere else where it could matter drops it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rules.agencies import Body, Level, agency_kind
from rules.claims.model import Claim
from rules.claims.vocabulary import SCOPE
from rules.claims.words import VOCABULARY, Word, words_of
from rules.filing import Filing, Number
from rules.prose import Passage, Sentence, prose_of
from rules.verdict import Evidence

# a sentence that names none of these, or says neither a number nor none nor all of it, states nothing that a table knows
TELLING = re.compile(
    "申请|复议|诉讼|起诉|结转|顺延|办结|答复|收到|受理|规范性文件|行政许可|行政处罚|行政强制|事业性收费|处理费|收费|收取|费用"
    "|主动公开(?:政府|政务)信息|予以公开|部分公开|不予|无法提供|自然人|胜诉|败诉"
)
NUMBERED = re.compile(r"(?<!\d)(?!20\d\d年)\d|[一二两三四五六七八九十百](?:件|起|项|宗|例|份)|[未无零均]|没有|不存在|全部")
ABOUT = frozenset({"按照", "根据", "依据", "对", "向", "就", "关于", "针对", "由", "经"})  # 按照全市部署 names no circle
OPENING = re.compile(
    rf"(?:（[一二三四五六七八九十]+）[^。，]{{0,20}}。|[一二三四五六七八九十]是)?(?:20\d\d年度?，?|今年，?|全年，?|本年度，?)*"
    rf"(?P<circle>{'|'.join(sorted((w for w, (kind, _) in VOCABULARY.items() if kind == SCOPE), key=len, reverse=True))})"
)
TABLE_SECTIONS = frozenset(
    {"disclosure", "applications", "litigation"}
)  # a line there without a full stop is a piece of a table
OTHERS = re.compile("建议|提案|信访|热线|信箱|投诉|举报|咨询|诉求|留言|工单")
DISPUTES = {"R": "review", "r": "review", "L": "litigation", "l": "litigation", "D": "direct", "A": "after_review"}
BARE_DISPUTES = "rl"
OBJECTS = "OoRrLlDAGgkcfçiB"
# who speaks at the head of a sentence of a government's report: 市公安局, 县卫生健康委, 东街街道
DEPARTMENT_SPEAKS = re.compile(
    r"(?:(?:20\d\d年度?|今年|全年|本年度)，?|[一二三四五六七八九十]是|[（(][一二三四五六七八九十\d]+[）)]|\d+[.、．])*"
    r"(?P<name>[市县区省州旗][\u4e00-\u9fff]{1,14}?(?:局|委员会|委|厅|法院|检察院|中心|办公室|街道|镇|乡|管委会))"
)
ORGANISATION = re.compile(
    r"(?:局|委|办|厅|部|院|署|中心|公司|办公室|机关|部门|单位|街道|镇|乡|处|所|站|队|政府|法院|管委会|委员会)$"
)
BETWEEN = frozenset("VvHhOoF@&QWqn")  # what may stand between a verb and what it counts
BEFORE = frozenset("F@qYWwym&*SnQOo0tX,")  # what may stand before the verb
LEADING = frozenset("YFq@*m0&WSyn")

DISPUTE_LEFT = re.compile(r"(?P<gap>[FQnVhHoOqWt@&*YS0CX]*)(?P<object>[RrLlDA])[F*]*")
DISPUTE_RIGHT = re.compile(r"[FQnoO]*(?P<object>[RrLlDA])F*")
BOTH = re.compile(r"(?P<gap>[FQnVhHoOqWt@*YS0]*?)[Rr]F*&?[FQnqo]*[Ll](?P<how>[F*j]*)")
OUTCOME_LEFT = re.compile(r"[F&SRrLlDAQn]*U[F]*")
OUTCOME_RIGHT = re.compile(r"F*U[F]*")
RESULT_LEFT = re.compile(r"[F&SHhtOoQ*@q]*(?P<first>E)(?:(?P<and>&?)(?P<second>E))?[FHhoOd]*")
RESULT_RIGHT = re.compile(r"[FoOtHh@*]*E[FdHho]*")
APPLICANT_LEFT = re.compile(r"[F&SqOoQV*]*K[FoO]*")
APPLICANT_RIGHT = re.compile(r"F*K[FoOn]*")
CARRY_LEFT = re.compile(r"[F&SOoQhHq@V]*C[FoOhH&]*")
CARRY_RIGHT = re.compile(r"[FoO@*]*C[FoOhH]*")
PENDING_LEFT = re.compile(r"[F&SOoQ]*P[FoO]*")
PENDING_RIGHT = re.compile(r"[FoO]*P[F]*")
NORM_MADE = re.compile(r"[FqY@&WSV]*(?:a[FqQ&a]*GF*|GF*aF*)")
NORM_MADE_RIGHT = re.compile(r"[FqY@&W]*aF*")
NORM_REPEALED = re.compile(r"[FqY@&WG]*b[F]*G?F*")
NORM_VALID = re.compile(r"[FqY@&W]*(?:eF*G?F*|GF*eF*)")
NORM_OPENED = re.compile(r"[FqY@&W]*pF*GF*")
NORM_RIGHT = re.compile(r"F*GF*")
PERMIT_LEFT = re.compile(r"[FqY@&W]*(?P<verb>[thH]?)[F]*k(?P<decision>[Fd]*)")
PERMIT_RIGHT = re.compile(r"[F]*k[Fd]*")
LEVY_LEFT = re.compile(r"[FqY@&W$]*c[F$]*")
FEE_LEFT = re.compile(r"[FqYQO@&WXh]*\$?[FOQq]*[fç][F$]*")
NOTICE_LEFT = re.compile(r"[FqYQO@&WXt$n]*iF*")
PUBLISHED_LEFT = re.compile(r"[FqY@&]*pF*IF*")
ALL_CONCLUDED = re.compile(r"\*[F&]*H")
ALL_NATURAL = re.compile(r"\*F*K[FoO]*")
ZERO_QUALIFIERS = frozenset("FnVvQOohtKq&NCWR")


@dataclass(slots=True)
class Said:
    """What a sentence has said so far."""

    year: int | None = None
    scope: str = ""
    subset: bool = False
    channel: bool = False
    cumulated: bool = False
    object: str = ""  # the last thing counted: one kind of OBJECTS, "" if none yet
    outer: list[bool] = field(default_factory=list)  # whether the text outside each open bracket was a subset
    published: bool = False
    last_is_part: bool = False  # the last number of applications was a part of them
    pair: list[tuple[str, bool]] = field(default_factory=list)  # objects that wait for their figure: 分别为3件、2件


@dataclass(slots=True)
class Around:
    """What a passage has said so far, and under which heading it stands."""

    section: str = ""
    heading: str = ""
    applications: bool = False
    year: int | None = None
    scope: str = ""
    object: str = ""


def claims_of(filing: Filing) -> tuple[Claim, ...]:
    """Every claim of the filing's prose in reading order. Tables and headings are not prose."""
    reader = Reader(filing)
    found: list[Claim] = []
    for sentence in prose_of(filing).sentences:
        reader.enter(sentence)
        if sentence.section in TABLE_SECTIONS and not sentence.words.endswith(("。", "；", "！")):
            continue
        words = sentence.words
        if TELLING.search(words) and NUMBERED.search(words):
            found.extend(reader.read(sentence))
        elif OTHERS.search(words):
            reader.around.object = "B"
    return tuple(found)


class Reader:
    """Reads the sentences of one filing in order."""

    def __init__(self, filing: Filing) -> None:
        self.year = filing.year.value
        self.agency = filing.agency.value or ""
        self.kind = agency_kind(self.agency or None)
        self.is_whole = self.kind.body in (Body.GOVERNMENT, Body.ZONE)
        self.is_town = self.kind.level is Level.TOWNSHIP
        self.reviews_others = "司法" in self.agency or "法院" in self.agency or "检察" in self.agency
        self.passage: Passage | None = None
        self.around = Around()

    def enter(self, sentence: Sentence) -> None:
        """Note under which heading the sentence stands."""
        passage = sentence.passage
        if passage is self.passage:
            self._open(sentence)
            return
        self.passage = passage
        around = self.around
        if passage.section != around.section:
            around.section, around.heading = passage.section, ""
        lead = passage.lead
        if lead is not None and lead.style in ("paren_han", "han"):
            around.heading = re.split("[。：，；]", passage.title[:40], maxsplit=1)[0]
        around.applications = "申请" in around.heading or passage.section == "applications"
        around.year, around.scope, around.object = None, "", "O" if around.applications else ""

        self._open(sentence)

    def _open(self, sentence: Sentence) -> None:
        """Note of whom the sentence speaks from its first words on: 2023年，全市各级行政机关……"""
        opening = OPENING.match(sentence.words)
        if opening is not None:
            self.around.scope = self.circle(VOCABULARY[opening["circle"]][1])

    def circle(self, meaning: str) -> str:
        """The scope that a word such as 全市, 本机关, 我镇 gives; of a town, its own name is no other circle."""
        if meaning != "self":
            return meaning
        return "" if self.is_town or self.kind.body is Body.ZONE else "all"

    def read(self, sentence: Sentence) -> Iterator[Claim]:
        """The claims of one sentence."""
        text = sentence.bare
        words = words_of(text)
        kinds = "".join(word.kind for word in words)
        reading = Reading(self, sentence, text, words, kinds)
        claims = reading.claims()
        if "O" in kinds:
            self.around.applications = True
        if claims:
            self.around.year, self.around.scope = reading.said.year, reading.said.scope
        if reading.said.object:
            self.around.object = reading.said.object
        yield from claims


class Reading:
    """One sentence under the reader's eyes."""

    def __init__(self, reader: Reader, sentence: Sentence, text: str, words: list[Word], kinds: str) -> None:
        self.reader = reader
        self.sentence = sentence
        self.text = text
        self.words = words
        self.kinds = kinds
        around = reader.around
        self.said = Said(year=around.year if around.year != reader.year else None, scope=around.scope, object=around.object)
        self.qualified = "O" in kinds or "Q" in kinds
        self.in_context = around.applications or self.qualified
        self.found: list[Claim] = []
        self.foreign = self._department_speaks()
        self.clause = (0, 0)
        self.evidence: Evidence | None = None

    def claims(self) -> list[Claim]:
        mark = ";"
        begin = 0
        for index, kind in enumerate(self.kinds):
            if kind in ",;:()":
                self._clause(begin, index, mark)
                mark, begin = kind, index + 1
        self._clause(begin, len(self.kinds), mark)
        return self._settled()

    # a clause

    def _clause(self, begin: int, end: int, mark: str) -> None:
        said = self.said
        if mark == ";":
            said.subset = said.channel = said.cumulated = False
        elif mark == "(":
            said.outer.append(said.subset)
            said.subset = True
        elif mark == ")" and said.outer:
            said.subset = said.outer.pop()
        kinds = self.kinds[begin:end]
        if not kinds:
            return
        self.clause = (self.words[begin].start, self.words[end - 1].end)
        if "x" in kinds:
            self._note_objects(begin, end)
            return
        if "y" in kinds and not set(kinds) & set("NM#") and self._cumulated(begin, end):
            self.said.cumulated = True
        year = self._note_time(begin, end)
        self._note_scope(begin, end)
        self._note_channel(begin, end)
        figures = [index for index in range(begin, end) if self.kinds[index] in "NM#"]
        if "Z" in kinds:
            self._none(begin, end, year)
        self._all_done(begin, end, year, figures)
        start = begin
        for position, figure in enumerate(figures):
            stop = figures[position + 1] if position + 1 < len(figures) else end
            self._figure(begin, start, figure, stop, stop < end, year)
            start = figure + 1
        self._note_objects(start, end)

    def _note_time(self, begin: int, end: int) -> int | None:
        """The year of this clause; a printed year holds for what follows too."""
        said = self.said
        kinds = self.kinds[begin:end]
        if "Y" not in kinds or "J" in kinds:
            return said.year
        years = []
        for index in range(begin, end):
            word = self.words[index]
            if word.kind != "Y":
                continue
            if word.meaning == "-1":
                return (self.reader.year or 0) - 1
            if self.text[word.start - 1 : word.start] not in ("因", "对", "就"):
                years.append(int(word.meaning))
        if len(set(years)) > 1:
            said.cumulated = True
        elif years:
            said.year = years[0]
        return said.year

    def _note_scope(self, begin: int, end: int) -> None:
        """A circle of agencies counts where it opens the clause or stands beside a number."""
        kinds = self.kinds[begin:end]
        if "q" not in kinds:
            return
        opens = begin
        while opens < end and self.kinds[opens] in "YFS*&@" and self._text(opens, opens + 1) not in ABOUT:
            opens += 1
        numbered = not set("N#M").isdisjoint(kinds)
        for index in range(begin, end):
            word = self.words[index]
            if word.kind == "q" and (index == opens or numbered or word.meaning == "own"):
                self.said.scope = self.reader.circle(word.meaning)

    def _note_channel(self, begin: int, end: int) -> None:
        kinds = self.kinds[begin:end]
        if "w" in kinds and "W" not in kinds and not set(kinds) & set("N0M#"):
            text = self.text[self.words[begin].start : self.words[end - 1].end]
            if text.endswith(("方面", "渠道", "方式", "途径", "形式")) and not text.startswith(
                ("畅通", "拓宽", "完善", "依托", "公布")
            ):
                self.said.channel = True

    def _note_objects(self, begin: int, end: int) -> None:
        said = self.said
        for index in range(begin, end):
            kind = self.kinds[index]
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
        if "X" in before and self._speaker(begin, at) == "part":
            return
        if set(before) & set("Jmw") or "J" in after or self.said.channel:
            return
        if set(before) <= set("F*Q&oRrLlDAOY@qt") and set(after) <= set("FnVH*") and set(before) & set("RrLlDAO"):
            items = before
            offset = begin
        else:
            items, offset = after, at + 1
            if not set(items) <= set("FnVvQOohtKq&WRrLlDAf*ç$Bi") and not self._one_case(at + 1, end):
                return
        for part in re.finditer("[^&]+", items):
            kinds = part[0].rstrip("F*n")
            if not kinds:
                continue
            kind = kinds[-1]
            index = offset + part.start() + len(kinds) - 1
            if kind in "Oo":
                self._no_application(kind, kinds, index, year, at)
            elif kind in DISPUTES and self._dispute_counts(kind, 0):
                self._add(f"{DISPUTES[kind]}.total", 0, year, zero=True)
            elif kind in "fç" and (kind == "f" or self._about_fees()):
                self._add("fee.charged", 0, year, zero=True, unit="元")
            elif kind == "i":
                self._add("fee.notices", 0, year, zero=True)
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
        self._add("applications.received", 0, year, zero=True)

    def _one_case(self, begin: int, end: int) -> bool:
        """未发生一起行政复议案件: a figure of one after a negation is a way of saying none."""
        kinds = self.kinds[begin:end]
        if kinds.count("N") != 1 or not set(kinds.replace("N", "")) <= set("FnVvQOoqRrLlDA&"):
            return False
        return self.words[begin + kinds.index("N")].value in (0, 1)

    # statements without a number

    def _all_done(self, begin: int, end: int, year: int | None, figures: list[int]) -> None:
        kinds = self.kinds[begin:end]
        said = self.said
        if "*" in kinds:
            tail = kinds[(figures[-1] + 1 - begin) if figures else 0 :]
            done = ALL_CONCLUDED.search(tail)
            if done and re.search("[办处][理]?[结完]|完成", self._text(begin, end)):
                self._note_objects(begin, end)
                if "S" not in kinds and not set(tail) & set("@XBRrLlJTCP") and said.object in ("O", "o") and not said.subset:
                    self._add("applications.all_handled", None, year, subset=said.last_is_part)
            natural = ALL_NATURAL.fullmatch(tail.lstrip("FoO&q"))
            if natural and self._about_applications():
                word = self.words[begin + kinds.rindex("K")]
                if word.meaning == "natural":
                    self._add("applicants.all_natural", None, year, subset=said.last_is_part or said.subset)
        if "u" in kinds:
            self._note_objects(begin, end)
            group = DISPUTES.get(said.object)
            if group and self._dispute_counts(said.object, None) and not set(kinds) & set("XSJ"):
                settled = "settled" if "审结" in self._text(begin, end) else "all"
                self._add(f"{group}.{settled}_upheld", None, year)

    # a figure

    def _figure(self, clause: int, start: int, figure: int, stop: int, ends_at_figure: bool, year: int | None) -> None:
        word = self.words[figure]
        left, right = self.kinds[start:figure], self.kinds[figure + 1 : stop]
        said = self.said
        if word.kind == "#":
            self._percent(clause, start, figure, year)
            self._note_objects(start, figure)
            return
        if "J" in self.kinds[clause:figure]:
            self._note_objects(start, figure)
            return
        if "S" in left:
            said.subset = True
        if (
            ends_at_figure
            and not right.endswith("&")
            and not (right[-1:] in ("F", "") and word.kind == "N" and right[:1] in "CEUKP")
        ):
            right = "" if not right[:1] or right[0] not in "CEUKP" else right
        if "Z" in left or (word.meaning == "han" and "Z" in self.kinds[clause:figure]):
            self._note_objects(start, figure)
            return
        if word.kind == "M":
            self._note_objects(start, figure)
            self._money(left, word, year)
            return
        part = said.subset or said.channel or said.cumulated or self._cumulated(clause, figure) or self.foreign
        if "w" in self.kinds[clause:figure] and "W" not in self.kinds[clause:figure]:
            part = True
        if "m" in self.kinds[clause:figure]:
            part = True
        joined = ends_at_figure and not self.kinds[figure + 1 : stop].strip("F&")
        context = Figure(self, start, figure, left, right, word, year, part, joined)
        if said.pair:
            if not left.strip("&F"):
                kind, counted = said.pair.pop(0)
                if counted:
                    self._count(f"{DISPUTES[kind]}.total", word, year, False)
                return
            said.pair.clear()
        for reading in READINGS:
            if reading(context):
                break
        self._note_objects(start, figure)

    def _count(self, subject: str, word: Word, year: int | None, part: bool) -> None:
        zero = word.value == 0 and subject.endswith((".received", ".new", ".total", ".processed", ".notices"))
        self._add(subject, word.value, year, unit=word.unit, approximate=word.approximate, subset=part, zero=zero)

    def _add(
        self,
        subject: str,
        value: Number | None,
        year: int | None,
        *,
        unit: str = "",
        approximate: bool = False,
        subset: bool = False,
        zero: bool = False,
    ) -> None:
        if self.evidence is None:
            self.evidence = self.sentence.evidence()
        evidence = self.evidence
        assert evidence.at is not None
        if self.foreign:
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
                self.sentence.words[slice(*self.clause)],
            )
        )
        if subject.startswith("applications."):
            self.said.last_is_part = subset

    def _money(self, left: str, word: Word, year: int | None) -> None:
        if LEVY_LEFT.fullmatch(left):
            subject = "charge.collected"
        elif NOTICE_LEFT.fullmatch(left):
            subject = "fee.due"
        elif FEE_LEFT.fullmatch(left) and ("f" in left or self._about_fees()):
            subject = "fee.charged"
        elif self.said.object in ("f", "i") and re.fullmatch(r"[F&X]*\$?F*", left) and self._about_fees():
            subject = "fee.charged" if "$" in left else "fee.due"
        else:
            return
        self._add(subject, word.value, year, unit=word.unit, approximate=word.approximate, zero=word.value == 0)

    def _percent(self, clause: int, start: int, figure: int, year: int | None) -> None:
        word = self.words[figure]
        kinds = self.kinds[clause:figure]
        if "%" in kinds:
            rate = next(w.meaning for w in reversed(self.words[clause:figure]) if w.kind == "%")
            hindered = set(kinds) & set("@SXBRrLlJTw") or set(self.kinds) & set("CPT")
            if rate == "办结率" and word.value == 100 and not hindered and self._about_applications() and not word.approximate:
                self._add("applications.all_handled", None, year, subset=self.said.subset or self.said.last_is_part)
            return
        text = self._text(clause, figure)
        if "J" in kinds and re.search("同比|较上年|较去年|比上年|比去年|较上一年", text):
            change = re.search("增长|增加|上升|提高|下降|减少|降低", text)
            received = any(claim.subject == "applications.received" and not claim.subset for claim in self.found)
            if change and received and not set(kinds) & set("BRrLlXwK") and word.value is not None:
                sign = 1 if change[0] in ("增长", "增加", "上升", "提高") else -1
                self._add("applications.change", sign * word.value, year, unit="%", approximate=word.approximate)

    # who speaks, of what

    def _department_speaks(self) -> bool:
        match = DEPARTMENT_SPEAKS.match(self.text)
        return match is not None and not self._own(match["name"])

    def _speaker(self, begin: int, end: int) -> str:
        """Whose number the words before the verb make it: "own", "all", or "part" for another's or a part."""
        words = list(self.words[begin:end])
        while words and words[0].kind in LEADING:
            words.pop(0)
        while words and words[-1].kind in LEADING:
            words.pop()
        if not words:
            return "own"
        name = self.text[words[0].start : words[-1].end]
        kind = self.reader.kind
        if name in kind.region or name == "".join(kind.region):
            return "own" if self.reader.is_whole or self.reader.is_town else "all"
        if self._own(name):
            whole = not self.reader.is_whole or self.reader.is_town or (name in self.reader.agency and "人民政府" in name)
            return "own" if whole or not ORGANISATION.search(name) else "part"
        return "part"

    def _own(self, name: str) -> bool:
        """True if the name is the agency's, whole or shortened: 党政办 for …党政综合办公室."""
        if len(name) < 2:
            return False
        letters = iter(self.reader.agency)
        return all(char in letters for char in name)

    def _about_applications(self) -> bool:
        return self.in_context and self.said.object in ("O", "o", "")

    def _about_fees(self) -> bool:
        return self.sentence.section == "other_matters" or self.in_context or "f" in self.kinds

    def _dispute_counts(self, kind: str, value: Number | None) -> bool:
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

    def _text(self, begin: int, end: int) -> str:
        return self.text[self.words[begin].start : self.words[end - 1].end] if end > begin else ""

    def _settled(self) -> list[Claim]:
        """The claims, numbers of answers made parts where the sentence accounts for some apart: 答复12件，另有1件撤回."""
        if "T" not in self.kinds and "P" not in self.kinds:
            return self.found
        return [replace(claim, subset=True) if claim.subject == "applications.handled" else claim for claim in self.found]


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

    def count(self, subject: str, *, part: bool | None = None) -> bool:
        self.reading._count(subject, self.word, self.year, self.part if part is None else part)
        return True

    def meaning(self, kind: str, side: str) -> str:
        """What the last word of that kind on that side stands for."""
        words = self.reading.words
        place = self.start + self.left.rindex(kind) if side == "left" else self.index + 1 + self.right.index(kind)
        return words[place].meaning


def _both_disputes(figure: Figure) -> bool:
    """行政复议、行政诉讼均为0件; 行政复议和行政诉讼分别为3件、2件; 行政复议、行政诉讼共5件."""
    match = BOTH.fullmatch(figure.left)
    if match is None:
        return False
    reading, value = figure.reading, figure.word.value
    objects = [kind for kind in figure.left if kind in "RrLl"]
    counted = [reading._dispute_counts(kind, value) for kind in objects]
    if len(objects) != 2:
        return True
    if "j" in match["how"] and figure.joined:
        reading.said.pair = list(zip(objects, counted, strict=True))
        kind, first = reading.said.pair.pop(0)
        if first:
            figure.count(f"{DISPUTES[kind]}.total", part=False)
    elif value == 0 or "*" in match["how"] or "j" in match["how"]:
        for kind, wanted in zip(objects, counted, strict=True):
            if wanted:
                figure.count(f"{DISPUTES[kind]}.total", part=False)
    elif re.search("共|合计|总", reading._text(figure.start, figure.index)) and all(counted):
        figure.count("disputes.total", part=False)
    return True


def _dispute(figure: Figure) -> bool:
    """行政复议3件; 3件行政复议; 复议后起诉1件."""
    match = DISPUTE_LEFT.fullmatch(figure.left)
    gap = match["gap"] if match else ""
    reading = figure.reading
    if match is None:
        if figure.left.strip("F&SqYVnhQt@CJ"):
            return False
        match = DISPUTE_RIGHT.fullmatch(figure.right.removesuffix("&"))
        if match is None:
            return False
        if "c" in figure.left:
            return True
    kind = match["object"]
    if (
        "X" in gap
        and not ("Q" in gap and gap.rindex("X") < gap.index("Q"))
        and not ("O" in gap and gap.rindex("X") < gap.index("O"))
    ):
        return True
    if any(other in gap for other in "RrLlDA") or not reading._dispute_counts(kind, figure.word.value):
        return True
    again = any(claim.subject == f"{DISPUTES[kind]}.total" for claim in reading.found)
    part = (
        reading.foreign
        or reading.said.cumulated
        or reading.said.channel
        or (again and reading.said.subset)
        or "C" in gap
        or bool(re.search("[结毕]", reading._text(figure.start, figure.index)))
    )
    figure.count(f"{DISPUTES[kind]}.total", part=part)
    return True


def _outcome(figure: Figure) -> bool:
    """结果维持3件; 3件维持."""
    said = figure.reading.said
    side = "left" if OUTCOME_LEFT.fullmatch(figure.left) else "right" if OUTCOME_RIGHT.fullmatch(figure.right) else ""
    if side == "right" and figure.left.strip("F&S"):
        side = ""
    if not side:
        return False
    figure.reading._note_objects(figure.start, figure.index)
    group = DISPUTES.get(said.object)
    if group and figure.reading._dispute_counts(said.object, None):
        figure.count(f"{group}.{figure.meaning('U', side)}", part=figure.reading.foreign)
    return True


def _carry(figure: Figure) -> bool:
    """上年结转2件; 3件结转下年度继续办理; 正在办理1件."""
    reading = figure.reading
    right = figure.right.removesuffix("&")
    if CARRY_RIGHT.fullmatch(right) and not figure.left.strip("F&SOoQVvhHq@YX"):
        meaning = figure.meaning("C", "right")
        if "X" in figure.left:
            return True
    elif CARRY_LEFT.fullmatch(figure.left):
        meaning = figure.meaning("C", "left")
    elif (PENDING_LEFT.fullmatch(figure.left) or (PENDING_RIGHT.fullmatch(right) and not figure.left.strip("F&SOo"))) and (
        reading.in_context
    ):
        group = DISPUTES.get(reading.said.object)
        figure.count(f"{group}.pending" if group else "applications.carried_out", part=reading.foreign)
        return True
    else:
        return "C" in figure.left
    if not reading.in_context and reading.said.object not in ("O", "o"):
        return True
    if reading.said.object in ("B", "G", "k", *DISPUTES) and not ("O" in figure.left or "o" in figure.left):
        return True
    subject, _, year = meaning.partition(":")
    due = None if reading.reader.year is None else reading.reader.year + (1 if subject == "carried_out" else -1)
    if year and int(year) != due:
        return True
    if figure.year not in (None, reading.reader.year) and not (year and int(year) == figure.year):
        return True
    reading._count(
        f"applications.{subject}", figure.word, reading.said.year if not year else None, reading.foreign or reading.said.channel
    )
    return True


def _applicant(figure: Figure) -> bool:
    """自然人申请18件; 其中法人或其他组织2件."""
    reading = figure.reading
    right = figure.right.removesuffix("&")
    side = "left" if APPLICANT_LEFT.fullmatch(figure.left) and "K&" not in figure.left else ""
    if not side and APPLICANT_RIGHT.fullmatch(right) and not figure.left.strip("F&SV"):
        side = "right"
    if not side:
        return False
    if figure.left.count("K") > 1 or not reading._about_applications() or reading.said.last_is_part:
        return True
    meaning = figure.meaning("K", side)
    if meaning != "legal_person":
        figure.count(f"applicants.{meaning}", part=reading.foreign or reading.said.channel or figure.word.unit == "")
    return True


def _result(figure: Figure) -> bool:
    """予以公开5件; 5件予以公开; 予以公开及部分公开258件."""
    reading = figure.reading
    right = figure.right.removesuffix("&")
    left = RESULT_LEFT.fullmatch(figure.left)
    if left is None and not (RESULT_RIGHT.fullmatch(right) and not figure.left.strip("F&SoO*@")):
        return "E" in figure.left
    if (
        not reading.in_context
        or reading.said.object not in ("O", "o", "")
        or reading.said.published
        or figure.word.unit in ("条", "篇")
    ):
        return True
    if left is not None and left["second"] and not left["and"]:  # 因不掌握无法提供: the kind within the group
        subject = reading.words[figure.start + left.start("first")].meaning
        subject = subject if subject[-1].isdigit() else ""
    elif left is not None and left["second"]:
        first, second = (reading.words[figure.start + left.start(name)].meaning for name in ("first", "second"))
        subject = "granted+partial" if {first, second} == {"granted", "partial"} else ""
    else:
        subject = figure.meaning("E", "left" if left else "right")
    if subject:
        alone = (
            subject[-1].isdigit()
            and not _among_results(reading)
            and not re.search("因|属于", reading._text(figure.start, figure.index))
        )
        part = alone or reading.said.last_is_part or reading.foreign or reading.said.channel
        figure.count(f"results.{subject}", part=part)
    return True


def _among_results(reading: Reading) -> bool:
    """True if the sentence speaks of the groups of results too: 重复申请2件 by itself says what was asked, not what was answered."""
    return any(word.kind == "E" and not word.meaning[-1].isdigit() for word in reading.words)


def _norm(figure: Figure) -> bool:
    """制发行政规范性文件2件，废止10件，现行有效14件."""
    reading, left = figure.reading, figure.left
    right = figure.right.removesuffix("&")
    if "g" in left or ("p" in left and not NORM_OPENED.fullmatch(left)):
        return "G" in left
    on_norms = "G" in left or reading.said.object == "G"
    if NORM_MADE.fullmatch(left) or (
        NORM_MADE_RIGHT.fullmatch(left) and (NORM_RIGHT.fullmatch(right) or reading.said.object == "G")
    ):
        subject = "norm.made"
        if "发布" in reading._text(figure.start, figure.index):
            return True
    elif NORM_REPEALED.fullmatch(left) and (on_norms or NORM_RIGHT.fullmatch(right)):
        subject = "norm.repealed"
    elif NORM_VALID.fullmatch(left) and (on_norms or NORM_RIGHT.fullmatch(right)):
        subject = "norm.valid"
    elif NORM_OPENED.fullmatch(left):
        subject = "norm.opened"
    else:
        return "G" in left
    figure.count(subject)
    return True


def _permit(figure: Figure) -> bool:
    """作出行政许可决定24件; 作出24件行政处罚决定."""
    reading = figure.reading
    left = PERMIT_LEFT.fullmatch(figure.left)
    side = "left" if left else ""
    if left and not (left["verb"] == "t" or "d" in left["decision"] or "决定" in reading._text(figure.start, figure.index)):
        side = (
            ""
            if reading.words[figure.index].unit != "件" or left["decision"] or "案" in reading._text(figure.start, figure.index)
            else "left"
        )
        if not side or figure.meaning("k", "left") != "license":
            return True
    if not side and figure.left.strip("F&qY") == "t" and PERMIT_RIGHT.fullmatch(figure.right.removesuffix("&")):
        side = "right"
    if not side:
        return "k" in figure.left
    if reading.said.published or figure.left.count("k") > 1 or figure.word.unit == "条":
        return True
    figure.count(f"{figure.meaning('k', side)}.decided")
    return True


def _fee(figure: Figure) -> bool:
    """收取信息处理费为0 (no unit); 发出收费通知3件."""
    reading = figure.reading
    if NOTICE_LEFT.fullmatch(figure.left) and figure.word.unit:
        figure.count("fee.notices", part=False)
        return True
    if "f" in figure.left and FEE_LEFT.fullmatch(figure.left) and not figure.word.unit:
        reading._add("fee.charged", figure.word.value, figure.year, zero=figure.word.value == 0)
        return True
    return bool(set(figure.left) & set("fçi"))


def _published(figure: Figure) -> bool:
    """主动公开政府信息422条."""
    reading = figure.reading
    if not PUBLISHED_LEFT.fullmatch(figure.left) or "w" in reading.kinds:
        return False
    if "主动公开" in reading._text(figure.start, figure.index):
        figure.count("information.published")
    return True


def _applications(figure: Figure) -> bool:
    """收到政府信息公开申请29件; 收到29件申请; 答复27件."""
    reading, left, right = figure.reading, figure.left, figure.right.removesuffix("&")
    if set(left) & set("BRrLlDAGgkcfEKCPUZTpI$abeti#%ud"):
        return False
    objects = [index for index, kind in enumerate(left) if kind in "Oo"]
    verbs = [index for index, kind in enumerate(left) if kind in "VvHh"]
    tail = ""
    if not objects:
        match = re.match(r"[FQqX]*?(?P<object>[Oo])F*", right)
        if match and not set(right) & set("BRrLlDAEKCU"):
            tail = match[0]
            objects.append(len(left) if match["object"] == "o" else len(left) + 1)
    bare = not objects or (left[objects[-1]] == "o" if objects[-1] < len(left) else objects[-1] == len(left))
    if not objects and reading.said.object not in ("O", "o"):
        return False
    if objects and bare and not reading.in_context:
        return False
    if not objects and not verbs:
        return False
    if not objects and right.strip("F&"):
        return False
    first = min([*verbs, *(index for index in objects if index < len(left))], default=len(left))
    core = set(left[first:]) | set(tail)
    part = figure.part
    if core - BETWEEN:
        if not core - BETWEEN <= set("Xw"):
            return False
        if bare and "X" in core:
            return True
        part = True
    before = left[:first]
    if set(before) - BEFORE:
        return False
    if "X" in before:
        speaker = reading._speaker(figure.start, figure.start + first)
        if speaker == "all":
            reading.said.scope = "all"
        part = part or speaker == "part"
    if "T" in right:
        return True
    if tail and "中" in reading._text(figure.index + 1, figure.index + 1 + len(tail)):  # 8件申请中: those spoken of
        part = True
    spoken = {kind for kind in left[first:] if kind in "VvHh"}
    subjects = {frozenset("V"): "received", frozenset("v"): "new", frozenset("H"): "handled"}
    if bare and not spoken and not reading.reader.around.applications:
        return True
    figure.count(f"applications.{subjects.get(frozenset(spoken), 'processed')}", part=part)
    return True


READINGS = (
    _both_disputes,
    _carry,
    _outcome,
    _dispute,
    _applicant,
    _result,
    _fee,
    _norm,
    _permit,
    _published,
    _applications,
)

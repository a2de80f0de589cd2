"""Bind a figure to what it counts, by the words before and after it in its clause.

The letters in the patterns are the kinds of words of ``vocabulary.py``: ``V`` is 收到, ``O`` 政府信息公开申请, ``X`` a word that we do not know. Each
function answers True if the figure is settled: taken as a claim, or known to be none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rules.claims.reading import Binding, Figure, Reading
from rules.claims.vocabulary import DISPUTES
from rules.claims.words import Word

DISPUTE_LEFT = re.compile(r"(?P<gap>[FQnVhHoOqWt@&*YS0CX]*)(?P<object>[RrLlDA])[F*]*")
DISPUTE_RIGHT = re.compile(r"[FQnoO]*(?P<object>[RrLlDA])F*")
TARIFF = re.compile("标准|每[件页]|/[件页]|按[件页量]|以[上下]的|超[过出]")  # what would be charged, not what was
OTHER_AGENCY = re.compile("政府[^信]|[局委厅院]|部门|单位|街道|[镇乡]|机构")
JOINED = re.compile(r"(?P<gap>[FQnVhHqWt@YS0]*?)(?P<objects>(?:[Oo]F*&[FQnq]*)?[Rr]F*&?[FQnqo]*[Ll])(?P<how>[F*j]*)")
OUTCOME_LEFT = re.compile(r"[F&SRrLlDAQn]*U[F]*")
OUTCOME_RIGHT = re.compile(r"F*U[F]*")
RESULT_LEFT = re.compile(r"[F&SHhtOoQ*@q]*(?P<first>E)(?:(?P<and>&?|F+)(?P<second>E))?[FHhoOd]*")
RESULT_RIGHT = re.compile(r"[FoOtHh@*]*E[FdHho]*")
OF_ANSWERED = re.compile(
    "(?:答复|办结|办理)的?[0-9]+件[^，。；]{0,6}[中里]"
)  # who asked for what was answered, not for what was received
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
NOTICE_LEFT = re.compile(r"[FqYQO@&WXt$nf]*iF*")
PUBLISHED_LEFT = re.compile(r"[FqY@&]*pF*IF*")
LAPSED = re.compile(r"失效[^\d，。；]{0,8}\d")  # beside 废止N件: the table may count both as repealed
OF_OTHERS = frozenset("BRrLlDAGgkcfEKCPUZTpI$abeti#%ud")  # words that make a figure something else's
SPOKEN = {frozenset("V"): "received", frozenset("v"): "new", frozenset("H"): "handled"}
BETWEEN = frozenset("VvHhOoF@&QWqn")  # what may stand between a verb and what it counts
BEFORE = frozenset("F@qYWwym&*SnQOo0tX,")  # what may stand before the verb

Count = tuple[frozenset[str], Callable[[Figure], bool]]


def joined(figure: Figure) -> bool:
    """行政复议、行政诉讼均为0件; 行政复议和行政诉讼分别为3件、2件; 行政复议、行政诉讼共5件; 申请、复议、诉讼均为0."""
    match = JOINED.fullmatch(figure.left)
    if match is None:
        return False
    reading, value = figure.reading, figure.word.value
    disputes = [kind for kind in match["objects"] if kind in "RrLl"]
    counted = [kind for kind in disputes if reading.dispute_counts(kind, value)]
    subjects = [f"{DISPUTES[kind]}.total" for kind in counted]
    if match["objects"][0] in "Oo" and reading.in_context:
        subjects.insert(0, "applications.received")
    if "j" in match["how"] and figure.joined:
        reading.said.pair = subjects[1:] if len(counted) == len(disputes) else []
        for subject in subjects[: len(counted) == len(disputes)]:
            figure.count(subject, part=False)
    elif value == 0 or "*" in match["how"] or "j" in match["how"]:
        for subject in subjects:
            figure.count(subject, part=False)
    elif subjects == ["review.total", "litigation.total"] and re.search("共|合计|总", figure.before):
        figure.count("disputes.total", part=False)
    return True


def dispute(figure: Figure) -> bool:
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
    kind = match["object"]
    told = gap.index("Q") if "Q" in gap else gap.find("O")  # 市民对信息公开答复不服，……: what comes before is no matter
    if "X" in gap and (gap.rindex("X") > told or (OTHER_AGENCY.search(figure.before) and not _own_speaks(figure))):
        return True
    if (
        re.search("[Oo]F*&F*$", gap)
        or any(other in gap for other in "RrLlDA")
        or not reading.dispute_counts(kind, figure.word.value)
    ):
        return True
    again = any(claim.subject == f"{DISPUTES[kind]}.total" for claim in reading.found)
    part = (
        reading.foreign
        or reading.said.cumulated
        or reading.said.channel
        or (again and reading.said.subset)
        or "C" in gap
        or bool(re.search("[结毕]|新[增收发]", figure.before))
    )
    figure.count(f"{DISPUTES[kind]}.total", part=part)
    return True


def _own_speaks(figure: Figure) -> bool:
    """True if the first unknown words before the figure are the agency's own name."""
    first = figure.reading.words[figure.start + figure.left.index("X")]
    return figure.reading.reader.is_own(figure.reading.text[first.start : first.end])


def outcome(figure: Figure) -> bool:
    """结果维持3件; 3件维持."""
    said = figure.reading.said
    side = "left" if OUTCOME_LEFT.fullmatch(figure.left) else "right" if OUTCOME_RIGHT.fullmatch(figure.right) else ""
    if side == "right" and figure.left.strip("F&S"):
        side = ""
    if not side:
        return False
    figure.reading.note_objects(figure.start, figure.index)
    group = DISPUTES.get(said.object)
    if group and figure.reading.dispute_counts(said.object, None):
        figure.count(f"{group}.{figure.meaning('U', side)}", part=figure.reading.foreign)
    return True


def carry(figure: Figure) -> bool:
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
    reading.count(
        f"applications.{subject}", figure.word, reading.said.year if not year else None, reading.foreign or reading.said.channel
    )
    return True


def applicant(figure: Figure) -> bool:
    """自然人申请18件; 其中法人或其他组织2件."""
    reading = figure.reading
    right = figure.right.removesuffix("&")
    side = "left" if APPLICANT_LEFT.fullmatch(figure.left) and "K&" not in figure.left else ""
    if not side and APPLICANT_RIGHT.fullmatch(right) and not figure.left.strip("F&SV"):
        side = "right"
    if not side:
        return False
    if figure.left.count("K") > 1 or not reading.about_applications() or reading.said.last_is_part:
        return True
    if OF_ANSWERED.search(reading.text, 0, figure.word.start):
        return True
    meaning = figure.meaning("K", side)
    if meaning != "legal_person":
        figure.count(f"applicants.{meaning}", part=reading.foreign or reading.said.channel or figure.word.unit == "")
    return True


def result(figure: Figure) -> bool:
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
    if left is not None and left["second"] and left["and"] != "&":  # 因不掌握无法提供, the kind; 因不掌握等无法提供, the group
        first, second = (reading.words[figure.start + left.start(name)].meaning for name in ("first", "second"))
        subject = second if "等" in figure.before else first
        subject = subject if first[-1].isdigit() and not second[-1].isdigit() else ""
    elif left is not None and left["second"]:
        first, second = (reading.words[figure.start + left.start(name)].meaning for name in ("first", "second"))
        subject = "granted+partial" if {first, second} == {"granted", "partial"} else ""
    else:
        subject = figure.meaning("E", "left" if left else "right")
    if subject:
        alone = subject[-1].isdigit() and not _among_results(reading) and not re.search("因|属于", figure.before)
        part = alone or reading.said.last_is_part or reading.foreign or reading.said.channel
        figure.count(f"results.{subject}", part=part)
    return True


def _among_results(reading: Reading) -> bool:
    """True if the sentence speaks of the groups of results too: 重复申请2件 by itself says what was asked, not what was answered."""
    return any(word.kind == "E" and not word.meaning[-1].isdigit() for word in reading.words)


def norm(figure: Figure) -> bool:
    """制发行政规范性文件2件，废止10件，现行有效14件."""
    reading, left = figure.reading, figure.left
    right = figure.right.removesuffix("&")
    if "g" in left or ("p" in left and not NORM_OPENED.fullmatch(left)):
        return "G" in left
    on_norms = "G" in left or reading.said.object == "G"
    if NORM_MADE.fullmatch(left) or (
        NORM_MADE_RIGHT.fullmatch(left)
        and (NORM_RIGHT.fullmatch(right) or (reading.said.object == "G" and re.search("制发|制定|出台", figure.before)))
    ):
        subject = "norm.made"
    elif NORM_REPEALED.fullmatch(left) and (on_norms or NORM_RIGHT.fullmatch(right)):
        subject = "norm.repealed"
    elif NORM_VALID.fullmatch(left) and (on_norms or NORM_RIGHT.fullmatch(right)):
        subject = "norm.valid"
    elif NORM_OPENED.fullmatch(left):
        subject = "norm.opened"
    else:
        return "G" in left
    lapsed = subject == "norm.repealed" and LAPSED.search(reading.text) is not None
    figure.count(subject, part=True if lapsed else None)
    return True


def permit(figure: Figure) -> bool:
    """作出行政许可决定24件; 作出24件行政处罚决定."""
    reading = figure.reading
    left = PERMIT_LEFT.fullmatch(figure.left)
    side = "left" if left else ""
    if left and not (left["verb"] == "t" or "d" in left["decision"] or "决定" in figure.before):
        side = "" if reading.words[figure.index].unit != "件" or left["decision"] or "案" in figure.before else "left"
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


def fee(figure: Figure) -> bool:
    """收取信息处理费为0 (no unit); 发出收费通知3件."""
    reading = figure.reading
    if NOTICE_LEFT.fullmatch(figure.left) and figure.word.unit:
        figure.count("fee.notices", part=False)
        return True
    if "f" in figure.left and FEE_LEFT.fullmatch(figure.left) and not figure.word.unit:
        reading.add("fee.charged", figure.word.value, figure.year, zero=figure.word.value == 0)
        return True
    return bool(set(figure.left) & set("fçi"))


def published(figure: Figure) -> bool:
    """主动公开政府信息422条."""
    reading = figure.reading
    if not PUBLISHED_LEFT.fullmatch(figure.left) or "w" in reading.kinds:
        return False
    if "主动公开" in figure.before:
        figure.count("information.published")
    return True


def applications(figure: Figure) -> bool:
    """收到政府信息公开申请29件; 收到29件申请; 答复27件."""
    reading, left, right = figure.reading, figure.left, figure.right.removesuffix("&")
    if set(left) & OF_OTHERS:
        return False
    objects = [index for index, kind in enumerate(left) if kind in "Oo"]
    verbs = [index for index, kind in enumerate(left) if kind in "VvHh"]
    behind = re.match(r"[FQqX]*?(?P<object>[Oo])F*", right) if not objects and not set(right) & OF_OTHERS else None
    kind = left[objects[-1]] if objects else behind["object"] if behind else ""
    if not kind and (not verbs or right.strip("F&") or reading.said.object not in ("O", "o")):
        return False
    if kind == "o" and not reading.in_context:
        return False
    if behind and kind == "o" and not verbs and right[behind.end() :][:1] == "X":
        return True  # 1件申请执法卷宗: the verb, not what is counted
    first = min([*verbs, *objects], default=len(left))
    strange = (set(left[first:]) | set(behind[0] if behind else "")) - BETWEEN
    before = left[:first]
    if strange - {"X", "w"} or set(before) - BEFORE:
        return False
    spoken = frozenset(left[first:]) & frozenset("VvHh")
    if "T" in right or (kind != "O" and ("X" in strange or not (spoken or reading.reader.around.applications))):
        return True
    part = figure.part or bool(strange) or _not_asked(figure, bool(verbs), behind) or _taken_on(figure)
    if "X" in before:
        speaker = reading.speaker(figure.start, figure.start + first)
        if speaker == "all":
            reading.said.scope = "all"
        part = part or speaker == "part"
    figure.count(f"applications.{SPOKEN.get(spoken, 'processed')}", part=part)
    return True


def _not_asked(figure: Figure, verb: bool, behind: re.Match[str] | None) -> bool:
    """涉及申请15项 are not applications, 依申请公开信息15条 were given out, 12件中办结10件 and 8件申请中 speak of a part."""
    if not verb and ("涉及" in figure.before or figure.word.unit in ("条", "项", "条次")):
        return True
    after = figure.reading.words_between(figure.index + 1, figure.index + 1 + len(behind[0])) if behind else ""
    return figure.before.startswith("中") or "中" in after


def _taken_on(figure: Figure) -> bool:
    """收到申请57件，撤回39件，受理18件: not all that were received were taken on."""
    value = figure.word.value
    return (
        value is not None
        and "受理" in figure.before
        and any(
            claim.subject == "applications.received" and "受理" not in claim.clause and (claim.value or 0) > value
            for claim in figure.reading.found
        )
    )


def money(reading: Reading, left: str, word: Word, year: int | None) -> None:
    """An amount: 收取信息处理费3940元; 行政事业性收费12.5万元."""
    said = reading.said
    if word.value and TARIFF.search(reading.text):
        return
    if LEVY_LEFT.fullmatch(left):
        subject = "charge.collected"
    elif NOTICE_LEFT.fullmatch(left):
        subject = "fee.due"
    elif FEE_LEFT.fullmatch(left) and ("f" in left or reading.about_fees()):
        subject = "fee.charged"
    elif said.object in ("f", "i") and re.fullmatch(r"[F&X]*\$?F*", left) and reading.about_fees():
        subject = "fee.charged" if "$" in left else "fee.due"
    else:
        return
    reading.add(subject, word.value, year, unit=word.unit, approximate=word.approximate, zero=word.value == 0)


COUNTS: tuple[Count, ...] = (  # in this order, each with the kinds that its patterns need
    (frozenset("Ll"), joined),
    (frozenset("CP"), carry),
    (frozenset("U"), outcome),
    (frozenset("RrLlDA"), dispute),
    (frozenset("K"), applicant),
    (frozenset("E"), result),
    (frozenset("fçi"), fee),
    (frozenset("abeG"), norm),
    (frozenset("k"), permit),
    (frozenset("I"), published),
    (frozenset("OoVvHh"), applications),
)

BINDING = Binding(COUNTS, money)

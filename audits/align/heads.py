"""Find the column, block and group heads of the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise

from rapidfuzz import fuzz

from audits.align.chain import Pair, best_chain
from audits.align.folding import fold, split_enumerator
from audits.align.labels import LONGEST_JOIN, Matching
from audits.align.lines import PROSE_LENGTH, Piece
from reports_in.document import Source
from rules.editions import TemplateBlock, TemplateTable, editions
from rules.filing import Header

Places = tuple[int, ...]  # of the words that together are one head

HEADER_SCORE = 62.0
LITIGATION_COLUMN_SCORE = 70.0
LONGEST_HEAD = 24
LONGEST_GROUP_COLUMN = 6  # folded characters of a column head of the litigation table


def row_heads(matching: Matching, template: TemplateTable, first: int | None) -> tuple[tuple[Header, ...], Source | None]:
    """The column heads above the table's first row, and where they begin. ``first`` is that row's index, None if there is none."""
    if first is None:
        return tuple(Header(key, label) for key, label in expected_heads(template)), None
    pieces: list[Piece] = []
    start = first
    while start > 0 and first - start < 40 and start - 1 not in matching.claimed:
        row = matching.rows[start - 1]
        if row.has_figure or any(len(piece.text) > PROSE_LENGTH for piece in row.labels):
            break
        start -= 1
    for row in matching.rows[start:first]:
        pieces.extend(row.labels)
    pieces.extend(matching.before_label(first, template.key))
    best: dict[str, Header] = {}
    for order in _orders(matching.edition.id, template.key):
        found = match_headers(pieces, order)
        if _total(found) > _total(best) or not best:
            best = found
        if _total(best) == 100 * len(order):
            break
    headers = tuple([best[key] for key, _ in expected_heads(template)])
    at = next((header.at for header in headers if header.at), None)
    if at is not None:
        taken = {header.at for header in headers}
        for row in matching.rows[start:first]:
            if any(
                piece.source in taken or split_enumerator(piece.text)[1] in matching.targets.furniture for piece in row.labels
            ):
                matching.used.add(row.index)
    return headers, at


@cache
def _orders(edition_id: str, table: str) -> tuple[list[tuple[str, str]], ...]:
    """The orders in which the heads of a table may be printed: by line, by column, and with the total's merged head a line above the
    others."""
    corner, *names = expected_heads(editions()[edition_id].tables[table])
    under = {column.key for column in editions()[edition_id].tables[table].columns if column.under}
    nested = [name for name in names if name[0] in under]
    plain = [name for name in names if name[0] not in under]
    return [corner, *plain, *nested], [corner, *names], [corner, *plain[1:], *plain[:1], *nested]


def _total(found: Mapping[str, Header]) -> float:
    return sum(header.score for header in found.values())


def block_heads(
    matching: Matching, template: TemplateTable, mine: Mapping[int, int]
) -> tuple[tuple[Header, ...], Source | None]:
    """Block headings and the column heads of each block, and where the first stands. ``mine`` maps targets to printed rows."""
    rows_by_key = {matching.targets.rows[target].key: row for target, row in mine.items()}
    headings = {fold(block.heading): block.key for block in template.blocks}
    marks: dict[str, tuple[int, Piece]] = {}  # block -> the printed row that has its heading, and the heading
    for row in matching.rows:
        if not headings.keys().isdisjoint(row.words):
            for word, piece in zip(row.words, row.labels, strict=True):
                if word in headings and len(piece.text) <= LONGEST_HEAD:
                    marks.setdefault(headings[word], (row.index, piece))
    headers: list[Header] = []
    at: Source | None = None
    for block in template.blocks:
        mark = marks.get(block.key)
        if mark is None:
            headers.append(Header(block.key, block.heading))
        else:
            marked, piece = mark
            headers.append(Header(block.key, block.heading, piece.text, piece.source, 100.0))
            at = at or piece.source
            if len(matching.rows[marked].labels) == 1 or not matching.rows[marked].stream:
                matching.used.add(marked)
        first = min((rows_by_key[key] for key in block.rows if key in rows_by_key), default=None)
        headers.extend(_block_columns(matching, block, mark[0] if mark else None, first))
    furniture = matching.targets.furniture
    for row in matching.rows:
        if row.words and furniture.issuperset(row.words) and row.index not in matching.claimed:
            matching.used.add(row.index)
    return tuple(headers), at


def _block_columns(matching: Matching, block: TemplateBlock, mark: int | None, first: int | None) -> list[Header]:
    """The column heads of a block: the pieces after 信息内容, before the block's first row. ``mark`` is the row with its heading."""
    expected = [(f"{block.key}.{column.key}", column.label) for column in block.columns]
    start = mark if mark is not None else (first - 1 if first else None)
    if start is None or start < 0:
        return [Header(key, label) for key, label in expected]
    stop = first if first is not None else min(start + 3, len(matching.rows) - 1)
    pieces: list[Piece] = []
    for row in matching.rows[start : stop + 1]:
        if row.index in matching.claimed and row.index != stop:
            continue
        pieces.extend(matching.before_label(row.index) if row.index in matching.claimed else row.labels)
    words = [fold(piece.text) for piece in pieces]
    corner = words.index(fold(block.corner)) if fold(block.corner) in words else None
    if corner is not None:
        pieces = pieces[corner + 1 :]
    found = match_headers(pieces, expected)
    if len(pieces) == len(expected) and corner is not None:
        for piece, (key, label) in zip(pieces, expected, strict=True):
            if not found[key].present:
                found[key] = Header(key, label, piece.text.strip(), piece.source, fuzz.ratio(fold(piece.text), fold(label)))
    return [found[key] for key, _ in expected]


def match_headers(pieces: Sequence[Piece], expected: Sequence[tuple[str, str]]) -> dict[str, Header]:
    """The best monotone match of printed head pieces, neighbours joined where a head is broken, with the expected heads."""
    words = tuple([fold(piece.text) for piece in pieces])
    places = _places_of_heads(words, tuple([label for _, label in expected]))
    found: dict[str, Header] = {}
    for (key, label), place in zip(expected, places, strict=True):
        if place is None:
            found[key] = Header(key, label)
        else:
            first, last, score = place
            printed = pieces[first].text if first == last else "".join([piece.text for piece in pieces[first : last + 1]])
            found[key] = Header(key, label, printed, pieces[first].source, score)
    return found


@lru_cache(maxsize=2048)  # heads are the same in many reports
def _places_of_heads(words: tuple[str, ...], labels: tuple[str, ...]) -> tuple[tuple[int, int, float] | None, ...]:
    """For every label the first and the last of the folded words that print it, with the score; None if none do."""
    wanted = [fold(label) for label in labels]
    known = set(wanted)
    exact = [place for place, word in enumerate(words) if word in known]
    if [words[place] for place in exact] == wanted:  # nothing to weigh: every head once, in order, as it should be
        return tuple((place, place, 100.0) for place in exact)
    pairs: list[Pair] = []
    for end in range(len(words)):
        for length in range(1, LONGEST_JOIN + 1):
            first = end - length + 1
            if first < 0 or (length > 1 and words[first] in known and words[end] in known):
                break
            joined = "".join(words[first : end + 1])
            if not joined or len(joined) > PROSE_LENGTH:
                continue
            for index, target in enumerate(wanted):
                if joined == target:
                    score = 100.0
                elif joined in known or len(target) <= 2:
                    continue
                else:
                    score = fuzz.ratio(joined, target, score_cutoff=HEADER_SCORE)
                if score:
                    pairs.append(Pair(first, end, index, (score / 100) ** 2 - 0.02 * length, score))
    found = {pair.target: (pair.first, pair.item, pair.score) for pair in best_chain(pairs, len(labels))}
    return tuple(found.get(index) for index in range(len(labels)))


def litigation_heads(pieces: Sequence[Piece], template: TemplateTable) -> tuple[Header, ...]:
    """Heads of the litigation table: each name's first printing belongs to the first group, and so on."""
    words = tuple([fold(piece.text) for piece in pieces])
    groups = tuple([(row.key, fold(row.label)) for row in template.rows.values()])
    places = _places_in_litigation(words, groups, tuple([(column.key, column.label) for column in template.columns]))
    headers = []
    for key, label in expected_heads(template):
        if key in places:
            printing, score = places[key]
            printed = "".join([pieces[place].text for place in printing])
            headers.append(Header(key, label, printed, pieces[printing[0]].source, score))
        else:
            headers.append(Header(key, label))
    return tuple(headers)


@lru_cache(maxsize=2048)  # heads are the same in many reports
def _places_in_litigation(
    words: tuple[str, ...], groups: tuple[tuple[str, str], ...], columns: tuple[tuple[str, str], ...]
) -> Mapping[str, tuple[Places, float]]:
    """By the keys of the heads that are printed which of the folded words print them, with the score."""
    found: dict[str, tuple[Places, float]] = {}
    places, words = _untorn(
        [(place,) for place in range(len(words))], words, [label for key, label in columns if key != "total"]
    )
    for key, label in groups:
        printing = _group_head(places, words, label, whole_only=key == "review")
        if printing:
            found[key] = printing, 100.0
    names = {label: key for key, label in columns}
    seen: Counter[str] = Counter()
    index = 0
    while index < len(words):
        score, length, label = _nearest_column(words, index, names)
        if not score:
            index += 1
            continue
        key = names[label]
        if seen[key] < len(groups):
            group = groups[seen[key]][0]
            found[f"{group}.{key}"] = tuple(chain.from_iterable(places[index : index + length])), score
        seen[key] += 1
        index += length
    return found


def _untorn(places: list[Places], words: tuple[str, ...], labels: Sequence[str]) -> tuple[list[Places], tuple[str, ...]]:
    """With the heads whole of which a page break tore a row: 结果 结果 其他 尚未 above it, 维持 纠正 结果 审结 below."""
    wide = len(labels)
    for above in [at for at, word in enumerate(words) if word and word != labels[0] and labels[0].startswith(word)]:
        for below in range(above + wide, len(words) - wide + 1):
            halves = zip(words[above : above + wide], words[below : below + wide], labels, strict=True)
            if all(one + two == label for one, two, label in halves):
                whole = [one + two for one, two in zip(places[above : above + wide], places[below : below + wide], strict=True)]
                places = [*places[:above], *whole, *places[above + wide : below], *places[below + wide :]]
                words = (*words[:above], *labels, *words[above + wide : below], *words[below + wide :])
                return _untorn(places, words, labels)  # the next group's may be torn too
    return places, words


def _nearest_column(words: Sequence[str], index: int, labels: Collection[str]) -> tuple[float, int, str]:
    """How well the word there, or it and the next one, read like a column head, how many words that takes, and which head it is.

    (0, 0, "") if they are no column head.
    """
    if words[index] in labels:
        return 100.0, 1, words[index]
    best = (0.0, 0, "")
    for length in (1, 2):
        joined = "".join(words[index : index + length])
        if index + length > len(words) or len(joined) > LONGEST_GROUP_COLUMN:
            break
        for label in labels:
            score = fuzz.ratio(joined, label, score_cutoff=LITIGATION_COLUMN_SCORE)
            if score > best[0]:
                best = (score, length, label)
    return best


def _group_head(places: Sequence[Places], words: Sequence[str], wanted: str, *, whole_only: bool) -> Places:
    """Where the head of a group is printed: whole; broken over two cells or lines; or, over a table for each group, among other words,
    as 行政诉讼：复议后起诉, unless ``whole_only``. Empty if nowhere."""
    if wanted in words:
        return places[words.index(wanted)]
    for index, (one, two) in enumerate(pairwise(words)):
        if one + two == wanted:
            return places[index] + places[index + 1]
    if not whole_only:
        for place, word in zip(places, words, strict=True):
            if wanted in word:
                return place
    return ()


def expected_heads(template: TemplateTable) -> list[tuple[str, str]]:
    """(key, label) of every head of the applications or litigation table, keys as ``rules.filing.Header`` says."""
    if template.key == "litigation":
        return [
            pair
            for row in template.rows.values()
            for pair in ((row.key, row.label), *((f"{row.key}.{column.key}", column.label) for column in row.columns))
        ]
    return [("corner", template.corner or ""), *((column.key, column.label) for column in template.columns)]

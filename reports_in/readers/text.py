"""Read plain text and Markdown (.txt, .md): one Paragraph per line, one ragged Table per run of rows.

A line with a tab is a row, and so is one printed in columns (``rows.spaced_cells``) or, in a text that parts its cells by commas, one
of cells (``rows.comma_cells``). Everything else stays a Paragraph.
"""

from __future__ import annotations

from reports_in.builder import Builder, too_much
from reports_in.decoding import decode, lines_of
from reports_in.document import Document, Paragraph, Source
from reports_in.limits import LIMITS
from reports_in.readers import markdown
from reports_in.rows import Rows, comma_cells, is_comma_separated, spaced_cells

MEDIA_TYPE = "text/plain"
BYTES_PER_CHAR = 4  # the most that any of our encodings needs


def read(data: bytes, name: str) -> Document:
    """Raises UndecodableText, UnknownFormat (bytes that are no text), EmptyFile, LimitExceeded."""
    if len(data) > LIMITS.text_chars * BYTES_PER_CHAR:
        raise too_much(name, "文字", LIMITS.text_chars, "字")
    builder = Builder(name)
    decoded = decode(data, name)
    text = lines_of(decoded.text)
    if decoded.lost or "\ufffd" in text:
        builder.note("LOST_CHARACTERS", f"有 {text.count(chr(0xFFFD))} 处字符无法按 {decoded.encoding} 解读，显示为“\ufffd”")
    if markdown.is_markdown(text, name):
        markdown.write(builder, text)
        return builder.document(data, markdown.MEDIA_TYPE)
    write_lines(builder, text)
    return builder.document(data, MEDIA_TYPE)


def write_lines(builder: Builder, text: str, first_line: int | None = 1) -> None:
    """Write text whose every line is a Paragraph or a row. ``first_line`` None: the lines are not those of the file."""
    start = builder.write(text)
    rows = Rows(builder)
    commas = is_comma_separated(text)
    number = first_line
    for line in text.split("\n"):
        if len(line) > LIMITS.line_chars:
            raise too_much(builder.name, "一行的文字", LIMITS.line_chars, "字")
        if "\t" in line:
            rows.add(line.split("\t"), start, number)
        elif (cells := spaced_cells(line)) is not None:
            rows.add_at(cells, start, number)
        elif commas and (cells := comma_cells(line)) is not None:
            if len(cells) > 1:
                rows.add_at(cells, start, number)
            else:
                rows.close()
                words, at = cells[0][0], start + cells[0][1]
                builder.add(Paragraph(words, Source(None, number, None, (at, at + len(words)))))
        else:
            rows.close()
            if stripped := line.strip():
                at = start + line.index(stripped[0])
                builder.add(Paragraph(stripped, Source(None, number, None, (at, at + len(stripped)))))
        start += len(line) + 1
        if number is not None:
            number += 1
    rows.close()

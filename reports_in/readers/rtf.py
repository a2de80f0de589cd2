"""Read rich text (.rtf; also what old WPS and Word save under .doc), by way of LibreOffice."""

from __future__ import annotations

import re

from reports_in import office, sniff
from reports_in.document import Document
from reports_in.errors import Damaged

BRACE = re.compile(rb"\\[\\{}]|[{}]")
BINARY = b"\\bin"  # raw bytes follow, any of which may look like a brace


def read(data: bytes, name: str) -> Document:
    """Raises ToolMissing where LibreOffice is not installed, Damaged, LimitExceeded, EmptyFile.

    LibreOffice reads a file cut off as far as it goes and says nothing, so that its end is looked for here.
    """
    braces = [brace for brace in BRACE.findall(data) if len(brace) == 1]
    closed = data.rstrip(b"\0\r\n\t \x1a").endswith(b"}")
    if not closed or (BINARY not in data and braces.count(b"{") > braces.count(b"}")):
        raise Damaged(name, "文件已损坏：RTF 没有结尾，内容不全", "请重新下载，或用 Word、WPS 打开核对后另存为 DOCX 提交")
    return office.read(data, name, office.RICH_TEXT, sniff.RTF)

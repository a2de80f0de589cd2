"""Bytes in, Document out. The table of readers is here; a new format is one file in readers/ and one line below."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from reports_in import sniff
from reports_in.decoding import visible
from reports_in.document import Document
from reports_in.errors import EmptyFile, Encrypted, FileUnavailable, IntakeError, LimitExceeded, UnknownFormat
from reports_in.limits import LIMITS
from reports_in.system_words import in_words
from reports_in.traditional import simplified

# media type -> module with read(data, name) -> Document; imported at first use, for a PDF library costs a text nothing
READERS: dict[str, str] = {
    sniff.TEXT: "reports_in.readers.text",
    sniff.HTML: "reports_in.readers.html",
    sniff.MHTML: "reports_in.readers.mhtml",
    sniff.PDF: "reports_in.readers.pdf",
    sniff.OFD: "reports_in.readers.ofd",
    sniff.DOCX: "reports_in.readers.docx",
    sniff.DOC: "reports_in.readers.doc",
    sniff.RTF: "reports_in.readers.rtf",
    sniff.XLSX: "reports_in.readers.xlsx",
    sniff.XLS: "reports_in.readers.xls",
    **dict.fromkeys(sorted(sniff.IMAGES), "reports_in.readers.image"),
}

# what files of these names mostly are; content decides when they are read
SUFFIXES: dict[str, str] = {
    ".txt": sniff.TEXT,
    ".md": sniff.TEXT,
    ".html": sniff.HTML,
    ".htm": sniff.HTML,
    ".mht": sniff.MHTML,
    ".mhtml": sniff.MHTML,
    ".pdf": sniff.PDF,
    ".ofd": sniff.OFD,
    ".docx": sniff.DOCX,
    ".doc": sniff.DOC,
    ".wps": sniff.DOC,
    ".xlsx": sniff.XLSX,
}

# formats that we know and do not read: the fault, and what to do
UNREAD: dict[str, tuple[str, str]] = {
    sniff.RAR: ("是 RAR 压缩包，不能直接读取", "请解压后提交，或改用 ZIP 压缩"),
    sniff.PPTX: ("是演示文稿，不是年报文本", "请提交年报的 DOCX、PDF、网页或文本"),
    sniff.PPT: ("是演示文稿，不是年报文本", "请提交年报的 DOCX、PDF、网页或文本"),
    sniff.EML: ("是电子邮件", "请提交邮件里的年报附件"),
    sniff.EXECUTABLE: ("是程序文件，不是文档", "请提交年报的 DOCX、PDF、网页或文本"),
}


def read(path: Path, name: str | None = None) -> Document:
    """The document in that file. ``name`` is what messages call it. Raises IntakeError."""
    shown = display_name(path.name if name is None else name)
    try:
        size = path.stat().st_size
        if size > LIMITS.file_bytes:
            raise _too_large(shown, size)
        with path.open("rb") as file:
            data = file.read(LIMITS.file_bytes + 1)  # it may have grown since
    except OSError as error:
        raise FileUnavailable(shown, f"文件打不开（{in_words(error)}）", "请核对文件是否存在、是否有读取权限") from error
    return read_bytes(data, shown)


def read_bytes(data: bytes, name: str) -> Document:
    """The document in those bytes, its type found by content. Raises IntakeError."""
    name = display_name(name)
    document: Document = import_module(READERS[media_type_of(data, name)]).read(data, name)
    return simplified(document)


def media_type_of(data: bytes, name: str) -> str:
    """What the bytes are, by a look that parses nothing. Raises the IntakeError that reading them would begin with."""
    if not data:
        raise EmptyFile(name, "文件是空的（0 字节）", "请核对后重新提交有内容的文件")
    if len(data) > LIMITS.file_bytes:
        raise _too_large(name, len(data))
    media_type = sniff.sniff(data, name)
    if media_type == sniff.ENCRYPTED_OFFICE:
        raise Encrypted(name, "文件设有打开密码", "请去掉密码后重新提交")
    if media_type not in READERS:
        raise _no_reader(name, media_type)
    return media_type


def load_readers(names: Iterable[str]) -> None:
    """Import what files of those names will need, so that processes forked later share it and need not do it each."""
    for suffix in {Path(name).suffix.lower() for name in names}:
        if (reader := READERS.get(SUFFIXES.get(suffix, ""))) is not None:
            import_module(reader)


def display_name(name: str) -> str:
    """A file name as messages may show it: without control, zero-width and direction characters."""
    return visible(name.replace("\n", " ").replace("\r", " ").replace("\t", " ")) or "未命名文件"


def _too_large(name: str, size: int) -> LimitExceeded:
    return LimitExceeded(
        name,
        f"文件有 {size / 1024 / 1024:,.1f} MB，超过上限 {LIMITS.file_bytes // 1024 // 1024} MB",
        "请只提交年报本身，或压缩其中的图片后重新提交",
    )


def _no_reader(name: str, media_type: str) -> IntakeError:
    fault, advice = UNREAD.get(media_type, (f"是暂不支持的格式（{media_type}）", "请另存为 DOCX、PDF、网页或文本后重新提交"))
    return UnknownFormat(name, fault, advice)

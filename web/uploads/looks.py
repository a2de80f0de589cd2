"""What is wrong with a file, as far as a look tells that parses nothing: this runs in the web process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports_in import display_name, media_type_of, sniff
from reports_in.errors import EmptyFile, IntakeError, LimitExceeded
from reports_in.limits import LIMITS
from reports_in.litter import is_litter
from reports_in.unpack import looks_packed

HEAD = 4_096
KINDS = {
    sniff.PDF: "PDF",
    sniff.DOCX: "Word 文档",
    sniff.DOC: "Word 文档（旧版）",
    sniff.XLSX: "Excel 表格",
    sniff.XLS: "Excel 表格（旧版）",
    sniff.OFD: "OFD 版式文件",
    sniff.RTF: "RTF 文档",
    sniff.HTML: "网页",
    sniff.MHTML: "网页（单文件）",
    sniff.TEXT: "文本",
    sniff.ZIP: "压缩包",
    sniff.RAR: "压缩包",
    sniff.SEVEN_ZIP: "压缩包",
    sniff.TAR: "压缩包",
    sniff.GZIP: "压缩包",
    sniff.BZIP2: "压缩包",
    sniff.XZ: "压缩包",
    **dict.fromkeys(sniff.IMAGES, "图片（需文字识别）"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """kind in Chinese. code and reason if it cannot be read; remark if something is worth knowing all the same."""

    kind: str
    code: str = ""
    reason: str = ""
    remark: str = ""
    is_litter: bool = False
    is_archive: bool = False


def refusal_of_start(head: bytes, name: str, total: int) -> Look | None:
    """Why the rest of a file need not be sent, by its first bytes and its size; None if it is welcome."""
    if total == 0:
        return _refused(EmptyFile(name, "文件是空的（0 字节）", "请核对后重新提交有内容的文件"))
    is_packed = head.startswith(tuple(magic for magic, kind in sniff.MAGIC if kind in sniff.ARCHIVES) + sniff.ZIP_MAGIC)
    if is_packed or head[257:262] == b"ustar":
        limit, advice = LIMITS.archive_file_bytes, "请分成几个压缩包提交"
    else:
        limit, advice = LIMITS.file_bytes, "请只提交年报本身，或压缩其中的图片后重新提交"
    if total <= limit:
        return None
    return _refused(LimitExceeded(name, f"文件有 {total / (1 << 20):,.1f} MB，超过上限 {limit >> 20} MB", advice))


def look_at(path: Path, name: str) -> Look:
    """The whole file."""
    if is_litter(name):
        return Look("系统文件", remark="电脑自动产生的文件，不核查", is_litter=True)
    if looks_packed(path):
        return Look("压缩包", remark="提交后解压，里面的每个文件各算一份", is_archive=True)
    try:
        data = path.read_bytes() if path.stat().st_size <= LIMITS.file_bytes else b""
        media_type = media_type_of(data, name)
    except IntakeError as error:
        return _refused(error)
    remark = ""
    if media_type == sniff.PDF and b"/Encrypt" in data:
        remark = "这份 PDF 设了权限或密码；如果打开需要密码，会读不了"
    elif media_type in sniff.IMAGES:
        remark = "图片要做文字识别，每页约几秒到十几秒"
    return Look(KINDS.get(media_type, "文件"), remark=remark)


def _refused(error: IntakeError) -> Look:
    return Look("读不了", error.code, str(error))


def shown_name(name: str) -> str:
    """A path as it comes from a browser, to be shown and recorded; never to be opened."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    encoded = display_name("/".join(parts)).encode()
    if len(encoded) > LIMITS.archive_name_bytes:
        encoded = encoded[-LIMITS.archive_name_bytes :]  # its end tells more than its beginning
    return encoded.decode(errors="ignore") or "未命名文件"

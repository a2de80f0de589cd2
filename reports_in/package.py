"""An office file that is a ZIP of XML parts (OFD, DOCX, XLSX): its parts, read within limits and without any trick of the format.

Nothing is extracted to disk. Overlapping entries, encrypted ones, bombs and document type declarations are refused.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from reports_in.builder import too_much
from reports_in.errors import Damaged, Encrypted, LimitExceeded
from reports_in.limits import LIMITS

SUSPECT_BYTES = 1024 * 1024  # a smaller part is no bomb, however well it packs
_LOCAL_HEADER = 30


class Package:
    """``name`` is what messages call the file. Raises Damaged, Encrypted or LimitExceeded, here and in every method."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        at = data.rfind(b"PK\x05\x06")
        if at >= 0 and int.from_bytes(data[at + 10 : at + 12], "little") > LIMITS.archive_entries:
            raise too_much(name, "压缩包内的部件", LIMITS.archive_entries, "个")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise self._damaged("压缩结构不完整") from error
        entries = self._zip.infolist()
        if len(entries) > LIMITS.archive_entries:
            raise too_much(name, "压缩包内的部件", LIMITS.archive_entries, "个")
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise self._damaged("压缩包内的部件互相重叠")
            end = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
        self._entries = {entry.filename.replace("\\", "/").lstrip("/"): entry for entry in entries if not entry.is_dir()}
        self._folded = {path.lower(): path for path in self._entries}
        self._read = 0

    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def find(self, location: str, beside: str = "") -> str | None:
        """The path of the part that ``location`` means, as written in the part ``beside``; None if there is none."""
        location = location.strip().replace("\\", "/")
        tries = (
            [location.lstrip("/")]
            if location.startswith("/")
            else [posixpath.join(posixpath.dirname(beside), location), location]
        )
        for path in tries:
            path = posixpath.normpath(path)
            found = path if path in self._entries else self._folded.get(path.lower())
            if found is not None:
                return found
        return None

    def read(self, path: str) -> bytes:
        """The bytes of a part."""
        entry = self._entries[path]
        if entry.flag_bits & 1:
            raise Encrypted(self.name, "文件设有打开密码", "请去掉密码后重新提交")
        try:
            with self._zip.open(entry) as part:
                data = part.read(LIMITS.part_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
            raise self._damaged(f"部件 {path[-60:]} 读不出来") from error
        self._read += len(data)
        packed = max(entry.compress_size, 1)
        if len(data) > LIMITS.part_bytes or self._read > LIMITS.part_bytes * 2:
            raise too_much(self.name, "解压后的内容", LIMITS.part_bytes // 1024 // 1024, "MB")
        if len(data) > SUSPECT_BYTES and len(data) > LIMITS.archive_ratio * packed * 10:
            raise LimitExceeded(self.name, "压缩比异常，疑似压缩炸弹", "请重新导出后提交")
        return data

    def xml(self, path: str) -> etree._Element:
        """The root of an XML part. No entity is resolved, nothing is fetched; a DOCTYPE is refused."""
        data = self.read(path)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            if b"<!DOCTYPE" in data[:4096]:
                raise self._doctype() from error
            raise self._damaged(f"部件 {path[-60:]} 不是完整的 XML") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._doctype()
        return root

    def _damaged(self, what: str) -> Damaged:
        return Damaged(self.name, f"文件已损坏：{what}", "请用原软件打开核对，重新导出后提交")

    def _doctype(self) -> Damaged:
        return Damaged(self.name, "文件内含 DOCTYPE 声明，办公文档不应有，拒绝读取", "请用原软件重新导出后提交")

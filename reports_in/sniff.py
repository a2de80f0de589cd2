"""What a file is, told by its content. The suffix of its name only settles what content leaves open."""

from __future__ import annotations

import re
import struct

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
OFD = "application/ofd"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OLE = "application/x-ole-storage"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
RTF = "application/rtf"
ZIP = "application/zip"
RAR = "application/vnd.rar"
SEVEN_ZIP = "application/x-7z-compressed"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
PNG, JPEG, TIFF, GIF, BMP, WEBP = "image/png", "image/jpeg", "image/tiff", "image/gif", "image/bmp", "image/webp"
MHTML = "multipart/related"
EML = "message/rfc822"
HTML = "text/html"
XML = "application/xml"
TEXT = "text/plain"
EXECUTABLE = "application/x-executable"

ARCHIVES = frozenset({ZIP, RAR, SEVEN_ZIP, TAR, GZIP, BZIP2, XZ})
IMAGES = frozenset({PNG, JPEG, TIFF, GIF, BMP, WEBP})

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"{\\rtf", RTF),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\0", XZ),
    (b"\x7fELF", EXECUTABLE),
    (b"MZ\x90", EXECUTABLE),
)
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
OLE_STREAMS = (("EncryptedPackage", ENCRYPTED_OFFICE), ("WordDocument", DOC), ("Workbook", XLS), ("PowerPoint Document", PPT))
HEAD = 65_536  # bytes looked at to tell a page from a text
# parts by which an office file is known whose directory is cut off, and with it perhaps its main part
BROKEN = (
    (re.compile(r"^(?:OFD\.xml|Doc_\d+/(?:Document|Pages/Page_\d+/Content)\.xml)$", re.MULTILINE), OFD),
    (re.compile(r"^xl/(?:workbook|worksheets/.*)\.xml$", re.MULTILINE), XLSX),
    (re.compile(r"^(?:\[Content_Types\]\.xml|_rels/\.rels|word/.*\.xml)$", re.MULTILINE), DOCX),
)
ZIP_ENTRIES = 2_000  # an office file names its main part among its first entries

_LEADING = re.compile(rb"(?:\s+|<!--.*?-->|<\?xml[^>]*\?>)+", re.DOTALL)
_HTML_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|link|base|style|script|table|tbody|tr|td|div|p|span|font|center|section|article"
    rb"|main|header|nav|h[1-6]|ul|ol|br|hr|b|strong|a|img|image|form|iframe|noscript)(?=[\s/>])",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(rb"<(?:!doctype\s+html|html|body)(?=[\s>])|</(?:html|body)>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rb"</(?:p|div|td|tr|table|li|h[1-6])>|<br\s*/?>", re.IGNORECASE)
_MARKDOWN_LINE = re.compile(rb"^ {0,3}(?:#{1,6}[ \t]*[^\s#!]|\|?[ \t]*+:?-{3,}:?[ \t]*\|[ \t|:-]*$)", re.MULTILINE)
_MAIL_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")


def sniff(data: bytes, name: str) -> str:
    """The media type of a file. Text is what is left when nothing else fits; whether it can be decoded is the reader's part."""
    for magic, media_type in MAGIC:
        if data.startswith(magic):
            return media_type
    if data.startswith(OLE_MAGIC):
        return _ole(data)
    if data.startswith(ZIP_MAGIC):
        return _zip(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"BM") and len(data) > 14 and struct.unpack_from("<I", data, 2)[0] == len(data):
        return BMP
    if data[257:262] == b"ustar":
        return TAR
    if b"%PDF-" in data[:1024]:
        return PDF
    return _text(data, name)


def _ole(data: bytes) -> str:
    """Which office program wrote an OLE file, by the names in its directory (UTF-16, so found by plain search)."""
    for stream, media_type in OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return media_type
    return OLE


def _zip(data: bytes) -> str:
    """An office format by the parts that it must have, else a ZIP archive."""
    names = set(_entry_names(data))
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" in names:
        for folder, media_type in (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX)):
            if any(entry.startswith(folder) for entry in names):
                return media_type
    if b"PK\x05\x06" not in data and (
        broken := next((kind for names_of, kind in BROKEN if names_of.search("\n".join(names))), None)
    ):
        return broken
    if data[30:38] == b"mimetype" and ODT.encode() in data[38:120]:
        return ODT
    return ZIP


def _entry_names(data: bytes) -> list[str]:
    """The first names of a ZIP's directory; of a damaged one whatever can be had."""
    names: list[str] = []
    end = data.rfind(b"PK\x05\x06")
    at = struct.unpack_from("<I", data, end + 16)[0] if 0 <= end <= len(data) - 22 else len(data)
    while len(names) < ZIP_ENTRIES and data[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(data):
        length, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        names.append(data[at + 46 : at + 46 + length].decode("utf-8", "replace").replace("\\", "/"))
        at += 46 + length + extra + comment
    if not names:  # no directory: the local headers say it too
        at = 0
        while len(names) < ZIP_ENTRIES and (at := data.find(b"PK\x03\x04", at)) >= 0 and at + 30 <= len(data):
            length = struct.unpack_from("<H", data, at + 26)[0]
            names.append(data[at + 30 : at + 30 + length].decode("utf-8", "replace").replace("\\", "/"))
            at += 30 + length
    return names


def _text(data: bytes, name: str) -> str:
    head = data[:HEAD].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    leading = _LEADING.match(head)
    start = leading.end() if leading else 0
    if (mail := _MAIL_HEADER.match(head)) and b"mime-version:" in mail[0].lower():
        return MHTML if b"multipart/related" in mail[0].lower() or b"text/html" in mail[0].lower() else EML
    if _WHOLE_PAGE.search(head):
        return HTML
    markdown = name.lower().endswith((".md", ".markdown")) or _MARKDOWN_LINE.search(head) is not None
    if _HTML_TAG.match(head, start):
        return TEXT if markdown else HTML
    if head.startswith(b"<?xml"):
        return XML
    if markdown:
        return TEXT
    return HTML if len(_BLOCK_TAG.findall(head)) >= 5 else TEXT

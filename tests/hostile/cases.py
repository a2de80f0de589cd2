"""The catalogue of bad input: what is sent, and how it must end. Rows are numbered as in the project's reliability notes.

How an input ends:
R  the whole archive is refused with a reason            S  what is bad of it is left out with a reason, the rest is audited
F  this report is unreadable, with its reason            W  audited, with a note that a person sees
N  audited, the oddity made normal
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.hostile import files as f
from tests.hostile.files import SENTINEL, Make

ANY = "*"  # depends on whether character recognition is installed


@dataclass(frozen=True, slots=True)
class Case:
    """``ends`` maps every name that comes out of the input to its code: "" for audited, ANY for a reader's own choice.

    says   what the reasons tell, note: a note's code, holds: words that the reader must have reached.
    """

    row: int
    what: str
    sent: str
    make: Make
    outcome: str
    ends: Mapping[str, str]
    says: str = ""
    note: str = ""
    holds: str = ""


def one(row: int, what: str, sent: str, make: Make, outcome: str, code: str = "", **more: str) -> Case:
    """A case of one file that ends as one."""
    return Case(row, what, sent, make, outcome, {sent: code}, **more)  # type: ignore[arg-type]


NAMES = ["云苍县教育局2023年报.txt", "云苍县民政局2023年报.txt"]
OUTSIDE = ("../x.txt", "/x.txt", "C:\\x.txt", "..\\..\\x.txt", "a/../../b.txt")
AUDITED = "年报.txt"


def beside(files: Mapping[str, bytes]) -> bytes:
    return f.zipped({**files, AUDITED: f.as_text().encode()})


CASES = [
    Case(1, "names in GBK", "批.zip", lambda: f.windows_zip(NAMES, "gbk"), "N", {f"批.zip/{name}": "" for name in NAMES}),
    Case(
        1,
        "names in UTF-8 unsaid",
        "批.zip",
        lambda: f.windows_zip(NAMES, "utf-8"),
        "N",
        {f"批.zip/{name}": "" for name in NAMES},
    ),
    *(
        Case(
            2,
            f"a path outside: {name}",
            "批.zip",
            lambda name=name: beside({name: b"x"}),  # type: ignore[misc]
            "S",
            {f"批.zip/{name.replace(chr(92), '/')}": "UNSAFE_ENTRY", f"批.zip/{AUDITED}": ""},
            "指向压缩包之外",
        )
        for name in OUTSIDE
    ),
    Case(
        3,
        "links and devices",
        "批.tar",
        f.tar_of_links,
        "S",
        {**{f"批.tar/{name}": "UNSAFE_ENTRY" for name in ("软链接", "硬链接", "设备", "管道")}, f"批.tar/{AUDITED}": ""},
    ),
    one(4, "overlapping entries", "批.zip", f.overlapping_zip, "R", "DAMAGED", says="重叠"),
    Case(
        5,
        "archives three deep",
        "批.zip",
        lambda: f.zipped({"一.zip": f.zipped({"二.zip": f.zipped({"三.txt": b"x"}), AUDITED: f.as_text().encode()})}),
        "S",
        {"批.zip/一.zip/二.zip": "LIMIT_EXCEEDED", f"批.zip/一.zip/{AUDITED}": ""},
        "没有打开",
    ),
    Case(
        5,
        "42.zip",
        "批.zip",
        lambda: f.nest(3, 4, bytes(1 << 20)),
        "S",
        {f"批.zip/{outer}.zip/{inner}.zip": "LIMIT_EXCEEDED" for outer in range(4) for inner in range(4)},
    ),
    Case(
        6,
        "a bomb",
        "批.zip",
        lambda: f.nest(1, 2, bytes(60 << 20)),
        "R",
        {"批.zip/0.zip": "LIMIT_EXCEEDED", "批.zip": "LIMIT_EXCEEDED"},
        "压缩炸弹",
    ),
    Case(6, "a size that lies", "批.zip", f.lying_zip, "S", {f"批.zip/{AUDITED}": "DAMAGED"}, "校验不符"),
    one(7, "200,000 entries", "批.zip", lambda: f.crowded_zip(200_000, 0xFFFF), "R", "LIMIT_EXCEEDED", says="20,000 个"),
    one(
        7,
        "200,000 entries, said to be one",
        "批.zip",
        lambda: f.crowded_zip(200_000, 1),
        "R",
        "LIMIT_EXCEEDED",
        says="20,000 个",
    ),
    Case(
        7,
        "a name of 300 bytes",
        "批.zip",
        lambda: f.zipped({"局" * 100 + ".txt": f.as_text().encode()}),
        "N",
        {f"批.zip/{'局' * 100}.txt": ""},
    ),
    Case(
        8,
        "names equal but for case",
        "批.zip",
        lambda: f.zipped({"A.txt": f.as_text(3).encode(), "a.txt": f.as_text(4).encode()}),
        "W",
        {"批.zip/A.txt": "", "批.zip/a（2）.txt": ""},
    ),
    Case(9, "an encrypted ZIP", "批.zip", f.encrypted_zip, "S", {"批.zip/年报.docx": "ENCRYPTED"}, "密码"),
    one(9, "an encrypted Word file", "年报.docx", f.encrypted_docx, "F", "ENCRYPTED", says="密码"),
    one(9, "an encrypted PDF", "年报.pdf", f.encrypted_pdf, "F", "ENCRYPTED", says="密码"),
    one(
        10,
        "a mail",
        "年报.eml",
        lambda: b"From: a@b.c\r\nTo: d@e.f\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx",
        "F",
        "UNKNOWN_FORMAT",
        says="邮件",
    ),
    one(10, "a program", "年报.docx", lambda: b"MZ\x90\0" + bytes(500), "F", "UNKNOWN_FORMAT", says="程序"),
    one(10, "nothing", "年报.docx", bytes, "F", "EMPTY_FILE"),
    Case(10, "a ZIP called .docx", "年报.docx", lambda: beside({}), "N", {f"年报.docx/{AUDITED}": ""}),
    one(10, "a Word file called .zip", "年报.zip", f.as_docx, "N"),
    Case(
        10,
        "litter",
        "批.zip",
        lambda: beside({"__MACOSX/._x": b"x", "~$年报.docx": b"x", "县/Thumbs.db": b"x", "desktop.ini": b"x"}),
        "N",
        {f"批.zip/{AUDITED}": ""},
    ),
    one(
        11,
        "an external entity",
        "年报.docx",
        lambda: f.doctype('<!DOCTYPE w:document [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        "F",
        "DAMAGED",
        says="DOCTYPE",
    ),
    one(
        11,
        "an external DTD",
        "年报.docx",
        lambda: f.doctype('<!DOCTYPE w:document SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        "F",
        "DAMAGED",
        says="DOCTYPE",
    ),
    one(
        11,
        "a parameter entity",
        "年报.docx",
        lambda: f.doctype('<!DOCTYPE w:document [<!ENTITY % e "<!ENTITY f 1>">%e;]>', ""),
        "F",
        "DAMAGED",
        says="DOCTYPE",
    ),
    one(
        11,
        "an entity inside the text",
        "年报.docx",
        lambda: f.doctype("<!DOCTYPE w:document [<!ENTITY e 'ello'>]>", "H&e;"),
        "F",
        "DAMAGED",
        says="DOCTYPE",
    ),
    one(
        11,
        "an entity in OFD",
        "年报.ofd",
        lambda: f.changed(f.as_ofd(), {"OFD.xml": lambda xml: xml.replace("?>", "?><!DOCTYPE x [<!ENTITY e 'x'>]>", 1)}),
        "F",
        "DAMAGED",
        says="DOCTYPE",
    ),
    one(11, "the doctype of a page", "年报.html", lambda: f.as_html().encode(), "N"),
    one(12, "a billion laughs", "年报.docx", lambda: f.doctype(f.LAUGHS, "&a9;"), "F", "DAMAGED", says="DOCTYPE"),
    one(12, "a quadratic blow-up", "年报.docx", lambda: f.doctype(f.QUADRATIC, "&a;" * 50_000), "F", "DAMAGED", says="DOCTYPE"),
    one(13, "a page 300 deep", "年报.html", lambda: f.deep_html(300), "N", holds=SENTINEL),
    one(
        13,
        "a text node of 10 MB",
        "年报.html",
        lambda: f.as_html().replace("</body>", "x" * 10_500_000 + "</body>").encode(),
        "F",
        "LIMIT_EXCEEDED",
    ),
    one(14, "20,000 nested div", "年报.html", lambda: f.deep_html(20_000), "N", holds=SENTINEL),
    one(15, "XML 100,000 deep in Word", "年报.docx", lambda: f.deep_docx(100_000), "F", "DAMAGED"),
    one(15, "XML 100,000 deep in OFD", "年报.ofd", lambda: f.deep_ofd(100_000), "F", "DAMAGED"),
    one(16, "a span of 999,999,999", "年报.docx", f.wide_docx, "W", note="SPAN_CLAMPED"),
    one(17, "a part of 100 MB", "年报.docx", lambda: f.huge_docx(100), "F", "LIMIT_EXCEEDED"),
    one(17, "a text of 10 MB", "年报.docx", f.long_text_docx, "F", "LIMIT_EXCEEDED"),
    one(18, "an external template", "年报.docx", f.linked_docx, "W", note="EXTERNAL"),
    one(18, "macros", "年报.docm", f.macro_docx, "W", note="MACRO"),
    one(19, "JavaScript", "年报.pdf", lambda: f.pdf_with(b"javascript"), "W", note="ACTIVE_CONTENT"),
    one(19, "a program to launch", "年报.pdf", lambda: f.pdf_with(b"launch"), "W", note="ACTIVE_CONTENT"),
    one(19, "an attachment", "年报.pdf", lambda: f.pdf_with(b"attachment"), "W", note="ATTACHMENTS"),
    one(19, "an XFA form", "年报.pdf", f.xfa_pdf, "F", "UNKNOWN_FORMAT", says="XFA"),
    one(20, "10,000 pages", "年报.pdf", lambda: f.many_pages(10_000), "F", "LIMIT_EXCEEDED", says="500 页"),
    one(20, "a page of 70 m", "年报.pdf", f.huge_page, "F", "NOT_A_REPORT"),
    one(20, "a page tree in a circle", "年报.pdf", f.looping_pdf, "F", "DAMAGED"),
    one(20, "cut short", "年报.pdf", lambda: f.as_pdf()[:20_000], "F", "DAMAGED"),
    one(20, "garbage", "年报.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, "F", "DAMAGED"),
    one(21, "a PNG of 900 megapixels", "年报.png", lambda: f.bomb_png(30_000, 30_000), "F", ANY),
    one(21, "a PNG of one column", "年报.png", lambda: f.bomb_png(1, 2_000_000_000), "F", ANY),
    one(21, "a TIFF of 900 megapixels", "年报.tif", f.bomb_tiff, "F", ANY),
    one(22, "a scan", "年报.pdf", f.picture_pdf, "F", "NEEDS_OCR"),
    one(
        23,
        "a damaged .doc",
        "年报.doc",
        lambda: f.ole({"WordDocument": b"\xec\xa5\xc1\0" + bytes(4_000), "1Table": bytes(100)}),
        "F",
        "DAMAGED",
    ),
    one(24, "an OFD cut short", "年报.ofd", lambda: f.as_ofd()[:8_000], "F", "DAMAGED"),
    one(24, "a Word file cut short", "年报.docx", lambda: f.as_docx()[:3_000], "F", "DAMAGED"),
    one(24, "an OFD whose page is missing", "年报.ofd", lambda: f.changed(f.as_ofd(), {"OFD.xml": "<a/>"}), "F", "EMPTY_FILE"),
    one(25, "GB18030 said to be UTF-8", "年报.html", lambda: f.said("gb18030", "utf-8"), "W", note="CHARSET"),
    one(25, "UTF-8 said to be GB2312", "年报.html", lambda: f.said("utf-8", "gb2312"), "W", note="CHARSET"),
    one(25, "UTF-16", "年报.txt", lambda: f.as_text().encode("utf-16"), "N"),
    one(25, "a byte order mark", "年报.txt", lambda: f.as_text().encode("utf-8-sig"), "N"),
    one(
        25, "bytes of no encoding", "年报.txt", lambda: f.as_text().encode("gb18030") + b"\xff\xff", "W", note="LOST_CHARACTERS"
    ),
    one(26, "controls, direction marks, lone surrogates", "年报.txt", f.dirty_text, "N"),
    Case(
        26,
        "controls in a name",
        "批.zip",
        lambda: f.zipped({"年\u202e\x07报.txt": f.as_text().encode()}),
        "N",
        {"批.zip/年报.txt": ""},
    ),
    one(27, "30 MB on one line", "年报.txt", lambda: b"1" * (30 << 20), "F", "LIMIT_EXCEEDED"),
    *(one(44, what, "年报.html", lambda data=data: data, "F", "NOT_A_REPORT") for what, data in f.NO_REPORTS.items()),  # type: ignore[misc]
    one(44, "an empty page", "年报.html", lambda: f.EMPTY_PAGE, "F", "EMPTY_FILE"),
]

# how a figure is spelled -> its state and value in the JSON, None where it is no number; never 0 for what is not 0
FIGURES: dict[str, tuple[str, float | None]] = {
    "１２３": ("filled", 123),
    "1,234": ("filled", 1234),
    "１２ 件": ("filled", 12),
    "12\u200b": ("filled", 12),
    "－5": ("filled", -5),
    "−5": ("filled", -5),
    "1e999": ("filled", None),
    "NaN": ("filled", None),
    "inf": ("filled", None),
    "9" * 40: ("filled", None),
    "0x10": ("filled", None),
    "1.2.3": ("filled", None),
    "/": ("filled", None),
    "无": ("filled", None),
    "²": ("filled", None),
    "": ("blank", None),
}

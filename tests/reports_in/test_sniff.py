"""Types told by content, whatever the name says."""

import io
import zipfile

import pytest

from reports_in import sniff


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "内容")
    return file.getvalue()


def ole(stream: str) -> bytes:
    return sniff.OLE_MAGIC + bytes(1_000) + stream.encode("utf-16-le") + bytes(1_000)


CASES = {
    "pdf": (b"%PDF-1.7\n", sniff.PDF),
    "pdf after junk": (b"\r\n junk %PDF-1.4\n", sniff.PDF),
    "docx": (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), sniff.DOCX),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), sniff.XLSX),
    "pptx": (zipped("[Content_Types].xml", "ppt/presentation.xml"), sniff.PPTX),
    "ofd": (zipped("OFD.xml", "Doc_0/Document.xml"), sniff.OFD),
    "archive": (zipped("年报.docx", "word/a.txt"), sniff.ZIP),
    "archive cut off": (zipped("[Content_Types].xml", "word/document.xml")[:-40], sniff.DOCX),
    "empty archive": (zipped(), sniff.ZIP),
    "doc": (ole("WordDocument"), sniff.DOC),
    "xls": (ole("Workbook"), sniff.XLS),
    "encrypted docx": (ole("EncryptedPackage"), sniff.ENCRYPTED_OFFICE),
    "other ole": (ole("Contents"), sniff.OLE),
    "rtf": (b"{\\rtf1\\ansi", sniff.RTF),
    "png": (b"\x89PNG\r\n\x1a\n", sniff.PNG),
    "jpeg": (b"\xff\xd8\xff\xe0", sniff.JPEG),
    "tiff": (b"II*\0", sniff.TIFF),
    "rar": (b"Rar!\x1a\x07\x00", sniff.RAR),
    "7z": (b"7z\xbc\xaf\x27\x1c", sniff.SEVEN_ZIP),
    "gzip": (b"\x1f\x8b\x08", sniff.GZIP),
    "tar": (bytes(257) + b"ustar\x00", sniff.TAR),
    "page": (b"<!DOCTYPE html><html><body>", sniff.HTML),
    "page in capitals": (b"<HTML><BODY>", sniff.HTML),
    "page with a mark": (b"\xef\xbb\xbf\r\n<html>", sniff.HTML),
    "page in UTF-16": ("<html><body>年报".encode("utf-16"), sniff.HTML),
    "page after comments": (b"<!-- saved from url=(0014) -->\n<!-- x --><html>", sniff.HTML),
    "page in XML": (b'<?xml version="1.0" encoding="GBK"?>\n<!DOCTYPE html PUBLIC "x"><html>', sniff.HTML),
    "page after a warning": ("Warning: 缺少参数<br />\n<html><body>".encode(), sniff.HTML),
    "piece of a page": ("<p>一、总体情况</p>".encode(), sniff.HTML),
    "piece that starts with text": ("年报<br>一<br>二<br>三<br>四<br>".encode(), sniff.HTML),
    "other xml": (b'<?xml version="1.0"?><w:document/>', sniff.XML),
    "saved page": (
        b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n',
        sniff.MHTML,
    ),
    "mail": (b"From: a@b\nTo: c@d\nMIME-Version: 1.0\nContent-Type: text/plain\n\n", sniff.EML),
    "text": ("一、总体情况\n".encode(), sniff.TEXT),
    "text in GBK": ("一、总体情况\n".encode("gbk"), sniff.TEXT),
    "markdown": ("# 年报\n\n| a | b |\n|---|---|\n".encode(), sniff.TEXT),
    "markdown with an HTML table first": ("<table><tr><td>1</td></tr></table>\n\n## 二、情况\n".encode(), sniff.TEXT),
    "text about markup": ("标签<p>用于段落".encode(), sniff.TEXT),
}


@pytest.mark.parametrize(("data", "media_type"), CASES.values(), ids=CASES.keys())
def test_content_tells_the_type(data, media_type):
    assert sniff.sniff(data, "年报.txt") == media_type


@pytest.mark.parametrize("filler", [b"\n", b" ", b"<!--", b"#", b"|", b"A: b\n", b"<p "])
def test_hostile_openings_are_told_quickly(filler):
    assert sniff.sniff(filler * (200_000 // len(filler)), "a.txt") in (sniff.TEXT, sniff.HTML)

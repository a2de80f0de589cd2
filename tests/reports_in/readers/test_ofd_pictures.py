"""OFD that holds pictures of pages: they are recognised like any scan; a picture that cannot be read is no empty page."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from audits.align import align
from audits.confirm import confirmed
from bench.corpus.formats.ofd import Marked, package, parts
from bench.corpus.formats.sheets import Sheet
from bench.layouts import compare
from bench.scans import scan_case
from reports_in import read_bytes
from reports_in.document import Table
from reports_in.errors import Damaged, NeedsOcr
from reports_in.readers.ofd_pictures import photographed

PAGE = "Doc_0/Pages/Page_0/Content.xml"
RESOURCES = "Doc_0/DocumentRes.xml"
MEDIA = '<ofd:MultiMedia ID="{id}" Type="Image" Format="PNG"><ofd:MediaFile>{file}</ofd:MediaFile></ofd:MultiMedia>'
HEAD = '<?xml version="1.0" encoding="UTF-8"?><ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:MultiMedias>'


def wrapped(pictures: Sequence[tuple[bytes, str]]) -> bytes:
    """An OFD of one page with these pictures at these places (left, top, width, height in millimetres)."""
    made: dict[str, str | bytes] = dict(parts([Sheet(595, 842, [])], Marked()))
    objects, media = "", HEAD
    for number, (data, place) in enumerate(pictures, 70):
        made[f"Doc_0/Res/{number}.png"] = data
        objects += f'<ofd:ImageObject ID="{number + 100}" Boundary="{place}" ResourceID="{number}"/>'
        media += MEDIA.format(id=number, file=f"{number}.png")
    made[RESOURCES] = media + "</ofd:MultiMedias></ofd:Res>"
    document = made["Doc_0/Document.xml"]
    assert isinstance(document, str)
    made["Doc_0/Document.xml"] = document.replace(
        "<ofd:CommonData>", "<ofd:CommonData><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    )
    page = made[PAGE]
    assert isinstance(page, str)
    made[PAGE] = page.replace("</ofd:Layer>", objects + "</ofd:Layer>")
    return package(made)


def strips(data: bytes) -> list[tuple[bytes, str]]:
    """The picture cut in two, as some scanners hand a page over."""
    cut = []
    with Image.open(io.BytesIO(data)) as image:
        middle = image.height // 2
        for top, bottom in ((0, middle), (middle, image.height)):
            out = io.BytesIO()
            image.crop((0, top, image.width, bottom)).save(out, "PNG")
            place = f"0 {297 * top / image.height:.4f} 210 {297 * (bottom - top) / image.height:.4f}"
            cut.append((out.getvalue(), place))
    return cut


@pytest.mark.parametrize("cut", [False, True], ids=["one picture", "two strips"])
def test_a_scan_in_ofd_is_recognised_like_any_other(cut: bool) -> None:
    case = scan_case("shadow", 3)
    data = case.printed.data
    document = read_bytes(wrapped(strips(data) if cut else [(data, "0 0 210 297")]), "年报.ofd")

    readings = compare(case, confirmed(align(document)))
    right = sum(reading.got.raw == reading.expected.raw for reading in readings)
    wrong = [
        item for item in readings if item.got.raw != item.expected.raw and item.got.value is not None and not item.got.doubt
    ]
    assert (right >= 0.96 * len(readings), wrong, document.recognised) == (True, [], {1})
    assert all(cell.confidence is not None for block in document.blocks if isinstance(block, Table) for cell in block.cells)


def test_a_picture_of_a_form_that_cannot_be_read_needs_ocr_elsewhere() -> None:
    with pytest.raises(NeedsOcr, match="OFD 是扫描件"):
        read_bytes(wrapped([(b"\x97JB2\r\n\x1a\n" + b"\0" * 100, "0 0 210 297")]), "年报.ofd")


def test_a_picture_that_breaks_off_is_damage() -> None:
    data = scan_case("shadow", 3).printed.data
    with pytest.raises(Damaged, match="图片已损坏"):
        read_bytes(wrapped([(data[: len(data) // 2], "0 0 210 297")]), "年报.ofd")


def test_a_picture_that_reaches_over_the_edge_is_cut_at_it() -> None:
    out = io.BytesIO()
    Image.new("L", (600, 900), 0).save(out, "PNG")

    class Parts:
        name = "年报.ofd"

        def read(self, _: str) -> bytes:
            return out.getvalue()

    made = photographed(Parts(), {"1": "a"}, [("1", (-72.0, -72.0, 144.0, 216.0))], 360, 360)  # type: ignore[arg-type]
    assert made is not None
    page, dots = made
    assert (page.shape, int((page == 0).sum()), dots) == ((1500, 1500), 300 * 600, 300.0)

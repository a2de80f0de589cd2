"""Pages of a PDF as pictures, with the places of its findings."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from audits import page_images
from audits.digest import digest_from
from audits.intake import Submitted
from audits.page_images import page_image, png
from audits.service import audit_next, submit_batch
from audits.store import Queue, Result, Store
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as


class Audited:
    def __init__(self, folder: Path, name: str, data: bytes) -> None:
        self.store = Store(folder / "data")
        (folder / name).write_bytes(data)
        batch = submit_batch(self.store, "一批", [Submitted(folder / name, name)])
        while audit_next(self.store, Queue.AUDIT, 300.0):
            pass
        self.result: Result = self.store.results(batch)[0]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """A PDF with faults planted in its tables."""
    invented = invent(1, 2023)
    page = invented.page()
    for defect in ("result-sum", "label", "text-review"):
        planted = DEFECTS[defect].plant(invented, page, Random(1))
        page = planted.page if planted else page
    data = print_as("pdf-split-rows", invented, page).printed.data
    return Audited(tmp_path_factory.mktemp("pdf"), "年报.pdf", data)


def test_every_finding_with_a_place_is_boxed_on_its_page_within_it(audited: Audited) -> None:
    findings = digest_from(audited.store.file(audited.result.outputs["json"]).read_bytes()).findings
    placed = {n: {e.at.page for e in f.evidence if e.at and e.at.box} for n, f in enumerate(findings, 1)}

    pages = [found for number in range(1, 9) if (found := page_image(audited.store, audited.result, number)) is not None]

    boxed = {(number, page.number) for page in pages for number in page.boxes}
    assert boxed
    assert boxed == {(number, page) for number, at in placed.items() for page in at}
    for page in pages:
        for left, top, right, bottom in (box for boxes in page.boxes.values() for box in boxes):
            assert -1 <= left < right <= page.width + 1
            assert -1 <= top < bottom <= page.height + 1


def test_the_picture_is_of_the_whole_page_and_not_blank(audited: Audited) -> None:
    page = page_image(audited.store, audited.result, 1)

    assert page is not None
    picture = Image.open(page.picture)
    assert picture.mode == "L"
    assert picture.width / picture.height == pytest.approx(page.width / page.height, rel=0.01)
    assert picture.getextrema()[0] < 64


def test_a_page_is_drawn_once(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    first = page_image(audited.store, audited.result, 1)
    monkeypatch.setattr(page_images, "_JAIL", None)

    assert page_image(audited.store, audited.result, 1) == first


@pytest.mark.parametrize("number", [0, -1, 99])
def test_a_page_that_is_not_there_is_none(audited: Audited, number: int) -> None:
    assert page_image(audited.store, audited.result, number) is None


def test_a_text_has_no_pages(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "samples/reports/青禾县民政局2023年报.txt").read_bytes()
    audited = Audited(tmp_path, "年报.txt", text)

    assert page_image(audited.store, audited.result, 1) is None


def test_grey_pixels_become_the_same_pixels_of_a_png() -> None:
    pixels = bytes(range(12))

    picture = Image.open(io.BytesIO(png(pixels, 4, 3)))

    assert (picture.size, picture.tobytes()) == ((4, 3), pixels)


@pytest.mark.parametrize("number", [0, -1, 501, 10**300])
def test_what_is_no_page_is_not_looked_for_and_leaves_no_file(audited: Audited, number: int) -> None:
    before = sorted(audited.store.folder.rglob("page-*"))

    assert page_image(audited.store, audited.result, number) is None
    assert sorted(audited.store.folder.rglob("page-*")) == before


def test_a_full_disk_costs_the_picture_and_nothing_else(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(page_images, "_put", full)

    assert page_image(audited.store, audited.result, 499) is None

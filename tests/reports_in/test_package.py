"""Office packages: parts are found however their place is written, and nothing beyond the limits is read."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from reports_in import package as module
from reports_in.errors import Damaged, LimitExceeded
from reports_in.package import Package


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, data in parts.items():
            file.writestr(path, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "location", ["Pages/P.xml", "/Doc/Pages/P.xml", "./Pages/../Pages/P.xml", "pages\\p.XML", " Pages/P.xml "]
)
def test_a_part_is_found_however_its_place_is_written(location: str) -> None:
    package = Package(zipped({"Doc/Pages/P.xml": b"<a/>", "Doc/D.xml": b"<b/>"}), "x.ofd")
    assert package.find(location, "Doc/D.xml") == "Doc/Pages/P.xml"


@pytest.mark.parametrize("location", ["../../../etc/passwd", "/etc/passwd", "Q.xml", ""])
def test_what_is_not_in_the_package_is_not_found(location: str) -> None:
    assert Package(zipped({"Doc/D.xml": b"<b/>"}), "x.ofd").find(location, "Doc/D.xml") is None


def test_parts_count_by_their_real_size_not_by_the_size_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, part_bytes=1_000))
    package = Package(zipped({"a.xml": b"<a>" + b" " * 2_000 + b"</a>"}), "x.ofd")
    with pytest.raises(LimitExceeded):
        package.read("a.xml")


def test_many_small_parts_pass_the_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, part_bytes=1_000))
    package = Package(zipped({f"{number}.xml": b"x" * 900 for number in range(3)}), "x.ofd")
    package.read("0.xml")
    package.read("1.xml")
    with pytest.raises(LimitExceeded):
        package.read("2.xml")


def test_more_entries_than_the_limit_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMITS", replace(module.LIMITS, archive_entries=5))
    with pytest.raises(LimitExceeded):
        Package(zipped({f"{number}.xml": b"" for number in range(6)}), "x.ofd")


def test_a_part_with_a_broken_checksum_is_damaged() -> None:
    data = zipped({"a.xml": b"<a>0123456789</a>"})
    at = data.index(b"PK\x01\x02") + 16
    broken = data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]
    with pytest.raises(Damaged, match="读不出来"):
        Package(broken, "x.ofd").read("a.xml")


def test_a_document_type_without_entities_is_refused_too() -> None:
    with pytest.raises(Damaged, match="DOCTYPE"):
        Package(zipped({"a.xml": b"<!DOCTYPE a><a/>"}), "x.ofd").xml("a.xml")


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    xml = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-16")
    with pytest.raises(Damaged, match="DOCTYPE"):
        Package(zipped({"a.xml": xml}), "x.ofd").xml("a.xml")

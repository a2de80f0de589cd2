"""Archives: every file in them comes out or is said to be missing, and none of them harms anybody."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in.archives import Found, Litter, Member, Skipped, is_archive, members
from reports_in.limits import LIMITS
from reports_in.unpackers.rar import libarchive

REPORT = "青禾县教育局2023年政府信息公开工作年度报告\n一、总体情况\n".encode()
OTHER = REPORT * 300


def opened(data: bytes, name: str = "批.zip") -> list[Found]:
    return list(members(io.BytesIO(data), name))


def taken(found: list[Found]) -> dict[str, bytes]:
    return {item.name: item.data for item in found if isinstance(item, Member)}


def skipped(found: list[Found]) -> list[tuple[str, str]]:
    return [(item.name, item.code) for item in found if isinstance(item, Skipped)]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def windows_zip(names: list[bytes], flags: int = 0) -> bytes:
    """A ZIP whose names are those bytes, as Windows writes them: the library would not."""
    data = zipped({f"{place:0{len(name)}}": REPORT for place, name in enumerate(names)})
    for place, name in enumerate(names):
        data = data.replace(f"{place:0{len(name)}}".encode(), name)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            data = data[: start + at] + struct.pack("<H", flags) + data[start + at + 2 :]
            start += 4
    return data


def tarred(add: Callable[[tarfile.TarFile], None], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        add(archive)
    return out.getvalue()


def add_file(archive: tarfile.TarFile, name: str, data: bytes = REPORT) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def two_files(archive: tarfile.TarFile) -> None:
    add_file(archive, "县直/甲局.txt")
    add_file(archive, "县直/乙局.txt", OTHER)


def packed_by_7z(tmp_path: Path, *options: str, suffix: str = "7z") -> bytes:
    if shutil.which("7z") is None:
        pytest.skip("7z (p7zip-full) is not installed")
    (tmp_path / "县直").mkdir()
    (tmp_path / "县直" / "甲局.txt").write_bytes(REPORT)
    (tmp_path / "县直" / "乙局.txt").write_bytes(OTHER)
    (tmp_path / "县直" / "空.txt").touch()
    subprocess.run(["7z", "a", *options, f"a.{suffix}", "县直"], cwd=tmp_path, capture_output=True, check=True)
    return (tmp_path / f"a.{suffix}").read_bytes()


BOTH = {"批.zip/县直/甲局.txt": REPORT, "批.zip/县直/乙局.txt": OTHER}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_gives_its_files_in_order(method):
    assert taken(opened(zipped({"县直/甲局.txt": REPORT, "县直/乙局.txt": OTHER}, method))) == BOTH


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_tar_gives_its_files_in_order_however_it_is_squeezed(mode, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:
        two_files(archive)

    assert opened(out.getvalue()) == [Member(name, data) for name, data in BOTH.items()]


@pytest.mark.parametrize(("squeeze", "suffix"), [(gzip.compress, ".gz"), (bz2.compress, ".bz2"), (lzma.compress, ".xz")])
def test_a_file_squeezed_alone_is_called_by_its_own_name(squeeze, suffix):
    assert opened(squeeze(REPORT), f"年报.txt{suffix}") == [Member(f"年报.txt{suffix}/年报.txt", REPORT)]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-mx=9"],
        ["-ms=off"],
        ["-m0=LZMA"],
        ["-m0=BZip2"],
        ["-m0=Deflate"],
        ["-mx=0"],
        ["-mhc=off"],
        ["-m0=Delta:2", "-m1=LZMA"],
    ],
    ids=" ".join,
)
def test_a_7z_gives_its_files(tmp_path, options):
    found = taken(opened(packed_by_7z(tmp_path, *options)))

    assert found == BOTH | {"批.zip/县直/空.txt": b""}


@pytest.mark.parametrize(
    ("options", "code"), [(["-psecret"], "ENCRYPTED"), (["-psecret", "-mhe=on"], "ENCRYPTED"), (["-m0=PPMd"], "DAMAGED")]
)
def test_what_of_a_7z_cannot_be_read_is_said(tmp_path, options, code):
    found = opened(packed_by_7z(tmp_path, *options))

    assert {item[1] for item in skipped(found)} == {code}
    assert set(taken(found).values()) <= {b""}


def test_an_archive_of_another_maker_is_read_too(tmp_path):
    if shutil.which("bsdtar") is None:
        pytest.skip("bsdtar (libarchive-tools) is not installed")
    (tmp_path / "甲局.txt").write_bytes(REPORT)
    for form in ("7zip", "zip", "gnutar", "pax", "ustar"):
        made = subprocess.run(["bsdtar", "-c", "--format", form, "甲局.txt"], cwd=tmp_path, capture_output=True, check=True)

        assert (form, taken(opened(made.stdout))) == (form, {"批.zip/甲局.txt": REPORT})


@pytest.mark.parametrize(
    ("raw", "flags", "shown"),
    [
        ("某县教育局2023年报.txt".encode("gbk"), 0, "某县教育局2023年报.txt"),
        ("某县教育局2023年报.txt".encode(), 0, "某县教育局2023年报.txt"),
        ("某县教育局2023年报.txt".encode(), 0x800, "某县教育局2023年报.txt"),
        ("龘県㐂局.txt".encode("gb18030"), 0, "龘県㐂局.txt"),
        ("县直\\教育局.txt".encode("gbk"), 0, "县直/教育局.txt"),
        (b"plain.txt", 0, "plain.txt"),
    ],
)
def test_names_of_a_zip_are_shown_as_their_author_saw_them(raw, flags, shown):
    assert taken(opened(windows_zip([raw], flags))) == {f"批.zip/{shown}": REPORT}


def test_names_of_a_tar_in_gbk_are_shown_as_their_author_saw_them():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as archive:
        add_file(archive, "某县教育局.txt")

    assert taken(opened(out.getvalue())) == {"批.zip/某县教育局.txt": REPORT}


def test_litter_is_only_named():
    litter = ["__MACOSX/._年报.docx", "县/Thumbs.db", "desktop.ini", ".DS_Store", "~$年报.docx"]

    found = opened(zipped(dict.fromkeys([*litter, "年报.txt"], REPORT)))

    assert found == [*(Litter(f"批.zip/{name}") for name in litter), Member("批.zip/年报.txt", REPORT)]


@pytest.mark.parametrize(
    "name", ["../x.txt", "/etc/x.txt", "C:\\x.txt", "..\\..\\x.txt", "a/../../b.txt", "a\\..\\b.txt", "\\\\server\\x.txt"]
)
def test_a_name_that_leads_outside_is_refused(name):
    found = opened(zipped({name: REPORT, "年报.txt": REPORT}))

    assert [code for _, code in skipped(found)] == ["UNSAFE_ENTRY"]
    assert list(taken(found)) == ["批.zip/年报.txt"]


def test_links_and_devices_are_refused():
    def add(archive: tarfile.TarFile) -> None:
        for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.BLKTYPE), ("p", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        add_file(archive, "年报.txt")

    found = opened(tarred(add))

    assert skipped(found) == [(f"批.zip/{name}", "UNSAFE_ENTRY") for name in "lhdp"]
    assert list(taken(found)) == ["批.zip/年报.txt"]


def test_a_link_in_a_zip_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("年报.txt")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    assert skipped(opened(out.getvalue())) == [("批.zip/年报.txt", "UNSAFE_ENTRY")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_given_twice_or_equal_but_for_case_and_accents_are_all_kept():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for place, name in enumerate(["年报.txt", "年报.txt", "A.txt", "a.txt", "caf\u00e9.txt", "cafe\u0301.txt"]):
            archive.writestr(name, str(place))

    assert list(taken(opened(out.getvalue())).items()) == [
        ("批.zip/年报.txt", b"0"),
        ("批.zip/年报（2）.txt", b"1"),
        ("批.zip/A.txt", b"2"),
        ("批.zip/a（2）.txt", b"3"),
        ("批.zip/caf\u00e9.txt", b"4"),
        ("批.zip/cafe\u0301（2）.txt", b"5"),
    ]


def test_a_name_longer_than_a_file_system_takes_is_kept_and_one_beyond_all_measure_is_cut():
    found = list(taken(opened(zipped({"局" * 300 + ".txt": REPORT, "长" * 9_000 + ".txt": REPORT}))))

    assert (found[0], len(found[1].encode()) <= LIMITS.archive_name_bytes, found[1][-5:]) == (
        f"批.zip/{'局' * 300}.txt",
        True,
        "长.txt",
    )


def test_archives_in_archives_are_opened_to_the_depth_allowed_and_named_beyond():
    deepest = zipped({"丙.txt": REPORT})
    inner = zipped({"乙.txt": REPORT, "更深.zip": deepest})

    found = opened(zipped({"甲.txt": REPORT, "县.zip": inner}))

    assert list(taken(found)) == ["批.zip/甲.txt", "批.zip/县.zip/乙.txt"]
    assert skipped(found) == [("批.zip/县.zip/更深.zip", "LIMIT_EXCEEDED")]


def test_the_type_is_told_by_content():
    docx = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"})

    found = opened(zipped({"年报.zip": docx, "压缩包.docx": zipped({"甲.txt": REPORT}), "说明.txt": b"PK\x03\x04"}))

    assert list(taken(found)) == ["批.zip/年报.zip", "批.zip/压缩包.docx/甲.txt"]
    assert skipped(found) == [("批.zip/说明.txt", "DAMAGED")]
    assert (is_archive(io.BytesIO(docx), "a.zip"), is_archive(io.BytesIO(REPORT), "a.zip")) == (False, False)


def test_an_encrypted_entry_is_said_to_be_so(tmp_path):
    found = opened(packed_by_7z(tmp_path, "-psecret", suffix="zip"))

    assert {code for _, code in skipped(found)} == {"ENCRYPTED"}


def test_overlapping_entries_are_refused_before_anything_is_read():
    body = zlib.compress(b"0" * 100_000)[2:-4]
    crc = zlib.crc32(b"0" * 100_000)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(body), 100_000, 1, 0) + b"a" + body
    directory = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(body), 100_000, 1, 0, 0, 0, 0, 0, 0)
        + b"a"
        for _ in range(5_000)
    )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 5_000, 5_000, len(directory), len(local), 0)

    assert [(item.code, "重叠" in item.reason) for item in opened(local + directory + end)] == [("DAMAGED", True)]


def test_too_many_entries_are_refused_before_they_are_listed():
    data = zipped({f"{number}.txt": b"" for number in range(LIMITS.archive_entries + 1)})
    at = data.rfind(b"PK\x05\x06")
    lying = data[: at + 8] + struct.pack("<HH", 1, 1) + data[at + 12 :]

    assert [skipped(opened(each)) for each in (data, lying)] == [[("批.zip", "LIMIT_EXCEEDED")]] * 2


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_stopped_while_it_is_small(squeeze):
    found = opened(squeeze(bytes(200 << 20)), "炸弹")

    assert ([code for _, code in skipped(found)], taken(found)) == (["LIMIT_EXCEEDED"], {})


def test_a_nest_of_bombs_shares_one_budget():
    bomb = zipped({f"{number}.txt": bytes(20 << 20) for number in range(5)})

    found = opened(zipped({f"{number}.zip": bomb for number in range(20)}))

    assert "压缩比异常" in str(found[-1])
    assert sum(len(data) for data in taken(found).values()) <= 60 << 20


def test_a_file_beyond_the_limit_is_named_and_the_others_are_taken():
    noise = os.urandom(1 << 20) * (LIMITS.file_bytes // (1 << 20) + 1)

    found = opened(zipped({"大.txt": noise, "年报.txt": REPORT}, zipfile.ZIP_STORED))

    assert (skipped(found), list(taken(found))) == ([("批.zip/大.txt", "LIMIT_EXCEEDED")], ["批.zip/年报.txt"])


def test_an_entry_with_a_wrong_checksum_is_named_and_the_others_are_taken():
    data = bytearray(zipped({"坏.txt": OTHER, "年报.txt": REPORT}, zipfile.ZIP_STORED))
    data[200] ^= 1

    found = opened(bytes(data))

    assert (skipped(found), list(taken(found))) == ([("批.zip/坏.txt", "DAMAGED")], ["批.zip/年报.txt"])


def test_an_entry_that_lies_about_its_size_is_named():
    data = zipped({"谎.txt": bytes(1 << 20)})
    data = data.replace(struct.pack("<I", 1 << 20), struct.pack("<I", 100))

    assert skipped(opened(data)) == [("批.zip/谎.txt", "DAMAGED")]


def test_what_stands_before_or_after_a_zip_does_not_matter():
    data = zipped({"年报.txt": REPORT})

    assert taken(opened(data + b"\0" * 5_000)) == {"批.zip/年报.txt": REPORT}


def test_zip64_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("年报.txt", "w", force_zip64=True) as file:
        file.write(REPORT)

    assert taken(opened(out.getvalue())) == {"批.zip/年报.txt": REPORT}


def streamed_zip() -> bytes:
    """With sizes after the data, as programs write that cannot seek."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", REPORT * (number + 1))
    return out.getvalue()


CUT: dict[str, bytes] = {
    "zip": zipped({f"{number}.txt": os.urandom(3_000) for number in range(3)}),
    "streamed zip": streamed_zip(),
    "zip of stored zips": zipped({f"{number}.zip": zipped({"a.txt": REPORT}) for number in range(3)}, zipfile.ZIP_STORED),
    "tar": tarred(lambda archive: [add_file(archive, f"{number}.txt", OTHER * 20) for number in range(3)] and None),
    "tar.gz": tarred(
        lambda archive: [add_file(archive, f"{number}.txt", os.urandom(9_000)) for number in range(3)] and None, "w:gz"
    ),
    "gz": gzip.compress(os.urandom(20_000)),
    "xz": lzma.compress(os.urandom(20_000)),
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT.keys())
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.7, 0.9, 0.97])
def test_an_archive_cut_short_gives_what_is_whole_and_says_that_the_rest_is_missing(data, share):
    whole = opened(data)
    assert skipped(whole) == []

    found = opened(data[: int(len(data) * share)])

    assert skipped(found) != []
    assert taken(found).items() <= taken(whole).items()


def test_what_is_whole_in_a_zip_cut_short_is_taken():
    for data in (CUT["zip"], CUT["streamed zip"]):
        found = opened(data[: int(len(data) * 0.9)])

        assert len(taken(found)) >= 2


def test_a_tar_without_its_end_mark_is_said_to_be_incomplete():
    found = opened(tarred(two_files).rstrip(b"\0") + b"\0" * 200)

    assert (list(taken(found).values()), skipped(found)) == ([REPORT, OTHER], [("批.zip", "DAMAGED")])


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(CUT)),
    st.lists(st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5),
)
def test_a_damaged_archive_gives_files_or_reasons_in_one_line(kind, damages):
    data = bytearray(CUT[kind])
    for at, damage in damages:
        at %= len(data)
        data[at : at + len(damage)] = damage

    found = opened(bytes(data))

    assert [item for item in found if isinstance(item, Skipped) and ("\n" in item.reason or not item.code)] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5))
def test_a_damaged_7z_gives_files_or_reasons(damages):
    data = bytearray(SEVEN_ZIP)
    for at, damage in damages:
        at %= len(data)
        data[at : at + len(damage)] = damage

    assert all(isinstance(item, Member | Skipped) for item in opened(bytes(data)))


def made_7z(files: dict[str, bytes]) -> bytes:
    """A 7z archive, stored, made by hand: as tests need one where nothing can make it."""
    body = b"".join(files.values())
    names = b"".join(f"{name}\0".encode("utf-16-le") for name in files)
    header = (
        b"\x01\x04\x06\x00\x01\x09"
        + _number(len(body))
        + b"\x00\x07\x0b\x01\x00\x01\x01\x00\x0c"
        + _number(len(body))
        + b"\x00"
        b"\x08\x0d"
        + _number(len(files))
        + b"\x09"
        + b"".join(_number(len(data)) for data in list(files.values())[:-1])
        + b"\x0a\x01"
        + b"".join(struct.pack("<I", zlib.crc32(data)) for data in files.values())
        + b"\x00\x00"
        b"\x05" + _number(len(files)) + b"\x11" + _number(len(names) + 1) + b"\x00" + names + b"\x00\x00"
    )
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + body + header


def _number(value: int) -> bytes:
    return b"\xff" + struct.pack("<Q", value)


SEVEN_ZIP = made_7z({"县直/甲局.txt": REPORT, "县直/乙局.txt": OTHER})


def test_a_7z_made_by_hand_is_read():
    assert taken(opened(SEVEN_ZIP)) == BOTH


def test_a_7z_cut_short_is_damaged_and_says_so():
    assert [code for _, code in skipped(opened(SEVEN_ZIP[:-10]))] == ["DAMAGED"]


def made_rar(name: str, data: bytes) -> bytes:
    """A RAR 4 archive with one stored file."""

    def block(kind: int, flags: int, fields: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    raw = name.encode()
    fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, 20, 0x30, len(raw), 0o100644) + raw
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000, fields) + data + block(0x7B, 0x4000, b"")


@pytest.mark.skipif(libarchive() is None, reason="libarchive is not installed")
def test_a_rar_is_read_where_the_system_can(tmp_path):
    (tmp_path / "a.rar").write_bytes(made_rar("report.txt", REPORT))
    with (tmp_path / "a.rar").open("rb") as file:
        found = list(members(file, "批.rar"))
    inside = opened(zipped({"县.rar": made_rar("report.txt", REPORT)}))

    assert (found, inside) == ([Member("批.rar/report.txt", REPORT)], [Member("批.zip/县.rar/report.txt", REPORT)])


def test_a_rar_without_a_tool_is_a_clear_error(monkeypatch):
    monkeypatch.setattr("reports_in.unpackers.rar.libarchive", lambda: None)

    (found,) = opened(b"Rar!\x1a\x07\x01\x00" + bytes(100), "批.rar")

    assert isinstance(found, Skipped)
    assert (found.code, "ZIP" in found.reason) == ("TOOL_MISSING", True)

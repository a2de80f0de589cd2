"""What of the paths given is a report to read."""

from __future__ import annotations

import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audits.errors import OutputError
from audits.intake import Duplicate, Submitted, collect, collect_named
from reports_in.archives import Member


def names(*paths: Path) -> list[str]:
    return [submitted.name for submitted in collect(paths).files]


def test_folders_are_searched_to_the_bottom_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b.txt", "县直/乙局.txt", "县直/甲局.txt", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert names(tmp_path) == ["a.txt", "b.txt", "县直/乙局.txt", "县直/甲局.txt"]


def test_hidden_files_lock_files_and_litter_are_left_out_and_named(tmp_path: Path) -> None:
    litter = [".DS_Store", "Thumbs.db", "__MACOSX/年报.docx", "desktop.ini", "~$年报.docx"]
    for name in (*litter, "年报.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found = collect([tmp_path])

    assert ([submitted.name for submitted in found.files], sorted(found.skipped)) == (["年报.docx"], sorted(litter))


def test_a_file_given_by_itself_is_never_litter(tmp_path: Path) -> None:
    (tmp_path / ".hidden.txt").touch()

    assert names(tmp_path / ".hidden.txt") == [".hidden.txt"]


def test_a_file_reached_twice_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()

    assert names(tmp_path, tmp_path / "a.txt", tmp_path) == ["a.txt"]


def test_links_and_pipes_in_a_folder_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").touch()
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    os.mkfifo(tmp_path / "in" / "pipe.txt")

    found = collect([tmp_path / "in"])

    assert (found.files, found.skipped) == ((), ("link.txt", "loop", "pipe.txt"))


def test_names_in_gbk_are_shown_as_their_author_saw_them(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("青禾县教育局.txt".encode("gbk"))).touch()

    assert names(tmp_path) == ["青禾县教育局.txt"]


def test_control_characters_never_reach_a_message(tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b[31m.txt").touch()

    assert names(tmp_path) == ["a b[31m.txt"]


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_an_archive_is_replaced_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "丙.txt").write_bytes(b"c")
    zipped(tmp_path / "in" / "乙.zip", {"县/甲.txt": b"a", "__MACOSX/x": b"", "../x.txt": b"x", "县/空.txt": b""})

    found = collect([tmp_path / "in"], tmp_path / "unpacked")

    assert [(item.name, item.refusal and item.refusal[0], item.path.read_bytes()[:1]) for item in found.files] == [
        ("丙.txt", None, b"c"),
        ("乙.zip/县/甲.txt", None, b"a"),
        ("乙.zip/../x.txt", "UNSAFE_ENTRY", b"P"),
        ("乙.zip/县/空.txt", None, b""),
    ]
    assert found.skipped == ("乙.zip/__MACOSX/x",)


def test_an_archive_without_files_is_refused(tmp_path: Path) -> None:
    (found,) = collect([zipped(tmp_path / "空.zip", {})], tmp_path / "unpacked").files

    assert (found.name, found.refusal) == ("空.zip", ("EMPTY_FILE", "空.zip：压缩包里没有文件；请核对后重新提交"))


def test_the_same_bytes_are_taken_once_wherever_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"report")
    (tmp_path / "b.txt").write_bytes(b"rep0rt")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "d.txt").write_bytes(b"")
    archive = zipped(tmp_path / "e.zip", {"f.txt": b"report", "g.txt": b"rep0rt", "h.txt": b"other!"})

    found = collect([tmp_path / name for name in ("a.txt", "b.txt", "c.txt", "d.txt")] + [archive], tmp_path / "unpacked")

    assert [item.name for item in found.files] == ["a.txt", "b.txt", "c.txt", "d.txt", "e.zip/h.txt"]
    assert found.duplicates == (Duplicate("e.zip/f.txt", "a.txt"), Duplicate("e.zip/g.txt", "b.txt"))


def test_a_full_disk_while_unpacking_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="磁盘已满"):
        collect([zipped(tmp_path / "a.zip", {"a.txt": b"a"})], tmp_path / "unpacked")


def test_a_process_that_dies_over_an_archive_costs_what_had_not_come_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(_: object, name: str) -> Iterator[Member]:
        yield Member(f"{name}/a.txt", b"a")
        os.kill(os.getpid(), signal.SIGSEGV)

    monkeypatch.setattr("reports_in.unpack.members", dying)
    first, second = collect([zipped(tmp_path / "a.zip", {"a.txt": b"a"})], tmp_path / "unpacked").files

    assert (first.name, second.refusal) == (
        "a.zip/a.txt",
        (
            "READER_CRASHED",
            "a.zip：解压进程崩溃（信号11 SIGSEGV）（此前已取出 1 个文件，其余的没有读到）；请重新压缩后提交",
        ),
    )


def test_files_with_names_of_their_own_are_opened_left_out_and_told_apart(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("甲")
    (tmp_path / "1").write_text("甲")
    (tmp_path / "2").write_text("锁")
    with zipfile.ZipFile(tmp_path / "3", "w") as archive:
        archive.writestr("乙.txt", "乙")
    refused = Submitted(tmp_path / "4", "大.pdf", ("LIMIT_EXCEEDED", "大.pdf：太大"))
    named = [Submitted(tmp_path / str(at), name) for at, name in enumerate(("县/甲.txt", "甲2.txt", "~$锁.docx", "包.zip"))]

    found = collect_named([*named, refused], tmp_path / "unpacked")

    assert [item.name for item in found.files] == ["县/甲.txt", "包.zip/乙.txt", "大.pdf"]
    assert (found.skipped, found.duplicates) == (("~$锁.docx",), (Duplicate("甲2.txt", "县/甲.txt"),))

"""What of the paths given is a report to read."""

from __future__ import annotations

import os
from pathlib import Path

from audits.intake import collect


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

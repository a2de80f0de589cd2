"""A folder is looked at without being trusted: files half written, links, and what cannot be read."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pytest

from sweeps.errors import ScheduleUnusable, SourceRefused, SourceUnavailable
from sweeps.looking import Allowed, Look, Seen
from sweeps.sources import folder, source_of
from sweeps.sources.folder import Folder

SOURCE = Folder()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "SETTLED_AFTER", 0.02)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "报送"
    made.mkdir()
    return made


def look(root: Path, seen: dict[str, Seen] | None = None) -> Look:
    into = Path(mkdtemp(dir=root.parent))
    spec = {"kind": "folder", "path": str(root)}
    return SOURCE.look(spec, seen or {}, into, Allowed(folders=(root.parent,)))


def remembered(look: Look) -> dict[str, Seen]:
    return {item.address: Seen(item.sha256, item.seen) for item in look.found}


def test_every_file_below_the_folder_is_found_with_its_bytes_in_a_fixed_order(root: Path) -> None:
    (root / "乙县").mkdir()
    (root / "乙县" / "年报.txt").write_text("二")
    (root / "年报.txt").write_text("一")
    found = look(root).found
    assert [(item.address, item.path.read_text() if item.path else None) for item in found] == [
        ("乙县/年报.txt", "二"),
        ("年报.txt", "一"),
    ]
    assert found[1].sha256 == sha256("一".encode()).hexdigest()


def test_what_has_the_same_size_and_time_is_not_read_again(root: Path) -> None:
    (root / "年报.txt").write_text("一")
    seen = {"年报.txt": Seen("never read", look(root).found[0].seen)}
    again = look(root, seen)
    assert [(item.sha256, item.unchanged) for item in again.found] == [("never read", True)]


def test_what_was_only_touched_is_unchanged_and_what_was_rewritten_is_not(root: Path) -> None:
    (root / "甲.txt").write_text("一")
    (root / "乙.txt").write_text("一")
    seen = remembered(look(root))
    os.utime(root / "甲.txt", ns=(1, 1))
    (root / "乙.txt").write_text("二二")
    again = look(root, seen)
    assert {item.address: item.unchanged for item in again.found} == {"乙.txt": False, "甲.txt": True}


def test_litter_hidden_and_lock_files_and_links_are_not_looked_at(root: Path) -> None:
    (root.parent / "outside.txt").write_text("secret")
    (root / "年报.txt").symlink_to(root.parent / "outside.txt")
    (root / "圈").symlink_to(root, target_is_directory=True)
    (root / "~$年报.docx").write_text("lock")
    (root / ".隐藏").write_text("hidden")
    (root / "Thumbs.db").write_text("litter")
    os.mkfifo(root / "pipe.txt")
    assert look(root) == Look(())


def test_a_file_that_is_still_being_written_is_left_for_the_next_look(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "写好.txt").write_text("whole")
    with (root / "在写.txt").open("w") as file, monkeypatch.context() as patched:
        file.write("begun ")
        file.flush()
        patched.setattr(folder.time, "sleep", lambda _: (file.write("more "), file.flush()))  # between the two looks at it
        first = look(root)
    second = look(root, remembered(first))
    assert ([item.address for item in first.found], first.left) == (["写好.txt"], ("在写.txt",))
    new = [item for item in second.found if item.path is not None]
    assert [(item.address, item.path.read_bytes() if item.path else b"") for item in new] == [
        ("在写.txt", (root / "在写.txt").read_bytes())
    ]


def test_a_file_that_vanishes_while_we_look_is_neither_found_nor_failed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "年报.txt").write_text("一")
    monkeypatch.setattr(folder.time, "sleep", lambda _: (root / "年报.txt").unlink())
    assert look(root) == Look(())


def test_a_folder_that_becomes_a_link_while_we_look_is_not_followed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("secret")
    (root / "inner").mkdir()
    (root / "inner" / "a.txt").write_text("report")

    def swap(_: float) -> None:
        (root / "inner").rename(root.parent / "moved")
        (root / "inner").symlink_to(outside)

    monkeypatch.setattr(folder.time, "sleep", swap)
    assert look(root).found == ()


def test_what_cannot_be_read_is_failed_with_all_that_was_seen_below_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "锁着").mkdir()
    (root / "锁着" / "年报.txt").write_text("一")
    (root / "年报.txt").write_text("一")
    seen = remembered(look(root))
    real = folder._open_folder

    def refusing(name: str, within: int | None = None) -> int:
        if name == "锁着":
            raise PermissionError(13, "denied")
        return real(name, within)

    monkeypatch.setattr(folder, "_open_folder", refusing)  # root may read whatever its mode says
    again = look(root, seen)
    assert [item.address for item in again.found] == ["年报.txt"]
    assert [(item.address, item.code) for item in again.failed] == [
        ("锁着", "FILE_UNAVAILABLE"),
        ("锁着/年报.txt", "FILE_UNAVAILABLE"),
    ]
    assert "没有权限" in again.failed[0].reason


def test_a_file_beyond_the_limit_is_failed_unread_unless_it_is_an_archive(root: Path) -> None:
    for name, head in (("大.pdf", b"%PDF-1.7"), ("大.zip", b"PK\x03\x04")):
        with (root / name).open("wb") as file:
            file.write(head)
            file.truncate(51 * 1024 * 1024)
    seen = look(root)
    assert [item.address for item in seen.found] == ["大.zip"]
    assert [(item.address, item.code) for item in seen.failed] == [("大.pdf", "LIMIT_EXCEEDED")]


def test_too_many_files_or_folders_too_deep_are_said_and_nothing_is_called_gone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        (root / f"{number}.txt").write_text("x")
    monkeypatch.setattr(folder, "MOST_FILES", 3)
    many = look(root)
    assert (len(many.found), many.complete, many.failed[0].code) == (3, False, "LIMIT_EXCEEDED")


def test_folders_nested_too_deep_are_failed(root: Path) -> None:
    (root / "/".join("d" * (folder.DEEPEST + 2))).mkdir(parents=True)
    assert [item.code for item in look(root).failed] == ["FILE_UNAVAILABLE"]


def test_ten_thousand_files_are_listed_in_seconds(root: Path) -> None:
    for number in range(10_000):
        os.close(os.open(root / f"{number}.txt", os.O_CREAT | os.O_WRONLY))
    seen = {
        f"{number}.txt": Seen("x", {"bytes": 0, "mtime_ns": (root / f"{number}.txt").stat().st_mtime_ns})
        for number in range(10_000)
    }
    begun = time.process_time()
    found = look(root, seen).found
    assert (len(found), all(item.unchanged for item in found)) == (10_000, True)
    assert time.process_time() - begun < 5


def test_a_name_of_no_characters_can_be_kept_and_is_found_again(root: Path) -> None:
    (root / os.fsdecode("年报.txt".encode("gb18030"))).write_text("一")
    first = look(root)
    first.found[0].address.encode()
    again = look(root, remembered(first))
    assert ([item.unchanged for item in again.found], first.found[0].path is not None) == ([True], True)


def test_a_folder_that_is_away_says_so_and_not_that_everything_is_gone(root: Path) -> None:
    (root / "年报.txt").write_text("一")
    seen = remembered(look(root))
    (root / "年报.txt").unlink()
    assert look(root, seen) == Look(())  # the same disk: it has been taken away
    elsewhere = {name: Seen(item.sha256, {**item.seen, "device": -1}) for name, item in seen.items()}
    with pytest.raises(SourceUnavailable, match="磁盘也不是上次的那个"):
        look(root, elsewhere)
    root.rmdir()
    with pytest.raises(SourceUnavailable, match="文件夹打不开"):
        look(root, seen)


@pytest.mark.parametrize(
    "said", ["{root}/../outside", "报送", "{root}/..", "{root}/link", "{root}/link/inner", "/etc", "{root}\0", "/"]
)
def test_what_is_not_below_an_allowed_root_is_refused(root: Path, said: str) -> None:
    (root.parent / "outside" / "inner").mkdir(parents=True)
    (root / "link").symlink_to(root.parent / "outside")
    spec = {"kind": "folder", "path": said.format(root=root)}
    with pytest.raises(SourceRefused):
        SOURCE.check(spec, Allowed(folders=(root,)))
    with pytest.raises(SourceRefused):
        SOURCE.look(spec, {}, root, Allowed(folders=(root,)))


def test_a_root_that_is_itself_reached_by_a_link_may_be_allowed(root: Path) -> None:
    (root.parent / "share").symlink_to(root)
    (root / "inner").mkdir()
    allowed = Allowed(folders=(root.parent / "share",))
    inner = {"kind": "folder", "path": str(root.parent / "share" / "inner")}
    assert SOURCE.check(inner, allowed) == inner


def test_the_machine_itself_may_look_anywhere_and_nobody_else_without_configuration(root: Path) -> None:
    spec = {"kind": "folder", "path": f" {root} "}
    kept = SOURCE.check(spec, Allowed(any_folder=True))
    assert kept == {"kind": "folder", "path": str(root), "trusted": True}
    assert SOURCE.look(kept, {}, root.parent, Allowed()) == Look(())
    with pytest.raises(SourceRefused):
        SOURCE.check(kept, Allowed())  # nobody makes his own folder a trusted one
    with pytest.raises(SourceRefused, match="HECHA_SWEEP_FOLDERS"):
        SOURCE.check(spec, Allowed())


def test_a_folder_that_is_not_there_is_refused_when_the_sweep_is_made(root: Path) -> None:
    allowed = Allowed(any_folder=True)
    for path in (root / "没有", ""):
        with pytest.raises(ScheduleUnusable):
            SOURCE.check({"kind": "folder", "path": str(path) if path else ""}, allowed)


def test_a_source_says_where_it_looks_and_an_unknown_kind_is_refused(root: Path) -> None:
    assert source_of({"kind": "folder"}).words({"path": "/年报"}) == "文件夹 /年报"
    with pytest.raises(ScheduleUnusable, match="不认识的巡查来源"):
        source_of({"kind": "ftp"})

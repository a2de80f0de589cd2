"""read and read_bytes: every bad input ends in its own error, in one Chinese line."""

import os

import pytest

import reports_in
from reports_in import errors, read, read_bytes, sniff
from reports_in.limits import LIMITS

OFFICE_PASSWORD = sniff.OLE_MAGIC + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)

BAD = {
    "nothing": (b"", errors.EmptyFile, "0 字节"),
    "blanks": (" \r\n\u3000\t\n \ufeff".encode(), errors.EmptyFile, "只有空白"),
    "only a mark": (b"\xef\xbb\xbf", errors.EmptyFile, "只有空白"),
    "page without text": (b"<html><body><div></div></body></html>", errors.EmptyFile, "没有文字"),
    "page of pictures": (b'<html><body><img src="a.png"></body></html>', errors.EmptyFile, "只有图片"),
    "binary named txt": (bytes(range(256)) * 40, errors.UnknownFormat, "不是文字"),
    "program": (b"\x7fELF" + bytes(100), errors.UnknownFormat, "程序"),
    "rar": (b"Rar!\x1a\x07\x00" + bytes(50), errors.UnknownFormat, "RAR"),
    "password": (OFFICE_PASSWORD, errors.Encrypted, "密码"),
    "no encoding": ("année écoulée à été".encode("cp1252") * 20, errors.UndecodableText, "无法解读"),
    "one endless line": ("啊" * (LIMITS.line_chars + 1), errors.LimitExceeded, "一行"),
    "too long a text": ("啊\n" * (LIMITS.text_chars // 2 + 1), errors.LimitExceeded, "文字超过上限"),
    "too many lines": ("a\n" * (LIMITS.blocks + 1), errors.LimitExceeded, "段落"),
    "too many cells": (("\t" * 199 + "\n") * (LIMITS.cells // 200 + 1) + "x", errors.LimitExceeded, "单元格"),
    "too many columns": ("1\t" * 200 + "1", errors.LimitExceeded, "列"),
    "30 MB on one line": (b"a" * 30_000_000, errors.LimitExceeded, "文字超过上限"),
}


@pytest.mark.parametrize(("data", "error", "fault"), BAD.values(), ids=BAD.keys())
def test_bad_input_ends_in_its_own_error(data, error, fault):
    with pytest.raises(error) as caught:
        read_bytes(data.encode() if isinstance(data, str) else data, "某局年报.txt")
    line = str(caught.value)
    assert line.startswith("某局年报.txt：")
    assert fault in line
    assert "\n" not in line
    assert caught.value.advice


def test_a_file_of_100_MB_is_refused_by_its_size_without_being_read(tmp_path, monkeypatch):
    path = tmp_path / "年报.txt"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    monkeypatch.setattr(type(path), "open", None)  # opening it would fail
    with pytest.raises(errors.LimitExceeded, match=r"年报\.txt：文件有 100\.0 MB，超过上限 50 MB"):
        read(path)


def test_a_file_that_has_gone_is_said_to_be_unavailable(tmp_path):
    with pytest.raises(errors.FileUnavailable, match="文件打不开"):
        read(tmp_path / "没有.txt")


def test_a_folder_is_said_to_be_unavailable(tmp_path):
    with pytest.raises(errors.FileUnavailable):
        read(tmp_path)


def test_a_file_is_called_by_the_name_it_was_submitted_under(tmp_path):
    path = tmp_path / "0f3a"
    path.write_text("一、总体情况", encoding="utf-8")
    assert read(path, "水务局.txt").name == "水务局.txt"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("年报\u202etxt.exe", "年报txt.exe"),
        ("a\x00b\n.txt", "ab .txt"),
        (os.fsdecode(b"\xd6\xd0.txt"), ".txt"),
        ("\u200b", "未命名文件"),
    ],
)
def test_names_are_shown_without_what_nobody_sees(name, shown):
    assert read_bytes("无".encode(), name).name == shown


def test_the_fingerprint_is_that_of_the_bytes_as_submitted():
    import hashlib

    data = "\ufeff一\r\n二".encode()
    assert read_bytes(data, "a.txt").sha256 == hashlib.sha256(data).hexdigest()


def test_reading_text_imports_no_other_reader():
    import subprocess
    import sys

    script = "import sys, reports_in; reports_in.read_bytes(b'a', 'a.txt'); print([m for m in sys.modules if 'pypdfium2' in m or 'selectolax' in m or 'lxml' in m])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_reader_in_the_table_can_be_imported():
    from importlib import import_module

    assert all(callable(import_module(module).read) for module in reports_in.READERS.values())


def test_every_error_code_is_documented():
    from pathlib import Path

    documented = Path(__file__).parents[2].joinpath("docs", "error-codes.md").read_text(encoding="utf-8")
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.IntakeError)}
    assert {code for code in codes - {"INTAKE"} if f"`{code}`" not in documented} == set()

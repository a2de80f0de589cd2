"""The folders of exports: one each, under the data folder, with who asked for what, how far it is, and the file."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDER = "exports"
KEPT_SECONDS = 24 * 3600.0
LOST_SECONDS = 900.0  # without a word: the process that made it is gone
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Asked:
    """only: ids of the reports that whoever asks may see; empty: all of the batch."""

    account_id: str
    batch_id: str
    form: str
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """state: working, done, failed. file_name is what it should be called once it is done."""

    state: str = "working"
    done: int = 0
    total: int = 0
    reason: str = ""
    file_name: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Export:
    """One export; its id is the name of its folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def file(self) -> Path:
        return self.folder / "file"

    def asked(self) -> Asked | None:
        """None if there is no such export."""
        try:
            written = json.loads((self.folder / "asked.json").read_bytes())
            return Asked(**written | {"only": tuple(written["only"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def progress(self) -> Progress:
        try:
            found = Progress(**json.loads((self.folder / "progress.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            found = Progress()
        if found.state == "working" and found.at and time.time() - found.at > LOST_SECONDS:
            return Progress("failed", reason="生成中断；请再试一次")
        return found

    def say(self, progress: Progress) -> None:
        _write(self.folder / "progress.json", asdict(progress) | {"at": time.time()})


def open_export(data: Path, asked: Asked) -> Export:
    """A new one. What is a day old is removed."""
    for old in _all(data):
        with suppress(FileNotFoundError):
            if time.time() - old.folder.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(old.folder, ignore_errors=True)
    export = Export(data / FOLDER / uuid.uuid4().hex)
    export.folder.mkdir(parents=True)
    _write(export.folder / "asked.json", asdict(asked))
    return export


def find_export(data: Path, export_id: str, account_id: str) -> tuple[Export, Asked] | None:
    """None for somebody else's too."""
    export = Export(data / FOLDER / export_id)
    asked = export.asked() if ID.fullmatch(export_id) else None
    return (export, asked) if asked is not None and asked.account_id == account_id else None


def remove_of_batch(data: Path, batch_id: str) -> None:
    """Remove every export of a batch that is deleted."""
    for export in _all(data):
        asked = export.asked()
        if asked is not None and asked.batch_id == batch_id:
            shutil.rmtree(export.folder, ignore_errors=True)


def _all(data: Path) -> Iterator[Export]:
    with suppress(FileNotFoundError):
        for path in (data / FOLDER).iterdir():
            if ID.fullmatch(path.name):
                yield Export(path)


def _write(path: Path, value: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    temporary.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    os.replace(temporary, path)

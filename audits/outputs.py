"""Put the outputs of a batch into a folder: names that are safe, unique and the same every time, and an index of them.

Bytes go to a hidden staging folder first and are renamed into place, so that nobody ever opens half a file. Names are given
out in the order of the batch, whatever order the reports were finished in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from audits.audit import ENGINE
from audits.errors import OutputError
from audits.outcome import Outcome, Summary

INDEX = "index.json"
STEM_BYTES = 160  # file systems allow 255 bytes (143 if encrypted by eCryptfs is not aimed at); room for -12345 and .json
UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)  # device names of Windows


def stem_for(name: str, summary: Summary | None) -> str:
    """The file name without suffix: agency and year; without an agency the name of the file submitted."""
    agency = summary.agency if summary else None
    year = f"-{summary.year}" if summary and summary.year is not None else ""
    whole = _safe(agency or PurePosixPath(name).stem)
    return _shortened(whole, STEM_BYTES - len(year)) + year


def _safe(text: str) -> str:
    """Without what a file system, a shell or a reader's eye could stumble over: separators, controls, bidi marks."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(char for char in composed if char.isspace() or unicodedata.category(char)[0] != "C")
    plain = UNSAFE.sub("_", visible).strip("._- ")
    return f"_{plain}" if RESERVED.match(plain) else plain or "report"


def _shortened(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip("._- ")


@dataclass(frozen=True, slots=True)
class Published:
    """One report of the batch, done and in its place. ``files`` names its outputs by form."""

    name: str
    outcome: Outcome
    files: Mapping[str, str]


class OutputFolder:
    """A context in which reports of a batch are staged in any order and published in theirs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken = {PurePosixPath(INDEX).stem}
        self._entries: list[dict[str, Any]] = []

    def __enter__(self) -> OutputFolder:
        """Raises OutputError if the folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.staging = Path(tempfile.mkdtemp(prefix=".hecha-", dir=self.folder))
        except OSError as exc:
            raise OutputError(f"{self.folder}：无法写入输出文件夹（{exc.strerror}）；请换一个有写权限的文件夹") from exc
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)

    def publish(self, name: str, outcome: Outcome, staged: Mapping[str, Path]) -> Published:
        """Rename the staged files into place and note the report in the index. Raises OutputError."""
        files = {}
        if staged:
            stem = self._free(stem_for(name, outcome.summary))
            for form, path in staged.items():
                files[form] = f"{stem}.{form}"
                try:
                    os.replace(path, self.folder / files[form])
                except OSError as exc:
                    raise OutputError(f"{self.folder / files[form]}：写不进去（{exc.strerror}）；请换一个文件夹") from exc
        self._entries.append(_entry(name, outcome, files))
        return Published(name, outcome, files)

    def write_index(self, skipped: tuple[str, ...] = ()) -> Path:
        """``index.json``: every report of the batch by the name it was submitted under, with its files or its reason."""
        index = {"engine": ENGINE, "reports": self._entries, "skipped": list(skipped)}
        staged = stage(self.staging, "index", {"json": (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode()})
        os.replace(staged["json"], self.folder / INDEX)
        return self.folder / INDEX

    def _free(self, stem: str) -> str:
        """The stem, numbered if another report of the batch has it; names that differ only by case count as the same."""
        candidate, number = stem, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{stem}-{number}"
        self._taken.add(candidate.casefold())
        return candidate


def stage(staging: Path, key: str, outputs: Mapping[str, bytes]) -> dict[str, Path]:
    """Write the bytes under a name of our own; safe to call from several processes with different keys."""
    staged = {}
    for form, data in outputs.items():
        staged[form] = staging / f"{key}.{form}"
        staged[form].write_bytes(data)
    return staged


def _entry(name: str, outcome: Outcome, files: Mapping[str, str]) -> dict[str, Any]:
    summary = asdict(outcome.summary) if outcome.summary else {}
    reason = outcome.reason or summary.pop("reason", "")
    return {
        "source": name,
        "state": outcome.state.value,
        "code": outcome.code,
        **summary,
        "reason": reason,
        "files": dict(files),
    }

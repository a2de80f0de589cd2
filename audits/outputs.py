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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from audits.audit import ENGINE
from audits.batch import Batch, Report, RuleCount
from audits.digest import digest_from
from audits.errors import OutputError
from audits.intake import Duplicate
from audits.outcome import Outcome, Settled, Summary
from audits.renderers import BATCH_RENDERERS, PACKED, wanted
from audits.renderers.archive import pack
from audits.roll_call import RollCall
from reports_in.system_words import in_words

INDEX = "index.json"
ARCHIVE = "全部结果.zip"
# what follows the stem where the form's name alone would not say what the file is
ENDINGS = {"docx": "-整改通知.docx", "annotated": "-原文批注.pdf"}
STEM_BYTES = 160  # file systems allow 255 bytes (143 if encrypted by eCryptfs is not aimed at); room for -12345 and an ending
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
    """One report of the batch, done and in its place.

    files  names its outputs by form.
    json   where its JSON form is, which need not be among them; None if it was not written.
    """

    name: str
    outcome: Outcome
    files: Mapping[str, str]
    json: Path | None = None


class OutputFolder:
    """A context in which reports of a batch are staged in any order and published in theirs, then the forms of the whole batch.

    forms  in: those asked for; as an attribute: those of a report that are to be staged. JSON is, as all forms of the batch are
           made from it; where nobody asked for it, it is gone at the end.
    rules  what every rule answered in the batch, once ``publish_batch`` was called; empty if no JSON was written.
    """

    def __init__(self, folder: Path, forms: Sequence[str] = ("pdf", "json")) -> None:
        self.folder = folder
        self.wanted = wanted(forms)
        self.forms = self.wanted.each
        if self.wanted.batch or self.wanted.packed:
            self.forms = tuple(dict.fromkeys((*self.forms, "json")))
        self._taken = {PurePosixPath(INDEX).stem}  # the forms of the batch have names that no agency has
        self._entries: list[dict[str, Any]] = []
        self._batch_files: dict[str, str] = {}
        self._published: list[Published] = []
        self._stems: list[str] = []
        self.rules: tuple[RuleCount, ...] = ()

    def __enter__(self) -> OutputFolder:
        """Raises OutputError if the folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.staging = Path(tempfile.mkdtemp(prefix=".hecha-", dir=self.folder))
            self._place = self.folder if self.wanted.loose else self.staging / "packed"
            self._place.mkdir(exist_ok=True)
        except OSError as exc:
            raise OutputError(f"{self.folder}：无法写入输出文件夹（{in_words(exc)}）；请换一个有写权限的文件夹") from exc
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)

    def publish(self, name: str, outcome: Outcome, staged: Mapping[str, Path]) -> Published:
        """Rename the staged files into place and note the report in the index. Raises OutputError."""
        self._stems.append(self._free(stem_for(name, outcome.summary)) if staged else "")
        self._published.append(self._put(self._stems[-1], name, outcome, staged))
        self._entries.append(_entry(name, outcome, self._published[-1].files))
        return self._published[-1]

    def _put(self, stem: str, name: str, outcome: Outcome, staged: Mapping[str, Path]) -> Published:
        """The staged files under their names. What an earlier audit wrote and this one does not is taken away: a notice to an agency that
        has put things right would be a false one."""
        files = {}
        for form in self.wanted.each if stem else ():
            file_name = stem + ENDINGS.get(form, f".{form}")
            if form in staged:
                files[form] = file_name
                self._settle(staged[form], file_name)
            else:
                (self._place / file_name).unlink(missing_ok=True)
        json = self._place / files["json"] if "json" in files else staged.get("json")
        return Published(name, outcome, files, json)

    def revise(self, index: int, outcome: Outcome, staged: Mapping[str, Path]) -> Published:
        """Put newer outputs in the place of a report's: the batch held a report that belongs beside it. Raises OutputError."""
        revised = self._put(self._stems[index], self._published[index].name, outcome, staged)
        self._entries[index] = _entry(revised.name, outcome, revised.files)
        self._published[index] = revised
        return revised

    def publish_batch(
        self, title: str = "", skipped: tuple[str, ...] = (), missing: tuple[str, ...] | None = None, not_known: int = 0
    ) -> None:
        """Write the forms of the whole batch that were asked for, from the reports published. ``missing``, ``not_known``: see Batch."""
        if not self.wanted.batch and not self.wanted.packed and "json" not in self.forms:
            return
        batch = Batch(tuple(map(_report, self._published)), title, skipped, missing, not_known)
        self.rules = batch.rules
        for form in self.wanted.batch:
            file_name, render = BATCH_RENDERERS[form]
            self._batch_files[form] = file_name
            self._write(file_name, partial(render, batch))
            self._settle(self.staging / file_name, file_name)
        if self.wanted.packed:
            self._write(ARCHIVE, partial(pack, batch, self._batch_files, self._place))
            os.replace(self.staging / ARCHIVE, self.folder / ARCHIVE)
            self._batch_files = {**(self._batch_files if self.wanted.loose else {}), PACKED: ARCHIVE}

    def _write(self, file_name: str, render: Callable[[BinaryIO], None]) -> None:
        try:
            with (self.staging / file_name).open("wb") as out:
                render(out)
        except OSError as exc:
            raise OutputError(f"{self.folder / file_name}：写不进去（{in_words(exc)}）；请检查磁盘空间") from exc

    def _settle(self, staged: Path, file_name: str) -> None:
        try:
            os.replace(staged, self._place / file_name)
        except OSError as exc:
            raise OutputError(f"{self.folder / file_name}：写不进去（{in_words(exc)}）；请换一个文件夹") from exc

    def write_index(
        self, skipped: Sequence[str] = (), duplicates: Sequence[Duplicate] = (), roll: RollCall | None = None
    ) -> Path:
        """``index.json``: every report of the batch by the name it was submitted under, with its files or its reason.

        A duplicate names the report that stands for it. With a roster, ``roll`` says who has handed in what.

        After an archive of everything that is asked for alone, the files named are in it.
        """
        index: dict[str, Any] = {
            "engine": ENGINE,
            "batch": self._batch_files,
            "reports": self._entries,
            "skipped": list(skipped),
        }
        index["duplicates"] = [{"source": duplicate.name, "same_as": duplicate.same_as} for duplicate in duplicates]
        index["rules"] = {
            "often": [rule.rule for rule in self.rules if rule.often],
            "never": sorted(rule.rule for rule in self.rules if rule.never),
            "skipped": sorted(rule.rule for rule in self.rules if rule.skipped),
        }
        if roll is not None:
            index["roster"] = roll.in_json()
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


def _report(line: Published) -> Report:
    """The line as the forms of the batch see it. A JSON that cannot be read back costs its report only."""
    if line.json is None:
        return Report(line.name, line.outcome, files=line.files)
    try:
        return Report(line.name, line.outcome, digest_from(line.json.read_bytes()), line.json, line.files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fault = f"{line.name}：写下的核查数据无法读回；请重新核查该文件，或联系维护人员"
        return Report(line.name, Outcome(Settled.FAILED, "INTERNAL", fault), files=line.files)


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
        **({"roster": outcome.match.in_json()} if outcome.match else {}),
    }

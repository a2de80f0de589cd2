"""Logs of the service: one line an event, with the ids of what was being worked on. Never text of a report.

HECHA_LOG is the level (INFO if unset), HECHA_LOG_FORMAT the form: text, or json for one JSON object a line. Ids that are bound
where a line is made (batch, report, hint, request) are part of it in both.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(process)d%(ids)s] %(message)s"
FILE_BYTES = 20_000_000  # of the log of `hecha up`, before the next file is begun
FILES_KEPT = 9
_IDS: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039  # never changed, only replaced


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Every log line inside carries these ids, beside those bound outside."""
    token = _IDS.set({**_IDS.get(), **ids})
    try:
        yield
    finally:
        _IDS.reset(token)


class Ids(logging.Filter):
    """Lends every record the ids that are bound where it is made."""

    def filter(self, record: logging.LogRecord) -> bool:
        bound_here = _IDS.get()
        record.bound = dict(bound_here)
        record.ids = "".join(f" {key}={one_line(value)}" for key, value in bound_here.items())
        return True


class Text(logging.Formatter):
    """A line a record: what was logged cannot begin a second one that looks like ours. A traceback follows, indented."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        return _indented(super().formatException(ei))  # type: ignore[arg-type]  # as logging gives it


class Json(logging.Formatter):
    """A JSON object a line: at (ISO 8601 with offset), level, logger, process, message, the bound ids, error (a traceback)."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "process": record.process}
        line |= {"message": record.getMessage(), **getattr(record, "bound", {})}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def install() -> None:
    """Log to stderr at HECHA_LOG (INFO if unset) in the form of HECHA_LOG_FORMAT (text if unset)."""
    handler = logging.StreamHandler()
    handler.addFilter(Ids())
    handler.setFormatter(_formatter())
    logging.basicConfig(level=_level(), handlers=[handler], force=True)
    logging.captureWarnings(True)


def _level() -> str:
    return os.environ.get("HECHA_LOG", "INFO").upper()


def _as_json() -> bool:
    return os.environ.get("HECHA_LOG_FORMAT") == "json"


def _formatter() -> logging.Formatter:
    return Json() if _as_json() else Text()


def one_line(words: str) -> str:
    """With every character that would end the line, or steer a terminal, written out."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in words)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.splitlines())


class Gathered(RotatingFileHandler):
    """The lines of several programs in one file, rotated: called with a program's name and a line of it. Safe from several threads.

    A disk that is full takes lines, not the service.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError if the file cannot be written."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
        self.addFilter(Ids())
        self.setFormatter(_formatter())

    def __call__(self, program: str, line: str) -> None:
        if not _as_json():
            line = f"{program}: {line}"
        elif not line.startswith("{"):  # Redis, and what Python says when it breaks
            now = datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
            line = json.dumps({"at": now, "program": program, "message": line}, ensure_ascii=False)
        self.handle(logging.makeLogRecord({"msg": line, "is_line": True}))

    def format(self, record: logging.LogRecord) -> str:
        return str(record.msg) if getattr(record, "is_line", False) else super().format(record)

    def handleError(self, record: logging.LogRecord) -> None:
        pass


def install_in(path: Path) -> Gathered:
    """Log into that file, at HECHA_LOG and in the form of HECHA_LOG_FORMAT; returns what takes other programs' lines."""
    gathered = Gathered(path)
    logging.basicConfig(level=_level(), handlers=[gathered], force=True)
    return gathered

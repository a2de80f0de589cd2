"""Logs of a worker: one line an event, with the ids of what was being worked on. Never text of a report."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(process)d%(ids)s] %(message)s"
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
        record.ids = "".join(f" {key}={value}" for key, value in _IDS.get().items())
        return True


def install() -> None:
    """Log to stderr at HECHA_LOG (INFO if unset)."""
    handler = logging.StreamHandler()
    handler.addFilter(Ids())
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.basicConfig(level=os.environ.get("HECHA_LOG", "INFO").upper(), handlers=[handler], force=True)

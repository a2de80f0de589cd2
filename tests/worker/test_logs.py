"""Log lines carry the ids of what is being worked on."""

from __future__ import annotations

import logging

from worker.logs import Ids, bound


def ids_now() -> str:
    record = logging.makeLogRecord({})
    Ids().filter(record)
    return str(record.ids)  # type: ignore[attr-defined]  # lent by the filter


def test_ids_are_carried_inside_and_gone_outside() -> None:
    with bound(batch="b1"):
        with bound(job="j1"):
            inner = ids_now()
        outer = ids_now()

    assert (inner, outer, ids_now()) == (" batch=b1 job=j1", " batch=b1", "")

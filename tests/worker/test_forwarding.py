"""The log of actions reaches the log server by itself."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest

from access import LOCAL, Access, Action
from access.log import Log
from audits.store import Store
from tests.servers import PATIENCE, free_port, until
from worker import forwarding


def test_entries_reach_a_log_server_that_was_away_at_first(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(tmp_path)
    access = Access(store)
    place = ("127.0.0.1", free_port())
    access.settings.change(LOCAL, "syslog", f"tcp://127.0.0.1:{place[1]}")
    access.log.append(LOCAL, Action.BATCH_SUBMIT, "甲批")
    stop = threading.Event()
    with caplog.at_level(logging.WARNING):
        thread = forwarding.start(store, stop, every_seconds=0.05)
        until(lambda: "not forwarded" in caplog.text, "that the server is away is logged")
        with socket.create_server(place) as server:
            server.settimeout(PATIENCE)
            with server.accept()[0] as connection:
                received = connection.makefile("rb").read()
    stop.set()
    thread.join(PATIENCE)

    assert [received.count(f'number="{number}"'.encode()) for number in (1, 2)] == [1, 1]
    assert not thread.is_alive()


def test_a_fault_that_nobody_foresaw_does_not_end_the_forwarding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail(_: Log) -> int:
        tries.append(1)
        raise ValueError("port out of range")

    monkeypatch.setattr(Log, "forward", fail)
    stop = threading.Event()
    thread = forwarding.start(Store(tmp_path), stop, every_seconds=0.01)
    until(lambda: len(tries) >= 3, "it is tried again")
    stop.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()

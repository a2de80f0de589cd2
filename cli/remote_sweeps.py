"""`hecha sweep` over the API of a server: what the store tells of schedules and runs, asked of it instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from audits.regions import Scope
from audits.store.sweeping import Run, RunState, Schedule
from cli.remote import Server


class RemoteSweeping:
    """As much of ``store.sweeping`` as the commands need, and what they change."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def now(self) -> float:
        """By this machine's clock: only to say when a sweep is due next."""
        return datetime.now().timestamp()

    def schedules(self, _: Scope) -> Sequence[Schedule]:
        return [_schedule(item) for item in self._server.get("/sweeps")]

    def schedule(self, sweep_id: str) -> Schedule:
        return _schedule(self._server.get(f"/sweeps/{sweep_id}"))

    def runs(self, sweep_id: str, limit: int = 50) -> Sequence[Run]:
        return [_run(sweep_id, item) for item in self._server.get(f"/sweeps/{sweep_id}/runs", size=limit)]

    def add(self, title: str, when: str, source: Mapping[str, Any], **more: Any) -> Schedule:
        """Made there, and checked there: what may be looked at is that office's to say."""
        wanted = {"title": title, "when": when, "source": dict(source), **more}
        return _schedule(self._server.send("POST", "/sweeps", wanted))

    def change(self, sweep_id: str, title: str, when: str, source: Mapping[str, Any], **more: Any) -> Schedule:
        """As :meth:`add`; what it does not say is lost, so it says everything."""
        wanted = {"title": title, "when": when, "source": dict(source), **more}
        return _schedule(self._server.send("PUT", f"/sweeps/{sweep_id}", wanted))

    def do(self, sweep_id: str, what: str) -> None:
        """pause or resume."""
        self._server.send("POST", f"/sweeps/{sweep_id}/{what}")

    def run_now(self, sweep_id: str) -> float:
        """The moment of the run."""
        return _seconds(self._server.send("POST", f"/sweeps/{sweep_id}/run")["slot"])

    def delete(self, sweep_id: str) -> None:
        self._server.send("DELETE", f"/sweeps/{sweep_id}")


def _schedule(item: Mapping[str, Any]) -> Schedule:
    created_at = _seconds(item["created_at"])
    return Schedule(
        id=item["id"],
        title=item["title"],
        when=item["when"],
        words=item["words"],
        source=item["source"],
        pack=item["pack"],
        year=item["year"],
        region=item["region"],
        owner="",
        missed=item["missed"],
        created_at=created_at,
        starts_at=created_at,
        paused_at=created_at if item["paused"] else None,
    )


def _run(sweep_id: str, item: Mapping[str, Any]) -> Run:
    return Run(
        schedule_id=sweep_id,
        slot=_seconds(item["slot"]),
        state=RunState(item["state"]),
        attempt=item["attempt"],
        batch_id=item["batch_id"],
        digest=item["digest"],
        reason=item["reason"],
        started_at=None if item["started_at"] is None else _seconds(item["started_at"]),
        ended_at=None if item["ended_at"] is None else _seconds(item["ended_at"]),
        code=item["code"],
        not_before=None if item["retry_at"] is None else _seconds(item["retry_at"]),
    )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()

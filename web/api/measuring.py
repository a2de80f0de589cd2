"""What is measured of a running service, for Prometheus: counted while requests are answered, or asked of the store at each visit."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audits.errors import StoreError
from audits.store import Store
from audits.store.lines import EVERYBODY
from worker.folder import free_bytes

log = logging.getLogger(__name__)

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
ELSEWHERE = "elsewhere"  # the route of what is no address of ours: names that strangers make up are no labels


class Measures:
    """Of one process of the web server; what comes from the store is of the whole service."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "hecha_http_request_seconds",
            "Requests answered by this process, by how long it took.",
            ["method", "route", "status"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_Standing(store))

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)


class _Standing(Collector):
    """How the service stands. With the database away what is left is told: Prometheus shall see that, and not nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("hecha_database_up", "1 if the database answers.")
        free = GaugeMetricFamily("hecha_disk_free_bytes", "Free on the disk of the data folder.")
        free.add_metric([], free_bytes(self._store.folder))
        yield free
        answers = self._store.scanning.answers()
        if answers is not None:
            scanner = GaugeMetricFamily("hecha_scanner_up", "1 if the virus scanner answers; without it nothing is taken in.")
            scanner.add_metric([], int(answers))
            yield scanner
        try:
            found = [*self._queues(), *self._totals()]
        except StoreError as exc:
            log.warning("no figures: %s", exc)
            found = []
        up.add_metric([], 1 if found else 0)
        yield up
        yield from found

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("hecha_queue_waiting", "Reports that wait to be audited.", labels=["queue"])
        oldest = GaugeMetricFamily("hecha_queue_oldest_seconds", "How long the first of them has waited.", labels=["queue"])
        idle = GaugeMetricFamily("hecha_queue_idle_seconds", "Since a report was last taken up.", labels=["queue"])
        for queue in self._store.queues():
            waiting.add_metric([queue.queue], queue.count)
            oldest.add_metric([queue.queue], queue.oldest or 0.0)
            if queue.idle is not None:
                idle.add_metric([queue.queue], queue.idle)
        yield from (waiting, oldest, idle)

    def _totals(self) -> Iterator[GaugeMetricFamily]:
        totals = self._store.listing.totals(EVERYBODY)
        states = GaugeMetricFamily("hecha_submissions", "Reports by state, newest versions.", labels=["state"])
        for state, count in totals.states.items():
            states.add_metric([state], count)
        standings = GaugeMetricFamily("hecha_audits", "Settled reports by what was found.", labels=["standing"])
        for standing, count in totals.standings.items():
            standings.add_metric([standing], count)
        batches = GaugeMetricFamily("hecha_batches", "Batches.", labels=["state"])
        batches.add_metric(["open"], totals.open_batches)
        batches.add_metric(["done"], totals.batches - totals.open_batches)
        yield from (states, standings, batches)


class Measured:
    """Around every request: how long it took, by the route that answered it."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            route = _route(scope)
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            self.measures.requests.labels(method, route, str(status)).observe(time.perf_counter() - begun)


def _route(scope: Scope) -> str:
    """As it is written, with the names of its parameters. FastAPI tells the whole path of an included route in its own place."""
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(whole or scope.get("route"), "path", ELSEWHERE))


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

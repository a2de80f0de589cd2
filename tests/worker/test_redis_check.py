"""A Redis that would lose hints is refused, and one that only might is warned of."""

from __future__ import annotations

import pytest
import redis

from tests.worker.processes import Service
from worker.redis_check import fitness, refuse_what_loses_hints

pytestmark = pytest.mark.integration


def test_the_redis_of_the_compose_file_is_fit(service: Service) -> None:
    found = fitness(service.url)

    assert (found.refusal, found.warnings) == (None, ())


def test_a_redis_that_evicts_is_refused(service: Service) -> None:
    with redis.Redis.from_url(service.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")

    with pytest.raises(SystemExit, match="noeviction"):
        refuse_what_loses_hints(service.url)


def test_a_redis_that_forgets_at_restart_is_warned_of(service: Service) -> None:
    with redis.Redis.from_url(service.url) as client:
        client.config_set("appendonly", "no")

    assert [warning.partition("：")[0] for warning in fitness(service.url).warnings] == ["没有开启 appendonly"]


def test_a_redis_that_is_away_is_no_reason_to_end() -> None:
    refuse_what_loses_hints("redis://127.0.0.1:1/0")

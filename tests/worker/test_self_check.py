"""A Redis that would lose hints is refused, and one that only might is warned of; SQLite on a network share is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.worker.processes import Service
from worker import self_check
from worker.redis_check import fitness
from worker.self_check import network_share, refuse_to_start_if_unfit


@pytest.mark.integration
def test_the_redis_of_the_compose_file_is_fit(service: Service) -> None:
    found = fitness(service.redis.url)

    assert (found.refusal, found.warnings) == (None, ())


@pytest.mark.integration
def test_a_redis_that_evicts_is_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "REDIS_URL", service.redis.url)
    with redis.Redis.from_url(service.redis.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")

    with pytest.raises(SystemExit, match="noeviction"):
        refuse_to_start_if_unfit()


@pytest.mark.integration
def test_a_redis_that_forgets_at_restart_is_warned_of(service: Service) -> None:
    with redis.Redis.from_url(service.redis.url) as client:
        client.config_set("appendonly", "no")

    assert [warning.partition("：")[0] for warning in fitness(service.redis.url).warnings] == ["没有开启 appendonly"]


def test_a_redis_that_is_away_is_no_reason_to_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(self_check, "REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(self_check, "DATA_FOLDER", tmp_path)

    refuse_to_start_if_unfit()


def test_sqlite_on_a_network_share_is_refused_and_postgresql_beside_it_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(self_check, "REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(self_check, "network_share", lambda _: "nfs4")

    with pytest.raises(SystemExit, match="nfs4"):
        refuse_to_start_if_unfit()
    monkeypatch.setattr(self_check, "DATABASE_URL", "postgresql://h/d")
    refuse_to_start_if_unfit()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/data/x", "nfs4"),
        ("/srv/data/local/x", None),
        ("/srv/other", None),
        ("/mnt/a b/x", "cifs"),
        ("/srv/database", None),
    ],
)
def test_a_share_is_told_by_the_nearest_mount_above(folder: str, kind: str | None) -> None:
    mounts = "d / ext4 rw 0 0\nh:/x /srv/data nfs4 rw 0 0\nd /srv/data/local ext4 rw 0 0\n//h/s /mnt/a\\040b cifs rw 0 0\n"

    assert network_share(Path(folder), mounts) == kind

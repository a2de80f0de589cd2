"""Where sweeps may look follows from the environment, and from nothing else."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from sweeps.allowed import allowed_here
from sweeps.errors import SourceRefused
from sweeps.looking import Allowed


def test_nothing_is_allowed_where_nothing_is_set() -> None:
    assert allowed_here({}) == Allowed()


def test_every_setting_is_understood() -> None:
    environment = {
        "HECHA_SWEEP_FOLDERS": "/srv/年报:/mnt/share",
        "HECHA_SWEEP_BUCKETS": "reports, older",
        "HECHA_SWEEP_HTTP": "1",
        "HECHA_SWEEP_ALLOW": "OA.Example.gov.cn, 10.20.0.0/16,192.0.2.7,fd00::/8",
        "HECHA_SWEEP_PAUSE": "2.5",
    }
    assert allowed_here(environment) == Allowed(
        folders=(Path("/srv/年报"), Path("/mnt/share")),
        buckets=("reports", "older"),
        addresses=True,
        hosts=("oa.example.gov.cn",),
        networks=(ip_network("10.20.0.0/16"), ip_network("192.0.2.7/32"), ip_network("fd00::/8")),
        pause=timedelta(seconds=2.5),
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"HECHA_SWEEP_ALLOW": "10.20.0.0/33"},
        {"HECHA_SWEEP_ALLOW": "*.example.cn"},
        {"HECHA_SWEEP_ALLOW": "10.20.300.1"},
        {"HECHA_SWEEP_PAUSE": "soon"},
        {"HECHA_SWEEP_PAUSE": "-1"},
        {"HECHA_SWEEP_FOLDERS": "reports"},
        {"HECHA_SWEEP_FOLDERS": "/srv/../etc"},
    ],
)
def test_what_cannot_be_understood_allows_nothing_and_is_said(environment: dict[str, str]) -> None:
    with pytest.raises(SourceRefused, match=next(iter(environment))):
        allowed_here(environment)

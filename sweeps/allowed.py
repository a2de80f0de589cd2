"""Where sweeps may look in this office, as its environment says: nowhere at all, unless it says something."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from sweeps.errors import SourceRefused
from sweeps.looking import Allowed

FOLDERS = "HECHA_SWEEP_FOLDERS"  # colon separated
BUCKETS = "HECHA_SWEEP_BUCKETS"  # comma separated, as the two below
HTTP = "HECHA_SWEEP_HTTP"
ALLOW = "HECHA_SWEEP_ALLOW"  # hosts, addresses and networks such as 10.20.0.0/16
PAUSE = "HECHA_SWEEP_PAUSE"  # seconds
LONGEST_PAUSE = 60.0


def allowed_here(environment: Mapping[str, str] = os.environ) -> Allowed:
    """Raises SourceRefused for a setting that cannot be understood: nothing is allowed by mistake."""
    hosts: list[str] = []
    networks: list[IPv4Network | IPv6Network] = []
    for word in _words(environment.get(ALLOW, "")):
        try:
            networks.append(ip_network(word.strip("[]"), strict=False))
        except ValueError as exc:
            if "/" in word or ":" in word or "*" in word or word[-1].isdigit():
                raise SourceRefused(
                    f"{ALLOW} 中的“{word}”既不是主机名也不是网段；应写作 www.example.gov.cn 或 10.20.0.0/16"
                ) from exc
            hosts.append(word.lower().rstrip("."))
    folders = [Path(word) for word in environment.get(FOLDERS, "").split(os.pathsep) if word.strip()]
    for folder in folders:
        if not folder.is_absolute() or ".." in folder.parts:
            raise SourceRefused(f"{FOLDERS} 中的“{folder}”不是完整路径；应以 / 开头，不含 ..")
    return Allowed(
        folders=tuple(folders),
        buckets=tuple(_words(environment.get(BUCKETS, ""))),
        addresses=environment.get(HTTP, "").strip() == "1",
        hosts=tuple(hosts),
        networks=tuple(networks),
        pause=_pause(environment.get(PAUSE, "1")),
    )


def _words(said: str) -> list[str]:
    return [word for part in said.split(",") if (word := part.strip())]


def _pause(said: str) -> timedelta:
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_PAUSE:
        raise SourceRefused(f"{PAUSE} 应是 0 至 {LONGEST_PAUSE:.0f} 的秒数，现在是“{said}”")
    return timedelta(seconds=seconds)

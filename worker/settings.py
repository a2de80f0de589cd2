"""Where the service keeps its data and finds its servers, and how patient it is. Set by environment; nothing here imports Celery."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # bytes; the system's own limit is 107, and some tools append to it


def redis_socket(data: Path) -> Path:
    """Where the Redis that ``hecha up`` runs beside this data listens. A path too long for a socket has one in the temporary folder."""
    wanted = data.absolute() / "redis" / "redis.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    mark = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hecha-{os.getuid()}-{mark}" / "redis.sock"


def socket_url(socket: Path) -> str:
    """As the Redis client writes it."""
    return f"unix://{quote(str(socket))}"


def _redis_url() -> str:
    """HECHA_REDIS; else the Redis that ``hecha up`` runs beside the data; else where a Redis usually is."""
    given = os.environ.get("HECHA_REDIS")
    if given:
        return given
    socket = redis_socket(DATA_FOLDER)
    return socket_url(socket) if socket.exists() else "redis://127.0.0.1:6379/0"


DATA_FOLDER = Path(os.environ.get("HECHA_DATA") or Path.home() / "hecha-data")
DATABASE_URL = os.environ.get("HECHA_DATABASE", "")  # "": SQLite in the data folder
REDIS_URL = _redis_url()
BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)  # the same address as Celery writes it

# how long a lost worker's report waits for another one; None: longer than any live worker can hold one. Shorter is for tests:
# it loses nothing either, a slow worker is fenced out and its report audited again
LEASE_SECONDS = float(os.environ["HECHA_LEASE_SECONDS"]) if os.environ.get("HECHA_LEASE_SECONDS") else None

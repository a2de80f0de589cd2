"""Where the service keeps its data and finds its servers, and how patient it is. Set by environment; nothing here imports Celery."""

from __future__ import annotations

import os
from pathlib import Path

DATA_FOLDER = Path(os.environ.get("HECHA_DATA") or Path.home() / "hecha-data")
DATABASE_URL = os.environ.get("HECHA_DATABASE", "")  # "": SQLite in the data folder
REDIS_URL = os.environ.get("HECHA_REDIS") or "redis://127.0.0.1:6379/0"

# how long a lost worker's report waits for another one; None: longer than any live worker can hold one. Shorter is for tests:
# it loses nothing either, a slow worker is fenced out and its report audited again
LEASE_SECONDS = float(os.environ["HECHA_LEASE_SECONDS"]) if os.environ.get("HECHA_LEASE_SECONDS") else None

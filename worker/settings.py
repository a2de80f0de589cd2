"""Where the service keeps its data and finds its Redis. Set by environment; nothing here imports Celery."""

from __future__ import annotations

import os
from pathlib import Path

DATA_FOLDER = Path(os.environ.get("HECHA_DATA") or Path.home() / "hecha-data")
REDIS_URL = os.environ.get("HECHA_REDIS") or "redis://127.0.0.1:6379/0"

"""Make the pictures of the pages in docs/pictures: ``python tools/page_pictures.py``. Needs redis-server, chromium and its driver.

The pictures are those that the journey of the tests takes of a real `hecha up` with the sample batch: run it when the pages look
different, look at the pictures, and commit them. Their agencies are invented.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SHOWN = {
    "批次": "batch.png",
    "认定": "decisions.png",
    "报送情况": "coverage.png",
    "巡查结果": "sweep.png",
}  # as the journey names them
COLOURS = 64
LARGEST = 150_000  # bytes


def save(taken: Path, name: str) -> None:
    path = PICTURES / name
    picture = Image.open(taken).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {size // 1000} kB")
    if size > LARGEST:
        raise SystemExit(f"{name} has {size} bytes; {LARGEST} are allowed")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        journey = [sys.executable, "-m", "pytest", "-q", "tests/browser"]
        subprocess.run(journey, cwd=ROOT, check=True, env={**os.environ, "HECHA_PICTURES": folder})
        for words, name in SHOWN.items():
            (taken,) = Path(folder).glob(f"*-{words}.png")
            save(taken, name)


if __name__ == "__main__":
    main()

"""Make docs/pictures from the sample batch: ``python tools/make_pictures.py``. Needs LibreOffice for the notice and the workbook.

Run it when what comes out looks different, look at the pictures, and commit them. The same outputs give the same pictures.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
REPORT = "青禾县民政局-2023"
WIDTH = 1_400  # dots of a picture
COLOURS, GREYS = 128, 12
LARGEST = 150_000  # bytes
PROBLEMS = 2  # the workbook's page that the list of problems begins on


def pages(path: Path, *numbers: int) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(path)
    return [document[number].render(scale=1.8).to_pil().convert("RGB") for number in numbers]


def save(name: str, shown: Sequence[Image.Image], colours: int = COLOURS) -> None:
    """The pages side by side on grey, each with a thin edge."""
    edged = [ImageOps.expand(page, 2, "#b8b8bd") for page in shown]
    gap, height = 24, max(page.height for page in edged)
    whole = Image.new("RGB", (sum(page.width for page in edged) + gap * (len(edged) + 1), height + 2 * gap), "#ececef")
    x = gap
    for page in edged:
        whole.paste(page, (x, gap))
        x += page.width + gap
    small = whole.resize((WIDTH, round(whole.height * WIDTH / whole.width)), Image.Resampling.LANCZOS)
    path = PICTURES / name
    small.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {small.width} x {small.height}, {size // 1000} kB")
    if size > LARGEST:
        raise SystemExit(f"{name} has {size} bytes; {LARGEST} are allowed")


def to_pdf(path: Path) -> Path:
    home = f"-env:UserInstallation={(path.parent / 'office').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return path.with_suffix(".pdf")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        forms = ["--format", "pdf,docx,xlsx,summary", "--date", "2024-03-01", "--deadline", "2024-03-29"]
        hecha = [sys.executable, "-c", "from cli.main import main; main()", "audit", str(ROOT / "samples" / "reports")]
        done = subprocess.run([*hecha, "--out", folder, *forms], capture_output=True, text=True)
        if done.returncode > 2 or not (out / f"{REPORT}.pdf").exists():
            raise SystemExit(done.stderr)
        save("report.png", pages(out / f"{REPORT}.pdf", 0, 1, 3))
        save("summary.png", pages(out / "批次汇总报告.pdf", 0, 1))
        save("notice.png", pages(to_pdf(out / f"{REPORT}-整改通知.docx"), 0, 1), GREYS)
        (problems,) = pages(to_pdf(out / "批次汇总.xlsx"), PROBLEMS)
        save("workbook.png", [problems.crop((0, 0, problems.width * 3 // 5, problems.height * 2 // 5))])


if __name__ == "__main__":
    main()

"""The two networks of the OCR: where text stands on a picture, and what a line of it says.

Their ONNX files come inside the wheel of rapidocr-onnxruntime and are run by onnxruntime itself: the probabilities of every
character are needed, which the wheel's own code averages away. Loaded once per process, at first use, one thread unless
HECHA_OCR_THREADS says more; the same picture gives the same answer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reports_in.errors import ToolMissing

Gray = NDArray[np.uint8]

RECOGNISER = "ch_PP-OCRv4_rec_infer.onnx"
DETECTOR = "ch_PP-OCRv4_det_infer.onnx"
HEIGHT = 48  # of a line as the recogniser takes it
STEP = 8  # pixels of that line to one step of its answer
WIDTHS = (
    64,
    96,
    128,
    192,
    256,
    320,
    448,
    640,
    896,
    1280,
    1920,
    2_560,
)  # lines are padded to one of these, so that batches do not vary
BATCH_PIXELS = 2_560  # of width in one batch: bounds memory
SURE_TEXT = 0.3  # of the detector's map
SURE_BOX = 0.5
GROWTH = 1.6  # the detector marks the core of a line


# a digit, and the characters that a line of figures holds only because they look like it
LOOKALIKES = {"0": "OoQD〇○０", "1": "lI|丨i!丿Ⅰ１", "-": "一—–−－_", ".": "。·．", ",": "，、", "+": "＋"}
LOOKALIKES |= dict(zip("23456789", "２３４５６７８９", strict=True))


class Box(NamedTuple):
    """Pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line says: its characters, how sure each is (0..1) and where its middle stands (share of the line's width).

    figures  the same line, characters that look like a digit counted as that digit.
    """

    text: str
    sure: tuple[float, ...]
    middles: tuple[float, ...]
    figures: Reading | None = None

    @property
    def least(self) -> float:
        """How sure its least sure character is; 0 if nothing was read."""
        return min(self.sure, default=0.0)

    @property
    def mean(self) -> float:
        return sum(self.sure) / len(self.sure) if self.sure else 0.0


def is_installed() -> bool:
    return all(find_spec(module) is not None for module in ("onnxruntime", "cv2", "PIL", "rapidocr_onnxruntime"))


@cache
def is_ready() -> bool:
    """Whether OCR is installed and starts; it does not where the system lacks libGL."""
    try:
        _models()
        import cv2  # noqa: F401
        import onnxruntime  # noqa: F401
        import PIL  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def require(name: str, what: str) -> None:
    """Raise ToolMissing unless OCR can be used here. ``what`` is what the file is, such as "PDF 是扫描件"."""
    advice = "请改交 Word 等由文档直接导出的文件；或请管理员安装文字识别组件：pip install 'hecha[ocr]'（可用离线安装包，模型已含在内）"
    if not is_installed():
        raise ToolMissing(name, f"{what}，需要文字识别（OCR），本机没有安装文字识别组件", advice)
    if not is_ready():
        raise ToolMissing(name, f"{what}，文字识别（OCR）组件已安装但启动不了（Debian 需另装 libgl1）", advice)


def _models() -> Path:
    spec = find_spec("rapidocr_onnxruntime")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("rapidocr_onnxruntime")
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    for file in (RECOGNISER, DETECTOR):
        if not (folder / file).is_file():
            raise FileNotFoundError(file)
    return folder


@cache
def _session(file: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory for ever
    options.log_severity_level = 4
    options.use_deterministic_compute = True
    return onnxruntime.InferenceSession(str(_models() / file), options, providers=["CPUExecutionProvider"])


def threads() -> int:
    stated = os.environ.get("HECHA_OCR_THREADS", "")
    return max(1, min(int(stated), 16)) if stated.isdigit() else 1


@cache
def _alphabet() -> tuple[str, ...]:
    """The characters by the recogniser's index; the first one is none at all."""
    return ("", *_session(RECOGNISER).get_modelmeta().custom_metadata_map["character"].split("\n"), " ")


def read_lines(lines: Sequence[Gray]) -> list[Reading]:
    """What each picture of one line says, in order."""
    by_width: dict[int, list[tuple[int, NDArray[np.float32], int]]] = {}
    for index, line in enumerate(lines):
        scaled, width = _scaled(line)
        padded = next((known for known in WIDTHS if known >= width), WIDTHS[-1])
        by_width.setdefault(padded, []).append((index, scaled, width))
    readings = [Reading("", (), ())] * len(lines)
    for padded, items in sorted(by_width.items()):
        at_once = max(1, BATCH_PIXELS // padded)
        for start in range(0, len(items), at_once):
            group = items[start : start + at_once]
            batch = np.zeros((len(group), 3, HEIGHT, padded), np.float32)
            for place, (_, scaled, width) in enumerate(group):
                batch[place, :, :, :width] = scaled
            session = _session(RECOGNISER)
            answers = session.run(None, {session.get_inputs()[0].name: batch})[0]
            for (index, _, width), answer in zip(group, answers, strict=True):
                readings[index] = replace(_decoded(answer, width), figures=_decoded(_folded(answer), width))
    return readings


def _scaled(line: Gray) -> tuple[NDArray[np.float32], int]:
    import cv2

    height, width = line.shape
    wanted = min(max(STEP, round(width * HEIGHT / height)), WIDTHS[-1])
    shrinks = height > HEIGHT
    scaled = cv2.resize(line, (wanted, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return (scaled.astype(np.float32) / 127.5 - 1.0), wanted


@cache
def _folds() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the characters that look like a digit, and of those digits."""
    place: dict[str, int] = {}
    for index, char in enumerate(_alphabet()):
        place.setdefault(char, index)
    pairs = [(place[other], place[digit]) for digit, others in LOOKALIKES.items() for other in others if other in place]
    return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])


def _folded(answer: NDArray[np.float32]) -> NDArray[np.float32]:
    alike, digits = _folds()
    folded = answer.copy()
    for other, digit in zip(alike.tolist(), digits.tolist(), strict=True):
        folded[:, digit] += answer[:, other]
    folded[:, alike] = 0
    return folded


def _decoded(answer: NDArray[np.float32], width: int) -> Reading:
    """Characters of the best path: repeats and blanks dropped."""
    best = answer.argmax(axis=1)
    sure = answer.max(axis=1)
    alphabet = _alphabet()
    chars: list[str] = []
    how_sure: list[float] = []
    middles: list[float] = []
    step = 0
    while step < len(best):
        last = step
        while last + 1 < len(best) and best[last + 1] == best[step]:
            last += 1
        if best[step] != 0 and step * STEP < width + STEP:
            chars.append(alphabet[best[step]])
            how_sure.append(float(sure[step : last + 1].max()))
            middles.append(min(1.0, ((step + last) / 2 + 0.5) * STEP / width))
        step = last + 1
    return Reading("".join(chars), tuple(how_sure), tuple(middles))


def find_lines(page: Gray) -> list[Box]:
    """Where lines of text stand on a picture of about 100 dpi, from top to bottom."""
    import cv2

    height, width = page.shape
    across, down = max(32, -(-width // 32) * 32), max(32, -(-height // 32) * 32)
    whole = np.full((down, across), 255, np.uint8)
    whole[:height, :width] = page
    picture = np.repeat((whole.astype(np.float32) / 127.5 - 1.0)[None, None], 3, axis=1)
    session = _session(DETECTOR)
    sure = session.run(None, {session.get_inputs()[0].name: picture})[0][0, 0]
    mask = cv2.dilate((sure > SURE_TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return []
    total = np.bincount(labels.ravel(), sure.ravel(), count)
    boxes = []
    for index in range(1, count):
        left, top, w, h, area = (int(value) for value in stats[index])
        if min(w, h) < 3 or total[index] / area < SURE_BOX:
            continue
        grow = round(w * h * GROWTH / (2 * (w + h)))
        boxes.append(Box(max(0, left - grow), max(0, top - grow), min(width, left + w + grow), min(height, top + h + grow)))
    return sorted(boxes, key=lambda box: (box.top, box.left))

"""Virus scanning of what comes in, by the office's own clamd, if ``HECHA_CLAMD`` names one.

Nothing that others hand in is kept or audited before it was scanned: the store asks here with the very bytes that it is about to keep,
so no way in leads past it. A file with a hit, or one that the scanner does not get through, is refused by itself. A scanner that
does not answer refuses everything, loudly and for the time being: nothing is recorded then, and whoever handed it in does so again.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from audits.clamd import CONNECT_SECONDS, BrokenOff, Clamd, TooLong, TooSlow, Unreachable, address_from
from audits.errors import ScannerUnavailable, StoreError
from audits.intake import Submitted
from reports_in.errors import Infected, IntakeError, NotScanned

log = logging.getLogger(__name__)

SETTING = "HECHA_CLAMD"
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0)  # seconds; clamd is away for some 30 while it loads its signatures
LOOK_SECONDS = 1.0  # whoever asks for the state of the service is not kept waiting
TRIES = 3  # of a file over which the scanner breaks off again and again
NO_VERDICTS = {  # signatures that say that clamd has not looked inside, and of no virus
    "Heuristics.Limits.Exceeded": "文件超过扫描服务的检查上限，没有查完",
    "Heuristics.Encrypted": "文件是加密的，扫描服务看不到里面",
}
DO_NOT_OPEN = "文件没有保存；请勿打开原件，报告网络安全负责人，请报送单位查杀后重新报送（认为是误报的，由负责人核实）"
ASK_FOR = "文件没有保存；请系统管理员查看 clamd 的日志和上限，或请报送单位另存后重新报送"
BY_HAND = f"{SETTING} 应写作 unix:/run/clamav/clamd.ctl 或 tcp:主机:3310；不用病毒扫描则不设"
AWAY = "没有扫描过的文件一律不收，这次提交没有记录；请稍后再试，一直如此的请系统管理员检查 clamd（hecha doctor）"

Entered = Callable[[Infected], object]  # in the log of actions, by whoever knows who handed it in


@dataclass(frozen=True, slots=True)
class Scanning:
    """clamd: None if the office has no scanner; then everything passes."""

    clamd: Clamd | None = None

    def answers(self) -> bool | None:
        """Whether the scanner is there, within a second; None if none is asked for."""
        return None if self.clamd is None else _answers(self.clamd, LOOK_SECONDS)

    def pass_file(self, path: Path, name: str, sha256: str) -> None:
        """Return if those bytes may be kept. Raises Infected, NotScanned, ScannerUnavailable; OSError if they cannot be read."""
        if self.clamd is None:
            return
        with path.open("rb") as file:
            self._pass(self.clamd, file, name, sha256)

    def pass_bytes(self, data: bytes, name: str) -> None:
        """The same of what is in memory."""
        if self.clamd is not None:
            self._pass(self.clamd, io.BytesIO(data), name, hashlib.sha256(data).hexdigest())

    def sifted(self, files: Iterable[Submitted]) -> Iterator[Submitted]:
        """The files where they lie, those with a hit as refused: for a run that keeps nothing. Raises ScannerUnavailable."""
        for submitted in files:
            try:
                if submitted.refusal is None and self.clamd is not None:
                    with submitted.path.open("rb") as file:
                        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                    self.pass_file(submitted.path, submitted.name, sha256)
            except IntakeError as error:
                yield replace(submitted, refusal=(error.code, str(error)))
            except OSError:  # said by whoever audits it
                yield submitted
            else:
                yield submitted

    def _pass(self, clamd: Clamd, file: BinaryIO, name: str, sha256: str) -> None:
        signature = _asked(clamd, file, name)
        if signature is None:
            return
        log.warning("refused: %s bears %s", sha256, signature)
        for begin, fault in NO_VERDICTS.items():
            if signature.startswith(begin):
                raise NotScanned(name, f"{fault}（{signature}）", ASK_FOR)
        raise Infected(name, f"病毒扫描命中“{signature}”", DO_NOT_OPEN, signature, sha256)


def scanning_here() -> Scanning:
    """As the environment says. Raises StoreError for a setting that cannot be understood: it shall not mean that nothing is scanned."""
    written = os.environ.get(SETTING, "").strip()
    if written.lower() in ("", "off"):
        return Scanning()
    try:
        return Scanning(Clamd(address_from(written)))
    except ValueError as exc:
        raise StoreError(f"{SETTING}={written}：看不懂；{BY_HAND}") from exc


def _asked(clamd: Clamd, file: BinaryIO, name: str) -> str | None:
    """The signature that clamd finds, asked again while it restarts. Raises NotScanned, ScannerUnavailable."""
    pauses = iter(PAUSES)
    broken_off = 0
    while True:
        file.seek(0)
        try:
            return clamd.scan(file)
        except TooLong as exc:
            size = file.seek(0, io.SEEK_END) / (1 << 20)
            fault = f"没有做病毒扫描：文件有 {size:,.1f} MB，超过扫描服务的上限（clamd 的 StreamMaxLength）"
            raise NotScanned(name, fault, "文件没有保存；请系统管理员调大上限后重新提交") from exc
        except TooSlow as exc:
            if _answers(clamd):  # it would take as long again
                raise NotScanned(name, f"病毒扫描没有做完：{exc}", ASK_FOR) from exc
            fault = str(exc)
        except BrokenOff as exc:
            broken_off += 1
            if broken_off >= TRIES and _answers(clamd):  # it is there, and fails over this file alone
                raise NotScanned(name, f"病毒扫描没有做完：{exc}", ASK_FOR) from exc
            fault = f"扫描“{name}”时{exc}"
        except Unreachable as exc:
            fault = f"{f'扫描“{name}”时中断，此后' if broken_off else ''}{exc}"
        pause = next(pauses, None)
        if pause is None:
            raise ScannerUnavailable(f"病毒扫描服务不可用（{clamd.address}：{fault}）：{AWAY}")
        log.warning("no verdict of the scanner yet: %s", fault)
        time.sleep(pause)


def _answers(clamd: Clamd, seconds: float = CONNECT_SECONDS) -> bool:
    try:
        clamd.ping(seconds)
    except Unreachable:
        return False
    return True

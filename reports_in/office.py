"""LibreOffice, where it is installed: it turns RTF, Word 6 and 95, and what our own readers are not sure of into DOCX or XLSX.

One process for one file, with a profile of its own that is thrown away, no network where the kernel allows it, a time limit,
and its whole process group ended when it is over.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from reports_in.document import Document, ReadingNote
from reports_in.errors import Damaged, LimitExceeded, ToolMissing
from reports_in.limits import LIMITS
from reports_in.system_words import in_words

PROGRAMS = ("soffice", "libreoffice")
PLACES = ("/usr/lib/libreoffice/program/soffice", "/opt/libreoffice/program/soffice")
# What comes in is named, not guessed: what LibreOffice does not know it would read as plain text, down to the last stray byte.
WORD_97, WORD_95, WORD_6, RICH_TEXT, EXCEL_97 = "MS Word 97", "MS Word 95", "MS WinWord 6.0", "Rich Text Format", "MS Excel 97"
KINDS = {  # filter -> suffix of what comes in, what LibreOffice is asked for, what it is called
    WORD_97: ("doc", "docx", "旧版 Word 文件"),
    WORD_95: ("doc", "docx", "旧版 Word 文件"),
    WORD_6: ("doc", "docx", "旧版 Word 文件"),
    RICH_TEXT: ("rtf", "docx", "RTF 文件"),
    EXCEL_97: ("xls", "xlsx", "旧版 Excel 文件"),
}
FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
ADVICE = "请在本机安装 LibreOffice（Debian/Ubuntu：apt install libreoffice-writer-nogui libreoffice-calc-nogui）后重试，或另存为 {} 后提交"
RESULT_READERS = {"docx": "reports_in.readers.docx", "xlsx": "reports_in.readers.xlsx"}
# no macro runs, no update is looked for, no link is followed
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


def available() -> str | None:
    """The path of LibreOffice's program; None if it is not installed."""
    found = next((path for program in PROGRAMS if (path := shutil.which(program))), None)
    return found or next((path for path in PLACES if os.access(path, os.X_OK)), None)


def read(data: bytes, name: str, kind: str, media_type: str) -> Document:
    """The document in a file that LibreOffice reads; ``kind`` is one of KINDS.

    Raises ToolMissing, Damaged, LimitExceeded, and what the reader of the result raises.
    """
    program = available()
    _, target, what = KINDS[kind]
    if program is None:
        raise ToolMissing(name, f"是{what}，要用 LibreOffice 转换，本机没有安装", ADVICE.format(target.upper()))
    converted = _convert(program, data, name, kind)
    document: Document = import_module(RESULT_READERS[target]).read(converted, name)
    note = ReadingNote("CONVERTED", "由 LibreOffice 转换后读取，版式可能与原文略有出入")
    return replace(document, media_type=media_type, sha256=sha256(data).hexdigest(), notes=(note, *document.notes))


def _convert(program: str, data: bytes, name: str, kind: str) -> bytes:
    """The bytes of the converted file. Nothing is left behind, neither files nor processes."""
    suffix, target, _ = KINDS[kind]
    with tempfile.TemporaryDirectory(prefix="hecha-office-") as folder:
        home = Path(folder)
        source, out = home / f"in.{suffix}", home / "out"
        source.write_bytes(data)
        profile = home / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(SETTINGS, "utf-8")
        command = [
            *_without_network(),
            program,
            f"-env:UserInstallation={(home / 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
            f"--infilter={kind}",
            *("--convert-to", FILTERS[target], "--outdir", str(out), str(source)),
        ]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": folder,
            "TMPDIR": folder,
            "LANG": "C.UTF-8",
            "SAL_USE_VCLPLUGIN": "svp",
        }
        _run(command, environment, name)
        made = out / f"in.{target}"
        if not made.is_file():
            raise Damaged(name, "文件已损坏，LibreOffice 也打不开", "请用原软件打开核对，重新导出后提交")
        if made.stat().st_size > LIMITS.file_bytes:
            raise LimitExceeded(name, "转换后的文件过大", "请只提交年报本身，或压缩其中的图片后重新提交")
        return made.read_bytes()


def _run(command: list[str], environment: dict[str, str], name: str) -> None:
    """Run to the end, or until the time limit; then its process group is killed, so that no child is left."""
    try:
        process = subprocess.Popen(  # noqa: S603  # a fixed command; the file's name is ours
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissing(name, f"LibreOffice 启动不了（{in_words(error)}）", ADVICE.format("DOCX")) from error
    try:
        process.wait(LIMITS.office_seconds)
    except subprocess.TimeoutExpired as error:
        raise LimitExceeded(
            name, f"LibreOffice 转换超过 {LIMITS.office_seconds:g} 秒", "请用 Word 或 WPS 打开核对，另存为 DOCX 后提交"
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@cache
def _without_network() -> tuple[str, ...]:
    """What to put before a command so that it has no network; nothing where the kernel does not allow it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "--net", "--map-root-user")
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if done.returncode == 0 else ()

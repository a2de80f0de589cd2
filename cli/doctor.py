"""`hecha doctor`: what this machine has for auditing, and what is wrong with it.

What a check needs is imported by the check: the other commands start without it, and one that is broken fails alone.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

import click

from audits.findings import Audit
from cli.chinese import COULD_NOT, Command, expected_errors
from worker.settings import DATA_FOLDER, DATABASE_URL, REDIS_URL

if TYPE_CHECKING:
    from audits.store import Store

LIBRARIES = ("celery", "kombu", "redis", "sqlalchemy", "reportlab", "rapidfuzz", "selectolax", "lxml", "pypdfium2")
STUCK_SECONDS = 60.0  # something waits and nothing was taken up for so long
FORMATS = {
    "text/plain": "文本和 Markdown",
    "text/html": "网页",
    "multipart/related": "网页归档（mhtml）",
    "application/pdf": "PDF",
    "application/ofd": "OFD",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word（docx）",
    "application/msword": "旧版 Word、WPS（doc、wps）",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel（xlsx）",
    "application/rtf": "RTF",
    "application/vnd.ms-excel": "旧版 Excel（xls）",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/webp": "WEBP",
}
Mark = Literal["正常", "注意", "故障"]


@click.command(cls=Command)
@expected_errors
def doctor() -> None:
    """检查本机：版本、规则、字体、能读的格式、数据文件夹、Redis。有故障时退出码为 2，只有“注意”时为 0。"""
    broken = False
    for mark, what, found in _checks():
        broken |= mark == "故障"
        click.echo(f"[{mark}] {what}：{found}")
    sys.exit(COULD_NOT if broken else 0)


def _checks() -> Iterator[tuple[Mark, str, str]]:
    old = sys.version_info < (3, 11, 8)
    advice = "；3.11.8 之前的 zipfile 有已知缺陷（CVE-2024-0450），建议升级" if old else ""
    yield "注意" if old else "正常", "Python", f"{platform.python_version()}{advice}"
    yield "正常", "程序", f"hecha {version('hecha')}；" + "、".join(f"{name} {version(name)}" for name in LIBRARIES)
    for what, check in (
        ("规则包", _pack),
        ("能读的格式", _readers),
        ("LibreOffice", _office),
        ("文字识别（OCR）", _ocr),
        ("压缩包", _archives),
        ("解析隔离", _jail),
        ("字体和PDF", _fonts),
        ("数据文件夹", _data),
        ("Redis", _redis),
    ):
        try:
            mark, found = check()
        except Exception as exc:  # whatever is broken, the other checks are still of use
            mark, found = "故障", f"{type(exc).__name__}：{exc}"
        yield mark, what, found


def _pack() -> tuple[Mark, str]:
    from rules.compile import load_pack

    pack = load_pack()
    return "正常", f"{pack.label}，{len(pack.rules)} 条规则"


def _readers() -> tuple[Mark, str]:
    from reports_in import READERS

    return ("正常" if READERS else "故障"), "、".join(FORMATS.get(kind, kind) for kind in READERS) or "一种也没有；请重新安装"


def _ocr() -> tuple[Mark, str]:
    from reports_in import ocr

    if not ocr.is_installed():
        return "注意", "没有安装，扫描件、图片读不了；需要时安装 hecha[ocr]（约 420 MB，可离线安装，模型已含在内）"
    if not ocr.is_ready():
        return "故障", "已安装但启动不了；Debian 需另装 libgl1、libglib2.0-0"
    return "正常", "可识别扫描 PDF、PNG、JPEG、TIFF、BMP、WEBP、GIF（每页约 6～8 秒）"


def _office() -> tuple[Mark, str]:
    from reports_in import office

    program = office.available()
    if program is None:
        return (
            "注意",
            "没有安装；RTF、旧版 Excel 和个别旧版 Word 读不了，需要时安装（Debian：apt install libreoffice-writer-nogui）",
        )
    return "正常", program


def _archives() -> tuple[Mark, str]:
    from reports_in.unpackers.rar import libarchive

    always = "ZIP、7z、tar、gzip、bzip2、xz"
    if libarchive() is None:
        return "注意", f"{always}；RAR 读不了，需要时安装 libarchive（Debian：apt install libarchive13）"
    return "正常", f"{always}、RAR（libarchive）"


def _jail() -> tuple[Mark, str]:
    from reports_in.confinement import Guard
    from reports_in.jail import network_guard
    from reports_in.limits import LIMITS

    guard = network_guard()
    limits = f"每份文件内存上限 {LIMITS.read_memory_bytes >> 30} GB"
    if guard is Guard.NONE:
        return "注意", f"{limits}；本机内核不允许切断解析进程的网络，请用防火墙或容器限制"
    return "正常", f"{limits}；解析进程断网：{guard}"


def _fonts() -> tuple[Mark, str]:
    """Fonts are part of the package: proved by rendering, not by looking for files."""
    from audits.renderers import RENDERERS

    pages = RENDERERS["pdf"](_empty_audit())
    return "正常", f"试写一份 PDF，{len(pages)} 字节"


def _empty_audit() -> Audit:
    """An audit of nothing: an empty text, asked no rule."""
    from audits.audit import audit
    from reports_in.document import Document
    from rules.compile import load_pack

    return audit(Document("", (), "text/plain", "doctor", "0" * 64), load_pack())


def _data() -> tuple[Mark, str]:
    from worker.self_check import network_share

    if not DATA_FOLDER.exists():
        return "注意", f"{DATA_FOLDER} 还没有，第一次提交批次时建立（环境变量 HECHA_DATA 可改）"
    share = network_share(DATA_FOLDER)
    if share and not DATABASE_URL:
        return "故障", f"{DATA_FOLDER} 在网络共享（{share}）上，SQLite 在那里会损坏数据；请移到本机磁盘，或改用 PostgreSQL"
    from audits.store import Store

    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        return _standing(str(DATA_FOLDER), store)
    finally:
        store.close()


def _standing(folder: str, store: Store) -> tuple[Mark, str]:
    """A queue in which something waits and nothing is taken up is what an operator must know of."""
    found = [folder] if folder in store.database else [folder, f"数据库 {store.database}"]
    stuck = False
    for waiting in store.queues():
        if waiting.count and waiting.oldest is not None:
            still = min(waiting.oldest, waiting.oldest if waiting.idle is None else waiting.idle)
            stuck |= still > STUCK_SECONDS
            lasting = (
                f"，已 {still:.0f} 秒无人接手，请检查 hecha worker 和 hecha reconcile 是否在运行"
                if still > STUCK_SECONDS
                else ""
            )
            found.append(f"{'扫描件' if waiting.queue == 'ocr' else '年报'}待核查 {waiting.count} 份{lasting}")
    return "注意" if stuck else "正常", "；".join(found)


def _redis() -> tuple[Mark, str]:
    import redis

    from worker import redis_check

    try:
        found = redis_check.fitness(REDIS_URL)
    except redis.RedisError:
        return (
            "注意",
            f"{_without_password(REDIS_URL)} 连不上；hecha audit 不需要它，后台服务需要（环境变量 HECHA_REDIS 可改）",
        )
    if found.refusal:
        return "故障", found.refusal
    return ("注意" if found.warnings else "正常"), "；".join((found.version, *found.warnings))


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"

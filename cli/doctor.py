"""`hecha doctor`: what this machine has for auditing, and what is wrong with it.

What a check needs is imported by the check: the other commands start without it, and one that is broken fails alone.
"""

from __future__ import annotations

import io
import math
import os
import platform
import ssl
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import click

from audits.findings import Audit
from cli.chinese import COULD_NOT, Command, expected_errors
from reports_in.system_words import in_words
from worker.settings import DATA_FOLDER, DATABASE_URL, REDIS_URL

if TYPE_CHECKING:
    from audits.store import Store
    from audits.store.sweeping import Schedule

LIBRARIES = ("celery", "kombu", "redis", "sqlalchemy", "fastapi", "reportlab", "rapidfuzz", "selectolax", "lxml", "pypdfium2")
OVERDUE_SECONDS = 600.0  # a sweep's moment came so long ago and nobody has noticed
LOG_ENTRIES = 20_000  # of the log of actions: a third of a second
NOT_YET = "还没有数据文件夹"
NO_BYTES = 200 << 20  # free disk below which nothing works for long
RELEASED = datetime(2026, 11, 1, tzinfo=UTC).timestamp()  # no clock that is right shows less
APART_SECONDS = 60.0  # what the clocks of two machines may differ by
ANSWER_SECONDS = 10.0
SIGNATURE_DAYS = 14  # ClamAV's signatures are made anew every day; an office without a way out brings them by hand
CERTIFICATE_DAYS = 30  # before its end a certificate is worth a word
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
    """检查本机：版本、规则、字体、能读的格式、数据文件夹和它的权限、文件存储、病毒扫描、账号、操作日志、磁盘、时钟、Redis、网页和证书。

    有故障时退出码为 2，只有“注意”时为 0。
    """
    broken = False
    for mark, what, found in _checks():
        broken |= mark == "故障"
        click.echo(f"[{mark}] {what}：{found}")
    sys.exit(COULD_NOT if broken else 0)


def _checks() -> Iterator[tuple[Mark, str, str]]:
    yield _python()
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
        ("数据的权限", _private),
        ("文件存储", _files),
        ("病毒扫描", _scanner),
        ("账号", _people),
        ("操作日志", _log),
        ("磁盘空间", _disk),
        ("时钟", _clock),
        ("Redis", _redis),
        ("巡查", _sweeps),
        ("网页", _web),
        ("自制的证书", _certificate),
    ):
        try:
            mark, found = check()
        except Exception as exc:  # whatever is broken, the other checks are still of use
            mark, found = "故障", f"{type(exc).__name__}：{exc}"
        yield mark, what, found


def _python() -> tuple[Mark, str, str]:
    """Asked by trying, not by the version: distributions mend CVE-2024-0450 (3.11.8) in the versions that they keep."""
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a", b"-")
        archive.filelist += archive.filelist  # a second entry of the same bytes
    with zipfile.ZipFile(twice) as archive:
        try:
            for entry in archive.infolist():
                archive.read(entry)
        except zipfile.BadZipFile:
            return "正常", "Python", platform.python_version()
    return "注意", "Python", f"{platform.python_version()}；zipfile 有已知缺陷（CVE-2024-0450），建议升级到 3.11.8 或以上"


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


def _private() -> tuple[Mark, str]:
    from worker.folder import open_to_others

    if not DATA_FOLDER.exists():
        return "正常", NOT_YET
    found = open_to_others(DATA_FOLDER)
    if found:
        shown = "、".join(str(DATA_FOLDER / name) for name in found)
        return "注意", f"本机的其他用户也能打开 {shown}，里面有年报、账号和口令的散列值；请执行 chmod -R go= {DATA_FOLDER}"
    return "正常", "只有本用户能打开"


def _files() -> tuple[Mark, str]:
    """A small file goes there, comes back and is taken away again, as a report would."""
    from audits.errors import StoreError
    from audits.store.store import open_files

    if not os.environ.get("HECHA_FILES"):
        return "正常", f"{DATA_FOLDER / 'files'}"
    try:
        files = open_files(DATA_FOLDER)
        sha256 = files.put_bytes(b"hecha doctor " + os.urandom(16))
        came_back = files.path(sha256).exists()
        files.remove(sha256, math.inf)
    except (StoreError, OSError) as exc:
        return "故障", str(exc)
    return ("正常", files.shown) if came_back else ("故障", f"{files.shown}：存进去的文件取不回来；请检查存储桶的权限")


def _scanner() -> tuple[Mark, str]:
    """Something harmless goes there: no test virus, which would set off the office's alarm every minute."""
    from audits.clamd import ClamdError
    from audits.errors import StoreError
    from audits.scanning import SETTING, scanning_here

    try:
        clamd = scanning_here().clamd
    except StoreError as exc:
        return "故障", str(exc)
    if clamd is None:
        return "正常", f"没有启用；要求上传的文件先扫描病毒的单位，用环境变量 {SETTING} 指定 clamd"
    try:
        running = clamd.version()
        hit = clamd.scan(io.BytesIO(b"hecha doctor"))
    except ClamdError as exc:
        return "故障", f"{clamd.address} 用不了（{exc}）；在它恢复以前，提交的文件一律不收"
    if hit is not None:
        return "故障", f"{clamd.address} 把无害的文字认作“{hit}”；请检查它的病毒库"
    found = f"{clamd.address}，{running.program}"
    if running.signed_at is None:
        return "正常", f"{found}，病毒库没有日期"
    days = (datetime.now(UTC) - running.signed_at).days
    found += f"，病毒库 {running.signed_at:%Y-%m-%d}"
    return ("注意", f"{found}，已有 {days} 天没有更新；请更新病毒库") if days > SIGNATURE_DAYS else ("正常", found)


def _people() -> tuple[Mark, str]:
    from access import Access
    from audits.store import Store

    if not DATA_FOLDER.exists():
        return "正常", NOT_YET
    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        if Access(store).entrance.is_new():
            return (
                "注意",
                "还没有管理员，谁也登录不了；请运行 hecha user setup-link，用浏览器打开它打印的链接（不用网页的可不管）",
            )
    finally:
        store.close()
    return "正常", "有管理员"


def _log() -> tuple[Mark, str]:
    """The newest entries alone: this is asked every minute, and the log has millions."""
    from access import Access
    from audits.store import Store

    if not DATA_FOLDER.exists():
        return "正常", NOT_YET
    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        found = Access(store).log.verify(newest=LOG_ENTRIES)
    finally:
        store.close()
    if not found.is_whole:
        return "故障", f"{found.faults[0]}；请保留现场，运行 hecha audit-verify 查看全部，并报告单位的网络安全负责人"
    return "正常", f"最近 {found.count} 条完整；全部校验用 hecha audit-verify" if found.count else "还没有"


def _disk() -> tuple[Mark, str]:
    from worker.folder import LITTLE_BYTES, free_bytes

    free = free_bytes(DATA_FOLDER)
    found = f"{DATA_FOLDER} 所在磁盘还有 {free / (1 << 30):.1f} GB"
    if free < NO_BYTES:
        return "故障", f"{found}，写不下新的报告；请清理磁盘"
    return ("注意", f"{found}，几千份的批次会不够；请清理磁盘") if free < LITTLE_BYTES else ("正常", found)


def _clock() -> tuple[Mark, str]:
    """Leases go by the database's clock, sessions and schedules by this machine's."""
    now = time.time()
    found = datetime.fromtimestamp(now, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    if now < RELEASED:
        return "故障", f"{found}，早于本程序的发布日期；请校准时间"
    if not DATA_FOLDER.exists():
        return "正常", found
    from audits.store import Store

    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        apart = store.clock() - time.time()
        newest = max((batch.received_at for batch in store.batches(limit=1)), default=0.0)
    finally:
        store.close()
    if abs(apart) > APART_SECONDS:
        return "注意", f"{found}，与数据库服务器的时间相差 {abs(apart):.0f} 秒；请让两台机器都自动对时（NTP）"
    if newest > now + APART_SECONDS:
        return "故障", f"{found}，比最近一个批次的提交时间还早：时间被往回调过；请校准时间"
    return "正常", found


def _redis() -> tuple[Mark, str]:
    import redis

    from worker import redis_check

    try:
        found = redis_check.fitness(REDIS_URL)
    except redis.RedisError:
        return "注意", f"{_without_password(REDIS_URL)} 连不上；{_own_redis()}；hecha audit 不需要它，后台服务需要"
    if found.refusal:
        return "故障", found.refusal
    return ("注意" if found.warnings else "正常"), "；".join((found.version, *found.warnings))


def _own_redis() -> str:
    """What `hecha up` would do about it."""
    from worker import embedded_redis
    from worker.errors import RedisMissing

    try:
        return f"hecha up 会自己启动一个（{embedded_redis.server()}），别处的用环境变量 HECHA_REDIS 指定"
    except RedisMissing as exc:
        return str(exc)


def _sweeps() -> tuple[Mark, str]:
    """A moment that has come and has no row: nobody looks at the clock."""
    from audits.regions import ALL
    from audits.store import Store
    from sweeps.allowed import allowed_here

    allowed_here()  # a setting that cannot be understood is said
    if not DATA_FOLDER.exists():
        return "正常", "没有"
    store = Store(DATA_FOLDER, DATABASE_URL)
    try:
        now, last = store.sweeping.now(), store.sweeping.last_slots()
        active = [one for one in store.sweeping.schedules(ALL) if one.paused_at is None]
    finally:
        store.close()
    overdue = [one.title for one in active if _due_since(one, last.get(one.id, 0.0), now) > OVERDUE_SECONDS]
    if overdue:
        return "注意", f"“{overdue[0]}”等 {len(overdue)} 个到时没有人做，请检查 hecha schedule 是否在运行"
    return "正常", f"{len(active)} 个" if active else "没有"


def _due_since(one: Schedule, last: float, now: float) -> float:
    """Seconds since the next of its moments came; negative if it is still to come."""
    from sweeps.schedules import next_times

    return now - next_times(one.when, max(one.starts_at, last), 1)[0]


def _web() -> tuple[Mark, str]:
    from worker.folder import holder

    address = os.environ.get("HECHA_WEB") or (holder(DATA_FOLDER) or {}).get("url", "")
    if not address.startswith("http"):
        return "注意", "没有发现在运行的网页；用 hecha up 启动（别处的用环境变量 HECHA_WEB 指定地址）"
    try:
        status, certificate = _asked(address)
    except OSError as exc:
        return "故障", f"{address} 没有应答（{in_words(exc)}）；请看日志"
    if status != 200:
        return "故障", f"{address}/readyz 应答 {status}；请看日志"
    if certificate is None:
        return "正常", address
    days = _days_left(certificate)
    if days < 0:
        return "故障", f"{address}，证书已到期；请换新的证书（自制的证书重新启动时自动换）"
    words = f"{address}，证书还有 {days} 天到期"
    return ("注意", f"{words}；请及时更换（自制的证书重新启动时自动换）") if days < CERTIFICATE_DAYS else ("正常", words)


def _certificate() -> tuple[Mark, str]:
    """Whether or not the pages are up just now."""
    from cli.certificate import kept

    found = kept(DATA_FOLDER)
    if found is None:
        return "正常", "没有（只限本机，或用单位自己的）"
    if found.days_left < 0:
        return "注意", f"已于 {found.ends:%Y-%m-%d} 到期；hecha up 重新启动时自动换"
    words = f"{found.ends:%Y-%m-%d} 到期"
    return ("注意", f"{words}；重新启动时自动换") if found.days_left < CERTIFICATE_DAYS else ("正常", words)


def _asked(address: str) -> tuple[int, bytes | None]:
    """The status of the readiness page, and the certificate it was given under. Raises OSError."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        unverified = ssl.create_default_context()  # it may be one of our own; what matters here is whether it has ended
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(parts.netloc, timeout=ANSWER_SECONDS, context=unverified)
    else:
        connection = HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
    with closing(connection):
        try:
            connection.request("GET", "/readyz")
            certificate = connection.sock.getpeercert(True) if isinstance(connection.sock, ssl.SSLSocket) else None
            return connection.getresponse().status, certificate
        except HTTPException as exc:
            raise OSError(str(exc)) from exc


def _days_left(certificate: bytes) -> int:
    from cryptography.x509 import load_der_x509_certificate

    return (load_der_x509_certificate(certificate).not_valid_after_utc - datetime.now(UTC)).days


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"

"""`hecha doctor`: what this machine has for auditing, and what is wrong with it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Literal

import click
import redis

from audits.findings import Audit
from cli.chinese import COULD_NOT, Command, expected_errors
from worker.redis_check import fitness
from worker.settings import DATA_FOLDER, REDIS_URL

LIBRARIES = ("celery", "kombu", "redis", "sqlalchemy", "reportlab", "rapidfuzz", "selectolax", "lxml", "pypdfium2")
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
    yield _pack()
    yield _readers()
    yield _fonts()
    yield _data()
    yield _redis()


def _pack() -> tuple[Mark, str, str]:
    from rules.compile import load_pack

    pack = load_pack()
    return "正常", "规则包", f"{pack.label}，{len(pack.rules)} 条规则"


def _readers() -> tuple[Mark, str, str]:
    from reports_in import READERS

    return ("正常" if READERS else "故障"), "能读的格式", "、".join(sorted(READERS)) or "一种也没有；请重新安装"


def _fonts() -> tuple[Mark, str, str]:
    """Fonts are part of the package: proved by rendering, not by looking for files."""
    from audits.renderers import RENDERERS

    try:
        pages = RENDERERS["pdf"](_empty_audit())
    except Exception as exc:
        return "故障", "字体和PDF", f"生成不了 PDF（{type(exc).__name__}: {exc}）；请重新安装"
    return "正常", "字体和PDF", f"试写一份 PDF，{len(pages)} 字节"


def _empty_audit() -> Audit:
    """An audit of nothing: an empty text, asked no rule."""
    from audits.audit import audit
    from reports_in.document import Document
    from rules.compile import load_pack

    return audit(Document("", (), "text/plain", "doctor", "0" * 64), load_pack())


def _data() -> tuple[Mark, str, str]:
    if not DATA_FOLDER.exists():
        return "注意", "数据文件夹", f"{DATA_FOLDER} 还没有，第一次提交批次时建立（环境变量 HECHA_DATA 可改）"
    from audits.store import Store

    Store(DATA_FOLDER).close()
    return "正常", "数据文件夹", str(DATA_FOLDER)


def _redis() -> tuple[Mark, str, str]:
    try:
        found = fitness(REDIS_URL)
    except redis.RedisError:
        return (
            "注意",
            "Redis",
            f"{_without_password(REDIS_URL)} 连不上；hecha audit 不需要它，后台服务需要（环境变量 HECHA_REDIS 可改）",
        )
    if found.refusal:
        return "故障", "Redis", found.refusal
    return ("注意" if found.warnings else "正常"), "Redis", "；".join((found.version, *found.warnings))


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"

"""Everything that came out of a batch in one ZIP: the outputs, index.json, 目录.csv for a person, index.html to click through.

Names are UTF-8 and flagged so; the same outputs give the same bytes. The page has no script and loads nothing.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from audits.batch import Batch, Report
from audits.renderers.cells import safe_for_csv
from audits.wording import FORM_NAMES, STANDINGS

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date that a ZIP can hold: no clock is read
COMPRESSED = (".pdf", ".docx", ".xlsx")  # already, inside
REPORTS, WHOLE = "各单位", "全批"
HEADS = ("单位", "年度", "结论", "错误", "警告", "提示", "人工核对", "无法核验", "提交的文件", "结果文件", "代码", "原因")
STYLE = """body{font:15px/1.7 "Noto Sans SC","Microsoft YaHei",sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}
th{background:#f1f1f3}td.n{text-align:right}h1{font-size:1.5em}a{color:#1b4a86}"""


def pack(batch: Batch, batch_files: Mapping[str, str], folder: Path, out: BinaryIO) -> None:
    """Pack the files of the batch that stand in the folder."""
    with zipfile.ZipFile(out, "w") as archive:
        _add_text(archive, "index.html", _page(batch, batch_files))
        _add_text(archive, "目录.csv", _list(batch))
        _add_text(archive, "index.json", _index(batch, batch_files))
        for name in batch_files.values():
            _add_file(archive, folder / name, f"{WHOLE}/{name}")
        for report in batch.reports:
            for name in report.files.values():
                _add_file(archive, folder / name, f"{REPORTS}/{name}")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(COMPRESSED) else zipfile.ZIP_DEFLATED
    return entry


def _add_text(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(_entry(name), text.encode("utf-8", "backslashreplace"))


def _add_file(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=path.stat().st_size > 1 << 30) as packed:
        shutil.copyfileobj(source, packed, 1 << 20)


def _list(batch: Batch) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for report in batch.reports:
        files = "；".join(f"{REPORTS}/{name}" for name in report.files.values())
        row = (*_line(report), report.name, files, report.outcome.code, _reason(report))
        writer.writerow([safe_for_csv(value) for value in row])
    return "\ufeff" + text.getvalue()


def _line(report: Report) -> tuple[str | int | None, ...]:
    summary = report.outcome.summary
    figures: tuple[int | None, ...] = (None,) * 5
    if summary is not None and summary.applicable:
        figures = (summary.errors, summary.warnings, summary.notices, summary.doubtful, summary.undecided)
    return (report.agency, report.year, STANDINGS[report.standing], *figures)


def _reason(report: Report) -> str:
    return report.outcome.reason or (report.outcome.summary.reason if report.outcome.summary else "")


def _index(batch: Batch, batch_files: Mapping[str, str]) -> str:
    reports = [
        {
            "source": report.name,
            "agency": report.digest.agency if report.digest else None,
            "year": report.year,
            "standing": report.standing.value,
            "code": report.outcome.code,
            "reason": _reason(report),
            "sha256": report.digest.sha256 if report.digest else None,
            "files": {form: f"{REPORTS}/{name}" for form, name in report.files.items()},
        }
        for report in batch.reports
    ]
    whole = {form: f"{WHOLE}/{name}" for form, name in batch_files.items()}
    index = {"title": batch.title, "batch": whole, "reports": reports, "skipped": list(batch.skipped)}
    return json.dumps(index, ensure_ascii=False, indent=1) + "\n"


def _page(batch: Batch, batch_files: Mapping[str, str]) -> str:
    title = escape(f"{batch.title}　核查结果" if batch.title else "年度报告核查结果")
    whole = "　".join(_link(f"{WHOLE}/{name}", FORM_NAMES[form]) for form, name in batch_files.items())
    heads = "".join(f"<th>{head}</th>" for head in (*HEADS[:9], "结果"))
    rows = "\n".join(_row(report) for report in batch.reports)
    counts = "，".join(f"{STANDINGS[standing]} {count} 份" for standing, count in batch.standings.items() if count)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>\n<style>{STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n<p>共 {len(batch.reports)} 个文件：{counts}。</p>\n<p>{whole}</p>\n"
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></body></html>\n"
    )


def _row(report: Report) -> str:
    words = [f"<td>{escape(str(value))}</td>" if value is not None else "<td>—</td>" for value in _line(report)[:3]]
    figures = [f'<td class="n">{"—" if value is None else value}</td>' for value in _line(report)[3:]]
    links = "　".join(_link(f"{REPORTS}/{name}", FORM_NAMES[form]) for form, name in report.files.items())
    what = links or escape(_reason(report))
    return f"<tr>{''.join(words + figures)}<td>{escape(report.name)}</td><td>{what}</td></tr>"


def _link(path: str, words: str) -> str:
    return f'<a href="{quote(path)}">{escape(words)}</a>'

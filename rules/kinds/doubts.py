"""Why a finding may rest on our own misreading: said in Chinese, None where nothing speaks for it."""

from __future__ import annotations

import re

from reports_in.document import Source
from rules.filing import Filing, Heading

WEAK_SCORE = 72.0  # below it a heading's words are nearer to a guess than to the template
LOST_CHARACTER = re.compile("[\ufffd\ue000-\uf8ff]")
NEAR = 400  # characters; a place this near to lost content may be part of the loss


def heading_doubt(*headings: Heading) -> str | None:
    """For a heading whose ordinal had to be cleaned or whose words fit badly."""
    for heading in headings:
        doubt = garbled(heading.text)
        if doubt:
            return doubt
        if heading.dirty:
            return f"标题“{heading.text.strip()}”序号字迹异常，可能是识别造成"
        if heading.key is not None and heading.score < WEAK_SCORE:
            return f"标题“{heading.text.strip()}”与格式标题相差较大，对应关系需人工核对"
    return None


def garbled(words: str) -> str | None:
    """For words of which the source has lost characters (U+FFFD, or a font's private ones)."""
    if LOST_CHARACTER.search(words):
        return "文中有无法识别的字符，可能是识别造成"
    return None


def loss_anywhere(filing: Filing) -> str | None:
    """For what is missing from a report whose source seems to have lost content somewhere."""
    return f"原文疑似未采集完整（{filing.suspect[0][1]}）" if filing.suspect else None


def loss_near(filing: Filing, at: Source | None) -> str | None:
    """For a place beside which the source seems to have lost content."""
    for source, reason in filing.suspect:
        if at is not None and source.chars[0] - NEAR <= at.chars[1] and at.chars[0] <= source.chars[1] + NEAR:
            return f"附近原文疑似未采集完整（{reason}）"
    return None


def division_doubt(filing: Filing) -> str | None:
    """For what is missing from a section, where two headings claim one section, so that its text may have gone to another."""
    keys = [heading.key for heading in filing.headings if heading.key is not None]
    if len(keys) == len(set(keys)):
        return None
    return "有部分标题重复出现，各部分起止可能划分有误"


def year_doubt(filing: Filing) -> str | None:
    """For a comparison with the report's year, where the title does not print that year."""
    if filing.year.rests_on == "title":
        return None
    if filing.year.rests_on in ("file_name", "folder", "page_meta"):
        return "报告年度取自文件名或网页信息，正文未写明"
    if filing.year.others:
        return (
            f"报告各处年度不一（另见{'、'.join(sorted({str(value) for _, value in filing.year.others}))}年），请先确认报告年度"
        )
    return None

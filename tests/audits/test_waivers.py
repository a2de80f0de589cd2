"""Waivers: a finding let pass for a time, with a reason and an owner, and counted apart."""

from __future__ import annotations

from datetime import date

import pytest

from audits.audit import audit_filing
from audits.outcome import summary_of
from audits.waivers import Waiver, Where, load_waivers
from reports_in.document import Document
from rules.compile import load_pack
from rules.errors import PackError
from rules.examples import filing_of

AGENCY = "青川市临江区人民政府办公室"
DOCUMENT = Document("", (), "text/plain", "x.txt", "0" * 64)
LINE = "- {{rule: {rule}, agency: {agency}, reason: 历史口径, owner: 监督科, expires: {expires}}}\n"


def waiver(**fields) -> Waiver:
    return Waiver(
        **{"rule": "FEE-NOT-REPORTED", "agency": AGENCY, "reason": "历史口径", "owner": "监督科", "expires": "2026-12-31"}
        | fields
    )


def audited(*waivers: Waiver):
    filing = filing_of({"year": 2023, "sections": {"other_matters": ["无。"]}})
    return audit_filing(filing, DOCUMENT, load_pack(), waivers)


def test_a_waived_finding_is_in_no_other_count():
    before, after = audited(), audited(waiver())
    assert len(before.findings) - len(after.findings) == 1
    assert [(waived.finding.rule, waived.owner, waived.expires) for waived in after.waived] == [
        ("FEE-NOT-REPORTED", "监督科", "2026-12-31")
    ]
    assert (summary_of(after).waived, summary_of(before).warnings - summary_of(after).warnings) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"agency": "青川市临江区水利局"},
        {"rule": "TYPO"},
        {"year": 2022},
        {"place": Where(section="overview")},
        {"agency": AGENCY[:-1]},
    ],
)
def test_a_waiver_for_something_else_waives_nothing(other):
    assert audited(waiver(**other)).waived == ()


def test_the_agency_is_the_same_with_blanks_and_wide_letters_folded():
    assert len(audited(waiver(agency="青川市 临江区　人民政府办公室")).waived) == 1


def test_a_waiver_holds_on_its_last_day_and_not_after():
    assert [waiver().holds_on(date(*day)) for day in ((2026, 12, 31), (2027, 1, 1))] == [True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("waivers:\n" + LINE.format(rule="NO-SUCH", agency="x", expires="2026-12-31"), "w.yaml:2:10: 没有规则 'NO-SUCH'，规则包：national"),
        ("waivers:\n" + LINE.format(rule="SENSITIVE-ID", agency="x", expires="2026-12-31"), "w.yaml:2:10: 规则 SENSITIVE-ID 不能豁免"),
        ("waivers:\n" + LINE.format(rule="SECRET-MARK", agency="x", expires="2026-12-31"), "w.yaml:2:10: 规则 SECRET-MARK 不能豁免"),
        ("waivers:\n" + LINE.format(rule="TYPO", agency="x", expires="明年"), "'明年' 不是日期；请写作 2027-01-31"),
        ("waivers:\n- {rule: TYPO, agency: x, owner: y, expires: 2026-12-31}\n", "w.yaml:2:3: 缺少键 'reason'，Waiver 必须有它"),
        ("waivers:\n- {rule: TYPO, agency: x, reason: '', owner: y, expires: 2026-12-31}\n", "不能为空"),
        ("waiver: []\n", "w.yaml:1:1: 不认识的键 'waiver'；可用：waivers"),
    ],
)  # fmt: skip
def test_a_wrong_waiver_is_refused_where_it_is_wrong(tmp_path, text, message):
    path = tmp_path / "w.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PackError) as caught:
        load_waivers(path, load_pack())
    assert message in str(caught.value)

"""What is private in a report is not printed again by us, whichever rule quotes the sentence."""

import json

from audits.audit import audit
from audits.renderers import RENDERERS
from reports_in import read_bytes
from rules.compile import load_pack

REPORT = """青川县水利局2023年政府信息公开工作年度报告
一、总体情况
（一）主动公开。公开信息12条，联系人手机13812345678，申请人王小明，男，家住东街九号，身份证号110101199003074290。
（二）依申请公开。收到政府信息公开申请5件，联系电话13812345678。
三、收到和处理政府信息公开申请情况
\t自然人\t商业企业\t科研机构\t社会公益组织\t法律服务机构\t其他\t总计
一、本年新收政府信息公开申请数量\t2\t0\t0\t0\t0\t0\t2
"""
PRIVATE = ("13812345678", "王小明", "110101199003074290", "东街九号")


def test_findings_do_not_repeat_private_words() -> None:
    found = audit(read_bytes(REPORT.encode(), "a.txt"), load_pack())
    rules = {finding.rule for finding in found.findings}
    said = " ".join(
        " ".join(
            (finding.message, finding.actual, finding.expected, str(finding.place.topic), *(e.quote for e in finding.evidence))
        )
        for finding in found.findings
        if finding.rule.startswith("SENSITIVE") or "13812345678" in str(finding)
    )
    assert ({"SENSITIVE-PHONE", "SENSITIVE-APPLICANT"} <= rules, [word for word in PRIVATE if word in said]) == (True, [])


def test_no_number_of_a_person_is_in_the_outputs() -> None:
    found = audit(read_bytes(REPORT.encode(), "a.txt"), load_pack())
    text = json.dumps(json.loads(RENDERERS["json"](found)), ensure_ascii=False)
    assert [number for number in (PRIVATE[0], PRIVATE[2]) if number in text] == []

"""Build the template of the rectification notice, audits/renderers/templates/整改通知.docx: ``python tools/build_notice_template.py``.

Only for a first layout: from then on it is a document that any office program edits (docs/outputs.md names the placeholders).
Type and margins as GB/T 9704 asks of official documents. The same script gives the same bytes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

TEMPLATE = Path(__file__).parents[1] / "audits" / "renderers" / "templates" / "整改通知.docx"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"

# style id -> name, Chinese font, size in half points, exact line in twentieths of a point, more of the paragraph, more of the run
STYLES = {
    "Normal": ("Normal", "仿宋_GB2312", 32, 560, '<w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/>', ""),
    "Title": ("公文标题", "方正小标宋简体", 44, 640, '<w:spacing w:before="240" w:after="360"/><w:jc w:val="center"/>', ""),
    "Number": ("发文字号", "仿宋_GB2312", 32, 560, '<w:jc w:val="center"/>', ""),
    "Addressee": ("主送单位", "仿宋_GB2312", 32, 560, "", ""),
    "Head": (
        "一级标题",
        "黑体",
        32,
        560,
        '<w:keepNext/><w:spacing w:before="120"/><w:ind w:firstLineChars="200" w:firstLine="640"/>',
        "",
    ),
    "Problem": (
        "问题",
        "楷体_GB2312",
        30,
        520,
        '<w:keepNext/><w:spacing w:before="120"/><w:ind w:firstLineChars="200" w:firstLine="600"/>',
        "<w:b/>",
    ),
    "Detail": ("问题内容", "仿宋_GB2312", 28, 460, '<w:ind w:left="560" w:firstLine="0"/><w:jc w:val="both"/>', ""),
    "Sign": ("落款", "仿宋_GB2312", 32, 560, '<w:keepLines/><w:ind w:left="4480"/><w:jc w:val="center"/>', ""),
}
DETAILS = ("位置：{{位置}}", "情况：{{说明}}", "原文：{{原文}}", "应为：{{应为}}　　实为：{{实为}}", "依据：{{依据}}")
PARAGRAPHS = (
    ("Title", "关于{{年度}}政府信息公开工作年度报告\n有关问题的整改通知"),
    ("Number", "　　〔　　　　〕　　号"),
    ("Addressee", "{{单位}}："),
    (
        "Normal",
        "根据《中华人民共和国政府信息公开条例》和政府信息公开工作年度报告格式的有关规定，对你单位{{年度}}政府信息公开工作年度报告（核查编号：{{编号}}）进行了核查，{{概况}}。请于{{期限}}前完成整改或者核实，将整改情况书面反馈，并重新报送、公布更正后的年度报告。",
    ),
    ("Normal", "{{认定说明}}"),
    ("Normal", "{{?有需整改}}"),
    ("Head", "{{整改标题}}"),
    ("Normal", "{{#需整改}}"),
    ("Problem", "{{序号}}．{{问题}}（{{程度}}，{{规则}}）"),
    *(("Detail", line) for line in DETAILS),
    ("Detail", "整改要求：{{建议}}"),
    ("Normal", "{{/需整改}}"),
    ("Normal", "{{/有需整改}}"),
    ("Normal", "{{?有需核实}}"),
    ("Head", "{{核实标题}}"),
    ("Normal", "下列事项可能出自识读误差，请对照报告原件核实：属实的一并整改；不属实的，在反馈中说明。"),
    ("Normal", "{{#需核实}}"),
    ("Problem", "{{序号}}．{{问题}}（{{程度}}，{{规则}}）"),
    *(("Detail", line) for line in DETAILS),
    ("Detail", "核对原因：{{核对原因}}"),
    ("Detail", "属实的，整改要求：{{建议}}"),
    ("Normal", "{{/需核实}}"),
    ("Normal", "{{/有需核实}}"),
    ("Normal", "{{提示说明}}"),
    ("Normal", "{{得分说明}}"),
    ("Normal", "附件：政府信息公开工作年度报告核查报告"),
    ("Normal", "联 系 人：　　　　　　　　联系电话："),
    ("Sign", ""),
    ("Sign", "（印章）"),
    ("Sign", "{{日期}}"),
)


def paragraph(style: str, text: str) -> str:
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")]
    run = f"<w:r>{'<w:br/>'.join(lines)}</w:r>" if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run}</w:p>'


def style(key: str) -> str:
    name, font, size, line, more, run = STYLES[key]
    default = ' w:default="1"' if key == "Normal" else ""
    based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
    spacing = f'<w:spacing w:line="{line}" w:lineRule="exact"/>'
    if "<w:spacing " in more:
        more = more.replace("<w:spacing ", f'<w:spacing w:line="{line}" w:lineRule="exact" ')
        spacing = ""
    if key != "Normal" and "<w:ind" not in more:
        more = (
            more.replace("<w:jc", '<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc')
            if "<w:jc" in more
            else more + '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
        )
    elif "firstLineChars" not in more:
        more = more.replace("<w:ind ", '<w:ind w:firstLineChars="0" ')
    keep = "".join(mark for mark in ("<w:keepNext/>", "<w:keepLines/>") if mark in more)
    for mark in ("<w:keepNext/>", "<w:keepLines/>"):
        more = more.replace(mark, "")
    fonts = f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}"/>'
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{key}"><w:name w:val="{name}"/>{based}<w:qFormat/>'
        f'<w:pPr>{keep}{spacing}{more}</w:pPr><w:rPr>{fonts}{run}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        f'<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:style>'
    )


def parts() -> dict[str, str]:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    body = "".join(paragraph(*item) for item in PARAGRAPHS)
    section = (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1400" w:gutter="0"/></w:sectPr>'
    )
    footer = (
        '<w:p><w:pPr><w:pStyle w:val="Number"/></w:pPr><w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:t xml:space="preserve">— </w:t></w:r>'
        '<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    )
    types = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{MAIN}.{kind}+xml"/>'
        for part, kind in (("document", "document.main"), ("styles", "styles"), ("footer1", "footer"))
    )
    return {
        "[Content_Types].xml": f'{head}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{head}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}{section}</w:body></w:document>',
        "word/styles.xml": f'{head}<w:styles xmlns:w="{W}">{"".join(map(style, STYLES))}</w:styles>',
        "word/footer1.xml": f'{head}<w:ftr xmlns:w="{W}">{footer}</w:ftr>',
        "word/_rels/document.xml.rels": f'{head}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{R}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId2" Type="{R}/footer" Target="footer1.xml"/></Relationships>',
    }


def main() -> None:
    TEMPLATE.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(TEMPLATE, "w") as package:
        for name, text in parts().items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, text)


if __name__ == "__main__":
    main()

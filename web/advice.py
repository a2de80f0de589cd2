"""What to do about a report that could not be audited, by the code of its error. docs/error-codes.md tells the same at length."""

from __future__ import annotations

ADVICE = {
    "NOT_A_REPORT": "打开原网页核对，重新保存正文页，或提交附件里的年报",
    "SEVERAL_REPORTS": "拆成每份一个文件后提交：合在一起核查会张冠李戴",
    "FILE_UNAVAILABLE": "核对文件是否还在、权限是否足够，然后重新提交",
    "EMPTY_FILE": "请报送单位重新报送；只有图片的网页请其改为可复制的文字和表格",
    "UNDECODABLE_TEXT": "用记事本打开原文件，另存为 UTF-8 后重新提交",
    "UNKNOWN_FORMAT": "另存为 DOCX、PDF、网页或文本；压缩包请解压，或改用 ZIP",
    "ENCRYPTED": "请报送单位去掉密码后重新报送",
    "UNSAFE_ENTRY": "请报送单位用普通方式重新压缩",
    "DAMAGED": "重新下载，或请报送单位重新报送",
    "INFECTED": "不要打开原件；报告网络安全负责人，请报送单位查杀后重新报送",
    "NOT_SCANNED": "请系统管理员查看病毒扫描服务的日志和上限后重新报送，或请报送单位另存后重新报送",
    "LIMIT_EXCEEDED": "只提交年报本身；图片过大的先压缩图片",
    "TOOL_MISSING": "请系统管理员按提示安装组件后重试，或改交可复制文字的版本",
    "NEEDS_OCR": "请报送单位改交可复制文字的版本；或请系统管理员安装文字识别组件后重试",
    "READER_CRASHED": "请报送单位重新报送；仍出现时把文件交维护人员",
    "INTERNAL": "是本系统的问题：可重试一次；仍失败时把文件交维护人员",
    "WORKER_LOST": "核查进程几次中断：可重试一次；仍失败时把文件交维护人员",
    "CANCELLED": "需要时重试即可",
}
OTHERWISE = "按原因处理后重新报送；仍不清楚时把文件交维护人员"


def advice_for(code: str) -> str:
    """One line in Chinese; "" without a code."""
    return ADVICE.get(code, OTHERWISE) if code else ""

"""Chinese words that several pages use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from access.in_force import Settings
from access.passwords import policy
from access.permissions import Permission
from audits.regions import EVERYWHERE, path_of

PERMISSIONS: Mapping[Permission, str] = {
    Permission.ACCOUNT_SELF: "管理自己的账号",
    Permission.ACCOUNT_READ: "查看账号",
    Permission.ACCOUNT_CREATE: "创建、停用账号",
    Permission.ACCOUNT_GRANT: "授予角色和地区",
    Permission.SESSION_END: "结束会话、吊销令牌",
    Permission.SETTING_READ: "查看系统设置",
    Permission.SETTING_CHANGE: "修改系统设置",
    Permission.POLICY_CHANGE: "修改安全策略",
    Permission.SYSTEM_READ: "查看运行状态",
    Permission.LOG_READ: "查阅操作日志",
    Permission.LOG_EXPORT: "导出操作日志",
    Permission.REPORT_READ: "查看报告",
    Permission.REPORT_SUBMIT: "提交报告",
    Permission.REPORT_DECIDE: "认定问题",
    Permission.REPORT_DOWNLOAD: "下载",
    Permission.REPORT_EXPORT: "导出",
    Permission.BATCH_MANAGE: "管理批次",
    Permission.ROSTER_READ: "查看单位名单",
    Permission.ROSTER_IMPORT: "导入单位名单",
    Permission.SWEEP_READ: "查看巡查",
    Permission.SWEEP_MANAGE: "管理巡查",
    Permission.RULE_READ: "查看规则",
    Permission.QUEUE_READ: "查看失败队列",
    Permission.QUEUE_RETRY: "重试失败报告",
}


def password_rules(settings: Settings) -> str:
    """What a new password has to be, to be read before one is thought of."""
    rules = policy(settings)
    kinds = f"，含大写字母、小写字母、数字、符号中的{'零一两三四'[rules.classes]}类" if rules.classes > 1 else ""
    return f"至少 {rules.length} 个字符{kinds}；不要主要用地名、姓名、单位名、日期等容易猜到的"


def regions_in(text: str) -> list[str]:
    """Paths of the regions in a text of one a line: 福建省福州市 as 福建省/福州市, 福建省 福州市 or /福建省/福州市/; 全部地区 or / for all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [EVERYWHERE if line in ("/", "全部", "全部地区") else path_of(re.split(r"[/\s、＞>]+", line)) for line in lines]

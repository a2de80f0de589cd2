"""What the log of actions tells of: every kind of entry, with the words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    SESSION_OPEN = "session.open"
    SESSION_REFUSED = "session.refused"
    SESSION_CLOSE = "session.close"
    SESSION_END = "session.end"
    ACCESS_DENIED = "access.denied"
    LIMIT_REACHED = "limit.reached"
    SET_UP = "account.set_up"
    SET_UP_LINK = "account.set_up_link"
    ACCOUNT_CREATE = "account.create"
    ACCOUNT_RENAME = "account.rename"
    ACCOUNT_DISABLE = "account.disable"
    ACCOUNT_ENABLE = "account.enable"
    ACCOUNT_GRANT = "account.grant"
    ACCOUNT_UNLOCK = "account.unlock"
    ACCOUNT_RESET = "account.reset"
    PASSWORD_SET = "password.set"  # noqa: S105  # by a one-time link
    PASSWORD_CHANGE = "password.change"  # noqa: S105
    SECOND_FACTOR_SET = "second_factor.set"
    SECOND_FACTOR_REMOVE = "second_factor.remove"
    TOKEN_CREATE = "token.create"  # noqa: S105
    TOKEN_REVOKE = "token.revoke"  # noqa: S105
    SETTING_CHANGE = "setting.change"
    BATCH_SUBMIT = "batch.submit"
    BATCH_CANCEL = "batch.cancel"
    BATCH_RETRY = "batch.retry"
    BATCH_REAUDIT = "batch.reaudit"
    BATCH_DELETE = "batch.delete"
    REPORT_RESUBMIT = "report.resubmit"
    FILE_INFECTED = "file.infected"
    REPORT_DOWNLOAD = "report.download"
    REPORT_EXPORT = "report.export"
    FINDING_DECIDE = "finding.decide"
    REPORT_ASSIGN = "report.assign"
    ROSTER_IMPORT = "roster.import"
    ROSTER_DELETE = "roster.delete"
    SWEEP_CREATE = "sweep.create"
    SWEEP_CHANGE = "sweep.change"
    SWEEP_DELETE = "sweep.delete"
    SWEEP_RUN = "sweep.run"
    QUEUE_RETRY = "queue.retry"
    DATA_CLEAN = "data.clean"
    RULES_CHANGE = "rules.change"
    BACKUP_MAKE = "backup.make"
    BACKUP_RESTORE = "backup.restore"
    LOG_READ = "log.read"
    LOG_EXPORT = "log.export"
    LOG_VERIFY = "log.verify"
    LOG_PURGE = "log.purge"

    @property
    def shown(self) -> str:
        return SHOWN[self]


SHOWN: Mapping[Action, str] = {
    Action.SESSION_OPEN: "登录",
    Action.SESSION_REFUSED: "登录失败",
    Action.SESSION_CLOSE: "退出登录",
    Action.SESSION_END: "结束他人会话",
    Action.ACCESS_DENIED: "越权访问被拒",
    Action.LIMIT_REACHED: "操作过于频繁被拒",
    Action.SET_UP: "初始设置",
    Action.SET_UP_LINK: "生成初始设置链接",
    Action.ACCOUNT_CREATE: "创建账号",
    Action.ACCOUNT_RENAME: "修改姓名",
    Action.ACCOUNT_DISABLE: "停用账号",
    Action.ACCOUNT_ENABLE: "启用账号",
    Action.ACCOUNT_GRANT: "授予角色和地区",
    Action.ACCOUNT_UNLOCK: "解锁账号",
    Action.ACCOUNT_RESET: "重置账号",
    Action.PASSWORD_SET: "用一次性链接设口令",
    Action.PASSWORD_CHANGE: "修改口令",
    Action.SECOND_FACTOR_SET: "启用动态口令",
    Action.SECOND_FACTOR_REMOVE: "停用动态口令",
    Action.TOKEN_CREATE: "创建接口令牌",
    Action.TOKEN_REVOKE: "吊销接口令牌",
    Action.SETTING_CHANGE: "修改设置",
    Action.BATCH_SUBMIT: "提交批次",
    Action.BATCH_CANCEL: "取消批次",
    Action.BATCH_RETRY: "重试批次",
    Action.BATCH_REAUDIT: "重新核查批次",
    Action.BATCH_DELETE: "删除批次",
    Action.REPORT_RESUBMIT: "重新提交报告",
    Action.FILE_INFECTED: "拦下带病毒的文件",
    Action.REPORT_DOWNLOAD: "下载",
    Action.REPORT_EXPORT: "导出",
    Action.FINDING_DECIDE: "认定问题",
    Action.REPORT_ASSIGN: "认定报告归属",
    Action.ROSTER_IMPORT: "导入单位名单",
    Action.ROSTER_DELETE: "删除单位名单",
    Action.SWEEP_CREATE: "创建巡查",
    Action.SWEEP_CHANGE: "修改巡查",
    Action.SWEEP_DELETE: "删除巡查",
    Action.SWEEP_RUN: "运行巡查",
    Action.QUEUE_RETRY: "重试失败报告",
    Action.DATA_CLEAN: "清理过期数据",
    Action.RULES_CHANGE: "更换规则包",
    Action.BACKUP_MAKE: "备份",
    Action.BACKUP_RESTORE: "恢复备份",
    Action.LOG_READ: "查阅操作日志",
    Action.LOG_EXPORT: "导出操作日志",
    Action.LOG_VERIFY: "校验操作日志",
    Action.LOG_PURGE: "清理操作日志",
}

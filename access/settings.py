"""Settings: what an office may want otherwise, each with its default and its bounds. SETTINGS is the one list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from access.errors import SettingFault
from access.permissions import Permission
from access.plain import plain
from access.syslog import place_of
from audits.store.tables import SETTINGS as ROWS

Value = bool | int | str


@dataclass(frozen=True, slots=True)
class Setting:
    """The type of a value is that of its default.

    low, high   bounds of a number; high is the greatest length of a text.
    choices     value -> Chinese words; empty: free.
    form        what a text has to look like, "" is always allowed.
    check       raises ValueError for a text that looks right and is not.
    changes     who may change it: security policy is the security administrator's.
    """

    name: str
    default: Value
    group: str
    title: str
    help: str
    low: int = 0
    high: int = 200
    choices: Mapping[str, str] | None = None
    form: re.Pattern[str] | None = None
    check: Callable[[str], object] | None = None
    changes: Permission = Permission.POLICY_CHANGE

    def read(self, value: object) -> Value:
        """The value, from a form's text too. Raises SettingFault."""
        if isinstance(self.default, bool):
            return self._flag(value)
        if isinstance(self.default, int):
            return self._number(value)
        if not isinstance(value, str):
            raise self._fault("应为文字")
        text = plain(value)
        if self.choices is not None and text not in self.choices:
            raise self._fault(f"应为 {'、'.join(self.choices)} 之一")
        if len(text) > self.high:
            raise self._fault(f"不能超过 {self.high} 个字")
        if text and not self._fits(text):
            raise self._fault(f"格式不对（{self.help}）")
        return text

    def _fits(self, text: str) -> bool:
        try:
            if self.check is not None:
                self.check(text)
        except ValueError:
            return False
        return self.form is None or self.form.fullmatch(text) is not None

    def _flag(self, value: object) -> bool:
        words = {
            "true": True,
            "on": True,
            "1": True,
            "是": True,
            "false": False,
            "off": False,
            "0": False,
            "否": False,
            "": False,
        }
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in words:
            return words[value.strip().lower()]
        raise self._fault("应为 true 或 false")

    def _number(self, value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"\s*\d{1,9}\s*", value, re.ASCII):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self._fault(f"应为 {self.low} 到 {self.high} 的整数")
        return value

    def _fault(self, words: str) -> SettingFault:
        return SettingFault(f"{self.title}（{self.name}）：{words}")


SIGN_IN, PASSWORDS, SESSIONS, LIMITS, KEEPING, LOG, OFFICE = (
    "登录",
    "口令",
    "会话和令牌",
    "限制",
    "保存期限",
    "操作日志",
    "单位",
)
_SYSTEM = Permission.SETTING_CHANGE
SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("office_name", "", OFFICE, "本单位名称", "显示在页眉", high=60, changes=_SYSTEM),
        Setting(
            "small_office",
            False,
            OFFICE,
            "小型单位一人兼任",
            "打开后可以有“负责人”账号，一人兼任系统、安全、审计管理员和监督人员；不符合三员分立，每一页都会写明",
        ),
        Setting("lockout_failures", 5, SIGN_IN, "连续失败几次锁定", "同一账号连续登录失败这么多次即锁定", 3, 10),
        Setting("lockout_minutes", 30, SIGN_IN, "锁定时间（分钟）", "锁定后这么久自动解锁；安全管理员可以提前解锁", 5, 1440),
        Setting(
            "login_per_minute", 10, SIGN_IN, "每个地址每分钟登录次数", "超过的要等一等；几百人经同一个代理上网时可调大", 1, 1000
        ),
        Setting(
            "second_factor",
            "administrators",
            SIGN_IN,
            "动态口令",
            "谁登录时除口令外还要动态口令（手机上的身份验证器，六位数，不需要网络）",
            choices={"off": "不要求", "administrators": "管理员", "all": "所有人"},
        ),
        Setting(
            "second_factor_on_loopback",
            False,
            SIGN_IN,
            "在本机登录也要动态口令",
            "关闭时，在运行本系统的那台机器上登录不要求动态口令（已启用的账号照样要）",
        ),
        Setting("link_hours", 72, SIGN_IN, "一次性链接有效时间（小时）", "邀请、重置口令的链接过了这么久失效", 1, 168),
        Setting(
            "password_profile",
            "djcp",
            PASSWORDS,
            "口令方案",
            "等级保护：测评的习惯要求，见下面四项；ASVS：国际通行的要求（OWASP），不强制字符种类，也不定期更换。两者互相矛盾，只能选一个",
            choices={"djcp": "等级保护", "asvs": "ASVS"},
        ),
        Setting("djcp_length", 10, PASSWORDS, "等级保护：最短长度", "口令至少几个字符", 8, 64),
        Setting("djcp_classes", 3, PASSWORDS, "等级保护：字符种类", "大写字母、小写字母、数字、符号四类中至少几类", 1, 4),
        Setting("djcp_days", 90, PASSWORDS, "等级保护：有效期（天）", "超过这么多天，登录后要先改口令", 30, 365),
        Setting("djcp_history", 5, PASSWORDS, "等级保护：不得重复最近几个", "新口令不能与最近几个相同", 1, 24),
        Setting(
            "own_words",
            "",
            PASSWORDS,
            "不许用作口令的词",
            "本单位的名称、简称、拼音等，用空格分开；常见口令、行政区划名已自带",
            high=2000,
        ),
        Setting("session_idle_minutes", 30, SESSIONS, "不操作多久退出（分钟）", "过了这么久没有操作，要重新登录", 5, 240),
        Setting("session_hours", 12, SESSIONS, "最长登录时间（小时）", "登录满这么久，无论有没有操作都要重新登录", 1, 24),
        Setting("token_days", 180, SESSIONS, "接口令牌最长有效期（天）", "创建令牌时可以选更短的", 1, 365),
        Setting("upload_per_minute", 20, LIMITS, "每人每分钟上传次数", "超过的要等一等", 1, 1000, changes=_SYSTEM),
        Setting("export_per_minute", 10, LIMITS, "每人每分钟导出次数", "超过的要等一等", 1, 1000, changes=_SYSTEM),
        Setting("upload_mb", 2048, LIMITS, "一次上传最大（MB）", "超过的不收", 1, 2048, changes=_SYSTEM),
        Setting("quota_gb", 50, LIMITS, "每人存放最大（GB）", "一个账号提交的原件总共不超过这么大", 1, 10_000, changes=_SYSTEM),
        Setting(
            "keep_originals_months",
            0,
            KEEPING,
            "原件保存期限（月）",
            "批次核查完满这么多个月，自动删除原件，保留核查结果；0 为永久",
            0,
            1200,
            changes=_SYSTEM,
        ),
        Setting(
            "keep_reports_months",
            0,
            KEEPING,
            "核查结果保存期限（月）",
            "批次核查完满这么多个月，自动整批删除；0 为永久",
            0,
            1200,
            changes=_SYSTEM,
        ),
        Setting("log_keep_days", 1096, LOG, "操作日志保留（天）", "比这更近的不能清理；不少于六个月", 184, 36_500),
        Setting(
            "syslog",
            "",
            LOG,
            "转发到日志服务器",
            "写作 udp://主机:514 或 tcp://主机:601；不填则不转发",
            form=re.compile(r"(?:udp|tcp)://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}"),
            check=place_of,
        ),
    )
}


def stored(db: sa.Connection, name: str) -> Value:
    """The value as it is in the database now. One that fits no longer (an older program's) counts as not set."""
    setting = SETTINGS[name]
    row = db.execute(sa.select(ROWS.c.value).where(ROWS.c.name == name)).one_or_none()
    return setting.default if row is None else fitting(setting, row.value)


def fitting(setting: Setting, value: object) -> Value:
    """The value if it fits today, else the default."""
    try:
        return setting.read(value)
    except SettingFault:
        return setting.default

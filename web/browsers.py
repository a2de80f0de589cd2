"""What browser somebody uses, in words, by what it says of itself."""

from __future__ import annotations

import re

BROWSERS = (  # the first that fits: most call themselves by the names of others too
    ("360 浏览器", r"(?:QIHU|360[SE]E)\b()"),
    ("QQ 浏览器", r"QQBrowser/(\d+)"),
    ("微信", r"MicroMessenger/(\d+)"),
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).* Safari/"),
    ("IE", r"MSIE (\d+)"),
    ("IE", r"Trident/.* rv:(\d+)"),
)
SYSTEMS = (
    ("Windows 7", r"Windows NT 6\.1"),
    ("Windows", r"Windows"),
    ("鸿蒙", r"OpenHarmony|HarmonyOS"),
    ("安卓", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("macOS", r"Mac OS X"),
    ("统信", r"\bUOS\b"),
    ("麒麟", r"(?i:kylin)"),
    ("Linux", r"Linux|X11"),
)
LONGEST = 40  # of what is no browser that we know


def browser_in_words(said: str) -> str:
    """Chrome 128（Windows）; what a program of another name says of itself is shown, cut if it is long."""
    name = next((f"{name} {found[1]}".strip() for name, mark in BROWSERS if (found := re.search(mark, said))), "")
    if not name:
        return (said if len(said) <= LONGEST else f"{said[:LONGEST]}……") or "未知"
    system = next((system for system, mark in SYSTEMS if re.search(mark, said)), "")
    return f"{name}（{system}）" if system else name

"""Names of archive entries: which characters their bytes are, and which of them point out of the archive."""

from __future__ import annotations

import re
import unicodedata

_DRIVE = re.compile(r"[A-Za-z]:")


def decoded(raw: bytes) -> str:
    """The name in those bytes: UTF-8 if they are, else GB18030 as Windows in China writes them.

    Chinese in GBK is never UTF-8 by chance but for very short names, and a name that both can be is plain ASCII almost always.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def leads_outside(name: str) -> bool:
    """Whether a name, taken for a path, would leave the folder that it is unpacked into."""
    name = name.replace("\\", "/")
    return name.startswith("/") or _DRIVE.match(name) is not None or ".." in name.split("/")


class Names:
    """Gives each name once: a second one, equal but for case or for how accents are composed, gets a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, name: str) -> str:
        """The name, with 「（2）」 before its suffix if it is taken."""
        candidate, number = name, 1
        while (key := unicodedata.normalize("NFC", candidate).casefold()) in self._taken:
            number += 1
            stem, dot, suffix = name.rpartition(".")
            candidate = f"{stem}（{number}）.{suffix}" if dot and "/" not in suffix and stem else f"{name}（{number}）"
        self._taken.add(key)
        return candidate


def shortened(name: str, limit: int) -> str:
    """The name in at most so many bytes: cut in the middle, for folders and the suffix tell most."""
    raw = name.encode()
    if len(raw) <= limit:
        return name
    half = limit // 2 - 2
    return f"{raw[:half].decode(errors='ignore')}…{raw[-half:].decode(errors='ignore')}"

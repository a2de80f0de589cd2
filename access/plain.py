"""Text from outside as a database can take it: PostgreSQL refuses NUL, SQLite lone surrogates, and nobody sees what is invisible."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Without control, format and other invisible characters; every run of blanks is one, none at the ends."""
    return " ".join("".join(" " if char.isspace() else char for char in text if char.isspace() or _is_seen(char)).split())


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] != "C"

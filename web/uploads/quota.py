"""How much an account has handed in so far."""

from __future__ import annotations

import sqlalchemy as sa

from access import Access
from audits.store import Store
from audits.store.tables import SUBMISSIONS
from web.uploads.staging import UploadTooLarge

_SIZES: dict[str, int] = {}  # by hash: what has a hash never changes, and to ask an object store takes a while
MOST_SIZES = 500_000


def check(store: Store, access: Access, account_id: str, coming: int = 0) -> None:
    """Raises UploadTooLarge if what he has submitted before, with so many bytes more, is above what one person may."""
    quota = access.settings.number("quota_gb")
    if stored_bytes(store, account_id) + coming >= quota << 30:
        raise UploadTooLarge(f"您提交的文件合计已到上限 {quota} GB；请先删除不用的批次，或请系统管理员调大")


def stored_bytes(store: Store, account_id: str) -> int:
    """Bytes of the files of all his submissions that are kept, each once."""
    files = sa.select(SUBMISSIONS.c.sha256).where(SUBMISSIONS.c.owner == account_id, SUBMISSIONS.c.sha256 != "").distinct()
    with store.transactions.read() as db:
        hashes = db.scalars(files).all()
    if len(_SIZES) > MOST_SIZES:
        _SIZES.clear()
    for sha256 in hashes:
        if sha256 not in _SIZES:
            _SIZES[sha256] = store.files.size(sha256) or 0
    return sum(_SIZES[sha256] for sha256 in hashes)

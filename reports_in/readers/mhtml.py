"""Read pages saved as one file (.mht, .mhtml): the first HTML part of the message, by the reader for pages."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from email import message_from_bytes

from reports_in.document import Document
from reports_in.errors import Damaged
from reports_in.readers import html

MEDIA_TYPE = "multipart/related"


def read(data: bytes, name: str) -> Document:
    """Raises Damaged if the message holds no page, and what the reader for pages raises."""
    for part in message_from_bytes(data).walk():
        if part.get_content_type() == html.MEDIA_TYPE:
            page = part.get_payload(decode=True)
            if isinstance(page, bytes):
                document = html.read(page, name)
                return replace(document, media_type=MEDIA_TYPE, sha256=hashlib.sha256(data).hexdigest())
    raise Damaged(name, "保存的网页（MHT）里没有网页正文", "请在浏览器中重新保存为“网页，仅 HTML”，或提交年报原件")

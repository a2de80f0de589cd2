"""Pages saved as one file: the page inside is read as any other."""

import hashlib
from email.message import EmailMessage

import pytest

from reports_in import read_bytes
from reports_in.errors import Damaged
from tests.reports_in.checks import ranges_fit, shape

PAGE = (
    "<html><head><meta charset={0}></head><body><p>一、总体情况</p><p>收到申请<span>2</span><span>0</span>件</p></body></html>"
)


def saved(page: bytes | None, encoding: str) -> bytes:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["MIME-Version"] = "1.0"
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png", cte="base64")
    if page is not None:
        message.add_related(page, "text", "html", cte=encoding)
    return message.as_bytes()


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_the_page_inside_is_read(transfer, charset):
    data = saved(PAGE.format(charset).encode(charset), transfer)
    document = read_bytes(data, "年报.mht")
    assert shape(document) == ["一、总体情况", "收到申请20件"]
    assert (document.media_type, document.sha256) == ("multipart/related", hashlib.sha256(data).hexdigest())
    assert ranges_fit(document)


def test_a_saved_page_without_a_page_is_damaged():
    with pytest.raises(Damaged, match="没有网页正文"):
        read_bytes(saved(None, ""), "年报.mht")

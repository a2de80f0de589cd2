"""Published addresses are asked politely, by a site of our own on this machine that answers well, badly and never."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from tempfile import mkdtemp

import pytest

from cli import certificate
from sweeps.errors import ScheduleUnusable, SourceRefused
from sweeps.looking import Allowed, Look, Seen
from sweeps.sources import fetching, guard, robots
from sweeps.sources.addresses import Addresses
from sweeps.sources.fetching import Patience

HERE = Allowed(addresses=True, networks=(ip_network("127.0.0.1/32"),), pause=timedelta())
REPORT = (
    "<html><head><title>示例县水务局2024年政府信息公开工作年度报告</title></head><body>"
    + "<p>一、总体情况。本年度主动公开情况。</p>" * 30
    + "</body></html>"
).encode()
ENOUGH = Patience(60, 60, 120)  # for a site of ours on a busy machine
PDF = b"%PDF-1.7\n%%EOF\n"

Handler = Callable[[socket.socket], None]
Page = bytes | Handler


def answer(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return answer(b"", status, f"Location: {to}")


class Site:
    """Answers each path with the bytes, or the doings, that a test puts there; else with 404. Keeps what was asked, and when."""

    def __init__(self, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.times: list[float] = []
        self._listening = socket.create_server((host, 0))
        self.url = f"http://{host}:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self._context is not None:
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                return  # the client did not like the certificate
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and head[:1] != b"\x16" and (more := connection.recv(65_536)):
                head += more
            if head[:1] == b"\x16":  # a client that wants to encrypt is told off in clear words, as servers do
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            path = head.split(b" ")[1].decode()
            self.times.append(time.monotonic())
            self.asked.append(path)
            self.heads.append(head.decode())
            page = self.pages.get(path, answer(b"gone", "404 Not Found"))
            try:
                if isinstance(page, bytes):
                    connection.sendall(page)
                else:
                    page(connection)
            except OSError:
                pass  # the client has had enough


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Look]:
    def looking(
        *urls: str, seen: dict[str, Seen] | None = None, allowed: Allowed = HERE, patience: Patience | None = None
    ) -> Look:
        source = Addresses(patience=patience or ENOUGH)
        spec = source.check({"kind": "addresses", "lines": [{"address": url, "agency": None} for url in urls]}, allowed)
        return source.look(spec, seen or {}, Path(mkdtemp(dir=tmp_path)), allowed)

    return looking


def remembered(look: Look) -> dict[str, Seen]:
    return {item.address: Seen(item.sha256, item.seen) for item in look.found}


def test_a_report_is_found_and_named_by_its_address_and_by_what_it_is(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/zfxxgk/t2024_1.html"] = answer(REPORT, "200 OK", "Content-Type: text/html")
    site.pages["/down?id=7"] = answer(PDF)
    site.pages["/%E5%B9%B4%E6%8A%A5.doc"] = answer(PDF)
    found = look(f"{site.url}/zfxxgk/t2024_1.html", f"{site.url}/down?id=7", f"{site.url}/年报.doc").found
    assert [(item.name, item.path.read_bytes() if item.path else b"") for item in found] == [
        ("t2024_1.html", REPORT),
        ("down.pdf", PDF),
        ("年报.doc.pdf", PDF),
    ]
    assert site.heads[1].lower().count("host: 127.0.0.1:") == 1
    assert "user-agent: hecha/" in site.heads[1].lower()


def test_what_has_not_changed_is_not_sent_again(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/a.html"] = answer(REPORT, "200 OK", 'ETag: "one"', "Last-Modified: Mon, 20 Jan 2025 01:00:00 GMT")
    first = look(f"{site.url}/a.html")
    site.pages["/a.html"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    again = look(f"{site.url}/a.html", seen=remembered(first))
    assert [(item.unchanged, item.sha256, item.seen, item.name) for item in again.found] == [
        (True, first.found[0].sha256, first.found[0].seen, "a.html")
    ]
    assert 'if-none-match: "one"' in site.heads[-1].lower()
    assert look(f"{site.url}/a.html").failed[0].code == "SWEEP_ANSWER"  # 304, and we asked for no news


def test_the_same_bytes_are_unchanged_and_others_are_not(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/a.html"] = answer(REPORT)
    first = look(f"{site.url}/a.html")
    assert look(f"{site.url}/a.html", seen=remembered(first)).found[0].unchanged
    site.pages["/a.html"] = answer(REPORT.replace("本年度".encode(), "本年".encode()))
    assert not look(f"{site.url}/a.html", seen=remembered(first)).found[0].unchanged


def test_only_404_and_410_mean_that_nothing_is_there(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/410.html"] = answer(b"", "410 Gone")
    site.pages["/403.html"] = answer(b"", "403 Forbidden")
    site.pages["/500.html"] = answer(b"", "500 Oops")
    looked = look(*(f"{site.url}/{status}.html" for status in (404, 410, 403, 500)))
    assert (looked.found, looked.complete) == ((), True)
    assert [(item.address[-8:], item.code, item.reason) for item in looked.failed] == [
        ("403.html", "SWEEP_ANSWER", "网站应答 403（拒绝访问），下次再看"),
        ("500.html", "SWEEP_ANSWER", "网站应答 500（网站出错），下次再看"),
    ]
    assert [(item.address[-8:], item.code, item.reason) for item in looked.absent] == [
        ("404.html", "SWEEP_NOT_FOUND", "网站应答 404：这个网址上没有内容；请核对网址"),
        ("410.html", "SWEEP_NOT_FOUND", "网站应答 410：这个网址上的内容已经删除；请核对网址"),
    ]


@pytest.mark.parametrize(
    ("page", "evidence"),
    [
        (b"", "空的"),
        (b"<html><title>404 \xe9\xa1\xb5\xe9\x9d\xa2\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8</title></html>", "页面不存在"),
        ("<title>统一登录</title><form><input type='password'></form>".encode(), "登录页"),
        (("<title>安全验证</title><script>challenge(" + "1," * 900 + ")</script>").encode(), "安全验证"),
        (
            (
                "<title>示例县人民政府</title>" + "<a href='/x'>政府信息公开年度报告</a>" * 200 + "<p>您访问的页面不存在</p>"
            ).encode(),
            "不存在",
        ),
        (("<title>要闻</title>" + "<p>今日县里召开了春耕生产工作会议。</p>" * 40).encode(), "没有“政府信息公开”"),
        (b"<title>Just a moment...</title>" + b"<p>Checking your browser before you go on. " * 30, "Just a moment"),
        (b"\x7fELF" + bytes(300), "程序文件"),
    ],
)
def test_a_page_that_says_it_is_something_else_is_failed_with_what_it_says(
    site: Site, look: Callable[..., Look], page: bytes, evidence: str
) -> None:
    site.pages["/report.html"] = answer(page)
    looked = look(f"{site.url}/report.html")
    assert looked.found == ()
    assert looked.failed[0].code == ("UNKNOWN_FORMAT" if page[:1] == b"\x7f" else "NOT_A_REPORT")
    assert evidence in looked.failed[0].reason


@pytest.mark.parametrize("unit", ["<title ", "<a ", "<script ", "<!--", "<input ", "<", "&#"])
def test_a_page_made_to_keep_us_busy_is_told_in_seconds(site: Site, look: Callable[..., Look], unit: str) -> None:
    site.pages["/a.html"] = answer(b"<html>" + unit.encode() * (1_000_000 // len(unit)))
    begun = time.process_time()
    looked = look(f"{site.url}/a.html")
    assert (len(looked.found) + len(looked.failed), time.process_time() - begun < 5) == (1, True)


def test_a_redirect_to_the_front_page_is_no_report(site: Site, look: Callable[..., Look]) -> None:
    site.pages |= {"/old.html": redirect("/"), "/": answer(REPORT), "/moved.html": redirect("/new.html", "301 Moved"), "/new.html": answer(REPORT)}  # fmt: skip
    looked = look(f"{site.url}/old.html", f"{site.url}/moved.html")
    assert [(item.code, "首页" in item.reason) for item in looked.failed] == [("NOT_A_REPORT", True)]
    assert [item.name for item in looked.found] == ["new.html"]


INNER = "http://127.0.0.2:{port}/"


@pytest.mark.parametrize(
    "chain",
    [
        [INNER],
        ["/b", INNER],
        ["/b", "/c", "/d", "/e", INNER],
        ["http://127.2:{port}/"],
        ["http://0x7f000002:{port}/"],
        ["http://[::ffff:127.0.0.2]:{port}/"],
        ["//127.0.0.2:{port}/"],
        ["http://x@127.0.0.2:{port}/"],
        ["http://①②⑦.0.0.2:{port}/"],
        ["file:///etc/passwd"],
        ["gopher://127.0.0.2:{port}/"],
        ["javascript:alert(1)"],
        ["http://169.254.169.254/latest/meta-data/"],
        ["http://localhost:{port}/"],
        ["http://127.0.0.2:{port}\\@127.0.0.1/"],
        ["http://[/"],
    ],
)
def test_every_redirect_is_judged_again(site: Site, look: Callable[..., Look], chain: list[str]) -> None:
    trap = Site("127.0.0.2")
    try:
        port = trap.url.rpartition(":")[2]
        steps = [step.replace("{port}", port) for step in chain]
        for path, to in zip(["/a", *steps], steps, strict=False):
            site.pages[path] = redirect(to)
        looked = look(f"{site.url}/a")
        assert [item.code for item in looked.failed] == ["SWEEP_ADDRESS_REFUSED"]
        assert (looked.found, trap.asked) == ((), [])
    finally:
        trap.close()


def test_redirects_without_end_are_followed_five_times(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/a"] = redirect("/a")
    assert "跳转超过 5 次" in look(f"{site.url}/a").failed[0].reason
    assert site.asked.count("/a") == 6


def test_a_bomb_is_stopped_at_the_limit_of_what_it_unpacks_to(site: Site, look: Callable[..., Look]) -> None:
    bomb = gzip.compress(bytes(60 * 1024 * 1024))
    site.pages["/a.html"] = answer(bomb, "200 OK", "Content-Encoding: gzip")
    site.pages["/b.html"] = answer(gzip.compress(REPORT), "200 OK", "Content-Encoding: gzip")
    looked = look(f"{site.url}/a.html", f"{site.url}/b.html")
    assert (looked.failed[0].code, [item.path.read_bytes() for item in looked.found if item.path]) == (
        "LIMIT_EXCEEDED",
        [REPORT],
    )


@pytest.mark.parametrize("part", ["head", "body", "nothing"])
def test_a_drip_without_end_is_stopped_at_the_deadline(site: Site, look: Callable[..., Look], part: str) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b""))
        for _ in range(1000):
            time.sleep(0.1)
            if part != "nothing":
                connection.sendall(b"X-A: b\r\n")

    site.pages["/a.html"] = drip
    begun = time.monotonic()
    looked = look(f"{site.url}/a.html", patience=Patience(1, 0.4, 0.8))
    assert [item.code for item in looked.failed] == ["SWEEP_TIMEOUT"]
    assert time.monotonic() - begun < 60  # of 100


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + REPORT,
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + REPORT,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + REPORT,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(REPORT)[:-20],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + REPORT,
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n" + REPORT,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"",
    ],
)
def test_an_answer_that_is_not_whole_is_failed_and_never_taken_for_a_change(
    site: Site, look: Callable[..., Look], raw: bytes
) -> None:
    site.pages["/a.html"] = raw
    looked = look(f"{site.url}/a.html")
    assert ([item.code for item in looked.failed], looked.found) == (["SWEEP_ANSWER"], ())


def test_a_host_that_is_too_busy_is_left_in_peace_for_the_rest_of_the_look(site: Site, look: Callable[..., Look]) -> None:
    site.pages["/1"] = answer(b"", "429 Too Many Requests", "Retry-After: 120")
    site.pages["/2"] = answer(REPORT)
    looked = look(f"{site.url}/1", f"{site.url}/2")
    assert ([item.code for item in looked.failed], "120 秒" in looked.failed[0].reason) == (["SWEEP_BUSY", "SWEEP_BUSY"], True)
    assert site.asked == ["/robots.txt", "/1"]


def test_a_host_that_does_not_answer_is_given_up_after_three(
    look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HECHA_SWEEP_ROBOTS", "0")
    closed = Site()
    closed.close()
    looked = look(*(f"{closed.url}/{number}" for number in range(5)))
    assert [item.code for item in looked.failed] == ["SWEEP_UNREACHABLE"] * 5
    assert ["不再访问" in item.reason for item in looked.failed] == [False] * 3 + [True] * 2


def test_robots_are_obeyed_unless_the_office_says_otherwise(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /private/\n"), "/private/a.html": answer(REPORT), "/b.html": answer(REPORT)}  # fmt: skip
    looked = look(f"{site.url}/private/a.html", f"{site.url}/b.html")
    assert ([item.code for item in looked.failed], len(looked.found)) == (["SWEEP_ROBOTS"], 1)
    assert site.asked == ["/robots.txt", "/b.html"]
    monkeypatch.setenv("HECHA_SWEEP_ROBOTS", "0")
    assert len(look(f"{site.url}/private/a.html").found) == 1


def test_a_site_whose_robots_cannot_be_read_now_is_not_looked_at(site: Site, look: Callable[..., Look]) -> None:
    site.pages |= {"/robots.txt": answer(b"", "500 Oops"), "/b.html": answer(REPORT)}
    assert [item.code for item in look(f"{site.url}/b.html").failed] == ["SWEEP_ANSWER"]


def test_the_longest_rule_for_us_decides() -> None:
    text = b"User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: hecha\nDisallow: /a\nAllow: /a/b*.pdf$ # x\nCrawl-delay: 2\n"
    ours = robots.read(text, "Hecha")
    assert [ours.may(path) for path in ("/", "/a/x", "/a/b1.pdf", "/a/b1.pdf?x")] == [True, False, True, False]
    assert (ours.delay, robots.read(text, "Else").may("/x"), robots.read(b"<html>", "Hecha").may("/x")) == (2.0, False, True)


def test_between_two_requests_to_a_host_there_is_a_pause(site: Site, look: Callable[..., Look]) -> None:
    site.pages |= {"/1": answer(REPORT), "/2": redirect("/1")}
    look(f"{site.url}/1", f"{site.url}/2", allowed=replace(HERE, pause=timedelta(seconds=0.2)))
    gaps = [later - earlier for earlier, later in zip(site.times, site.times[1:], strict=False)]
    assert (site.asked, min(gaps) > 0.15) == (["/robots.txt", "/1", "/2", "/1"], True)


def test_whom_to_write_to_is_said_if_the_office_wants_it(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HECHA_SWEEP_CONTACT", "office@example.gov.cn\r\nX-Bad: 1")
    look(f"{site.url}/1")
    assert "(+office@example.gov.cnX-Bad: 1)" in site.heads[0]


def test_certificates_are_verified_for_the_name_that_was_asked_for(
    look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = certificate.own(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path, made.key)
    site = Site(context=context)
    try:
        site.pages["/1.html"] = answer(REPORT)
        url = site.url.replace("http:", "https:") + "/1.html"
        unknown = look(url)
        monkeypatch.setenv("HECHA_SWEEP_CA", str(made.path))
        trusted = look(url)
        named = Addresses(lambda *_: ["127.0.0.1"], ENOUGH)
        allowed = replace(HERE, hosts=("other.test",))
        spec = named.check({"text": url.replace("127.0.0.1", "other.test")}, allowed)
        other = named.look(spec, {}, tmp_path, allowed)
    finally:
        site.close()
    assert [("证书不可信" in item.reason, item.code) for item in (*unknown.failed, *other.failed)] == [(True, "SWEEP_TLS")] * 2
    assert ([item.name for item in trusted.found], site.asked) == (["1.html"], ["/robots.txt", "/1.html"])


def test_an_unreadable_bundle_of_certificates_fails_the_whole_look(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HECHA_SWEEP_CA", str(tmp_path / "none.pem"))
    with pytest.raises(fetching.SourceUnavailable, match="HECHA_SWEEP_CA"):
        look(f"{site.url}/1")


PUBLIC = Allowed(addresses=True)


@pytest.mark.parametrize(
    "text",
    [
        "示例县水务局，https://a.example.cn/1.html\n\nhttps://b.example.cn/x,y.html",
        '\ufeff单位名称,年报网址\n示例县水务局,https://a.example.cn/1.html\n,"https://b.example.cn/x,y.html"\n',
        "网址\t单位代码\nhttps://a.example.cn/1.html\t示例县水务局\nhttps://b.example.cn/x,y.html",
        "单位,网址\n示例县水务局,https://a.example.cn/1.html\nhttps://b.example.cn/x,y.html",
        "示例县水务局 https://A.example.cn:443/1.html#top\r\nhttps://b.example.cn/x,y.html\r\n",
    ],
)
def test_a_list_is_understood_as_people_keep_it(text: str) -> None:
    assert Addresses().check({"kind": "addresses", "text": text}, PUBLIC) == {
        "kind": "addresses",
        "lines": [
            {"address": "https://a.example.cn/1.html", "agency": "示例县水务局"},
            {"address": "https://b.example.cn/x,y.html", "agency": None},
        ],
    }


def test_what_is_wrong_with_a_list_is_said_with_its_lines() -> None:
    text = "甲,https://a.example.cn/1\n乙,https://a.example.cn:443/1\n丙\n丁,ftp://a.example.cn/"
    with pytest.raises(ScheduleUnusable, match=r"第 2 行与第 1 行的网址相同；第 3 行：没有网址.*；第 4 行：只巡查 http"):
        Addresses().check({"text": text}, PUBLIC)
    with pytest.raises(SourceRefused, match=r"第 1 行：10\.0\.0\.1 不是公开"):
        Addresses().check({"text": "http://10.0.0.1/"}, PUBLIC)
    for empty in ({"text": "\n"}, {"lines": []}, {"lines": "x"}, {}):
        with pytest.raises(ScheduleUnusable):
            Addresses().check(empty, PUBLIC)


def test_nothing_is_asked_for_unless_addresses_are_switched_on(site: Site, tmp_path: Path) -> None:
    spec = {"kind": "addresses", "lines": [{"address": f"{site.url}/1", "agency": None}]}
    off = replace(HERE, addresses=False)
    with pytest.raises(SourceRefused, match="HECHA_SWEEP_HTTP"):
        Addresses().check(spec, off)
    with pytest.raises(SourceRefused, match="HECHA_SWEEP_HTTP"):
        Addresses().look(spec, {}, tmp_path, off)
    assert site.asked == []


def test_a_list_says_in_a_line_where_it_looks() -> None:
    lines = [{"address": f"https://{host}.example.cn/1"} for host in "aabc"]
    assert Addresses().words({"lines": lines}) == "4 个网址（a.example.cn、b.example.cn等）"


def test_a_gzip_stream_of_several_members_is_read_to_its_end(site: Site, look: Callable[..., Look]) -> None:
    half = len(REPORT) // 2
    site.pages["/a.html"] = answer(
        gzip.compress(REPORT[:half]) + gzip.compress(REPORT[half:]), "200 OK", "Content-Encoding: gzip"
    )
    site.pages["/b.html"] = answer(
        gzip.compress(REPORT[:half]) + gzip.compress(REPORT)[:-9], "200 OK", "Content-Encoding: gzip"
    )
    site.pages["/c.html"] = answer(gzip.compress(b"x" * 1_000_000) * 60, "200 OK", "Content-Encoding: gzip")
    site.pages["/d.html"] = answer(gzip.compress(REPORT) + b"rubbish" * 9, "200 OK", "Content-Encoding: gzip")
    looked = look(*(f"{site.url}/{name}.html" for name in "abcd"))

    assert [item.path.read_bytes() for item in looked.found if item.path] == [REPORT]
    assert [item.code for item in looked.failed] == ["SWEEP_ANSWER", "LIMIT_EXCEEDED", "SWEEP_ANSWER"]


def test_what_a_look_brings_has_a_limit_and_what_is_beyond_is_failed_not_gone(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.sources.addresses.MOST_BYTES", len(REPORT) + 100)
    site.pages |= {f"/{number}.html": answer(REPORT + b" " * number) for number in range(3)}
    looked = look(*(f"{site.url}/{number}.html" for number in range(3)))

    assert (len(looked.found), [item.code for item in looked.failed], looked.absent) == (1, ["LIMIT_EXCEEDED"] * 2, ())
    assert site.asked.count("/2.html") == 0


def test_no_password_of_the_user_and_no_cookie_is_ever_sent(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login office password secret\ndefault login office password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://office:secret@127.0.0.1:9")
    site.pages |= {"/1.html": answer(b"", "302 Found", "Location: /2.html", "Set-Cookie: a=b"), "/2.html": answer(REPORT)}

    assert len(look(f"{site.url}/1.html").found) == 1
    heads = "".join(site.heads).lower()
    assert not any(word in heads for word in ("authorization", "cookie", "secret", "referer"))


def test_a_public_site_cannot_send_us_on_to_where_only_the_office_may_go(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.1 plays the public internet, 127.0.0.2 an intranet that the office allows by itself."""
    inner = Site("127.0.0.2")
    try:
        port = inner.url.rpartition(":")[2]
        monkeypatch.setattr(guard, "is_public", lambda address: str(address) == "127.0.0.1")
        monkeypatch.setattr(fetching, "is_public", lambda address: str(address) == "127.0.0.1")
        allowed = replace(HERE, networks=(ip_network("127.0.0.0/8"),))
        site.pages |= {"/1.html": redirect(f"{inner.url}/2.html"), "/back.html": answer(REPORT)}
        inner.pages |= {"/2.html": answer(REPORT), "/out.html": redirect(f"{site.url}/back.html")}
        source = Addresses(patience=ENOUGH)
        spec = source.check({"text": f"{site.url}/1.html\n{inner.url}/2.html\nhttp://127.0.0.2:{port}/out.html"}, allowed)
        looked = source.look(spec, {}, tmp_path, allowed)
    finally:
        inner.close()

    assert [(item.address, item.code) for item in looked.failed] == [(f"{site.url}/1.html", "SWEEP_ADDRESS_REFUSED")]
    assert ([item.name for item in looked.found], inner.asked.count("/2.html")) == (["2.html", "back.html"], 1)


def test_each_fault_has_its_own_code_and_is_said_in_chinese(
    site: Site, look: Callable[..., Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = Site()
    closed.close()
    site.pages |= {
        "/robots.txt": answer(b"User-agent: *\nDisallow: /private/\n"),
        "/403.html": answer(b"", "403 Forbidden"),
        "/large.html": answer(gzip.compress(bytes(60 << 20)), "200 OK", "Content-Encoding: gzip"),
    }
    https = site.url.replace("http:", "https:")
    allowed = replace(HERE, hosts=("nowhere.invalid",))
    urls = [
        *(f"{site.url}/{name}" for name in ("404.html", "403.html", "private/1.html", "large.html")),
        f"{closed.url}/1.html",
        f"{https}/1.html",
        "http://nowhere.invalid/1.html",
    ]
    looked = look(*urls, allowed=allowed)
    never = threading.Event()
    site.pages["/slow.html"] = lambda connection: bool(never.wait(600))
    slow = look(f"{site.url}/slow.html", patience=Patience(2, 2, 4))
    never.set()
    told = {item.address: (item.code, item.reason) for item in (*looked.failed, *looked.absent, *slow.failed)}

    assert [told[url][0] for url in (*urls[:4], f"{site.url}/slow.html", *urls[4:])] == [
        "SWEEP_NOT_FOUND",
        "SWEEP_ANSWER",
        "SWEEP_ROBOTS",
        "LIMIT_EXCEEDED",
        "SWEEP_TIMEOUT",
        "SWEEP_UNREACHABLE",
        "SWEEP_TLS",
        "SWEEP_DNS",
    ]
    assert all(re.search("[\u4e00-\u9fff]{4}", reason) and "rror" not in reason for _, reason in told.values())

"""Sign-in, set-up, one's own account, other people's, the log of actions and the settings, as they are used at a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from access import LOCAL, Action, Role
from access.log import LogWanted
from access.second_factor import STEP_SECONDS, code_at
from audits.store import Store
from tests.web.people import PASSWORD, Browser, Office
from web.app import create_app
from web.pages.log import details_in_words

NEW = "Meadow-41-quartz-violin"


def link_in(text: str) -> str:
    """The one-time link that a page shows, without its host."""
    found = re.search(r"http://127\.0\.0\.1(/welcome\?key=[\w-]+)", text)
    assert found is not None
    return found[1]


def said(browser: Browser, path: str) -> str:
    """What the next page says was done."""
    found = re.search(r'class="flash \w+[^>]*>.*?<p>(.*?)</p>', browser.get(path).text, re.S)
    return found[1] if found else ""


@pytest.fixture
def fresh(tmp_path: Path) -> tuple[Browser, str]:
    """A service that nobody has an account of, and the key of its set-up link."""
    store = Store(tmp_path)
    app = create_app(store)
    key = app.state.services.access.entrance.setup_link(LOCAL)
    return Browser(app), key


SETUP = {
    "kind": "three",
    "login": "xitong",
    "name": "王一",
    "password": PASSWORD,
    "again": PASSWORD,
    "security_login": "anquan",
    "security_name": "李二",
    "audit_login": "shenji",
    "audit_name": "张三",
}


# the first time


def test_the_set_up_makes_three_administrators_and_two_of_them_set_their_own_passwords(fresh: tuple[Browser, str]) -> None:
    browser, key = fresh
    ready = browser.post("/setup", data={**SETUP, "key": key})
    links = re.findall(r"http://127\.0\.0\.1(/welcome\?key=([\w-]+))", ready.text)
    for path, secret in links:
        assert browser.get(path).status_code == 200
        assert browser.post("/welcome", data={"key": secret, "password": NEW, "again": NEW}).status_code == 303
    outcomes = [
        browser.post("/login", data={"login": login, "password": word})
        for login, word in (("xitong", PASSWORD), ("anquan", NEW), ("shenji", NEW))
    ]

    assert [answer.status_code for answer in outcomes] == [303, 303, 303]


def test_the_set_up_link_works_once(fresh: tuple[Browser, str]) -> None:
    browser, key = fresh
    browser.post("/setup", data={**SETUP, "key": key})

    assert browser.get(f"/setup?key={key}").status_code == 404
    assert browser.post("/setup", data={**SETUP, "key": key, "login": "another"}).status_code == 404


def test_a_refused_set_up_may_be_mended_and_keeps_what_was_typed_but_the_password(fresh: tuple[Browser, str]) -> None:
    browser, key = fresh
    refused = browser.post("/setup", data={**SETUP, "key": key, "password": "short", "again": "short"})

    assert refused.status_code == 422
    assert "王一" in refused.text
    assert "short" not in refused.text
    assert browser.post("/setup", data={**SETUP, "key": key}).status_code == 200


def test_an_office_of_one_is_told_so_on_every_page(fresh: tuple[Browser, str]) -> None:
    browser, key = fresh
    browser.post(
        "/setup", data={"key": key, "kind": "one", "login": "fuzeren", "name": "王一", "password": PASSWORD, "again": PASSWORD}
    )
    browser.post("/login", data={"login": "fuzeren", "password": PASSWORD})

    assert "不符合三员分立" in browser.get("/account").text


@pytest.mark.parametrize("login", ["admin", "root", "administrator", "hecha", ""])
@pytest.mark.parametrize("password", ["", "admin", "password", "hecha"])
def test_no_default_account_works(shared: Office, login: str, password: str) -> None:
    assert shared.anonymous().post("/login", data={"login": login, "password": password}).status_code == 401


# every day


def test_a_wrong_name_and_a_wrong_password_are_told_alike(office: Office) -> None:
    known = office.account("viewer").login
    answers = [
        office.anonymous().post("/login", data={"login": login, "password": "wrong"})
        for login in (known, "nobody-of-this-name")
    ]
    texts = [re.search(r'role="alert">(.*?)</p>', answer.text) for answer in answers]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert len({found[1] for found in texts if found}) == 1


def test_five_failures_lock_the_account_and_the_security_administrator_unlocks_it(office: Office) -> None:
    account = office.account("viewer")
    for _ in range(5):
        office.anonymous().post("/login", data={"login": account.login, "password": "wrong"})
    right = {"login": account.login, "password": PASSWORD}
    locked = office.anonymous().post("/login", data=right).status_code
    office.client("security_admin").post(f"/users/{account.id}/unlock")

    assert (locked, office.anonymous().post("/login", data=right).status_code) == (401, 303)


def test_signing_in_leads_back_to_the_page_that_was_asked_for(office: Office) -> None:
    account = office.account("supervisor")
    browser = office.anonymous()
    to_login = browser.get("/batches?page=2").headers["location"]
    target = re.search(r'name="next" value="([^"]*)"', browser.get(to_login).text)

    assert target is not None
    data = {"login": account.login, "password": PASSWORD, "next": target[1]}
    assert browser.post("/login", data=data).headers["location"] == "/batches?page=2"


@pytest.mark.parametrize(
    ("role", "first"), [("system_admin", "/users"), ("security_admin", "/users"), ("audit_admin", "/log"), (None, "/account")]
)
def test_everybody_comes_to_a_page_that_he_may_see(office: Office, role: str | None, first: str) -> None:
    assert office.client(role).get("/").headers["location"] == first


def test_an_expired_password_is_changed_before_anything_else(office: Office) -> None:
    browser = office.client("supervisor")
    account = office.account("supervisor")
    with office.store.transactions.write() as db:
        db.exec_driver_sql("update accounts set password_at = 0 where id = ?", (account.id,))

    assert browser.get("/batches").headers["location"] == "/account/password"
    assert browser.get("/api/v1/batches").status_code == 403
    browser.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert browser.get("/batches").status_code == 200


def test_an_administrator_from_elsewhere_sets_up_a_second_factor_before_anything_else(office: Office) -> None:
    browser = Browser(office.app, address="192.0.2.7")
    browser.cookies.set("hecha", office.secret(office.account("audit_admin")))

    assert browser.get("/log").headers["location"] == "/account/second-factor"


def test_a_second_factor_is_enrolled_by_its_picture_or_secret_and_asked_for_afterwards(office: Office) -> None:
    account = office.account("viewer")
    browser = office.client("viewer")
    browser.post("/account/second-factor/new")
    shown = browser.get("/account/second-factor").text
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', shown)
    assert secret is not None
    assert '<svg class="qr"' in shown
    import time

    step = int(time.time() // STEP_SECONDS)
    wrong = browser.post("/account/second-factor", data={"code": "000000"}).status_code
    right = browser.post("/account/second-factor", data={"code": code_at(secret[1], step)})
    later = office.anonymous()
    asked = later.post("/login", data={"login": account.login, "password": PASSWORD})
    link = re.search(r'name="secret" value="([^"]+)"', asked.text)

    assert (wrong, right.status_code, asked.status_code) == (422, 303, 200)
    assert link is not None
    assert later.get("/account").status_code == 303  # not in yet
    refused = later.post("/login/code", data={"secret": link[1], "code": "000000"})
    let_in = later.post("/login/code", data={"secret": link[1], "code": code_at(secret[1], step + 1)})
    assert (refused.status_code, let_in.status_code, later.get("/account").status_code) == (401, 303, 200)


# one's own


def test_changing_the_password_ends_the_other_sessions(office: Office) -> None:
    here, elsewhere = office.client("viewer"), office.client("viewer")
    here.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})

    assert (here.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)


@pytest.mark.parametrize(
    ("old", "new", "again"), [("wrong", NEW, NEW), (PASSWORD, NEW, NEW + "x"), (PASSWORD, "short", "short")]
)
def test_a_password_is_not_changed_without_the_old_one_or_against_the_policy(
    office: Office, old: str, new: str, again: str
) -> None:
    browser = office.client("viewer")
    answer = browser.post("/account/password", data={"old": old, "new": new, "again": again})

    assert answer.status_code == 422
    assert not {old, new, again} & set(re.findall(r'value="([^"]*)"', answer.text))
    assert office.secret(office.account("viewer"))  # the old one still works


def test_a_token_is_shown_once_and_works_until_it_is_revoked(office: Office) -> None:
    browser = office.client("supervisor")
    page = browser.post("/account/tokens", data={"title": "报送脚本", "permissions": ["report.read"], "days": "30"}).text
    token = re.search(r"hecha_[\w-]+", page)
    assert token is not None
    program = {"authorization": f"Bearer {token[0]}"}
    used = office.anonymous().get("/api/v1/batches", headers=program).status_code
    account = browser.get("/account").text
    revoke = re.search(r'action="(/account/tokens/\w+/revoke)"', account)
    assert revoke is not None
    browser.post(revoke[1])

    assert token[0] not in account
    assert (used, office.anonymous().get("/api/v1/batches", headers=program).status_code) == (200, 401)


def test_one_ends_his_own_session_elsewhere(office: Office) -> None:
    here, elsewhere = office.client("viewer"), office.client("viewer")
    end = re.findall(r'action="(/account/sessions/\w+/end)"', here.get("/account").text)
    here.post(end[0])

    assert (len(end), here.get("/account").status_code, elsewhere.get("/account").status_code) == (1, 200, 303)


# other people's


def test_an_account_is_created_by_one_administrator_and_granted_by_another(office: Office) -> None:
    link = link_in(office.client("system_admin").post("/users", data={"login": "chenxin", "name": "陈新"}).text)
    account = office.access.accounts.by_login("chenxin")
    office.anonymous().post("/welcome", data={"key": link.split("=")[1], "password": NEW, "again": NEW})
    granted = {"role": "supervisor", "regions": "福建省/福州市\n江西省 南昌市"}
    office.client("security_admin").post(f"/users/{account.id}/grant", data=granted)
    browser = office.anonymous()
    browser.post("/login", data={"login": "chenxin", "password": NEW})

    assert office.access.accounts.get(account.id).regions == ("/江西省/南昌市/", "/福建省/福州市/")
    assert browser.get("/batches").status_code == 200


@pytest.mark.parametrize(("role", "refused"), [("system_admin", "grant"), ("security_admin", "disable")])
def test_no_administrator_does_the_others_part(office: Office, role: str, refused: str) -> None:
    account = office.account("viewer")
    browser = office.client(role)
    answer = browser.post(f"/users/{account.id}/{refused}", data={"role": "owner", "regions": "/"})

    assert answer.status_code == 403
    assert f"/users/{account.id}/{refused}" not in browser.get(f"/users/{account.id}").text
    assert office.access.accounts.get(account.id) == account


def test_nobody_grants_himself_anything(office: Office) -> None:
    account = office.account("security_admin")
    browser = office.client("security_admin")
    browser.post(f"/users/{account.id}/grant", data={"role": "supervisor", "regions": "/"})

    assert "不能对自己的账号这样做" in said(browser, f"/users/{account.id}")
    assert office.access.accounts.get(account.id).role is Role.SECURITY_ADMIN


def test_disabling_an_account_ends_its_sessions_at_once(office: Office) -> None:
    browser = office.client("viewer")
    office.client("system_admin").post(f"/users/{office.account('viewer').id}/disable")

    assert browser.get("/account").status_code == 303


def test_the_security_administrator_sees_and_ends_sessions_and_tokens(office: Office) -> None:
    browser = office.client("viewer")
    browser.post("/account/tokens", data={"title": "脚本", "permissions": ["report.read"], "days": "7"})
    admin = office.client("security_admin")
    account = office.account("viewer")
    page = admin.get(f"/users/{account.id}").text
    for path in re.findall(r'action="(/users/(?:sessions|tokens)/\w+/(?:end|revoke))"', page):
        admin.post(path)

    assert browser.get("/account").status_code == 303
    assert [token.revoked_at is not None for token in office.access.tokens.of(account.id)] == [True]


def test_a_reset_gives_a_link_and_the_old_password_works_no_more(office: Office) -> None:
    account = office.account("viewer")
    link = link_in(office.client("security_admin").post(f"/users/{account.id}/reset").text)
    old = office.anonymous().post("/login", data={"login": account.login, "password": PASSWORD}).status_code
    office.anonymous().post("/welcome", data={"key": link.split("=")[1], "password": NEW, "again": NEW})

    assert (old, office.anonymous().post("/login", data={"login": account.login, "password": NEW}).status_code) == (401, 303)


# the log of actions


def test_the_auditor_filters_exports_and_verifies_the_log(office: Office) -> None:
    office.account("viewer", login="quxian")
    browser = office.client("audit_admin")
    listed = browser.get("/log?action=account.create&text=quxian").text
    exported = browser.get("/log/export?form=csv&action=account.create")
    verified = browser.post("/log/verify").text

    assert "quxian" in listed
    assert "登录失败</td>" not in listed
    assert exported.headers["content-disposition"].startswith("attachment; filename=")
    assert "quxian" in exported.text
    assert "日志完整" in verified


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ('{"days": 90, "id": "a1"}', "天数：90；编号：a1"),
        ('{"after": {"regions": ["/福建省/"], "role": "viewer"}}', "改后：地区：福建省；角色：只读人员"),
        ('{"after": "b", "before": "a"}', "改前：a；改后：b"),
        ('{"accounts": {"audit_admin": "zhaomin"}}', "账号：审计管理员：zhaomin"),
        ('{"decided": "dismissed", "forms": ["pdf", "docx"]}', "认定：不成立；形式：核查报告、整改通知"),
        ('{"locks": true, "other": ""}', "锁定：是；other：无"),
        ('{"cut off', '{"cut off'),
        ("", ""),
    ],
)
def test_details_of_the_log_are_said_in_words(details: str, words: str) -> None:
    assert details_in_words(details) == words


def test_a_supervisor_without_a_region_is_warned_of_and_regions_run_together_are_refused(office: Office) -> None:
    administrator, account = office.client("security_admin"), office.account("viewer", ())
    grant = f"/users/{account.id}/grant"
    administrator.post(grant, data={"role": "supervisor", "regions": ""})
    warned = said(administrator, f"/users/{account.id}")
    administrator.post(grant, data={"role": "supervisor", "regions": "霁川市，青禾县"})
    refused = said(administrator, f"/users/{account.id}")

    assert "还什么也看不到" in warned
    assert "一行写一个" in refused
    assert office.access.accounts.get(account.id).regions == ()


def test_who_was_signed_out_by_time_is_told_so(office: Office) -> None:
    browser = office.client("viewer")
    for session in office.access.sessions.of():
        office.access.sessions.end_by(LOCAL, session.public_id)

    assert "登录已失效" in browser.get("/batches", follow_redirects=True).text
    assert "登录已失效" not in office.anonymous().get("/batches", follow_redirects=True).text


def test_what_a_password_has_to_be_stands_where_one_is_thought_of(office: Office) -> None:
    office.access.settings.change(LOCAL, "djcp_length", "12")
    _, secret = office.access.accounts.create(LOCAL, "xinren", "新人")

    for shown in (office.anonymous().get(f"/welcome?key={secret}"), office.client("viewer").get("/account/password")):
        assert "至少 12 个字符，含大写字母、小写字母、数字、符号中的三类" in shown.text


def test_a_changed_entry_is_told_to_the_auditor(office: Office) -> None:
    office.account("viewer")
    with office.store.transactions.write() as db:
        db.exec_driver_sql("update entries set who = '别人' where number = 2")

    assert "日志有异常" in office.client("audit_admin").post("/log/verify").text


@pytest.mark.parametrize("query", ["action=nothing", "result=nothing", "since=yesterday"])
def test_a_filter_that_makes_no_sense_is_told(shared: Office, query: str) -> None:
    assert shared.client("audit_admin").get(f"/log?{query}").status_code == 400


def test_reading_the_log_is_in_the_log(office: Office) -> None:
    browser = office.client("audit_admin")
    browser.get("/log?text=quxian")

    assert [entry.object for entry in office.access.log.entries(LogWanted(action=Action.LOG_READ))] == ["quxian"]


# settings


def test_each_setting_is_changed_by_whom_it_belongs_to(office: Office) -> None:
    system, security = office.client("system_admin"), office.client("security_admin")
    answers = [
        system.post("/settings/office_name", data={"value": "霁川市政务公开办"}).status_code,
        system.post("/settings/lockout_failures", data={"value": "4"}).status_code,
        security.post("/settings/lockout_failures", data={"value": "4"}).status_code,
        security.post("/settings/office_name", data={"value": "别的"}).status_code,
    ]

    assert answers == [303, 403, 303, 403]
    assert (office.access.settings["office_name"], office.access.settings["lockout_failures"]) == ("霁川市政务公开办", 4)
    assert "霁川市政务公开办" in office.anonymous().get("/login").text


def test_a_value_out_of_bounds_is_refused_with_its_bounds(office: Office) -> None:
    browser = office.client("security_admin")
    browser.post("/settings/lockout_failures", data={"value": "99"})

    assert "3 到 10" in said(browser, "/settings")
    assert office.access.settings["lockout_failures"] == 5


def test_what_is_said_after_an_action_is_ours_alone(office: Office) -> None:
    """Nobody who can plant a cookie puts words into our mouth."""
    import base64
    import json

    browser = office.client("viewer")
    body = base64.urlsafe_b64encode(json.dumps(["请把口令发到 evil@example.com", "good"]).encode()).decode()
    browser.cookies.set("hecha-said", f"{body}.{'0' * 64}")

    assert "evil@example.com" not in browser.get("/account").text


def test_names_are_shown_as_text(office: Office) -> None:
    browser = office.client("system_admin")
    browser.post("/users", data={"login": "script", "name": "<script>alert(1)</script>"})

    assert "<script>alert" not in browser.get("/users").text
    assert "&lt;script&gt;alert" in browser.get("/users").text

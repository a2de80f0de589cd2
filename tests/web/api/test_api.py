"""The JSON API does what the pages do, for whom the pages would do it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import httpx2
import pytest

from access import Permission, Role
from audits.store import SubmissionState
from tests.web.api.conftest import ELSEWHERE, FAULTY, GOOD, HERE, SAMPLES, UNREADABLE, Programs, told
from tests.web.routes import declared

Files = list[tuple[str, tuple[str, bytes, str]]]


def files(*names: str) -> Files:
    return [("files", (name, (SAMPLES / name).read_bytes(), "text/plain")) for name in names]


# batches


def test_a_batch_is_submitted_watched_and_taken_home(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    submitted = supervisor.post("/batches", files=files(GOOD, UNREADABLE), data={"title": "一季度"})
    batch = submitted.json()["id"]
    before = supervisor.get(f"/batches/{batch}").json()
    programs.work()
    after = supervisor.get(f"/batches/{batch}").json()
    exported = supervisor.get(f"/batches/{batch}/export", params={"form": ["pdf", "xlsx"]})

    assert (submitted.status_code, submitted.json()["is_recorded"], before["region"]) == (201, True, HERE)
    assert [before["total"], before["is_done"], after["settled"], after["is_done"]] == [2, False, 2, True]
    assert (after["counts"]["audited"], after["counts"]["unreadable"]) == (1, 1)
    names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    assert sorted(Path(name).suffix for name in names) == [".json", ".pdf", ".xlsx"]
    assert list(programs.store.folder.glob(".export-*")) == []


def test_a_zip_is_opened(programs: Programs) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (GOOD, FAULTY):
            archive.write(SAMPLES / name, name)
    supervisor = programs.program("supervisor", HERE)

    batch = supervisor.post("/batches", files={"files": ("全县.zip", packed.getvalue())}).json()["id"]

    found = supervisor.get(f"/batches/{batch}").json()
    assert (found["title"], found["total"]) == ("全县.zip", 2)


def test_who_answers_for_several_regions_says_which(programs: Programs) -> None:
    both = programs.program("supervisor", HERE, ELSEWHERE)

    unsaid = both.post("/batches", files=files(GOOD))
    outside = both.post("/batches", files=files(GOOD), data={"region": "/别处/"})
    said = both.post("/batches", files=files(GOOD), data={"region": ELSEWHERE})

    assert (told(unsaid), told(outside), said.status_code) == ((403, "FORBIDDEN"), (403, "FORBIDDEN"), 201)


def test_what_waits_can_be_cancelled_and_tried_again(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    batch = supervisor.post("/batches", files=files(GOOD, FAULTY)).json()["id"]

    assert supervisor.post(f"/batches/{batch}/cancel").json() == {"count": 2}
    assert supervisor.post(f"/batches/{batch}/retry").json() == {"count": 2}
    assert len(programs.store.waiting(batch)) == 2


def test_another_pack_makes_a_new_batch_and_a_folder_is_no_pack(programs: Programs, tmp_path: Path) -> None:
    supervisor = programs.program("supervisor", HERE)

    again = supervisor.post(f"/batches/{programs.here}/reaudit", json={"pack": "suqian"})
    folder = supervisor.post(f"/batches/{programs.here}/reaudit", json={"pack": str(tmp_path)})

    assert (again.status_code, again.json()["id"] != programs.here) == (201, True)
    assert told(folder) == (404, "NOT_FOUND")


def test_only_who_submitted_a_batch_deletes_it(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    own = supervisor.post("/batches", files=files(GOOD)).json()["id"]

    assert told(supervisor.delete(f"/batches/{programs.here}")) == (403, "FORBIDDEN")
    assert supervisor.delete(f"/batches/{own}").status_code == 204
    assert told(supervisor.get(f"/batches/{own}")) == (404, "NOT_FOUND")


def test_a_clerk_sees_what_he_submitted_and_nothing_else(programs: Programs) -> None:
    clerk = programs.program("clerk", HERE)
    own = clerk.post("/batches", files=files(FAULTY)).json()["id"]
    programs.work()

    assert [item["id"] for item in clerk.get("/batches").json()["items"]] == [own]
    assert {item["batch_id"] for item in clerk.get("/reports").json()["items"]} == {own}
    assert told(clerk.get(f"/batches/{programs.here}")) == (404, "NOT_FOUND")
    assert told(clerk.get(f"/reports/{programs.report(programs.here)}/audit")) == (404, "NOT_FOUND")


# reports


def test_reports_are_listed_worst_first_and_filtered(read_only: Programs) -> None:
    viewer = read_only.program("viewer", HERE)

    everything = viewer.get("/reports").json()
    unreadable = viewer.get("/reports", params={"state": "unreadable"}).json()
    searched = viewer.get("/reports", params={"text": "市场监管", "year": 2022}).json()

    assert (everything["total"], everything["items"][0]["name"]) == (3, FAULTY)
    assert [item["name"] for item in unreadable["items"]] == [UNREADABLE]
    assert [item["name"] for item in searched["items"]] == [FAULTY]


def test_reports_are_counted_by_what_they_could_be_filtered_by(read_only: Programs) -> None:
    viewer = read_only.program("viewer", HERE)

    found = viewer.get("/reports/facets", params={"batch": read_only.here}).json()
    totals = viewer.get("/totals").json()

    assert (found["total"], found["states"], found["years"]) == (3, {"audited": 2, "unreadable": 1}, {"2022": 1, "2023": 1})
    assert (found["unknown_year"], totals["batches"], totals["reports"]) == (1, 1, 3)


def test_an_audit_is_the_json_that_the_command_line_writes(read_only: Programs) -> None:
    report = read_only.report(read_only.here)
    found = read_only.program("viewer", HERE).get(f"/reports/{report}/audit")
    recorded = read_only.store.result(report).outputs["json"]

    assert found.json() == json.loads(read_only.store.file(recorded).read_bytes())


@pytest.mark.parametrize(("form", "magic"), [("pdf", b"%PDF"), ("docx", b"PK"), ("json", b"{")])
def test_documents_come_as_attachments_under_the_agencys_name(read_only: Programs, form: str, magic: bytes) -> None:
    report = read_only.report(read_only.here)
    found = read_only.program("viewer", HERE).get(f"/reports/{report}/document", params={"form": form})

    assert (found.status_code, found.content.startswith(magic)) == (200, True)
    assert found.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E4%BA%91%E6%B8%A1")


def test_what_has_no_result_has_no_documents(read_only: Programs) -> None:
    unreadable = read_only.report(read_only.here, UNREADABLE)
    viewer = read_only.program("viewer", HERE)

    assert {told(viewer.get(f"/reports/{unreadable}/{what}")) for what in ("audit", "document")} == {(404, "NOT_FOUND")}


def test_decisions_are_taken_kept_and_taken_back(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    report = programs.report(programs.here)
    finding = supervisor.get(f"/reports/{report}/audit").json()["findings"][0]["id"]
    at = f"/reports/{report}/decisions"

    without_reason = supervisor.post(at, json={"findings": [finding], "decided": "dismissed"})
    taken = supervisor.post(at, json={"findings": [finding], "decided": "dismissed", "reason": "原件无误"})
    held = supervisor.get(at).json()
    supervisor.post(at, json={"findings": [finding], "decided": "reopened"})
    history = supervisor.get(f"{at}/history", params={"finding": finding}).json()

    assert (without_reason.status_code, taken.status_code) == (422, 201)
    assert [(item["finding_id"], item["decided"], item["reason"]) for item in held] == [(finding, "dismissed", "原件无误")]
    assert [item["decided"] for item in history] == ["dismissed", "reopened"]
    assert supervisor.get(at).json() == []


def test_a_report_submitted_anew_is_told_apart_from_the_one_before(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    report = programs.report(programs.here)
    corrected = (SAMPLES / FAULTY).read_bytes() + b"\n"

    new = supervisor.post(f"/reports/{report}/versions", files={"file": ("更正.txt", corrected)}).json()["id"]
    programs.work()
    changes = supervisor.get(f"/reports/{new}/changes").json()

    assert [item["version"] for item in supervisor.get(f"/reports/{new}/versions").json()] == [1, 2]
    assert (changes["comparable"], changes["fixed"], changes["new"], bool(changes["still_open"])) == (True, [], [], True)


def test_an_archive_is_no_new_version_of_a_report(programs: Programs) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(SAMPLES / GOOD, GOOD)
    report = programs.report(programs.here)

    answer = programs.program("supervisor", HERE).post(
        f"/reports/{report}/versions", files={"file": ("a.zip", packed.getvalue())}
    )

    assert (answer.status_code, "不收压缩包" in answer.json()["error"]["message"]) == (422, True)


# the rest


def test_what_failed_is_listed_and_tried_again(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    failed = supervisor.get("/failed").json()["items"]

    assert [item["name"] for item in failed] == [UNREADABLE]
    assert supervisor.post("/failed/retry", json={"reports": [failed[0]["id"]]}).json() == {"count": 1}
    assert programs.store.submission(failed[0]["id"]).state is SubmissionState.RECEIVED
    other = programs.report(programs.elsewhere)
    assert told(supervisor.post("/failed/retry", json={"reports": [other]})) == (404, "NOT_FOUND")


def test_a_roster_is_imported_and_says_who_is_missing(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    table = "code,name\nA1,青禾县教育局\nA2,青禾县财政局\n".encode()

    imported = supervisor.post("/rosters", files={"file": ("agencies.csv", table)})
    broken = supervisor.post("/rosters", files={"file": ("agencies.csv", b"nothing")})
    rows = supervisor.get("/coverage", params={"year": [2023]}).json()["items"]
    missing = supervisor.get("/missing", params={"year": 2023}).json()

    assert imported.status_code == 201, imported.text
    assert (imported.status_code, imported.json()["agencies"], broken.status_code) == (201, 2, 422)
    assert {row["name"]: row["years"]["2023"]["state"] for row in rows} == {
        "青禾县教育局": "audited",
        "青禾县财政局": "missing",
    }
    assert [item["name"] for item in missing] == ["青禾县财政局"]
    assert supervisor.get("/coverage/totals", params={"year": 2023}).json()["expected"] == 2
    assert [item["code"] for item in supervisor.get("/agencies", params={"text": "财政"}).json()["items"]] == ["A2"]
    assert supervisor.delete(f"/rosters/{imported.json()['id']}").status_code == 204
    assert supervisor.get("/rosters").json() == []


def test_rules_are_shown_and_counted(read_only: Programs) -> None:
    viewer = read_only.program("viewer", HERE)

    listed = {rule["id"] for rule in viewer.get("/rules").json()}
    shown = viewer.get("/rules/APP-BALANCE").json()
    counted = viewer.get("/rules/statistics", params={"batch": read_only.here}).json()

    assert ("APP-BALANCE" in listed, shown["id"], bool(shown["basis"])) == (True, "APP-BALANCE", True)
    assert counted
    assert {figures["rule"] for figures in counted} <= listed
    assert told(viewer.get("/rules/NO-SUCH-RULE")) == (404, "NOT_FOUND")


def test_an_account_is_created_by_one_administrator_and_granted_by_another(programs: Programs) -> None:
    system, security = programs.program("system_admin"), programs.program("security_admin")
    made = system.post("/accounts", json={"login": "lihua", "name": "李华"}).json()
    account = made["account"]["id"]

    granted = security.put(f"/accounts/{account}/grant", json={"role": "viewer", "regions": [HERE]})
    not_his = system.put(f"/accounts/{account}/grant", json={"role": "viewer", "regions": ["/"]})
    disabled = system.post(f"/accounts/{account}/disable").json()

    assert (made["account"]["role"], len(made["key"]) > 20) == (None, True)
    assert (granted.json()["role"], granted.json()["regions"], told(not_his)) == ("viewer", [HERE], (403, "FORBIDDEN"))
    assert disabled["is_disabled"] is True
    assert "李华" in [one["name"] for one in system.get("/accounts", params={"text": "lihua"}).json()]


def test_a_token_revoked_or_of_a_disabled_account_opens_nothing_from_the_next_request_on(programs: Programs) -> None:
    viewer, security, system = (programs.program(role) for role in ("viewer", "security_admin", "system_admin"))
    account = programs.office.account(Role.VIEWER)
    assert viewer.get("/me").status_code == 200
    token = next(one for one in security.get("/tokens", params={"account": account.id}).json() if one["revoked_at"] is None)

    assert security.delete(f"/tokens/{token['id']}").status_code == 204
    assert told(viewer.get("/me")) == (401, "NOT_SIGNED_IN")

    other = programs.program("viewer")
    system.post(f"/accounts/{account.id}/disable")
    assert told(other.get("/me")) == (401, "NOT_SIGNED_IN")


def test_a_token_does_what_it_was_given_and_no_more(programs: Programs) -> None:
    token = programs.token("supervisor", HERE, permissions=[Permission.REPORT_READ])
    program = programs.program(None)
    program.headers["authorization"] = f"Bearer {token}"

    assert program.get("/me").json()["permissions"] == ["report.read"]
    assert program.get("/batches").status_code == 200
    assert told(program.post("/batches", files=files(GOOD))) == (403, "FORBIDDEN")


def test_a_token_in_the_address_opens_nothing(programs: Programs) -> None:
    token = programs.token("viewer")

    assert told(programs.program(None).get("/batches", params={"token": token, "access_token": token})) == (
        401,
        "NOT_SIGNED_IN",
    )


def test_the_log_tells_what_programs_did_and_is_whole(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    batch = supervisor.post("/batches", files=files(GOOD)).json()["id"]
    auditor = programs.program("audit_admin")

    found = auditor.get("/log", params={"action": "batch.submit"}).json()
    checked = auditor.post("/log/verify", json={}).json()
    exported = auditor.get("/log/export", params={"form": "jsonl"}).text.splitlines()

    assert [(entry["object"], entry["region"], entry["address"]) for entry in found] == [(batch, HERE, "192.0.2.9")]
    assert (checked["is_whole"], len(exported) >= checked["count"]) == (True, True)
    assert auditor.post("/log/verify", json={"head": checked["head"]}).json()["is_whole"] is True


def test_a_setting_is_changed_by_whom_it_belongs_to(programs: Programs) -> None:
    system, security = programs.program("system_admin"), programs.program("security_admin")

    changed = system.put("/settings/office_name", json={"value": "青禾县政务公开办"})
    not_his = system.put("/settings/lockout_failures", json={"value": 9})
    out_of_bounds = security.put("/settings/lockout_failures", json={"value": 1000})

    assert (changed.json()["value"], told(not_his), told(out_of_bounds)) == (
        "青禾县政务公开办",
        (403, "FORBIDDEN"),
        (422, "SETTING"),
    )


# what holds everywhere


def test_nothing_of_another_region_can_be_told_from_what_does_not_exist(read_only: Programs) -> None:
    supervisor = read_only.program("supervisor", HERE)
    report, nobody = read_only.report(read_only.elsewhere), "0" * 32
    told_apart = []
    for route in declared(read_only.office.app):
        if not route.path.startswith("/api/v1/") or not {"{batch_id}", "{report_id}"} & set(route.path.split("/")):
            continue
        sent = {"json": {"pack": "national"}} if route.path.endswith("reaudit") else {}
        if route.method == "POST" and route.path.endswith("decisions"):
            sent = {"json": {"findings": ["x"], "decided": "confirmed"}}
        if route.method == "POST" and route.path.endswith("versions"):
            sent = {"files": {"file": ("a.txt", b"a")}}  # type: ignore[dict-item]
        if route.method == "PUT" and route.path.endswith("agency"):
            sent = {"json": {"code": "x", "reason": "x"}}
        query = {"finding": "x"} if route.path.endswith("history") else {}
        answers = [
            supervisor.request(
                route.method, route.filled(batch_id=batch, report_id=one)[len("/api/v1") :], params=query, **sent
            )
            for batch, one in ((read_only.elsewhere, report), (nobody, nobody))
        ]
        if {told(answer) for answer in answers} != {(404, "NOT_FOUND")}:
            told_apart.append(f"{route}: {[answer.text for answer in answers]}")

    assert told_apart == []


def test_lists_counts_and_searches_hold_nothing_of_another_region(read_only: Programs) -> None:
    supervisor = read_only.program("supervisor", HERE)

    assert {item["region"] for item in supervisor.get("/batches").json()["items"]} == {HERE}
    assert supervisor.get("/reports", params={"batch": read_only.elsewhere}).json()["total"] == 0
    assert supervisor.get("/reports", params={"region": ELSEWHERE}).json()["total"] == 0
    assert told(supervisor.get("/rules/statistics", params={"batch": read_only.elsewhere})) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/batches", "/nothing-here", "/reports/zz"])
def test_every_fault_has_the_same_shape_and_the_requests_number(read_only: Programs, path: str) -> None:
    answer = read_only.program("audit_admin").get(path)

    assert answer.status_code in (403, 404, 422)
    assert set(answer.json()["error"]) == {"code", "message", "request_id"}
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


def test_what_is_missing_or_wrong_is_named_in_chinese(read_only: Programs) -> None:
    answer = read_only.program("viewer").get("/reports", params={"year": "last", "size": 9999})

    assert told(answer) == (422, "INVALID")
    assert "year、size" in answer.json()["error"]["message"]


def test_a_key_that_nobody_knows_is_refused(read_only: Programs) -> None:
    answer = read_only.program("supervisor").post(f"/batches/{read_only.here}/retry", json={"unreadble": True})

    assert told(answer) == (422, "INVALID")


# sweeps


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That sweeps may look into, with a report in it."""
    swept = tmp_path / "swept"
    swept.mkdir()
    (swept / GOOD).write_bytes((SAMPLES / GOOD).read_bytes())
    monkeypatch.setenv("HECHA_SWEEP_FOLDERS", str(swept))
    return swept


def test_a_sweep_is_made_looked_at_changed_run_and_deleted(programs: Programs, folder: Path) -> None:
    supervisor = programs.program("supervisor", HERE)
    wanted = {"title": "每周", "when": "每周一 02:00", "source": {"kind": "folder", "path": str(folder)}}

    made = supervisor.post("/sweeps", json=wanted).json()
    at = f"/sweeps/{made['id']}"
    changed = supervisor.put(at, json={**wanted, "when": "每天 3 点"}).json()
    paused = supervisor.post(f"{at}/pause").json()
    resumed = supervisor.post(f"{at}/resume").json()
    due = supervisor.post(f"{at}/run")
    runs = supervisor.get(f"{at}/runs").json()

    assert (made["when"], made["region"], len(made["next"]), str(folder) in made["looks_at"]) == ("0 2 * * 1", HERE, 5, True)
    assert (changed["when"], paused["paused"], paused["next"], resumed["paused"]) == ("0 3 * * *", True, [], False)
    assert (due.status_code, [(run["slot"], run["state"]) for run in runs]) == (202, [(due.json()["slot"], "due")])
    assert [one["id"] for one in supervisor.get("/sweeps").json()] == [made["id"]]
    assert supervisor.delete(at).status_code == 204
    assert told(supervisor.get(at)) == (404, "NOT_FOUND")


def test_a_sweep_of_another_region_does_not_exist(programs: Programs, folder: Path) -> None:
    wanted = {"title": "每周", "when": "每周一 02:00", "source": {"kind": "folder", "path": str(folder)}}
    made = programs.program("supervisor", ELSEWHERE).post("/sweeps", json=wanted).json()
    supervisor = programs.program("supervisor", HERE)

    assert supervisor.get("/sweeps").json() == []
    asked = [supervisor.get(f"/sweeps/{made['id']}"), supervisor.get(f"/sweeps/{made['id']}/runs")]
    asked += [supervisor.post(f"/sweeps/{made['id']}/{what}") for what in ("pause", "resume", "run")]
    asked += [supervisor.delete(f"/sweeps/{made['id']}"), supervisor.put(f"/sweeps/{made['id']}", json=wanted)]
    assert {told(answer) for answer in asked} == {(404, "NOT_FOUND")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"when": "有空的时候"},
        {"source": {"kind": "carrier pigeon"}},
        {"source": {"kind": "folder", "path": "/etc"}},
        {"source": {}},
    ],
    ids=["no time", "no source", "a folder that is not allowed", "nothing"],
)
def test_a_sweep_that_could_never_run_is_refused(programs: Programs, folder: Path, wrong: dict[str, object]) -> None:
    wanted = {"title": "每周", "when": "每周一 02:00", "source": {"kind": "folder", "path": str(folder)}} | wrong

    answer = programs.program("supervisor", HERE).post("/sweeps", json=wanted)

    assert (answer.status_code, answer.json()["error"]["code"].startswith("SWEEP")) == (422, True)


# whose report it is


def test_a_program_says_whose_report_it_is_and_takes_it_back(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    roster = programs.store.rosters.import_(
        "编码,全称\nQH1,青禾县统计局\nQH2,青禾县教育局\n".encode(), "名单.csv", HERE, "x", "甲"
    )
    address = f"/reports/{programs.report(programs.here, GOOD)}/agency"
    before = supervisor.get(address).json()
    unreasoned = supervisor.put(address, json={"code": "QH1"})
    done = supervisor.put(address, json={"code": "QH1", "reason": "看过原件", "expected": ""})
    late = supervisor.put(address, json={"code": None, "reason": "不是", "expected": ""})
    programs.work()
    row = supervisor.get(address.removesuffix("/agency")).json()
    undone = supervisor.delete(address, params={"expected": done.json()["assignment"]["id"], "reason": "看错了"})
    programs.work()
    after = supervisor.get(address).json()

    assert (before["match"], before["agency_code"], before["assignment"]) == ("matched", "QH2", None)
    assert [(one["roster_id"], one["code"]) for one in before["candidates"]] == [(roster.id, "QH2")]
    assert (told(unreasoned), told(late)) == ((422, "REASON_MISSING"), (409, "ASSIGNED_MEANWHILE"))
    assert (row["match"], row["agency_code"], row["agency"], row["state"]) == ("assigned", "QH1", "青禾县统计局", "audited")
    assert (undone.status_code, after["agency_code"], after["assignment"]) == (204, "QH2", None)
    assert [(one["kind"], one["agency"], one["reason"]) for one in after["history"]] == [
        ("agency", "青禾县统计局", "看过原件"),
        ("undone", "", "看错了"),
    ]
    assert told(supervisor.delete(address)) == (422, "NO_SUCH_AGENCY")


def test_a_program_finds_what_is_nobodys(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    programs.store.rosters.import_("编码,全称\nQH1,青禾县统计局\n".encode(), "名单.csv", HERE, "x", "甲")
    found = supervisor.get("/reports", params={"unplaced": True}).json()

    assert found["total"] == supervisor.get("/totals").json()["unplaced"] == 3
    report = found["items"][0]["id"]
    supervisor.put(f"/reports/{report}/agency", json={"code": None, "reason": "不在本县"})
    assert supervisor.get("/reports", params={"unplaced": True}).json()["total"] == 2
    assert told(programs.program("viewer", HERE).put(f"/reports/{report}/agency", json={"code": "QH1"})) == (403, "FORBIDDEN")
    assert told(programs.program("supervisor", ELSEWHERE).put(f"/reports/{report}/agency", json={"code": "QH1"})) == (
        404,
        "NOT_FOUND",
    )


def test_a_program_that_expects_another_decision_to_hold_is_told(programs: Programs) -> None:
    supervisor = programs.program("supervisor", HERE)
    address = f"/reports/{programs.report(programs.here)}"
    finding = supervisor.get(f"{address}/audit").json()["findings"][0]["id"]
    body = {"findings": [finding], "decided": "confirmed", "expected": {finding: None}}
    first = supervisor.post(f"{address}/decisions", json=body)
    second = supervisor.post(f"{address}/decisions", json=body | {"decided": "dismissed", "reason": "不对"})
    third = supervisor.post(
        f"{address}/decisions",
        json=body | {"decided": "dismissed", "reason": "不对", "expected": {finding: first.json()[0]["id"]}},
    )

    assert (first.status_code, told(second), third.status_code) == (201, (409, "DECIDED_MEANWHILE"), 201)
    assert [one["decided"] for one in supervisor.get(f"{address}/decisions").json()] == ["dismissed"]


@pytest.mark.parametrize(
    "body", [b'{"reason": "a\\u0000b"}', b'{"a\\u0000": 1}', b'{"x": ["\\u0000"]}', b'{"reason": "a\x00"}']
)
def test_a_nul_in_json_is_refused(programs: Programs, body: bytes) -> None:
    supervisor = programs.program("supervisor", HERE)
    address = f"/reports/{programs.report(programs.here)}/decisions"
    answer = supervisor.post(address, content=body, headers={"content-type": "application/json"})

    assert told(answer) == (400, "BAD_REQUEST")
    written = supervisor.post(address, content=b'{"reason": "a\\\\u0000b"}', headers={"content-type": "application/json"})
    assert told(written) == (422, "INVALID")  # the six characters, not the one that they stand for elsewhere


# waivers and page evidence

WAIVERS = "waivers:\n- {rule: APP-BALANCE, agency: 青禾县民政局, reason: 系统升级, owner: 县政务公开办, expires: 2099-12-31}\n"


def submitted_with(programs: Programs, who: str, waivers: str, **data: str) -> httpx2.Response:
    name = "青禾县民政局2023年报.txt"
    sent = [*files(name), ("waivers", ("本县豁免.yaml", waivers.encode(), "application/yaml"))]
    return programs.program(who, HERE).post("/batches", files=sent, data=data)


def test_a_batch_is_held_against_the_waivers_that_come_with_it(programs: Programs) -> None:
    taken = submitted_with(programs, "supervisor", WAIVERS, evidence="true")
    programs.work()

    assert (taken.status_code, taken.json()["reports"]) == (201, 1)
    (result,) = programs.store.results(taken.json()["id"])
    audit = programs.program("supervisor", HERE).get(f"/reports/{result.submission.id}/audit").json()
    assert {one["finding"]["rule"] for one in audit["waived"]} == {"APP-BALANCE"}
    assert "APP-BALANCE" not in {one["rule"] for one in audit["findings"]}
    asked = programs.store.asked(taken.json()["id"])
    assert (asked.evidence, asked.waivers is not None) == (True, True)


@pytest.mark.parametrize(
    ("waivers", "words"),
    [
        (WAIVERS.replace("APP-BALANCE", "SENSITIVE-ID"), "本县豁免.yaml:2:10: 规则 SENSITIVE-ID 不能豁免"),
        ("waivers: [", "本县豁免.yaml"),
        ("#" * 3_000_000, "豁免清单超过 1 MB"),
    ],
)
def test_waivers_that_cannot_be_used_are_said_and_nothing_is_submitted(programs: Programs, waivers: str, words: str) -> None:
    before = programs.store.batches()
    answer = submitted_with(programs, "supervisor", waivers)

    assert (answer.status_code, words in answer.json()["error"]["message"]) == (422, True)
    assert programs.store.batches() == before
    assert str(programs.store.folder) not in answer.text


def test_who_may_not_waive_submits_no_waivers(programs: Programs) -> None:
    assert told(submitted_with(programs, "clerk", WAIVERS)) == (403, "FORBIDDEN")

"""Nothing that was handed in is kept before the office's scanner has passed it; what it refuses is told, file by file."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import audits.scanning
from audits.clamd import Address, Clamd
from audits.errors import AuditError, ScannerUnavailable, StoreError
from audits.intake import Submitted
from audits.scanning import Scanning, scanning_here
from audits.service import resubmit, submit_batch
from audits.store import Store, Submission, SubmissionState
from reports_in.errors import Infected, NotScanned
from tests.clamd import EICAR, SIGNATURE, FakeClamd, fake_clamd

ROSTER = "编码,全称\nQH01,青禾县教育局\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits.scanning, "PAUSES", (0.01,) * 4)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    with fake_clamd(tmp_path) as found:
        monkeypatch.setenv("HECHA_CLAMD", found.address)
        yield found


@pytest.fixture
def store(fake: FakeClamd, tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "data")
    yield found
    found.close()


def given(tmp_path: Path, **files: bytes) -> list[Submitted]:
    found = []
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        found.append(Submitted(path, f"县直/{name}.txt"))
    return found


def submissions(store: Store, batch: str) -> list[Submission]:
    return [result.submission for result in store.results(batch)]


def kept(store: Store) -> list[bytes]:
    """Everything in the folder of the files, whole or not."""
    return sorted(path.read_bytes() for path in (store.folder / "files").rglob("*") if path.is_file())


@pytest.mark.parametrize("setting", ["", "  ", "off", "OFF"])
def test_nothing_is_scanned_unless_somebody_asks_for_it(setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_CLAMD", setting)
    store = Store(tmp_path / "data")

    batch = submit_batch(store, "一批", given(tmp_path, a=EICAR))
    assert (store.scanning.answers(), submissions(store, batch)[0].state) == (None, SubmissionState.RECEIVED)


@pytest.mark.parametrize("setting", ["on", "unix:clamd.ctl", "tcp:clamd:70000"])
def test_a_setting_that_cannot_be_understood_does_not_mean_that_nothing_is_scanned(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HECHA_CLAMD", setting)

    with pytest.raises(StoreError, match=f"HECHA_CLAMD={setting}：看不懂；HECHA_CLAMD 应写作 unix:/run/clamav/clamd.ctl"):
        Store(tmp_path / "data")


def test_a_file_with_a_hit_is_refused_by_itself_and_the_others_go_on(store: Store, fake: FakeClamd, tmp_path: Path) -> None:
    entered: list[Infected] = []

    batch = submit_batch(store, "一批", given(tmp_path, a=b"one", b=b"x" + EICAR, c=b"two"), entered=entered.append)

    first, hit, last = submissions(store, batch)
    assert [one.state for one in (first, last)] == [SubmissionState.RECEIVED] * 2
    assert (hit.state, hit.code, hit.sha256) == (SubmissionState.UNREADABLE, "INFECTED", "")
    assert hit.reason.startswith(f"县直/b.txt：病毒扫描命中“{SIGNATURE}”；文件没有保存；请勿打开原件")
    assert [(one.name, one.signature, one.sha256) for one in entered] == [
        ("县直/b.txt", SIGNATURE, hashlib.sha256(b"x" + EICAR).hexdigest())
    ]
    assert kept(store) == [b"one", b"two"]
    assert fake.scanned == [b"one", b"x" + EICAR, b"two"]


def test_what_is_scanned_is_what_is_kept_though_the_file_goes_on_changing(
    store: Store, fake: FakeClamd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (growing,) = given(tmp_path, a=b"harmless")
    scan = Clamd.scan

    def meanwhile(clamd: Clamd, file: object) -> str | None:
        growing.path.write_bytes(EICAR)
        return scan(clamd, file)  # type: ignore[arg-type]

    monkeypatch.setattr(Clamd, "scan", meanwhile)
    submit_batch(store, "一批", [growing])

    assert (fake.scanned, kept(store)) == ([b"harmless"], [b"harmless"])


def test_a_hit_that_cannot_be_entered_is_not_recorded_either(store: Store, tmp_path: Path) -> None:
    def full(_: Infected) -> None:
        raise StoreError("the log is full")

    with pytest.raises(StoreError, match="the log is full"):
        submit_batch(store, "一批", given(tmp_path, a=EICAR), batch_id="b" * 32, entered=full)
    with pytest.raises(StoreError, match="没有这个批次"):
        store.batch_status("b" * 32)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", "没有查完（Heuristics.Limits.Exceeded.MaxFileSize）"),
        (b"stream: Heuristics.Encrypted.PDF FOUND", "文件是加密的，扫描服务看不到里面（Heuristics.Encrypted.PDF）"),
        (b"stream: Can't allocate memory ERROR", "它答的是“stream: Can't allocate memory ERROR”"),
    ],
)
def test_a_file_that_the_scanner_did_not_get_through_is_refused_and_called_no_virus(
    store: Store, fake: FakeClamd, tmp_path: Path, verdict: bytes, words: str
) -> None:
    fake.verdict = verdict
    entered: list[Infected] = []

    batch = submit_batch(store, "一批", given(tmp_path, a=b"one"), entered=entered.append)

    (found,) = submissions(store, batch)
    assert (found.state, found.code, words in found.reason) == (SubmissionState.UNREADABLE, "NOT_SCANNED", True)
    assert (entered, kept(store)) == ([], [])


def test_a_file_longer_than_the_scanner_takes_is_refused_with_what_to_change(
    store: Store, fake: FakeClamd, tmp_path: Path
) -> None:
    fake.longest = 1 << 20

    batch = submit_batch(store, "一批", given(tmp_path, a=b"one", b=b"x" * (3 << 20)))

    assert [one.code for one in submissions(store, batch)] == ["", "NOT_SCANNED"]
    assert "文件有 3.0 MB，超过扫描服务的上限（clamd 的 StreamMaxLength）" in submissions(store, batch)[1].reason


def test_a_file_over_which_the_scanner_breaks_off_again_and_again_does_not_stop_the_others(
    store: Store, fake: FakeClamd, tmp_path: Path
) -> None:
    fake.drops_over = b"poison"

    batch = submit_batch(store, "一批", given(tmp_path, a=b"one", b=b"poison", c=b"two"))

    assert [one.code for one in submissions(store, batch)] == ["", "NOT_SCANNED", ""]
    assert kept(store) == [b"one", b"two"]


def test_a_file_that_takes_the_scanner_too_long_does_not_stop_the_others(fake: FakeClamd, tmp_path: Path) -> None:
    fake.is_mute = True
    (slow,) = given(tmp_path, a=b"slow")
    scanning = scanning_here()
    assert scanning.clamd is not None

    with pytest.raises(NotScanned, match=r"县直/a\.txt：病毒扫描没有做完：0 秒没有答复"):
        Scanning(Clamd(scanning.clamd.address, 0.2)).pass_file(slow.path, slow.name, "")


def test_a_scanner_that_restarts_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audits.scanning, "PAUSES", (0.1,) * 100)
    monkeypatch.setenv("HECHA_CLAMD", f"unix:{tmp_path / 'clamd.ctl'}")
    store, over = Store(tmp_path / "data"), threading.Event()

    def later() -> None:
        time.sleep(0.5)
        with fake_clamd(tmp_path):
            over.wait(30)

    thread = threading.Thread(target=later)
    thread.start()
    try:
        batch = submit_batch(store, "一批", given(tmp_path, a=b"one", b=EICAR))
    finally:
        over.set()
        thread.join()

    assert [one.code for one in submissions(store, batch)] == ["", "INFECTED"]


def test_without_the_scanner_nothing_is_recorded_and_later_all_of_it_is(
    store: Store, fake: FakeClamd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = given(tmp_path, a=b"one", b=b"two", c=EICAR)
    scan = Clamd.scan

    def vanishes(clamd: Clamd, file: object) -> str | None:
        fake.pong = b"" if fake.scanned else fake.pong
        fake.drops_over = b"" if fake.scanned else None
        return scan(clamd, file)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Clamd, "scan", vanishes)
        with pytest.raises(ScannerUnavailable, match=r"病毒扫描服务不可用（unix:.*没有扫描过的文件一律不收，这次提交没有记录"):
            submit_batch(store, "一批", files)
    assert (store.batches(), store.scanning.answers()) == ([], False)

    fake.pong, fake.drops_over = b"PONG", None
    batch = submit_batch(store, "一批", files)
    assert [one.code for one in submissions(store, batch)] == ["", "", "INFECTED"]


def test_a_scanner_that_dies_over_a_file_and_stays_away_is_told_with_the_files_name(
    store: Store, fake: FakeClamd, tmp_path: Path
) -> None:
    fake.drops_over, fake.pong = b"poison", b""

    with pytest.raises(ScannerUnavailable, match=r"扫描“县直/a\.txt”时它中途断开了连接"):
        submit_batch(store, "一批", given(tmp_path, a=b"poison"))


def test_a_correction_with_a_hit_leaves_what_is_there(store: Store, tmp_path: Path) -> None:
    good, bad = given(tmp_path, a=b"one", b=EICAR)
    batch = submit_batch(store, "一批", [good])
    (old,) = submissions(store, batch)
    store.cancel(batch)

    with pytest.raises(Infected, match=SIGNATURE):
        resubmit(store, old.id, bad)

    assert [one.id for one in submissions(store, batch)] == [old.id]
    assert kept(store) == [b"one"]


def test_a_roster_with_a_hit_changes_nothing(store: Store) -> None:
    with pytest.raises(Infected, match=r"名单\.csv：病毒扫描命中"):
        store.rosters.import_(ROSTER.encode() + EICAR, "名单.csv", "/", "", "甲")

    assert (store.rosters.in_force("/"), kept(store)) == (None, [])


def test_a_list_of_waivers_is_scanned_too(store: Store, fake: FakeClamd, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers: []  # " + EICAR.decode())
    entered: list[Infected] = []

    with pytest.raises(Infected, match=r"waivers\.yaml"):
        submit_batch(store, "一批", given(tmp_path, a=b"one"), waivers=waivers, entered=entered.append)

    assert ([one.sha256 for one in entered], store.batches()) == ([hashlib.sha256(waivers.read_bytes()).hexdigest()], [])


def test_what_we_wrote_ourselves_is_not_sent_there(store: Store, fake: FakeClamd) -> None:
    store.put_bytes(b"%PDF of ours")

    assert fake.scanned == []


def test_a_run_that_keeps_nothing_leaves_out_what_bears_a_hit(fake: FakeClamd, tmp_path: Path) -> None:
    refused = Submitted(tmp_path / "none.zip", "none.zip", ("DAMAGED", "none.zip：坏"))
    good, bad = given(tmp_path, a=b"one", b=EICAR)
    gone = Submitted(tmp_path / "gone", "gone.txt")

    found = list(scanning_here().sifted([refused, good, bad, gone]))

    assert [one.refusal and one.refusal[0] for one in found] == ["DAMAGED", None, "INFECTED", None]


def test_nothing_of_an_address_that_nobody_answers_is_recorded(tmp_path: Path) -> None:
    scanning = Scanning(Clamd(Address(path=str(tmp_path / "none"))))

    with pytest.raises(AuditError, match="没有这个套接字"):
        scanning.pass_bytes(b"one", "一")
    assert scanning.answers() is False

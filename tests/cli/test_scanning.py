"""The commands with a virus scanner: what they take in is scanned like everything else, and the doctor says how it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import audits.scanning
import cli.agencies
import cli.batch
import worker.tasks
from access import Access, Action, LogWanted
from audits.service import audit_next
from audits.store import Queue, Store
from cli.doctor import SIGNATURE_DAYS
from cli.main import main
from tests.clamd import EICAR, SIGNATURE, FakeClamd, fake_clamd

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
GOOD = SAMPLES / "青禾县教育局2023年报.txt"
HIT = "青禾县司法局2023年报.txt"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    monkeypatch.setattr(audits.scanning, "PAUSES", (0.01,) * 4)
    monkeypatch.setattr(worker.tasks, "hint", lambda *_: True)
    for module in (cli.batch, cli.agencies):
        monkeypatch.setattr(module, "DATA_FOLDER", tmp_path / "data")
    with fake_clamd(tmp_path) as found:
        monkeypatch.setenv("HECHA_CLAMD", found.address)
        yield found


@pytest.fixture
def hit(tmp_path: Path) -> Path:
    path = tmp_path / HIT
    path.write_bytes(EICAR)
    return path


@pytest.fixture
def data(fake: FakeClamd, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data")
    yield store
    store.close()


def hecha(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def infected(store: Store) -> list[str]:
    return [entry.object for entry in Access(store).log.entries(LogWanted(action=Action.FILE_INFECTED))]


def test_a_batch_goes_on_without_the_file_that_bears_a_hit(data: Store, hit: Path) -> None:
    batch = hecha("batch", "submit", GOOD, hit, "--region", "霁川市").stdout.strip()
    audit_next(data, Queue.AUDIT, 60.0)
    shown = hecha("batch", "status", batch, "--reports").stdout

    assert [result.submission.code for result in data.results(batch)] == ["", "INFECTED"]
    assert f"病毒扫描命中“{SIGNATURE}”" in shown
    assert infected(data) == [HIT]
    entry = Access(data).log.entries(limit=1)[0]
    assert (entry.action, entry.region) == ("batch.submit", "/霁川市/")


def test_without_the_scanner_nothing_is_submitted_and_why_is_said(data: Store, fake: FakeClamd) -> None:
    fake.pong, fake.drops_over = b"", b""
    result = hecha("batch", "submit", GOOD)

    assert (result.exit_code, data.batches()) == (2, [])
    assert result.stderr.startswith("[SCANNER_UNAVAILABLE] 病毒扫描服务不可用（unix:")


def test_a_correction_with_a_hit_is_refused_and_entered(data: Store, hit: Path) -> None:
    batch = hecha("batch", "submit", GOOD).stdout.strip()
    audit_next(data, Queue.AUDIT, 60.0)
    result = hecha("batch", "resubmit", batch, GOOD.name, hit)

    assert (result.exit_code, result.stderr.startswith(f"[INFECTED] {HIT}：病毒扫描命中")) == (2, True)
    assert [one.submission.name for one in data.results(batch)] == [GOOD.name]
    assert infected(data) == [HIT]


def test_a_roster_with_a_hit_is_refused_and_entered(data: Store, tmp_path: Path) -> None:
    roster = tmp_path / "名单.csv"
    roster.write_bytes("编码,全称\nQH01,青禾县教育局\n".encode() + EICAR)
    result = hecha("agencies", "import", roster)

    assert (result.exit_code, result.stderr.startswith("[INFECTED] 名单.csv")) == (2, True)
    assert infected(data) == ["名单.csv"]


def test_a_list_of_waivers_with_a_hit_is_entered_once(data: Store, tmp_path: Path) -> None:
    waivers = tmp_path / "豁免.yaml"
    waivers.write_text("waivers: []  # " + EICAR.decode())
    result = hecha("batch", "submit", GOOD, "--waivers", waivers)

    assert (result.exit_code, data.batches(), infected(data)) == (2, [], ["豁免.yaml"])


@pytest.mark.usefixtures("fake")
def test_an_audit_that_keeps_nothing_leaves_out_what_bears_a_hit(hit: Path, tmp_path: Path) -> None:
    result = hecha("audit", GOOD, hit, "--out", tmp_path / "out", "--format", "json", "--jobs", "1")
    index = json.loads((tmp_path / "out" / "index.json").read_text("utf-8"))

    assert result.exit_code == 2
    assert [one["code"] for one in index["reports"]] == ["", "INFECTED"]


def test_an_audit_without_the_scanner_is_not_made(fake: FakeClamd, tmp_path: Path) -> None:
    fake.pong, fake.drops_over = b"", b""
    result = hecha("audit", GOOD, "--out", tmp_path / "out")

    assert (result.exit_code, "[SCANNER_UNAVAILABLE]" in result.stderr) == (2, True)
    assert not any((tmp_path / "out").glob("*.pdf"))


def doctor() -> tuple[int, str]:
    result = hecha("doctor")
    return result.exit_code, next(line for line in result.stdout.splitlines() if "病毒扫描：" in line)


def test_the_doctor_says_that_nothing_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HECHA_CLAMD", raising=False)

    assert doctor()[1].startswith("[正常] 病毒扫描：没有启用")


def test_the_doctor_says_what_scans_and_how_old_its_signatures_are(fake: FakeClamd) -> None:
    def version(days: int) -> bytes:
        return f"ClamAV 1.4.6/27500/{datetime.now(UTC) - timedelta(days, 60):%a %b %d %H:%M:%S %Y}".encode()

    fake.version = version(1)
    new = doctor()[1]
    fake.version = version(SIGNATURE_DAYS + 1)
    old = doctor()[1]
    fake.version = b"ClamAV 1.4.6"
    own = doctor()[1]

    assert new.startswith(f"[正常] 病毒扫描：{fake.address}，ClamAV 1.4.6，病毒库 20")
    assert old.startswith("[注意]")
    assert old.endswith(f"已有 {SIGNATURE_DAYS + 1} 天没有更新；请更新病毒库")
    assert own.endswith("病毒库没有日期")
    assert fake.scanned[0] == b"hecha doctor"


def test_the_doctor_finds_a_scanner_that_is_away_wrong_or_mad(fake: FakeClamd, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.verdict = b"stream: Everything FOUND"
    mad = doctor()
    fake.version = b""
    away = doctor()
    monkeypatch.setenv("HECHA_CLAMD", "yes")
    wrong = doctor()

    assert [code for code, _ in (mad, away, wrong)] == [2, 2, 2]
    assert "把无害的文字认作“Everything”" in mad[1]
    assert "在它恢复以前，提交的文件一律不收" in away[1]
    assert "[故障] 病毒扫描：HECHA_CLAMD=yes：看不懂" in wrong[1]

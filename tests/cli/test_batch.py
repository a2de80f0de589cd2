"""`hecha batch` over a data folder, the hints caught: what Celery does with them is tested with real servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.batch
import worker.tasks
from access import LOCAL, Access
from audits.service import audit_next
from audits.store import Queue, Store
from cli.main import main

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
GOOD, OTHER, BAD = (SAMPLES / name for name in ("青禾县教育局2023年报.txt", "石盘乡2020年.txt", "云渡县司法局2023年报.txt"))


class Hints(list[str]):
    """Every id hinted at; ``arrive`` says whether Redis is there, ``work`` audits what waits as soon as a hint comes."""

    arrive = True
    work = False
    data: Path

    def __call__(self, job_ids: Sequence[str], queue: Queue = Queue.AUDIT) -> bool:
        self.extend(job_ids if self.arrive else ())
        if self.work:
            self.audit(len(job_ids))
        return self.arrive

    def audit(self, count: int) -> None:
        store = Store(self.data)
        for _ in range(count):
            audit_next(store, Queue.AUDIT, 60.0)
        store.close()


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hints:
    caught = Hints()
    caught.data = tmp_path / "data"
    monkeypatch.setattr(worker.tasks, "hint", caught)
    monkeypatch.setattr(cli.batch, "DATA_FOLDER", caught.data)
    return caught


def batch(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["batch", *map(str, args)])


def submitted(*args: str | Path) -> str:
    return batch("submit", *args).stdout.strip()


def test_submitting_prints_the_id_alone_on_stdout_and_hints_at_every_report(hints: Hints) -> None:
    result = batch("submit", SAMPLES)

    assert (result.exit_code, Store(hints.data).waiting(result.stdout.strip())) == (0, list(hints))
    assert "已收下 15 个文件，跳过 1 个" in result.stderr


def test_without_redis_the_batch_is_kept_and_that_it_will_go_on_by_itself_is_said(hints: Hints) -> None:
    hints.arrive = False
    result = batch("submit", SAMPLES)

    assert (result.exit_code, "批次已保存" in result.stderr) == (0, True)
    assert len(Store(hints.data).waiting(result.stdout.strip())) == 15


def test_a_batch_waited_for_ends_with_its_standing_and_2_if_something_could_not_be_audited(hints: Hints) -> None:
    hints.work = True

    fine = batch("submit", GOOD, "--wait")
    faulty = batch("submit", GOOD, BAD, "--wait", "--title", "教育")

    assert (fine.exit_code, faulty.exit_code) == (0, 2)
    assert "教育：2/2（已核查 1，读不了 1）" in faulty.stderr


def test_status_says_how_far_it_is_and_exits_0_when_done(hints: Hints) -> None:
    batch_id = submitted(GOOD, BAD, "--title", "教育")
    before = batch("status", batch_id)
    hints.audit(2)
    after = batch("status", batch_id, "--reports")

    assert (before.exit_code, before.stdout) == (1, "教育：0/2（待核查 2）\n")
    assert (after.exit_code, after.stdout.splitlines()[0]) == (0, "教育：2/2（已核查 1，读不了 1）")
    assert [line.split("  ")[1:3] for line in after.stdout.splitlines()[1:]] == [["已核查", GOOD.name], ["读不了", BAD.name]]


def test_a_batch_of_somebody_with_an_account_is_listed_with_his_name(hints: Hints) -> None:
    account, _ = Access(Store(hints.data)).accounts.create(LOCAL, "sunwei", "孙伟")
    submitted(GOOD, "--user", account.id, "--title", "网页提交的")

    assert "  孙伟  网页提交的" in batch("list", "--user", "sunwei").stdout


def test_batches_are_listed_newest_first_with_their_user(hints: Hints) -> None:
    submitted(GOOD, "--user", "甲科", "--title", "一")
    submitted(BAD, "--user", "乙科", "--title", "二")

    listed = [line.split("  ")[2:] for line in batch("list").stdout.splitlines()]
    assert listed == [["乙科", "二：0/1（待核查 1）"], ["甲科", "一：0/1（待核查 1）"]]
    assert len(batch("list", "--user", "甲科").stdout.splitlines()) == 1


def test_what_is_cancelled_is_not_handed_out_and_can_be_retried(hints: Hints, tmp_path: Path) -> None:
    batch_id = submitted(GOOD, OTHER)
    hints.audit(1)

    assert batch("cancel", batch_id).stdout == "取消 1 份\n"
    batch("download", batch_id, "--out", tmp_path / "out", "--format", "pdf")
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".pdf"]
    assert batch("retry", batch_id).stdout == "重试 1 份\n"
    assert len(hints) == 3


def test_what_could_not_be_read_is_retried_only_when_asked_for(hints: Hints) -> None:
    batch_id = submitted(GOOD, BAD)
    hints.audit(2)

    assert batch("retry", batch_id).stdout == "重试 0 份\n"
    assert batch("retry", batch_id, "--unreadable", BAD.name).stdout == "重试 1 份\n"


def test_another_pack_makes_a_new_batch_and_leaves_the_old_one(hints: Hints) -> None:
    hints.work = True
    batch_id = submitted(GOOD, "--wait")

    again = batch("reaudit", batch_id, "--pack", "suqian", "--wait")

    packs = [Store(hints.data).results(one)[0].audit.pack for one in (batch_id, again.stdout.strip())]  # type: ignore[union-attr]
    assert (again.exit_code, packs[0] == packs[1], "suqian" in packs[1]) == (0, False, True)


def test_a_pack_that_is_none_is_refused_before_anything_is_recorded(hints: Hints, tmp_path: Path) -> None:
    result = batch("submit", GOOD, "--pack", tmp_path)

    assert (result.exit_code, hints, result.stderr.startswith("[PACK]")) == (2, [], True)


def test_a_corrected_report_is_told_apart_from_the_one_before(hints: Hints, tmp_path: Path) -> None:
    hints.work = True
    faulty = next(path for path in SAMPLES.glob("*.txt") if "云渡县市场监管局2022" in path.name)
    corrected = tmp_path / "更正.txt"
    corrected.write_bytes(faulty.read_bytes())
    batch_id = submitted(faulty, "--wait")

    result = batch("resubmit", batch_id, faulty.name, corrected, "--wait")

    assert result.exit_code == 0
    told = [line for line in result.stdout.splitlines()[1:] if not line.startswith(" ")]
    assert [line.split(" ")[0] for line in told] == ["已改好", "仍存在", "新出现", "无法判定是否改好"]
    assert (told[0], told[2]) == ("已改好 0 处", "新出现 0 处")
    assert batch("changes", batch_id, "更正.txt").stdout.splitlines() == result.stdout.splitlines()[1:]


def test_a_report_that_is_not_in_the_batch_is_one_line(hints: Hints) -> None:
    batch_id = submitted(GOOD)

    result = batch("resubmit", batch_id, "没有.txt", GOOD)

    assert (result.exit_code, "没有这份报告" in result.stderr) == (2, True)


def test_download_gives_what_is_done_and_says_what_is_not(hints: Hints, tmp_path: Path) -> None:
    batch_id = submitted(GOOD, OTHER)
    hints.audit(1)

    result = batch("download", batch_id, "--out", tmp_path / "out", "--format", "pdf")

    assert (result.exit_code, "还有 1 份没有做完" in result.stderr) == (0, True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.json", "青禾县教育局-2023.pdf"]


@pytest.mark.parametrize(
    "command", [["status"], ["cancel"], ["retry"], ["download", "--out", "out"], ["reaudit", "--pack", "national"]]
)
def test_an_unknown_batch_is_one_line(hints: Hints, command: list[str]) -> None:
    result = batch(*command, "nope")

    assert (result.exit_code, result.stderr) == (2, "[STORE] nope：没有这个批次；请核对批次号\n")


def test_deleting_says_first_what_goes_and_needs_a_yes(hints: Hints) -> None:
    hints.work = True
    found = submitted(GOOD, OTHER)

    asked = batch("delete", found)
    assert (asked.exit_code, "将删除：批次 1 个，报告 2 份，文件" in asked.stdout) == (1, True)
    one = batch("delete", found, GOOD.name, "--yes")
    assert (one.exit_code, "已删除：报告 1 份" in one.stdout) == (0, True)
    assert batch("status", found, "--reports").stdout.count("已核查  ") == 1
    assert batch("delete", found, "--yes").exit_code == 0
    assert batch("status", found).exit_code == 2


def test_region_waivers_and_evidence_go_with_the_batch(hints: Hints, tmp_path: Path) -> None:
    waivers = tmp_path / "豁免.yaml"
    line = '- {rule: FEE-NOT-REPORTED, agency: 甲局, reason: 历史口径, owner: 监督科, expires: "2027-01-31"}'
    waivers.write_text(f"waivers:\n{line}\n", "utf-8")
    batch_id = submitted(GOOD, "--region", "青川省/东河市", "--waivers", waivers, "--evidence")

    store = Store(hints.data)
    asked = store.asked(batch_id)
    assert (asked.region, asked.evidence) == ("/青川省/东河市/", True)
    assert store.file(asked.waivers or "").read_bytes() == waivers.read_bytes()


def test_waivers_with_a_fault_are_said_and_nothing_is_submitted(hints: Hints, tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text("waivers:\n- {rule: 没有, agency: 甲局}\n", "utf-8")
    result = batch("submit", GOOD, "--waivers", tmp_path / "w.yaml")

    assert (result.exit_code, result.stdout, Store(hints.data).batches()) == (2, "", [])

"""Take in an upload that is complete: open its archives, record the batch, wake the workers. A process of its own.

``start`` begins one. Forking a jail for the archives out of a web process with its threads would not be safe, and a batch of
thousands of files takes a while to be copied: the browser asks for the progress meanwhile. Begun twice, or again after a crash, one
batch comes of it: its id is the upload's.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from audits.errors import AuditError, StoreError
from audits.intake import Submitted, collect_named
from audits.service import submit_batch
from audits.store import Store
from reports_in.errors import Infected, IntakeError
from rules.compile import find_pack, load_pack
from rules.errors import RuleError
from web.uploads.staging import FOLDER, Details, Upload
from worker import logs

log = logging.getLogger(__name__)

Item = TypeVar("Item")
STDERR = 2
SAID_EVERY = 20  # files
STORING, SCANNING = "正在保存", "正在扫描病毒并保存"
BEAT_SECONDS = 5.0


def start(upload: Upload, data: Path, url: str) -> None:
    """Begin in the background; ``upload.progress`` says how far it is. Raises UploadClosed if it has begun already."""
    upload.change(upload.details())
    upload.say("working", "正在接收", 0, 0)
    command = [sys.executable, "-m", "web.uploads.taking_in", str(data), upload.id]
    subprocess.Popen(  # noqa: S603  # our own program, and an id of ours
        command,
        env={**os.environ, "HECHA_DATA": str(data), "HECHA_DATABASE": url},
        stdin=subprocess.DEVNULL,
        stdout=STDERR,  # to the log: nothing of what it says is lost
        start_new_session=True,  # it goes on if the web process is restarted
    )


def take_in(store: Store, upload: Upload, wake: Callable[[Store, str], object]) -> str:
    """Returns the batch's id; called again for the same upload, it changes nothing."""
    if not _is_there(store, upload.id):
        details = upload.details()
        pack = find_pack(details.pack)
        load_pack(pack)
        staged = [found for found in upload.files() if found.state != "litter"]
        litter = [found.name for found in upload.files() if found.state == "litter"]
        given = [
            Submitted(upload.path_of(found), found.name, (found.code, found.reason) if found.state == "refused" else None)
            for found in staged
        ]
        collected = collect_named(_counted(given, upload, "正在解压和比对"), upload.folder / "unpacked")
        try:
            submit_batch(
                store,
                details.title,
                _counted(collected.files, upload, STORING if store.scanning.clamd is None else SCANNING),
                details.year,
                (*litter, *collected.skipped),
                collected.duplicates,
                owner=details.account_id,
                pack=pack,
                region=details.region,
                waivers=upload.waivers if details.waivers else None,
                evidence=details.evidence,
                batch_id=upload.id,
                entered=lambda found: _enter(store, upload.id, details, found),
            )
        except StoreError:
            if not _is_there(store, upload.id):  # else another process was quicker
                raise
    wake(store, upload.id)
    upload.say("done")
    upload.drop_files()
    return upload.id


def _enter(store: Store, batch_id: str, details: Details, found: Infected) -> None:
    """In the log of actions, under the name of whoever handed it in."""
    from access import LOCAL, Access  # few uploads need them

    actor = replace(LOCAL, account_id=details.account_id, name=details.author, address=details.address)
    Access(store).log.infected(actor, found, region=details.region, batch=batch_id)


def _is_there(store: Store, batch_id: str) -> bool:
    return bool(store.batches(batch_id=batch_id))


def _counted(items: Sequence[Item], upload: Upload, step: str) -> Iterator[Item]:
    for index, item in enumerate(items):
        if index % SAID_EVERY == 0:
            upload.say("working", step, index, len(items))
        yield item


def _wake(store: Store, batch_id: str) -> None:
    from worker import tasks  # imports Celery

    tasks.hint(store.waiting(batch_id))


def _beat(upload: Upload) -> None:
    """As long as this process lives. A large archive takes minutes in which there is nothing new to tell."""
    while True:
        upload.beat()
        time.sleep(BEAT_SECONDS)


def main() -> int:
    """``python -m web.uploads.taking_in DATA UPLOAD``; the database's URL comes by environment."""
    data, upload_id = Path(sys.argv[1]), sys.argv[2]
    logs.install()
    upload = Upload(data / FOLDER / upload_id)
    with logs.bound(batch=upload_id):
        return _taken_in(data, upload)


def _taken_in(data: Path, upload: Upload) -> int:
    threading.Thread(target=_beat, args=(upload,), daemon=True).start()
    try:
        store = Store(data, os.environ.get("HECHA_DATABASE", ""))
        take_in(store, upload, _wake)
    except (AuditError, RuleError, IntakeError) as exc:
        log.warning("an upload was not taken in: %s", exc)
        reason = str(exc) if not isinstance(exc, StoreError) else f"暂时存不下：{exc}"
        upload.say("failed", reason=reason, code=exc.code)
        return 1
    except Exception as exc:
        log.exception("an upload was not taken in")
        upload.say("failed", reason=f"程序内部出错（{type(exc).__name__}）；请重试，或联系维护人员")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

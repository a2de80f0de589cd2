"""Make an export in a process of its own: rendering thousands of reports would keep the web process from answering."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from audits.documents import export_batch
from audits.errors import AuditError
from audits.outputs import ARCHIVE
from audits.renderers import BATCH_RENDERERS, PACKED
from audits.store import Store
from web.exports.folder import FOLDER, Asked, Export, Progress
from worker import logs

log = logging.getLogger(__name__)

STDERR = 2
LOOK_SECONDS = 1.0


def start(export: Export, data: Path, url: str) -> None:
    """Begin in the background."""
    export.say(Progress())
    subprocess.Popen(  # noqa: S603  # our own program, and an id of ours
        [sys.executable, "-m", "web.exports.making", str(data), export.id],
        env={**os.environ, "HECHA_DATA": str(data), "HECHA_DATABASE": url},
        stdin=subprocess.DEVNULL,
        stdout=STDERR,  # to the log: nothing of what it says is lost
        start_new_session=True,
    )


def make(store: Store, export: Export, asked: Asked) -> None:
    """Write the file, telling meanwhile how far it is."""
    out = export.folder / "out"
    total = len(asked.only) or store.batch_status(asked.batch_id).settled
    done = threading.Event()
    watch = threading.Thread(target=_tell, args=(export, out, total, done), daemon=True)
    watch.start()
    try:
        export_batch(store, asked.batch_id, out, (asked.form,), only=asked.only or None)
    finally:
        done.set()
        watch.join()
    name = ARCHIVE if asked.form == PACKED else BATCH_RENDERERS[asked.form].file_name
    os.replace(out / name, export.file)
    shutil.rmtree(out, ignore_errors=True)
    title = store.batch_status(asked.batch_id).title
    export.say(Progress("done", total, total, file_name=f"{title}-{name}"))


def _tell(export: Export, out: Path, total: int, done: threading.Event) -> None:
    """Reports come out one after the other, each with its JSON, from which the rest is made."""
    while not done.wait(LOOK_SECONDS):
        made = sum(1 for _ in out.glob("**/*.json")) if out.is_dir() else 0
        export.say(Progress("working", min(made, total), total))


def main() -> int:
    """``python -m web.exports.making DATA EXPORT``; the database's URL comes by environment."""
    data, export_id = Path(sys.argv[1]), sys.argv[2]
    logs.install()
    export = Export(data / FOLDER / export_id)
    with logs.bound(export=export_id):
        return _made(data, export)


def _made(data: Path, export: Export) -> int:
    asked = export.asked()
    if asked is None:
        return 1
    try:
        make(Store(data, os.environ.get("HECHA_DATABASE", "")), export, asked)
    except AuditError as exc:
        log.warning("an export was not made: %s", exc)
        export.say(Progress("failed", reason=str(exc)))
        return 1
    except Exception as exc:
        log.exception("an export was not made")
        export.say(Progress("failed", reason=f"程序内部出错（{type(exc).__name__}）；请重试，或联系维护人员"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

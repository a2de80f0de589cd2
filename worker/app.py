"""The Celery app. Redis carries hints of job ids and nothing else; what is true stands in the store.

Every setting has its reason, measured in experiments with killed workers and restarted servers. In short: no setting of
Celery and Redis alone loses nothing, so none is asked to; they are set to recover by themselves and never to repeat work.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_shutdown

from audits.service import FINISH_PAUSES
from audits.single import REPORT_SECONDS, leave_jail, warm_up
from audits.store import Queue
from reports_in import SUFFIXES, load_readers
from reports_in.limits import LIMITS
from worker import logs, self_check, settings
from worker.settings import BROKER_URL

# submissions in one hint: 8 give a quarter more reports a second than one; a scan takes long enough alone
CHUNKS = {Queue.AUDIT: 8, Queue.OCR: 1}
# of one report: its jail's own clock, twice, for a report whose jail dies is tried in a fresh one
ONE_SECONDS = {Queue.AUDIT: 2 * REPORT_SECONDS, Queue.OCR: 2 * (REPORT_SECONDS + LIMITS.ocr_seconds)}
TASK_SECONDS = (
    max(CHUNKS[queue] * ONE_SECONDS[queue] for queue in Queue) + 60
)  # what hangs in spite of the clocks is cut off here
# longer than a live worker can hold a submission: one claimed again before that is audited twice, and settled once all the same
LEASE_SECONDS = {queue: settings.LEASE_SECONDS or ONE_SECONDS[queue] + sum(FINISH_PAUSES) + 60 for queue in Queue}

app = Celery("hecha", broker=BROKER_URL, include=["worker.tasks"])
app.conf.update(
    task_serializer="json",
    accept_content=["json"],  # pickle would run code of whoever reaches Redis
    task_ignore_result=True,
    task_acks_late=False,  # hints carry no truth: late acks would add only duplicates and poison loops
    task_reject_on_worker_lost=False,
    task_time_limit=TASK_SECONDS,
    worker_pool="prefork",  # with threads neither time limit fires
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=100,
    worker_soft_shutdown_timeout=30,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_pool_acquire_timeout=10,
    broker_transport_options={
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
        "visibility_timeout": 600,
        "unacked_restore_throttle": 1,
    },
    task_default_queue="hecha.audit",
    task_default_routing_key="hecha.audit",
)


def queue_name(queue: Queue) -> str:
    """Of the list in Redis."""
    return f"hecha.{queue}"


@setup_logging.connect  # type: ignore[untyped-decorator]
def _logging(**_: Any) -> None:
    logs.install()


@worker_init.connect  # type: ignore[untyped-decorator]
def _before_fork(**_: Any) -> None:
    self_check.refuse_to_start_if_unfit()
    warm_up()
    load_readers(SUFFIXES)


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _after_the_last_task(**_: Any) -> None:
    leave_jail()

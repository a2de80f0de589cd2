"""The `hecha` command. A thin shell: it parses input, calls audits/ or queues a task, and shows the answer."""

from __future__ import annotations

import logging
import os
import sys
from importlib.metadata import version

import click

from cli.agencies import agencies
from cli.audit import audit
from cli.backup import backup, restore
from cli.batch import batch
from cli.chinese import Group
from cli.clean import clean
from cli.doctor import doctor
from cli.log import audit_verify, log
from cli.rules import rules
from cli.service import reconcile, worker
from cli.sweep import schedule, sweep
from cli.up import up
from cli.user import setting, user
from cli.web import web

PRIVATE = (
    "up",
    "web",
    "worker",
    "reconcile",
    "schedule",
    "backup",
    "restore",
    "clean",
    "user",
    "setting",
    "log",
    "audit-verify",
)


@click.group(cls=Group)
@click.version_option(version("hecha"), prog_name="hecha", message="%(prog)s %(version)s", help="显示版本")
@click.pass_context
def main(context: click.Context) -> None:
    """核查政府信息公开工作年度报告：交来一批报告，每个单位得到一份核查报告。"""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a GBK terminal cannot print every character
    if context.invoked_subcommand in PRIVATE:
        os.umask(0o077)  # reports and accounts are nobody else's on this machine
    logging.basicConfig(level=os.environ.get("HECHA_LOG", "ERROR").upper(), format="%(levelname)s %(name)s: %(message)s")


for command in (
    audit,
    up,
    batch,
    sweep,
    agencies,
    rules,
    clean,
    backup,
    restore,
    doctor,
    worker,
    reconcile,
    schedule,
    web,
    user,
    setting,
    log,
    audit_verify,
):
    main.add_command(command)

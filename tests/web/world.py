"""Something of every kind that the service keeps, of one region, with whom it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from access import Account
from audits.store.tables import FINDINGS
from sweeps.looking import Allowed
from sweeps.schedules import checked
from sweeps.slots import open_now
from tests.web.audited import audit_all, id_of, result_of, submitted
from tests.web.people import Office, office
from web.exports.folder import Asked, open_export
from web.uploads.staging import Details, Uploads

AGENCY, TITLE, FILE = "云渡县市场监督管理局", "外区批次甲乙丙", "云渡县市场监管局2022年报.txt"
ROSTER = f"编码,全称\nYD01,{AGENCY}\nYD02,云渡县民政局\n"


@dataclass
class World:
    """ids: by the name that routes give their parameters."""

    office: Office
    theirs: Account
    region: str
    ids: dict[str, str]

    def state(self) -> object:
        """What no stranger may change."""
        store, access = self.office.store, self.office.access
        batch = self.ids["batch_id"]
        return (
            store.batch_status(batch),
            [result.submission for result in store.results(batch)],
            store.decisions.of_batch(batch),
            store.rosters.in_force(self.region),
            store.sweeping.schedule(self.ids["sweep_id"]),
            store.sweeping.runs(self.ids["sweep_id"]),
            access.accounts.get(self.theirs.id),
            access.tokens.of(self.theirs.id),
        )


def schedule(office: Office, theirs: Account, region: str, title: str = "他人的巡查") -> str:
    """The id of a sweep of theirs over a folder."""
    folder = office.store.folder / "swept"
    folder.mkdir(exist_ok=True)
    source = {"kind": "folder", "path": str(folder)}
    made = checked(office.store, title, "每天", source, Allowed(any_folder=True), owner=theirs.id, region=region)
    office.store.sweeping.add(made)
    return made.id


def world(folder: Path, region: str) -> World:
    """All of it belongs to a supervisor of that region alone. Whoever adds a kind of thing adds one here."""
    found = office(folder)
    theirs = found.account("supervisor", [region])
    batch = submitted(found, theirs, [FILE], region, TITLE)
    audit_all(found)
    roster = found.store.rosters.import_(ROSTER.encode(), "名单.csv", region, theirs.id, "甲")
    session = found.access.sessions.actor(found.secret(theirs), "")
    assert session is not None
    token, _ = found.access.tokens.create(session, "他人的令牌", ["report.read"], 30)
    upload = Uploads(found.store.folder).open(Details(theirs.id, "甲", TITLE, region))
    export = open_export(found.store.folder, Asked(theirs.id, batch, "csv"))
    report = id_of(found, batch, FILE)
    key = result_of(found, batch, FILE).submission.audit
    with found.store.transactions.read() as db:
        finding = db.scalars(sa.select(FINDINGS.c.finding_id).where(FINDINGS.c.audit_key == key)).first()
    sweep = schedule(found, theirs, region)
    slot = open_now(found.store, sweep)
    ids = {
        "sweep_id": sweep,
        "slot": f"{slot:.3f}",
        "batch_id": batch,
        "submission_id": report,
        "report_id": report,
        "finding_id": str(finding),
        "roster_id": roster.id,
        "upload_id": upload.id,
        "export_id": export.id,
        "public_id": session.session_id,
        "session_id": session.session_id,
        "token_id": token.id,
        "account_id": theirs.id,
    }
    return World(found, theirs, region, ids)

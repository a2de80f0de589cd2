"""The commands over the JSON API of a server instead of the data folder: with HECHA_SERVER (or --server) and HECHA_TOKEN.

What comes back is made into the models that the data folder gives, so that the same words are printed of either.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from audits.errors import AuditError
from audits.intake import Collected, Duplicate
from audits.outcome import Outcome, Settled, Summary
from audits.outputs import INDEX, Published
from audits.renderers.terms import Terms
from cli.web import is_loopback
from rules.verdict import Severity

if TYPE_CHECKING:
    import httpx2

    from audits.store import BatchStatus, Result
    from audits.versions import Changes

G = TypeVar("G", bound=click.Group)
CHOSEN = "hecha.server"  # key of click's meta
PATIENCE = 600.0  # seconds for an answer: an export of thousands of reports is made while one waits
CONNECT = 10.0
PAGE = 200


class ServerError(AuditError):
    """The server said no, with its own code; or it could not be asked."""

    code = "SERVER"

    def __init__(self, message: str, code: str = "SERVER") -> None:
        super().__init__(message)
        self.code = code


def reaches_a_server(group: G) -> G:
    """Give the group the option ``--server``."""

    def remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            context.meta[CHOSEN] = value

    words = "通过这个地址的服务操作，而不是本机的数据文件夹，如 https://主机:8443（环境变量 HECHA_SERVER；令牌用 HECHA_TOKEN）"
    group.params.append(click.Option(["--server"], metavar="地址", help=words, expose_value=False, callback=remember))
    return group


def server() -> Server | None:
    """The one that was chosen by option or environment; None: the data folder. Raises ServerError if it cannot be used."""
    context = click.get_current_context(silent=True)
    address = (context.meta.get(CHOSEN) if context else None) or os.environ.get("HECHA_SERVER")
    return Server(address, os.environ.get("HECHA_TOKEN", ""), os.environ.get("HECHA_CERTIFICATE", "")) if address else None


class Server:
    """A service somewhere else. certificate: of the server or of who signed it, where the system does not know them."""

    def __init__(self, address: str, token: str, certificate: str = "") -> None:
        """Raises ServerError for what would send the token in the open, or without a token."""
        import httpx2

        parts = urlsplit(address if "://" in address else f"https://{address}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ServerError(f"{address}：不是服务的地址；写作 https://主机:8443")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ServerError(f"{address}：令牌不能不加密地发出；请用 https://")
        if not token:
            raise ServerError("没有令牌；请在网页“我的账号”里创建，放进环境变量 HECHA_TOKEN", "TOKEN")
        try:
            trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=certificate) if certificate else True
        except OSError as exc:
            raise ServerError(f"{certificate}：证书打不开（{exc}）；请核对 HECHA_CERTIFICATE", "CERTIFICATE") from exc
        self.address = f"{parts.scheme}://{parts.netloc}"
        self._client = httpx2.Client(
            base_url=f"{self.address}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx2.Timeout(PATIENCE, connect=CONNECT),
            verify=trust,
            trust_env=False,  # an office's proxy for the web is no way to its own service
        )

    # batches

    def submit(
        self,
        collected: Collected,
        title: str,
        year: int | None,
        pack: str,
        region: str | None,
        waivers: Path | None = None,
        evidence: bool = False,
    ) -> tuple[str, int, int, int]:
        """The new batch's id; how many reports, what was skipped, what was there twice, by the server's count."""
        data = {"title": title, "pack": pack} | ({"year": str(year)} if year else {}) | ({"region": region} if region else {})
        data |= {"evidence": "true"} if evidence else {}
        files = [("files", (found.name, _Late(found.path))) for found in collected.files]
        files += [("waivers", (waivers.name, _Late(waivers)))] if waivers is not None else []
        taken = self._asked("POST", "/batches", data=data, files=files).json()
        return taken["id"], taken["reports"] or len(collected.files), taken["skipped"], taken["duplicates"]

    def batches(self, owner: str | None) -> Iterator[BatchStatus]:
        """Newest first; with an owner only his."""
        for item in self._all("/batches"):
            if owner is None or item["owner"] == owner:
                yield _status(item)

    def status(self, batch_id: str) -> BatchStatus:
        return _status(self._asked("GET", f"/batches/{_id(batch_id)}").json())

    def results(self, batch_id: str) -> Sequence[Result]:
        """In the batch's order."""
        return [_result(item) for item in self._all("/reports", batch=_id(batch_id), order="position")]

    def cancel(self, batch_id: str) -> int:
        return int(self._asked("POST", f"/batches/{_id(batch_id)}/cancel").json()["count"])

    def retry(self, batch_id: str, ids: Sequence[str], *, unreadable: bool) -> int:
        body = {"unreadable": unreadable, "reports": list(ids)}
        return int(self._asked("POST", f"/batches/{_id(batch_id)}/retry", json=body).json()["count"])

    def reaudit(self, batch_id: str, pack: str) -> str:
        return str(self._asked("POST", f"/batches/{_id(batch_id)}/reaudit", json={"pack": pack}).json()["id"])

    def delete(self, batch_id: str) -> None:
        self._asked("DELETE", f"/batches/{_id(batch_id)}")

    def resubmit(self, report_id: str, path: Path) -> str:
        with path.open("rb") as file:
            files = {"file": (path.name, file)}
            return str(self._asked("POST", f"/reports/{_id(report_id)}/versions", files=files).json()["id"])

    def changes(self, report_id: str) -> Changes:
        from types import SimpleNamespace

        from audits.versions import Changes

        told = self._asked("GET", f"/reports/{_id(report_id)}/changes").json()
        kinds: dict[str, Any] = {
            kind: tuple(SimpleNamespace(**item) for item in told[kind]) for kind in ("fixed", "still_open", "new", "unsure")
        }
        return Changes(**kinds, comparable=told["comparable"], reason=told["reason"])

    def download(
        self, batch_id: str, out: Path, forms: Sequence[str], terms: Terms
    ) -> tuple[Sequence[Published], tuple[str, ...], tuple[Duplicate, ...]]:
        """Fetch and unpack; returns what ``hecha audit`` would have said of each report, what was skipped and what was there twice."""
        asked: dict[str, Any] = {"form": list(forms)}
        asked |= {name: str(day) for name, day in (("issued", terms.issued), ("deadline", terms.deadline)) if day}
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".hecha-", dir=out) as folder:
            packed = Path(folder) / "all.zip"
            self._fetch(f"/batches/{_id(batch_id)}/export", asked, packed)
            with zipfile.ZipFile(packed) as archive:
                for name in archive.namelist():
                    if Path(name).name != name:
                        raise ServerError(f"{self.address}：给出的文件名 {name!r} 不对；请联系维护人员")
                    with archive.open(name) as source, (Path(folder) / name).open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                    os.replace(Path(folder) / name, out / name)
        index = json.loads((out / INDEX).read_text("utf-8"))
        duplicates = tuple(Duplicate(item["source"], item["same_as"]) for item in index["duplicates"])
        return [_published(item, out) for item in index["reports"]], tuple(index["skipped"]), duplicates

    # rosters

    def import_roster(self, path: Path, region: str | None) -> Mapping[str, Any]:
        with path.open("rb") as file:
            files = {"file": (path.name, file)}
            data = {"region": region} if region else {}
            return dict(self._asked("POST", "/rosters", files=files, data=data).json())

    # whose report it is

    def unplaced(self, batch_id: str | None) -> Iterator[dict[str, Any]]:
        """Reports of which a person has to say whose they are."""
        return self._all("/reports", unplaced=True, order="position", **({"batch": _id(batch_id)} if batch_id else {}))

    def belongs(self, report_id: str) -> dict[str, Any]:
        return dict(self._asked("GET", f"/reports/{_id(report_id)}/agency").json())

    def assign(self, report_id: str, code: str | None, roster_id: str | None, reason: str) -> dict[str, Any]:
        body = {"code": code, "roster_id": roster_id, "reason": reason}
        return dict(self._asked("PUT", f"/reports/{_id(report_id)}/agency", json=body).json())

    def unassign(self, report_id: str, reason: str) -> None:
        self._asked("DELETE", f"/reports/{_id(report_id)}/agency", params={"reason": reason})

    # asking

    def get(self, path: str, **query: Any) -> Any:
        """What the server answers."""
        return self._asked("GET", path, params=query).json()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers; None if that is nothing."""
        answer = self._asked(method, path, json=body)
        return answer.json() if answer.content else None

    def _all(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            found = self._asked("GET", path, params={**query, "page": page, "size": PAGE}).json()
            yield from found["items"]
            if page >= found["pages"]:
                return
            page += 1

    def _asked(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Raises ServerError."""
        import httpx2

        try:
            answer = self._client.request(method, path, **options)
        except httpx2.HTTPError as exc:
            raise ServerError(f"{self.address} 连不上（{exc}）；请核对地址和网络，自制的证书用 HECHA_CERTIFICATE 指定") from exc
        self._refuse(answer)
        return answer

    def _fetch(self, path: str, query: Mapping[str, Any], to: Path) -> None:
        import httpx2

        try:
            with self._client.stream("GET", path, params=query) as answer, to.open("wb") as file:
                if answer.status_code != 200:
                    answer.read()
                self._refuse(answer)
                for piece in answer.iter_bytes():
                    file.write(piece)
        except httpx2.HTTPError as exc:
            raise ServerError(f"{self.address}：没有取完（{exc}）；请重试") from exc

    def _refuse(self, answer: httpx2.Response) -> None:
        if answer.status_code < 400:
            return
        try:
            fault = answer.json()["error"]
            raise ServerError(fault["message"], fault["code"])
        except (ValueError, KeyError, TypeError) as exc:
            raise ServerError(f"{self.address} 应答 {answer.status_code}，不像核查服务；请核对地址") from exc


class _Late:
    """A file that is opened when its turn has come, and closed after it: there may be more of them than can be open at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def tell(self) -> int:
        return 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """To its beginning, or to its end, to tell how long it is."""
        if whence == os.SEEK_END:
            return self._path.stat().st_size
        if self._file is not None:
            self._file.close()
            self._file = None
        return offset

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
        data = self._file.read(size)
        if not data:
            self._file.close()
        return data


def _id(text: str) -> str:
    return quote(text, safe="")


def _status(item: Mapping[str, Any]) -> BatchStatus:
    from audits.store import BatchStatus, SubmissionState

    counts = {state: item["counts"].get(state, 0) for state in SubmissionState}
    received_at = datetime.fromisoformat(item["received_at"]).timestamp()
    return BatchStatus(item["id"], item["title"], item["owner"], item["pack"], received_at, item["is_done"], counts)


def _result(item: Mapping[str, Any]) -> Result:
    """As far as the API tells: lists need no more."""
    from audits.store import Queue, Result, Submission, SubmissionState

    submission = Submission(
        id=item["id"],
        batch_id=item["batch_id"],
        position=item["position"],
        version=item["version"],
        replaces=None,
        owner="",
        name=item["name"],
        sha256="",
        year=item["year"],
        pack="",
        previous=None,
        queue=Queue.AUDIT,
        state=SubmissionState(item["state"]),
        attempt=0,
        code=item["code"],
        reason=item["reason"],
        audit=None,
        capture=None,
    )
    return Result(submission, None)


def _published(item: Mapping[str, Any], out: Path) -> Published:
    state = Settled(item["state"])
    summary = None
    if state is Settled.AUDITED:
        known = {field.name for field in fields(Summary)}
        worst = Severity(item["worst_sure"]) if item["worst_sure"] else None
        summary = Summary(**{name: value for name, value in item.items() if name in known} | {"worst_sure": worst})
    json_form = out / item["files"]["json"] if "json" in item["files"] else None
    return Published(item["source"], Outcome(state, item["code"], item["reason"], summary), item["files"], json_form)

"""Whatever the OpenAPI document allows, and much that it does not, is sent to every address by people of every kind.

Nothing may end in an error of ours, in an answer that the document does not know, or in one that a missing token did not prevent.
The examples are drawn from a fixed seed: a failure here fails everywhere. Ids of a batch, a report, an account that are there take
the place of made-up ones in every other example.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.api.conftest import HERE, Programs, without_processes

EXAMPLES = 5  # of each address, identity and mode
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_schema_conformance, response_headers_conformance),
]
IDENTITIES = {
    "anonymous": None,
    "viewer of another region": ("viewer", "/别处/"),
    "clerk": ("clerk", HERE),
    "supervisor": ("supervisor", HERE),
    "system administrator": ("system_admin",),
    "security administrator": ("security_admin",),
    "audit administrator": ("audit_admin",),
}


class Sent:
    """An office, the tokens of the identities, and ids of what is there."""

    def __init__(self, programs: Programs) -> None:
        app = programs.office.app
        self.schema = schemathesis.openapi.from_dict(app.openapi())
        self.schema.app = app
        self.tokens = {name: None if who is None else programs.token(*who) for name, who in IDENTITIES.items()}
        self.known = {
            "batch_id": programs.here,
            "report_id": programs.report(programs.here),
            "account_id": programs.office.account("clerk", (HERE,)).id,
        }

    def operations(self) -> Iterator[Any]:
        for found in self.schema.get_all_operations():
            yield found.ok()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    with pytest.MonkeyPatch.context() as patched:
        without_processes(patched)
        yield Sent(Programs(tmp_path_factory.mktemp("openapi")))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not allowed"])
@pytest.mark.parametrize("identity", IDENTITIES)
def test_every_answer_is_one_that_the_document_knows(sent: Sent, identity: str, mode: GenerationMode) -> None:
    wrong = []
    calls = 0
    for operation in sent.operations():

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            nonlocal calls
            calls += 1
            if calls % 2:
                case.path_parameters.update({name: one for name, one in sent.known.items() if name in case.path_parameters})
            token = sent.tokens[identity]
            answer = case.call("http://127.0.0.1", headers={"Authorization": f"Bearer {token}"} if token else {})
            if token is None:
                assert answer.status_code == 401, f"{answer.status_code} without a token"
            case.validate_response(answer, checks=CHECKS)

        try:
            call()
        except (FailureGroup, AssertionError) as exc:
            told = exc.exceptions if isinstance(exc, FailureGroup) else [exc]
            wrong.append(f"{operation.label}: {[str(one)[:600] for one in told]}")
        except schemathesis.errors.SchemathesisError as exc:
            if mode is GenerationMode.POSITIVE:  # what takes everything cannot be sent what it does not take
                wrong.append(f"{operation.label}: {exc}")

    assert wrong == []
    assert calls > 100


def test_a_token_that_is_none_opens_nothing(sent: Sent) -> None:
    opened = []
    for operation in sent.operations():
        for header in ("Bearer nonsense", "Bearer ", "Basic d2FuZzp3YW5n", f"Token {sent.tokens['supervisor']}"):
            case = operation.Case(path_parameters=dict(sent.known), method=operation.method.upper())
            case.path_parameters = {
                parameter.name: sent.known.get(parameter.name, "0" * 32) for parameter in operation.path_parameters
            }
            answer = case.call("http://127.0.0.1", headers={"Authorization": header})
            if answer.status_code != 401:
                opened.append(f"{operation.label} with {header[:9]}: {answer.status_code}")

    assert opened == []

"""docker-compose.yml says what the integration tests start, and starts it as safely as it can."""

from __future__ import annotations

import re
import tomllib

import pytest

from cli.main import main
from cli.web import is_loopback
from tests.servers import COMPOSE, ROOT
from worker.app import app

SERVICES = COMPOSE["services"]
OURS = ("worker", "reconciler", "schedule", "web")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_redis_keeps_hints_over_a_restart_and_never_evicts_them() -> None:
    command = SERVICES["redis"]["command"]
    settings = dict(zip(command[1::2], command[2::2], strict=True))

    assert (settings["--appendonly"], settings["--maxmemory-policy"]) == ("yes", "noeviction")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_restarted_and_can_write_only_where_its_data_is(name: str) -> None:
    service = SERVICES[name]

    assert service["healthcheck"]["test"][0] == "CMD"
    assert (service["restart"], service["read_only"], service["cap_drop"]) == ("always", True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(volume.split(":")[0] in COMPOSE["volumes"] for volume in service["volumes"])


def test_no_service_runs_as_root() -> None:
    assert {name: SERVICES[name]["user"] for name in SERVICES if "user" in SERVICES[name]} == {
        "redis": "redis",
        "postgres": "postgres",
    }
    assert {name for name in SERVICES if SERVICES[name].get("image") == "hecha:local"} == set(OURS)
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["hecha"]


def test_only_the_pages_can_be_reached_and_only_they_and_the_schedule_have_a_way_out() -> None:
    assert {name for name in SERVICES if "outside" in SERVICES[name]["networks"]} == {"web", "schedule"}
    assert all("inside" in service["networks"] for service in SERVICES.values())
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name for name in SERVICES if "ports" in SERVICES[name]} == {"web"}


def test_the_pages_speak_tls_and_their_doctor_asks_where_they_answer() -> None:
    web = SERVICES["web"]
    _, _, _, address, _, port = web["command"]

    assert (is_loopback(address), web["ports"]) == (False, [f"${{HECHA_PORT:-{port}}}:{port}"])
    assert web["environment"]["HECHA_WEB"] == f"https://127.0.0.1:{port}"


def test_where_sweeps_may_look_is_said_to_those_who_ask_and_to_nobody_else() -> None:
    told = {name for name in OURS if any(key.startswith("HECHA_SWEEP_") for key in SERVICES[name]["environment"])}

    assert told == {"web", "schedule"}
    assert {value for key, value in SERVICES["web"]["environment"].items() if key == "HECHA_SWEEP_HTTP"} == {
        "${HECHA_SWEEP_HTTP:-}"
    }


def test_what_needs_no_way_out_has_none_and_can_be_scaled() -> None:
    assert {name for name in OURS if SERVICES[name]["networks"] == ["inside"]} == {"worker", "reconciler"}
    assert all("container_name" not in service for service in SERVICES.values())


@pytest.mark.parametrize("name", OURS)
def test_the_programs_wait_for_the_servers_and_are_pointed_at_them(name: str) -> None:
    service = SERVICES[name]

    healthy = {"condition": "service_healthy"}
    assert service["depends_on"] == {"redis": healthy, "postgres": healthy}
    assert service["environment"]["HECHA_REDIS"] == "redis://redis:6379/0"
    assert re.fullmatch(r"postgresql://hecha:\$\{\w+:\?[^}]+\}@postgres/hecha", service["environment"]["HECHA_DATABASE"])
    assert (service["environment"]["HECHA_DATA"], service["volumes"]) == ("/data", ["data:/data"])


def test_no_password_stands_in_the_file() -> None:
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${HECHA_DATABASE_PASSWORD:?")


def test_the_commands_are_commands_of_ours() -> None:
    commands = [SERVICES[name]["command"] for name in OURS]

    assert [main.commands[name].name for _, name, *_ in commands] == ["worker", "reconcile", "schedule", "web"]


def test_the_options_of_the_pages_are_options_of_ours() -> None:
    command = main.commands["web"]
    context = command.make_context("web", list(SERVICES["web"]["command"][2:]))

    assert (context.params["listen"], context.params["port"]) == ("0.0.0.0", 8443)


def test_the_image_holds_every_package_of_the_project() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = [name.rstrip("*") for name in pyproject["tool"]["setuptools"]["packages"]["find"]["include"]]

    assert sorted(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)) == sorted(packages)


def test_messages_can_hold_nothing_but_json_and_no_result_is_kept() -> None:
    conf = app.conf

    assert (conf.task_serializer, list(conf.accept_content), conf.task_ignore_result, conf.result_backend) == (
        "json",
        ["json"],
        True,
        None,
    )
    assert (conf.task_acks_late, conf.worker_prefetch_multiplier, conf.worker_pool) == (False, 1, "prefork")


@pytest.mark.parametrize("name", OURS)
def test_an_object_store_that_is_asked_for_reaches_every_program_and_nothing_is_said_without_one(name: str) -> None:
    given = {key: value for key, value in SERVICES[name]["environment"].items() if key.startswith(("HECHA_FILES", "HECHA_S3_"))}

    asked = {"HECHA_FILES", *(f"HECHA_S3_{part}" for part in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "REGION", "ADDRESSING"))}
    assert given == {key: f"${{{key}:-}}" for key in asked}


def test_a_virus_scanner_that_is_asked_for_reaches_every_program_that_may_take_files_in() -> None:
    assert {SERVICES[name]["environment"]["HECHA_CLAMD"] for name in OURS} == {"${HECHA_CLAMD:-}"}


def test_no_secret_stands_in_a_command_or_has_a_default() -> None:
    """A command is seen by everybody who may list processes; a default is known to everybody."""
    commands = [word for service in SERVICES.values() for word in service.get("command", [])]
    secret = re.compile(r"password|secret|key|token|--requirepass", re.IGNORECASE)
    values = {
        key: value
        for service in SERVICES.values()
        for key, value in service.get("environment", {}).items()
        if secret.search(key)
    }

    assert [word for word in commands if secret.search(word)] == []
    assert {key for key, value in values.items() if not re.fullmatch(r"\$\{\w+:(?:\?[^}]+|-)\}", value)} == set()

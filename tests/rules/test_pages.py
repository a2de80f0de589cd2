"""The manual in docs/rules and the schemas for editors say what the rule files say."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from rules.compile import PACKS, load_pack
from rules.pages import pages
from rules.schema import pack_schema, rule_schema
from rules.strict_yaml import read_yaml

DOCS = Path(__file__).resolve().parents[2] / "docs" / "rules"
BY_HAND = {"not-implemented.md", "编写规则.md"}
FILES = sorted(PACKS.glob("*/*.yaml"))


def plain(data):
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


def schema_for(path: Path):
    return pack_schema() if path.name == "pack.yaml" else rule_schema()


def test_docs_rules_is_what_hecha_rules_docs_writes():
    written = pages(load_pack())
    there = {path.name: path.read_text("utf-8") for path in DOCS.iterdir() if path.name not in BY_HAND}
    differing = sorted(name for name in written.keys() | there.keys() if written.get(name) != there.get(name))
    assert differing == [], "run: hecha rules docs --out docs/rules"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_file_of_ours_is_valid_by_its_schema(path):
    jsonschema.Draft7Validator(schema_for(path)).validate(plain(read_yaml(path).data))


@pytest.mark.parametrize(
    ("key", "value"),
    [("severity", "fatal"), ("kind", "balanse"), ("left", "new"), ("advise", "核对"), ("examples", {}), ("waivable", "no")],
)
def test_the_schema_refuses_what_the_compiler_refuses(key, value):
    rule = plain(read_yaml(PACKS / "national" / "APP-BALANCE.yaml").data) | {key: value}
    assert not jsonschema.Draft7Validator(rule_schema()).is_valid(rule)


@pytest.mark.parametrize("key", ["scorings", "override"])
def test_the_schema_of_packs_refuses_unknown_keys(key):
    pack = plain(read_yaml(PACKS / "wuwei" / "pack.yaml").data) | {key: {}}
    assert not jsonschema.Draft7Validator(pack_schema()).is_valid(pack)


def test_the_schemas_are_schemas():
    for schema in (rule_schema(), pack_schema()):
        jsonschema.Draft7Validator.check_schema(schema)
        assert json.loads(json.dumps(schema)) == schema

"""YAML is read as plain data with places, and what is not plain is refused with its line and column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import PackError
from rules.strict_yaml import MAX_BYTES, parse_yaml, read_yaml

SCALARS = [
    ("12", 12),
    ("-3", -3),
    ("+1036", 1036),
    ("0", 0),
    ("12.50", Decimal("12.50")),
    ("2026.10", Decimal("2026.10")),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("no", "no"),
    ("off", "off"),
    ("yes", "yes"),
    ("on", "on"),
    ("y", "y"),
    ("010", "010"),
    ("0o17", "0o17"),
    ("0x10", "0x10"),
    ("1e5", "1e5"),
    ("1_000", "1_000"),
    ("12:30", "12:30"),
    ("190:20:30", "190:20:30"),
    ("2024-02-30", "2024-02-30"),
    ("2024-01-01", "2024-01-01"),
    (".inf", ".inf"),
    (".nan", ".nan"),
    (".5", ".5"),
    ("=", "="),
    ("１２", "１２"),
    ("9" * 30, "9" * 30),
    ("'12'", "12"),
    ('"true"', "true"),
    ("'a: b'", "a: b"),
]
REFUSED = [
    ("a: 1\na: 2", "pack.yaml:2:1: 不接受：键 'a' 重复出现"),
    ("x: {a: 1, a: 2}", "pack.yaml:1:11: 不接受：键 'a' 重复出现"),
    ("a: &x 1", "pack.yaml:1:4: 不接受：锚点 &x；请在用到的地方把值直接写出来"),
    ("a: &x [1]\nb: *x", "pack.yaml:1:4: 不接受：锚点 &x；请在用到的地方把值直接写出来"),
    ("b: *x", "pack.yaml:1:4: 不接受：别名 *x；请把值直接写出来"),
    ("&k a: 1", "pack.yaml:1:1: 不接受：键不是普通文字"),
    ("a:\n  <<: {b: 1}", "pack.yaml:2:3: 不接受：合并键 <<；请把各键直接写出来"),
    (
        "a: !!python/object/apply:os.system [ls]",
        "pack.yaml:1:4: 不接受：标签 tag:yaml.org,2002:python/object/apply:os.system；值只能是文字、数、列表和“键: 值”",
    ),
    ("a: !!str 1", "pack.yaml:1:4: 不接受：标签 tag:yaml.org,2002:str；值只能是文字、数、列表和“键: 值”"),
    ("a: !local 1", "pack.yaml:1:4: 不接受：标签 !local；值只能是文字、数、列表和“键: 值”"),
    ("!x {a: 1}", "pack.yaml:1:1: 不接受：标签 !x；值只能是文字、数、列表和“键: 值”"),
    ("? [a]\n: 1", "pack.yaml:1:3: 不接受：键不是普通文字"),
    ("a: 1\n---\nb: 2", "pack.yaml:2:1: 不接受：第二个文档；一个文件只写一个"),
    ("a: " + "[" * 21 + "]" * 21, "pack.yaml:1:23: 不接受：嵌套超过 20 层"),
    ("a: " + "[" * 5000, "pack.yaml:1:23: 不接受：嵌套超过 20 层"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "value"), SCALARS)
def test_a_scalar_is_read_without_surprises(written, value):
    data = parse_yaml(f"a: {written}").data["a"]
    assert (data, type(data)) == (value, type(value))


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_plain_is_refused_with_its_place(text, message):
    with pytest.raises(PackError) as caught:
        parse_yaml(text, "pack.yaml")
    assert str(caught.value) == message


def test_a_million_values_are_refused_before_they_are_built():
    with pytest.raises(PackError, match="超过 50000 个值"):
        parse_yaml("a: [" + "1," * 60_000 + "1]")


def test_an_alias_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(9))
    with pytest.raises(PackError, match=r":1:4: 不接受：锚点 &a"):
        parse_yaml(bomb, "bomb.yaml")


@pytest.mark.parametrize("text", ["a: [1", "a: 'x", "a: b: c", "\tx: 1", "a: @x", "a: \x00", "%YAML 9", "}"])
def test_broken_yaml_is_an_error_of_the_file(text):
    with pytest.raises(PackError, match=r"^pack\.yaml.*不是正确的 YAML"):
        parse_yaml(text, "pack.yaml")


def test_a_place_is_known_for_every_value_and_key():
    file = parse_yaml("id: X\nleft: [new, wrong]\nmap:\n  inner: 1\n", "r.yaml")
    places = [
        str(error)
        for error in (file.error("w", "left", 1), file.key_error("k", "map", "inner"), file.error("n", "map", "none"))
    ]
    assert places == ["r.yaml:2:13: w", "r.yaml:4:3: k", "r.yaml:4:3: n"]


def test_a_file_that_is_missing_too_large_or_no_utf8_is_named(tmp_path):
    large, garbled = tmp_path / "large.yaml", tmp_path / "garbled.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    garbled.write_bytes("标题: 收办".encode("gb18030"))
    messages = []
    for path in (tmp_path / "none.yaml", large, garbled):
        with pytest.raises(PackError) as caught:
            read_yaml(path, path.name)
        messages.append(str(caught.value))
    assert messages == [
        "none.yaml: 读不了：文件或文件夹不存在",
        "large.yaml: 超过 1000000 字节；一个规则文件不过一页",
        "garbled.yaml: 不是 UTF-8 编码（第 0 字节）；请另存为 UTF-8",
    ]


def test_an_empty_file_holds_nothing():
    assert parse_yaml("# only a comment\n").data is None


@given(st.text(alphabet="ab:{}[],-&*!<>?|'\"#% \n\t01.", max_size=60))
def test_any_text_is_data_or_a_pack_error(text):
    try:
        said = str(parse_yaml(text, "fuzz.yaml").file)
    except PackError as exc:
        said = str(exc)
    assert said.startswith("fuzz.yaml")

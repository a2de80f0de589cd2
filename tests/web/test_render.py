from __future__ import annotations

import pytest

from web.render import disposition, environment, local, tail


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("report.pdf", "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf"),
        ("年报 1.pdf", "attachment; filename=\"__ 1.pdf\"; filename*=UTF-8''%E5%B9%B4%E6%8A%A5%201.pdf"),
        ('a"b\r\nX: y.pdf', "attachment; filename=\"a_b__X: y.pdf\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y.pdf"),
    ],
)
def test_a_file_is_saved_under_any_name_and_the_name_adds_no_header(name: str, header: str) -> None:
    assert disposition(name) == header


@pytest.mark.parametrize(
    ("target", "led"), [("/batches?page=2", "/batches?page=2"), ("//x", "/"), ("http://x", "/"), ("/\\x", "/"), (None, "/")]
)
def test_links_lead_to_this_server_alone(target: str | None, led: str) -> None:
    assert local(target) == led


def test_everything_is_escaped_and_missing_names_are_errors() -> None:
    made = environment()

    assert made.from_string("{{ x }}").render(x="<script>") == "&lt;script&gt;"
    assert made.undefined.__name__ == "StrictUndefined"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("各县.zip/年报/青禾县/教育局.docx", "青禾县/教育局.docx"),
        ("各县.zip/教育局.docx", "各县.zip/教育局.docx"),
        ("教育局.docx", "教育局.docx"),
    ],
)
def test_of_a_long_path_the_file_and_its_folder_are_shown(name: str, shown: str) -> None:
    assert tail(name) == shown

"""What no code of the service may contain, and what the web process never loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("reports_in", "rules", "audits", "access", "sweeps", "worker", "web", "cli")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "web" / "static").glob("*.js"))
STYLES = sorted((ROOT / "web" / "static").glob("*.css"))
NEVER_CALLED = {"eval", "exec", "compile", "__import__"}
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
PARSERS = (
    "selectolax",
    "pypdfium2",
    "olefile",
    "rapidocr_onnxruntime",
    "onnxruntime",
    "cv2",
    "reports_in.readers",
)


def faults_in(tree: ast.AST) -> list[str]:
    """What could run or build code from what somebody sent."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in NEVER_CALLED:
                found.append(name)
            if name in (
                "yaml.load",
                "yaml.unsafe_load",
                "yaml.full_load",
                "os.system",
                "os.popen",
            ) and "SafeLoader" not in ast.unparse(node):
                found.append(name)
            if any(word.arg == "shell" and getattr(word.value, "value", None) is not False for word in node.keywords):
                found.append("shell=True")
            if name.endswith("Markup") and node.args and not isinstance(node.args[0], ast.Constant):
                found.append("Markup of something made")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            found += sorted(NEVER_IMPORTED & {name.split(".")[0] for name in names})
    return found


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("eval('1')", "eval"),
        ("import pickle", "pickle"),
        ("from pickle import loads", "pickle"),
        ("yaml.load(text)", "yaml.load"),
        ("subprocess.run(x, shell=True)", "shell=True"),
        ("Markup(f'<b>{x}</b>')", "Markup of something made"),
    ],
)
def test_the_lint_sees(code: str, fault: str) -> None:
    assert faults_in(ast.parse(code)) == [fault]


def test_no_code_runs_what_somebody_sent() -> None:
    found = {str(path.relative_to(ROOT)): faults_in(ast.parse(path.read_text("utf-8"))) for path in FILES}

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "web" / "templates")))
def test_no_page_has_inline_code_or_anything_from_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    forbidden = re.compile(
        r"\|\s*safe\b|autoescape\s+false|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|(?:src|href|action)=[\"'](?:https?:)?//|<script(?![^>]*\bsrc=)"
    )

    assert forbidden.findall(text) == []


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_no_script_or_style_reaches_outside_or_writes_html(path: Path) -> None:
    """But for what our own server has rendered, ``said`` in the answer of hecha.send."""
    text = path.read_text("utf-8")
    forbidden = re.compile(
        r"\beval\(|new Function|innerHTML(?!\s*=\s*said\.)|outerHTML|insertAdjacentHTML|document\.write|@import|url\(\s*[\"']?(?:https?:)?//|[\"'`](?:https?:)?//\w"
    )

    assert forbidden.findall(text) == []


def test_every_form_that_changes_something_carries_the_token() -> None:
    bare = []
    for path in TEMPLATES:
        for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", path.read_text("utf-8"), re.S | re.I):
            if "csrf_field" not in form and "{{ csrf }}" not in form:
                bare.append(f"{path.name}: {form[:80]}")

    assert bare == []


def test_the_web_process_loads_no_parser() -> None:
    """Reading what somebody sent is the jail's business, in a process of its own."""
    code = "import sys, web.app; print([m for m in sys.modules if m.startswith(tuple(sys.argv[1:]))])"
    loaded = subprocess.run([sys.executable, "-c", code, *PARSERS], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"

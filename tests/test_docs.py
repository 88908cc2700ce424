"""The documents keep up with the code: generated pages are fresh, nothing public is undocumented, no link is dead."""

import ast
import re
import runpy
from collections.abc import Iterable
from pathlib import Path

import jsonschema
import pytest
from typer.main import get_command

from tangente.analysis import model
from tangente.analysis.serial import json_schema
from tangente.cli import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GENERATE = runpy.run_path(str(DOCS / "generate.py"))
COMMANDS = list(GENERATE["commands"](get_command(app), "tangente"))
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "misc", "manager", "core"}
MOST_LINES, MOST_WORDS = 400, 300


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_code(page: Path) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text(page), flags=re.DOTALL)


def without(functions: Iterable[tuple[Path, ast.FunctionDef]], *parts: str) -> list[str]:
    """The functions whose docstring lacks one of the parts."""
    documented = ((function.name, ast.get_docstring(function) or "") for _, function in functions)
    return [name for name, docstring in documented if not docstring or not all(part in docstring for part in parts)]


@pytest.mark.parametrize("path", [path for path, _ in GENERATE["PAGES"]])
def test_generated_page_is_fresh(path):
    assert text(DOCS / path) == dict(GENERATE["PAGES"])[path](), "run `make docs`"


def test_every_command_has_a_help():
    assert [name for name, command in COMMANDS if not command.help] == []


def test_every_option_has_a_help():
    options = [(name, one) for name, command in COMMANDS for one in command.params if one.param_type_name == "option"]
    assert [(name, one.name) for name, one in options if not one.help] == []


def test_every_question_is_documented():
    assert without(GENERATE["questions"]()) == []
    tables = [
        (path, one) for path, one in GENERATE["questions"]() if one.returns and "Table" in ast.unparse(one.returns)
    ]
    assert without(tables, "Returns:", "Cost:", "Source:", ">>>") == []


def test_every_method_is_documented():
    assert without(GENERATE["methods"](), "Returns:", "Cost:", "Source:", ">>>") == []


def test_every_field_of_the_report_has_a_meaning():
    fields = [(name, key) for name, kind in json_schema()["$defs"].items() for key in kind["properties"]]
    assert [(name, key) for name, key in fields if not GENERATE["meaning"](getattr(model, name), key)] == []


def test_report_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files(page):
    links = re.findall(r"\]\(([^)#\s]+)", without_code(page))
    files = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [file for file in files if not (page.parent / file).exists()] == []


def test_pages_the_code_names_exist():
    named = {name for path in ROOT.glob("src/**/*.py") for name in re.findall(r"docs/[\w/-]+\.md", text(path))}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/reference/glossary.md"])
def test_modules_a_page_names_exist(page):
    modules = {path.name for folder in ("src", "tests", "docs") for path in (ROOT / folder).rglob("*.py")}
    assert sorted(set(re.findall(r"(?<![>*\w])\w+\.py\b", text(ROOT / page))) - modules) == []


def test_index_lists_every_decision():
    assert re.findall(r"\]\((\d[^)]*)\)", text(DOCS / "adr" / "README.md")) == [adr.name for adr in ADRS]


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_decision_is_short_and_says_what_would_change_it(adr):
    assert len(text(adr).split()) <= MOST_WORDS
    assert re.findall(r"^## (.+)$", text(adr), re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "What would change our mind",
    ]


def test_decisions_are_numbered_without_gaps():
    assert [int(adr.name[:4]) for adr in ADRS] == list(range(1, len(ADRS) + 1))


def test_changelog_entries_are_short():
    entries = re.findall(r"^- (.+)$", text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert [entry for entry in entries if len(entry.split()) > 15] == []


def test_source_files_are_named_after_a_topic():
    assert [path.name for path in ROOT.glob("src/**/*.py") if path.stem in FORBIDDEN_NAMES] == []


def test_source_files_hold_one_topic():
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), DOCS / "generate.py"]
    assert [path.name for path in files if len(text(path).splitlines()) > MOST_LINES] == []


def test_locked_requirements_name_no_host():
    lines = [line for path in ROOT.glob("requirements/*.txt") for line in text(path).splitlines()]
    assert [line for line in lines if "://" in line or "index-url" in line] == []

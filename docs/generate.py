"""Write the reference pages that are read off the code: `make docs`. tests/test_docs.py fails when one is stale."""

import ast
import dataclasses
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tangente.analysis import model
from tangente.analysis.serial import json_schema
from tangente.cli import app
from tangente.contactlog.schema import LIMITS, TABLES, WORDS
from tangente.translation import Language, language
from tangente.web.environment import SETTINGS

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src" / "tangente"

WIDTH = 100
"""Of the help texts, so that they do not depend on the terminal."""

FOLDERS = {
    "tutorial": "Learn by doing: one way through, from the first file to a finished report.",
    "how-to": "Get one thing done.",
    "reference": "Look something up: every file, column, command and function.",
    "explanation": "Understand a method: question, formula, assumptions, an example by hand, source.",
}

DOORS = {
    "contactlog/store.py": ("create_log", "open_log"),
    "contactlog/spark.py": ("spark_context", "spark_log"),
    "contactlog/testing.py": ("journeys", "from_rows"),
    "contactlog/sql.py": ("query",),
}
"""How one comes by a log, and by its rows."""

KEEPING = {
    "contactlog/imported.py": ("imported",),
    "contactlog/undoing.py": ("undo",),
    "contactlog/erasure.py": ("held", "erase", "erase_as"),
    "contactlog/upkeep.py": ("compact", "expire"),
    "contactlog/verification.py": ("verify",),
    "contactlog/backup.py": ("save", "take_in"),
}
"""How one looks after a log; everything else on the library's page follows from rules."""


def contents() -> str:
    """docs/README.md: every page with the sentence it begins with."""
    parts = [CONTENTS]
    for folder, purpose in FOLDERS.items():
        pages = sorted((DOCS / folder).glob("*.md"))
        if pages:
            parts += [f"## {folder.capitalize()}", "", purpose, "", *(page_line(page) for page in pages), ""]
    return "\n".join(parts)


CONTENTS = """# Documentation

Every page and the sentence it begins with, written by `make docs`. How the code is built: [ARCHITECTURE.md](../ARCHITECTURE.md);
why it is built so: [the decisions](adr/README.md); how to work on it: [CONTRIBUTING.md](../CONTRIBUTING.md).
"""


def page_line(page: Path) -> str:
    """Title and first sentence of a page; a method's page opens with its question, which is taken whole."""
    title, opening, *_ = page.read_text(encoding="utf-8").split("\n\n")
    question = opening.removeprefix("**Question.** ")
    sentence = first_sentence(opening) if question == opening else " ".join(question.split())
    sentence = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", sentence)  # links are relative to the page
    return f"- [{title.removeprefix('# ')}]({page.relative_to(DOCS)}): {sentence}"


def command_line() -> str:
    """Every command with its help."""
    parts = ["# The command line", "", "Every command and option of `tangente`, as `--help` prints them.", ""]
    for name, command in commands(get_command(app), "tangente"):
        context = command.make_context(name, [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
        parts += [f"## {name}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(parts)


def commands(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """The command and everything below it, each under its full name, in the order of the help."""
    yield name, command
    if isinstance(command, TyperGroup):
        for child, below in command.commands.items():
            yield from commands(below, f"{name} {child}")


def report_schema() -> str:
    """The JSON Schema of report.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def report_json() -> str:
    """The schema of report.json as tables."""
    parts = [REPORT_JSON]
    for name, definition in json_schema()["$defs"].items():
        kind = getattr(model, name)
        parts += [f"## {name}", ""]
        if is_documented(kind):
            parts += [inspect.cleandoc(kind.__doc__).replace("None", "null"), ""]
        parts += ["| Field | Type | Meaning |", "|---|---|---|"]
        for key, value in definition["properties"].items():
            parts.append(f"| `{key}` | {type_text(value)} | {meaning(kind, key)} |")
        parts.append("")
    return "\n".join(parts)


REPORT_JSON = """# report.json

The whole Analysis that `tangente analyse` writes beside `report.html`; its JSON Schema is [report.schema.json](report.schema.json).

- Missing is `null`, never 0. Shares are 0 to 1. Waits are seconds. Amounts are decimal numbers in units of `currency`. Times are ISO 8601 in UTC.
- Equal files, options and seed give an equal file, except for `created`.
- It holds small cells (fewer than five customers) and is not for publication, as `note` says; the report hides them.

```python
import json

with open("tangente-report/report.json", encoding="utf-8") as file:
    report = json.load(file)
for point in report["touchpoints"][:5]:
    print(point["reason"])
```
"""


def meaning(kind: type, key: str) -> str:
    """What a field means: the comment behind it in the code, else what docs/report_fields.toml says."""
    written = tomllib.loads((DOCS / "report_fields.toml").read_text(encoding="utf-8"))
    own = field_comments(kind).get(key) or written.get(kind.__name__, {}).get(key)
    return str(own or written["all"].get(key, ""))


def is_documented(kind: type) -> bool:
    """Whether a dataclass has a docstring of its own, not only the signature that Python puts there."""
    return not (kind.__doc__ or "").startswith(f"{kind.__name__}(")


def field_comments(kind: type) -> dict[str, str]:
    """The comment behind each field of a dataclass, under the field's name in the file."""
    names = {field.name: field.metadata.get("key", field.name) for field in dataclasses.fields(kind)}
    found = re.findall(r"^    (\w+): [^#\n]*#\s*(.+)$", inspect.getsource(kind), re.MULTILINE)
    return {names[name]: comment for name, comment in found}


def type_text(schema: dict[str, Any]) -> str:
    """A JSON Schema type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_text(one) for one in schema["anyOf"])
    if "const" in schema:
        return f"“{schema['const']}”"
    if schema["type"] == "array":
        return f"list of {type_text(schema['items'])}"
    if schema["type"] == "object":
        return f"object of {type_text(schema['additionalProperties'])}"
    return str(schema["type"])


def contact_log() -> str:
    """Both tables of the contact log, column by column."""
    parts = [CONTACT_LOG]
    for table, schema in TABLES.items():
        parts += [
            f"## {table}",
            "",
            "| Column | Type | Unit | Empty | Allowed | Meaning |",
            "|---|---|---|---|---|---|",
        ]
        for field in schema:
            unit, meaning = field.metadata[b"unit"].decode(), field.metadata[b"doc"].decode()
            empty = "may be" if field.nullable else "never"
            parts.append(
                f"| `{field.name}` | {field.type} | {unit} | {empty} | {allowed(table, field.name)} | {meaning} |"
            )
        parts.append("")
    return "\n".join(parts)


CONTACT_LOG = """# The columns of the contact log

The two tables every question is asked of, column by column, as `schema.check` guards them. What they are for and how rows are told apart: [The contact log](../explanation/contact-log.md).
"""


def allowed(table: str, column: str) -> str:
    """The words or the range a column allows; nothing if it allows anything."""
    if column in WORDS[table]:
        return ", ".join(f"`{word}`" for word in WORDS[table][column])
    if column in LIMITS[table]:
        low, high = LIMITS[table][column]
        return f"{low:,} to {high:,}"
    return ""


def library() -> str:
    """Every question and every method: signature, what it does, where that is explained."""
    parts = [LIBRARY, "## Come by a log and its rows", "", *_rows(named(DOORS)), ""]
    parts += ["## Look after a log", "", *_rows(named(KEEPING)), ""]
    parts += [
        "## Questions",
        "",
        "A question takes the log first and its options by keyword.",
        "",
        *_rows(questions()),
        "",
    ]
    parts += ["## Methods", "", "A method takes numbers and gives numbers.", "", *_rows(methods()), ""]
    return "\n".join(parts)


LIBRARY = """# The library

Every public question to the contact log and every method, one line each; `help()` shows units, nulls, errors and cost.

```python
from pathlib import Path

from tangente.contactlog.flow import flow
from tangente.contactlog.store import open_log

with open_log(Path("log")) as store:
    table = flow(store.log().where(channels=["phone"]))  # a pyarrow.Table
```
"""

Functions = list[tuple[Path, ast.FunctionDef]]


def named(chosen: dict[str, tuple[str, ...]]) -> Functions:
    """The functions of these names, by module."""
    found = []
    for path, names in chosen.items():
        found += [(SOURCE / path, function) for function in public(SOURCE / path) if function.name in names]
    return found


def questions() -> Functions:
    """Public functions of the contact log that take the log first and everything else by keyword."""
    modules = sorted((SOURCE / "contactlog").glob("*.py"))
    return [(path, function) for path in modules for function in public(path) if is_question(function)]


def methods() -> Functions:
    """Public functions of method/."""
    return [(path, function) for path in sorted((SOURCE / "method").glob("*.py")) for function in public(path)]


def public(path: Path) -> list[ast.FunctionDef]:
    """The functions of a module whose names do not begin with an underscore, compiled loops left out."""
    functions = [one for one in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(one, ast.FunctionDef)]
    return [one for one in functions if not one.name.startswith("_") and not is_compiled(one)]


def is_compiled(function: ast.FunctionDef) -> bool:
    """Whether a function is a loop over columns, not for callers."""
    return any(isinstance(one, ast.Name) and one.id == "compiled" for one in function.decorator_list)


def is_question(function: ast.FunctionDef) -> bool:
    """Whether a function keeps the form of a question: the log first, the rest by keyword."""
    return [argument.arg for argument in function.args.args] == ["log"]


def _rows(functions: Functions) -> list[str]:
    lines = ["| Function | What it does | Explained in |", "|---|---|---|"]
    for path, function in functions:
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        text = ast.get_docstring(function) or ""
        lines.append(f"| `{module}.{signature(function)}` | {first_sentence(text)} | {explained_in(text)} |")
    return lines


def signature(function: ast.FunctionDef) -> str:
    """Name, arguments and defaults; the types stand in the code."""
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"{function.name}({ast.unparse(function.args)})"


def first_sentence(text: str) -> str:
    """Up to the first full stop or question mark, on one line."""
    return re.split(r"(?<=[.?])\s", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0]


def explained_in(text: str) -> str:
    """A link to the page the docstring names as its source."""
    page = re.search(r"Source: docs/(\S+/([\w-]+)\.md)", text)
    return f"[{page[2]}](../{page[1]})" if page else ""


def refusals() -> str:
    """Every sentence with a code, in both languages."""
    english, german = language("en"), language("de")
    said = sorted({(code, text) for path in SOURCE.rglob("*.py") for code, text in messages(path) if code})
    rows = [f"| {code} | {table_text(english, text)} | {table_text(german, text)} |" for code, text in said]
    return "\n".join([REFUSALS, "| Code | English | German |", "|---|---|---|", *rows, ""])


REFUSALS = """# Refusals

Every sentence with which Tangente refuses a file, a row or a log folder, by its code: codes stay, wording may improve.
The command line prints the code in brackets after the sentence; `rejects.csv` has it in the column `code`. What
stands in braces is filled in. `TANGENTE_LANGUAGE=de` or `--language de` tells everything in German.
"""


def messages(path: Path) -> Iterator[tuple[str, str]]:
    """Code and text of each Message that a file makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Message"), args=[ast.Constant(str(code)), ast.Constant(str(text))]):
                yield code, text


def table_text(tongue: Language, text: str) -> str:
    return tongue.gettext(text).replace("|", "\\|").replace("<", "&lt;")


def settings() -> str:
    """Every variable of the environment that a server reads."""
    rows = [f"| `{one.name}` | {f'`{one.default}`' if one.default else ''} | {one.meaning} |" for one in SETTINGS]
    return "\n".join([SETTINGS_PAGE, "| Variable | Default | Meaning |", "|---|---|---|", *rows, *LIBRARY_SETTINGS, ""])


SETTINGS_PAGE = """# Settings

What a server reads from its environment when it starts; every one may be left out.

`tangente doctor` says which of them are not safe. How to put a proxy with TLS in front: [Run a server](../how-to/run-a-server.md).
"""

LIBRARY_SETTINGS = [
    "| `TANGENTE_LOG_KEY` |  | Of the pseudonyms in contact logs, as at least 32 hexadecimal digits; left out: each log has its "
    "own, in its folder. |",
    "| `TANGENTE_LANGUAGE` | `en` | de or en: what commands tell; people of the application choose their own. |",
    "| `XDG_CACHE_HOME` | `~/.cache` | Where the compiled loops over contact logs are kept. |",
]
"""What the library reads, too."""

PAGES: list[tuple[str, Callable[[], str]]] = [
    ("reference/command-line.md", command_line),
    ("reference/contact-log.md", contact_log),
    ("reference/library.md", library),
    ("reference/refusals.md", refusals),
    ("reference/report-json.md", report_json),
    ("reference/report.schema.json", report_schema),
    ("reference/settings.md", settings),
    ("README.md", contents),  # last: it lists the others
]
"""Each generated page, below docs/, and the function that gives its text. Add yours here."""


def main() -> None:
    for path, page in PAGES:
        (DOCS / path).write_text(page(), encoding="utf-8")
        print(f"docs/{path}")


if __name__ == "__main__":
    main()

"""Write the reference pages that are read off the code: `make docs`. tests/test_docs.py fails when one is stale."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tangente.analysis.serial import json_schema
from tangente.cli import app

DOCS = Path(__file__).parent
WIDTH = 100
"""Of the help texts, so that they do not depend on the terminal."""


def command_line() -> str:
    """Every command with its help."""
    parts = ["# The command line", "", "Generated from the program; `--help` behind any command prints the same.", ""]
    for name, text in help_texts(get_command(app), "tangente"):
        parts += [f"## {name}", "", "```text", text, "```", ""]
    return "\n".join(parts)


def help_texts(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, str]]:
    """Each command below `command` with its help, in the order of the help."""
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=WIDTH)
    yield name, command.get_help(context)
    if isinstance(command, TyperGroup):
        for child in command.list_commands(context):
            yield from help_texts(command.commands[child], f"{name} {child}")


def report_schema() -> str:
    """The JSON Schema of report.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


PAGES: list[tuple[str, Callable[[], str]]] = [
    ("reference/command-line.md", command_line),
    ("reference/report.schema.json", report_schema),
]
"""Each generated page, below docs/, and the function that gives its text. Add yours here."""


def main() -> None:
    for path, page in PAGES:
        (DOCS / path).write_text(page(), encoding="utf-8")
        print(f"docs/{path}")


if __name__ == "__main__":
    main()

"""What the pages on mappings show is what happens."""

import re
from pathlib import Path

import pytest

from tangente.contactlog.schema import TABLES
from tangente.sources.mapping import SETTINGS, Mapping
from tangente.sources.propose import propose

from .files import CONTACTS, read, write

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "mapping.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "read-your-own-files.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("text", blocks(REFERENCE, "toml"))
def test_mapping_page_shows_mappings_that_are_valid(text: str):
    assert Mapping.from_text(text).parts


@pytest.mark.parametrize("key", [*SETTINGS, *TABLES["contacts"].names, *TABLES["ratings"].names])
def test_mapping_page_names_every_key(key: str):
    assert f"`{key}`" in REFERENCE


def test_how_to_shows_the_proposal_for_its_file(tmp_path: Path):
    path = write(tmp_path, blocks(HOW_TO, "csv")[0], "kontakte.csv")
    assert propose(path) == blocks(HOW_TO, "toml")[0]


def test_how_to_shows_what_is_refused(tmp_path: Path):
    path = write(tmp_path, blocks(HOW_TO, "csv")[0], "kontakte.csv")
    refused = [",".join(refusal.cells) for refusal in read(path, blocks(HOW_TO, "toml")[0]).refusals]
    assert refused == blocks(HOW_TO, "csv")[1].splitlines()[1:]


NUMBERS = [row.strip("| ").split(" | ") for row in REFERENCE.splitlines() if re.match(r"\| `[0-9.,]+` \|", row)]
LINES = ["", 'decimal = "."', 'decimal = ","', 'thousands = "."', 'thousands = ","']


@pytest.mark.parametrize(("cell", "expected"), [(row[0].strip("`"), row[1:]) for row in NUMBERS])
def test_mapping_page_says_how_numbers_are_read(tmp_path: Path, cell: str, expected: list[str]):
    path = write(tmp_path, f"customer;time;touchpoint;cost\na;2026-01-01;x;{cell}\n")
    outcomes = [read(path, f'{CONTACTS}delimiter = ";"\n{line}\ncost = "cost"') for line in LINES]
    found = [outcome.contacts[0]["cost"] / 1_000_000 if outcome.contacts else None for outcome in outcomes]
    assert found == [float(each) if each[0].isdigit() else None for each in expected]
    assert [refusal.code for refusal in outcomes[0].refusals] == ["E-ASK"] * expected[0].startswith("asked")

"""Every file of the corpus gets exactly the answer that its case names."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.mapping import Mapping
from tangente.sources.reading import open_source
from tangente.sources.rejects_file import RejectsFile
from tangente.translation import language

from . import corpus_csv, corpus_xes, corpus_xlsx
from .corpus import Case, answered

CASES = [*corpus_csv.CASES, *corpus_xes.CASES, *corpus_xlsx.CASES]


@dataclass
class Answer:
    """What reading a file gives."""

    rows: int
    accepted: int
    refused: list[tuple[int, str]]
    error: str
    said: list[Message]
    warnings: list[Message]


def answer(path: Path, mapping: str) -> Answer:
    given = Answer(0, 0, [], "", [], [])
    try:
        source = open_source(path, Mapping.from_text(mapping))
        for batch in source.batches():
            given.accepted += sum(len(rows) for rows in (batch.contacts, batch.ratings) if rows is not None)
            given.refused += [(refusal.line, refusal.code) for refusal in batch.refusals]
            given.said += [refusal.reason for refusal in batch.refusals]
        given.rows, given.warnings = sum(source.rows.values()), source.warnings
    except SourceError as error:
        given.error, given.said = error.code, [error.args[0]]
    return given


def written(case: Case, folder: Path) -> Path:
    path = folder / case.file
    case.write(path)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus_gives_each_file_its_answer(tmp_path: Path, case: Case):
    given = answer(written(case, tmp_path), case.mapping)
    assert (given.error, tuple(given.refused)) == (case.error, case.refused)
    assert [warning.code for warning in given.warnings] == ([case.warning] if case.warning else [])
    if not case.error:
        assert (given.accepted, given.rows) == (case.accepted, case.accepted + len(case.refused))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus_is_told_in_both_languages(tmp_path: Path, case: Case):
    given = answer(written(case, tmp_path), case.mapping)
    for sentence in (*given.said, *given.warnings):
        english, german = (language(code).say(sentence) for code in ("en", "de"))
        assert english != german
        assert not re.search(r"\{\w", english + german)
        assert sentence.code


@pytest.mark.parametrize("case", [case for case in CASES if case.answer], ids=lambda case: case.name)
def test_corpus_names_the_line_of_the_mapping_that_answers(tmp_path: Path, case: Case):
    path = written(case, tmp_path)
    asked = answer(path, case.mapping).said[0]
    key, _, value = case.answer.partition(" = ")
    assert (key in asked, value in asked) == (True, True)
    settled = answer(path, answered(case.mapping, case.answer))
    assert (settled.error, settled.refused) == ("", [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_corpus_names_are_those_of_one_file_each(case: Case):
    assert [each.name for each in CASES].count(case.name) == 1


def test_corpus_formulas_come_out_inert(tmp_path: Path):
    case = next(case for case in CASES if case.name == "formula_cells")
    mapping = Mapping.from_text(case.mapping.replace('"time"', '"touchpoint"'))
    source = open_source(written(case, tmp_path), mapping)
    with RejectsFile(tmp_path / "rejects.csv") as rejects:
        for batch in source.batches():
            rejects.add(batch.refusals)
    rows = list(csv.reader((tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()))[1:]
    assert [row[4][:2] for row in rows] == ["'=", "'+", "'-", "'@", "x\t"]

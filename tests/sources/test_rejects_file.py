from contextlib import suppress
from pathlib import Path

import pytest

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.rejects import Refusal
from tangente.sources.rejects_file import RejectsFile

REFUSAL = Refusal("a.csv", "contacts", 2, "Kosten", "x", Message("E-NUM", "not a whole number"))
HEADER = "file,table,line,column,value,code,reason\n"
ROW = "a.csv,contacts,2,Kosten,x,E-NUM,not a whole number\n"


def left(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_rejects_file_is_in_its_place_only_when_complete(tmp_path: Path):
    with RejectsFile(tmp_path / "rejects.csv") as rejects:
        rejects.add([REFUSAL])
        rejects.add([REFUSAL])
        assert not (tmp_path / "rejects.csv").exists()
    assert left(tmp_path) == {"rejects.csv": HEADER + ROW + ROW}


@pytest.mark.parametrize(("wanted", "files"), [(True, {"rejects.csv": HEADER}), (False, {})])
def test_rejects_file_without_rows_is_there_if_wanted(tmp_path: Path, wanted: bool, files: dict[str, str]):
    with RejectsFile(tmp_path / "rejects.csv", wanted=wanted) as rejects:
        rejects.add([])
    assert left(tmp_path) == files


@pytest.mark.parametrize(
    ("error", "files"), [(SourceError("no"), {"rejects.csv": HEADER + ROW}), (KeyboardInterrupt(), {})]
)
def test_rejects_file_is_kept_after_a_refusal_but_not_after_an_interruption(tmp_path: Path, error, files):
    rejects = RejectsFile(tmp_path / "rejects.csv", wanted=True)
    with suppress(type(error)), rejects:
        rejects.add([REFUSAL])
        raise error
    assert (left(tmp_path), rejects.kept) == (files, bool(files))


def test_rejects_file_of_a_failure_without_rows_is_not_made(tmp_path: Path):
    with pytest.raises(SourceError), RejectsFile(tmp_path / "out" / "rejects.csv", wanted=True):
        raise SourceError("no")
    assert left(tmp_path) == {}

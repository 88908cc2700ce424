"""What comes from a child is what this process would have read itself, and is checked where it arrives."""

import struct
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.contactlog.schema import CONTACTS
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import apart
from tangente.sources.apart import SourceApart, open_apart, propose_apart
from tangente.sources.child_frames import LARGEST_JSON
from tangente.sources.mapping import Mapping
from tangente.sources.propose import propose
from tangente.sources.reading import open_source
from tangente.sources.rejects import Refusal
from tangente.sources.source import Source

from . import corpus_csv, corpus_xes, corpus_xlsx
from .corpus import Case
from .files import CONTACTS as TEXT
from .files import write

CASES = [*corpus_csv.CASES, *corpus_xes.CASES, *corpus_xlsx.CASES]
MAPPING = Mapping.from_text(TEXT + '[contacts.rating]\nmetric = { constant = "nps" }\nscore = "nps"')
CELLS = st.sampled_from(["", "a", "ä b", "2026-01-31", "2026-02-30", "7", "11", '"', "x,y"])


def everything(source: Source) -> tuple[list[object], list[Refusal], object]:
    rows: list[object] = []
    refusals: list[Refusal] = []
    for batch in source.batches():
        rows += [(table, rows.to_pylist(), batch.lines[table].tolist()) for table, rows in batch.tables.items()]
        refusals += batch.refusals
    return rows, refusals, (source.rows, source.rejected, source.warnings, source.digest)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=3, max_size=5).map(",".join), min_size=1))
def test_apart_reads_what_this_process_would(tmp_path: Path, lines: list[str]):
    path = write(tmp_path, "\n".join(["customer,time,touchpoint,nps", "a,2026-01-01,x,9", *lines]))
    here, there = everything(open_source(path, MAPPING)), everything(open_apart(path, MAPPING))
    assert here == there
    assert [one.reason.code for one in here[1]] == [one.reason.code for one in there[1]]


def test_apart_proposes_what_this_process_would(tmp_path: Path):
    path = write(tmp_path, "Kunde;Datum;Kontaktpunkt\n1;31.01.2026;Hotline\n")
    assert propose_apart(path) == propose(path)


def test_apart_refuses_as_this_process_would(tmp_path: Path):
    path = write(tmp_path, "customer,tyme,touchpoint,nps\n")
    with pytest.raises(SourceError) as here:
        open_source(path, MAPPING)
    with pytest.raises(SourceError) as there:
        open_apart(path, MAPPING)
    assert (str(here.value), here.value.code) == (str(there.value), there.value.code)


def test_apart_refuses_a_file_that_grew_after_its_digest(tmp_path: Path):
    path = write(tmp_path, "customer,time,touchpoint,nps\na,2026-01-01,x,9\n")
    source = open_apart(path, MAPPING)
    assert source.digest
    write(tmp_path, "customer,time,touchpoint,nps\na,2026-01-01,x,9\nb,2026-01-01,x,9\n")
    with pytest.raises(SourceError, match="changed while it was read"):
        list(source.batches())


@pytest.mark.parametrize("answer", ["another part", "", 1, ["contacts"], None])
def test_apart_takes_no_part_that_the_mapping_lacks(answer: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "READERS", "tests.sources.childs_work")
    with pytest.raises(SourceError, match="its answers make no sense"):
        open_apart(write(tmp_path, ""), replace(MAPPING, text=answer))


def test_apart_takes_no_two_proposals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "READERS", "tests.sources.childs_work")
    with pytest.raises(SourceError, match="its answers make no sense"):
        propose_apart(write(tmp_path, ""))


NONE = b"[]"


def head(*columns: str, **names: int) -> dict[str, Any]:
    """Of rows with some columns, of which some are coded."""
    none = {"contacts": 0, "ratings": 0}
    return {"rows": none, "rejected": none, "warnings": [], "tables": {"contacts": [columns, names]}, "reasons": []}


def batch(*columns: pa.Array) -> bytes:
    return bytes(pa.record_batch(list(columns), [str(k) for k in range(len(columns))]).serialize())


def rows_pointing_elsewhere() -> bytes:
    offsets = pa.py_buffer(struct.pack("<3i", 0, 1_000_000, 1))
    return batch(pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"x")))


def compressed(texts: pa.Array) -> bytes:
    rows = pa.record_batch([texts], ["0"])
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_batch(rows)
    _schema, message = pa.ipc.MessageReader.open_stream(out.getvalue())
    return bytes(message.serialize())


def amounts_stored_once() -> bytes:
    """Two columns of a thousand amounts, of which the second is said to stand where the first does."""
    rows = batch(*[pa.array(range(1_000))] * 2)
    metadata = rows[:-16_000].replace(struct.pack("<q", 16_000), struct.pack("<q", 8_000))
    begin = metadata.rindex(struct.pack("<2q", 8_000, 8_000))
    return metadata[:begin] + bytes(8) + metadata[begin + 8 :] + rows[-8_000:]


LONG, LINE = pa.array(["x" * 1_000_000]), bytes(8)
NO_NAMES, CODE = batch(pa.array([], pa.string())), batch(pa.array([0], pa.int32()))
MANY = (1 << 22) + 1
CODES = batch(pa.array(np.zeros(MANY, np.int32)))
ONE_NAME, TEXT_CELL = batch(pa.array(["x"])), batch(pa.array(["x"]))


@pytest.mark.parametrize(
    ("said", "contents"),
    [
        pytest.param(head() | {"tables": {"other": [[], {}]}}, [NONE, b"", NO_NAMES, batch()], id="unknown table"),
        pytest.param(head() | {"tables": {"contacts": 1}}, [NONE, b"", NO_NAMES, batch()], id="unknown form"),
        pytest.param(head("city"), [NONE, LINE, NO_NAMES, TEXT_CELL], id="unknown column"),
        pytest.param(head("touchpoint"), [NONE], id="no lines"),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES], id="no rows"),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES, b"no Arrow"], id="no Arrow"),
        pytest.param(
            head("touchpoint"), [NONE, LINE * 2, NO_NAMES, rows_pointing_elsewhere()], id="rows that point elsewhere"
        ),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES, compressed(LONG)], id="rows that grow"),
        pytest.param(head("touchpoint", touchpoint=1), [NONE, LINE, compressed(LONG), CODE], id="names that grow"),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES, bytes(CONTACTS.serialize())], id="no batch"),
        pytest.param(head("touchpoint"), [NONE, LINE * 2, NO_NAMES, TEXT_CELL], id="a line too many"),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES, TEXT_CELL[:-8]], id="rows that break off"),
        pytest.param(head("touchpoint"), [NONE, LINE, NO_NAMES, b""], id="nothing for rows"),
        pytest.param(head("unit", "unit"), [NONE, LINE, NO_NAMES, batch(*[pa.array(["x"])] * 2)], id="a column twice"),
        pytest.param(
            head("cost", "value"), [NONE, LINE * 1_000, NO_NAMES, amounts_stored_once()], id="columns that share values"
        ),
        pytest.param(
            head("unit", unit=1),
            [NONE, LINE * 600, batch(LONG), batch(pa.array([0] * 600, pa.int32()))],
            id="a long name in many rows",
        ),
        pytest.param(head("unit", unit=1), [NONE, LINE * MANY, ONE_NAME, CODES], id="very many empty rows"),
        pytest.param(head("touchpoint", touchpoint=0), [NONE, LINE, NO_NAMES, CODE], id="a code without name"),
        pytest.param(head("touchpoint", touchpoint=2), [NONE, LINE, ONE_NAME, CODE], id="a name too few"),
        pytest.param(head("touchpoint", touchpoint=0), [NONE, LINE, ONE_NAME, CODE], id="a name too many"),
        pytest.param(
            head("touchpoint", "unit", touchpoint=2, unit=-1),
            [NONE, LINE, ONE_NAME, batch(*[pa.array([0], pa.int32())] * 2)],
            id="less than no names",
        ),
        pytest.param(
            head("touchpoint", touchpoint=1), [NONE, LINE, batch(pa.nulls(1, pa.string())), CODE], id="null as name"
        ),
        pytest.param(head("cost", cost=1), [NONE, LINE, ONE_NAME, CODE], id="a name for an amount"),
        pytest.param(head("unit", touchpoint=1), [NONE, LINE, ONE_NAME, TEXT_CELL], id="names without codes"),
        pytest.param(head("unit", unit=0), [NONE, LINE, NO_NAMES, batch(pa.nulls(1, pa.int32()))], id="no name at all"),
        pytest.param({}, [], id="no counts"),
        pytest.param(head() | {"rows": {"contacts": "1"}}, [NONE, b"", NO_NAMES, batch()], id="counts that are none"),
        pytest.param(head() | {"tables": []}, [NONE], id="tables without rows"),
        pytest.param(head() | {"tables": {}, "reasons": [7]}, [NONE], id="no message as reason"),
        pytest.param(
            head() | {"tables": {}, "reasons": [Message("E-X", "x")]},
            [b'[["other", 1, "", "", 0]]'],
            id="a row of no table refused",
        ),
        pytest.param(head() | {"tables": {}}, [b'[["contacts", 1, "", "", 7]]'], id="no such reason"),
        pytest.param([1], [], id="another form"),
        pytest.param(head(), [], id="no refusals"),
        pytest.param(head(), [b"[" * 100_000], id="depth"),
        pytest.param(head() | {"tables": {}}, [b"[" + b" " * LARGEST_JSON + b"]"], id="much JSON"),
    ],
)
def test_apart_refuses_what_no_sound_child_sends(said: object, contents: list[bytes]):
    source = SourceApart(Path("file.csv"), MAPPING, MAPPING.parts[0])
    with pytest.raises(SourceError) as error:
        source.take(said, map(bytearray, contents))
    assert error.value.code == "E-PARSER"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_apart_gives_each_file_of_the_corpus_its_answer_within_its_limits(tmp_path: Path, case: Case):
    case.write(path := tmp_path / case.file)
    refused: list[tuple[int, str]] = []
    error = ""
    begin = time.monotonic()
    try:
        for batch in open_apart(path, Mapping.from_text(case.mapping)).batches():
            refused += [(refusal.line, refusal.code) for refusal in batch.refusals]
    except SourceError as caught:
        error = caught.code
    assert (error, tuple(refused)) == (case.error, case.refused)
    assert time.monotonic() - begin < 5

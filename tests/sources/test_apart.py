"""What comes from a child is what this process would have read itself, and is checked where it arrives."""

import struct
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.contactlog.schema import CONTACTS
from tangente.errors import SourceError
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


NONE = b"[]"
HEAD = {"rows": {}, "rejected": {}, "warnings": [], "tables": ["contacts"], "reasons": []}


def rows_pointing_elsewhere() -> bytes:
    columns = {name: pa.nulls(2, CONTACTS.field(name).type) for name in CONTACTS.names}
    offsets = pa.py_buffer(struct.pack("<3i", 0, 1_000_000, 1))
    columns["touchpoint"] = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"x"))
    return bytes(pa.RecordBatch.from_arrays(list(columns.values()), schema=CONTACTS).serialize())


def compressed_rows() -> bytes:
    columns = [
        pa.array([b"x" * 1_000_000]).cast(field.type) if field.name == "touchpoint" else pa.nulls(1, field.type)
        for field in CONTACTS
    ]
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, CONTACTS, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=CONTACTS))
    _schema, rows = pa.ipc.MessageReader.open_stream(out.getvalue())
    return bytes(rows.serialize())


def no_rows() -> bytes:
    return bytes(pa.RecordBatch.from_pylist([], CONTACTS).serialize())


@pytest.mark.parametrize(
    ("head", "contents"),
    [
        pytest.param(HEAD | {"tables": ["other"]}, [NONE], id="unknown table"),
        pytest.param(HEAD, [NONE], id="no rows"),
        pytest.param(HEAD, [NONE, b"no Arrow"], id="no Arrow"),
        pytest.param(HEAD, [NONE, rows_pointing_elsewhere()], id="rows that point elsewhere"),
        pytest.param(HEAD, [NONE, compressed_rows(), bytes(8)], id="rows that grow"),
        pytest.param(HEAD, [NONE, bytes(CONTACTS.serialize())], id="no batch"),
        pytest.param(HEAD, [NONE, no_rows()], id="no lines"),
        pytest.param(HEAD, [NONE, no_rows(), bytes(8)], id="a line too many"),
        pytest.param({}, [], id="no counts"),
        pytest.param(HEAD | {"tables": []}, [b'[["contacts", 1, "", "", 7]]'], id="no such reason"),
        pytest.param([1], [], id="another form"),
        pytest.param(HEAD, [], id="no refusals"),
        pytest.param(HEAD, [b"[" * 100_000], id="depth"),
        pytest.param(HEAD | {"tables": []}, [b"[" + b" " * LARGEST_JSON + b"]"], id="much JSON"),
    ],
)
def test_apart_refuses_what_no_sound_child_sends(head: object, contents: list[bytes]):
    source = SourceApart(Path("file.csv"), MAPPING, MAPPING.parts[0])
    with pytest.raises(SourceError) as error:
        source.take(head, map(bytearray, contents))
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

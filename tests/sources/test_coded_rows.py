"""Rows arrive as they were sent, whatever columns are coded on the way."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.coded import NAMES
from tangente.contactlog.schema import CONTACTS
from tangente.sources.coded_rows import Coding, received

ROW = st.fixed_dictionaries(
    {"touchpoint": st.sampled_from(["", "ä", "shop"])},
    optional={
        "customer_id": st.sampled_from("abcdefgh"),
        "contact_id": st.text(max_size=3),
        "channel": st.none() | st.just("web"),
        "cost": st.none() | st.integers(0, 3),
    },
)


def through(coding: Coding, rows: pa.RecordBatch) -> pa.RecordBatch:
    form, content = coding.sent("contacts", rows)
    return received([*form], *map(bytearray, content), "contacts", len(rows))


@given(st.lists(st.lists(ROW, max_size=9), max_size=3))
def test_rows_arrive_as_they_were_sent(batches):
    coding = Coding()
    for rows in batches:
        found = through(coding, pa.RecordBatch.from_pylist(rows, CONTACTS))
        assert found.to_pylist() == [dict.fromkeys(CONTACTS.names) | row for row in rows]


def test_columns_of_few_names_are_coded_and_of_many_no_more():
    coding = Coding()
    few = [{"touchpoint": "shop", "channel": "web"}] * 4
    many = [{"touchpoint": "shop", "channel": f"{number}"} for number in range(4)]
    found = [through(coding, pa.RecordBatch.from_pylist(rows, CONTACTS)).schema for rows in (few, many, few)]
    assert [schema.field("touchpoint").type for schema in found] == [NAMES, NAMES, NAMES]
    assert [schema.field("channel").type for schema in found] == [NAMES, pa.string(), pa.string()]


def test_codes_of_null_that_lead_nowhere_are_not_kept():
    bits, places = pa.py_buffer(b"\x01"), pa.py_buffer(b"\0\0\0\0\xff\xff\xff\x7f")
    codes = pa.Array.from_buffers(pa.int32(), 2, [bits, places])
    sent = (pa.record_batch([each], ["0"]).serialize() for each in (pa.array(["web"]), codes))
    found = received([["channel"], {"channel": 1}], *map(bytearray, sent), "contacts", 2).column("channel")
    assert (found.to_pylist(), found.indices.buffers()[1].to_pybytes()) == (["web", None], bytes(8))

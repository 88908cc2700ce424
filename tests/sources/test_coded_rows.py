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

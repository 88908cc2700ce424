import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.digests import mixed, text_digests
from tests.contactlog.strategies import examples

TEXTS = st.lists(st.none() | st.text(alphabet="abä\0", max_size=20), max_size=12)


@examples
@given(TEXTS, TEXTS)
def test_digests_are_equal_if_texts_are(one, other):
    digests = dict(zip([*one, *other], text_digests(pa.chunked_array([one, other], pa.string())).tolist(), strict=True))
    assert len(set(digests.values())) == len(digests)
    assert text_digests(pa.chunked_array([[*one, *other]], pa.string())).tolist() == [
        digests[t] for t in [*one, *other]
    ]


def test_digest_of_null_is_0_and_of_no_text():
    assert (text_digests(pa.chunked_array([["", None]])) == 0).tolist() == [False, True]


def test_digests_of_a_slice_are_those_of_its_texts():
    texts = pa.array(["12345678", "x", "a text of more than two words", None])
    assert (
        text_digests(pa.chunked_array([texts.slice(1)])).tolist()
        == text_digests(pa.chunked_array([texts])).tolist()[1:]
    )


def test_mixed_tells_rows_apart_by_the_order_of_their_columns():
    one, two = pa.array([1, 2]).to_numpy(), pa.array([2, 1]).to_numpy()
    assert len({*mixed(one, two).tolist()}) == 2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.bucket_files import load, save
from tangente.contactlog.histories import NO_AMOUNT, NO_SCORE, NO_VALUE
from tangente.contactlog.profile import profile
from tangente.contactlog.testing import START, from_rows
from tests.contactlog.strategies import contacts, examples, histories, ratings, tuples

CONTACT = {"customer_id": "anna", "occurred_at": START, "touchpoint": "call"}
RATING = CONTACT | {"score": 4.0, "scale_low": 1.0, "scale_high": 5.0}


@examples
@given(contacts())
def test_contacts_stand_in_the_order_of_customer_time_and_sequence(rows):
    log = from_rows(rows, [])
    found = log.codes.decode("touchpoint", log.bucket(0).contacts["touchpoint"]).to_pylist()
    assert found == [row["touchpoint"] for _, history in histories(rows) for row in history]


@examples
@given(contacts(), ratings())
def test_every_column_is_read_only_and_contiguous(met, said):
    bucket = from_rows(met, said).bucket(0)
    flags = [values.flags for table in (bucket.contacts, bucket.ratings) for values in table.values()]
    assert {(one.writeable, one.c_contiguous) for one in flags} == {(False, True)}


def test_amounts_are_whole_numbers_and_unknown_ones_are_told_apart():
    rows = [CONTACT, CONTACT | {"duration_s": 1.0005, "cost": 0, "value": -1}]
    columns = from_rows(rows, []).bucket(0).contacts
    assert columns["duration_ms"].tolist() == [NO_AMOUNT, 1000]
    assert columns["cost"].tolist() == [NO_AMOUNT, 0]
    assert columns["value"].tolist() == [NO_VALUE, -1]


def test_scores_are_thousandths_and_weights_millionths():
    rows = [RATING | {"score": 3.25, "weight": 0.5}, RATING | {"answer": "never_used", "score": None}]
    columns = from_rows([], rows).bucket(0).ratings
    assert (columns["score"].tolist(), columns["weight"].tolist()) == ([3250, NO_SCORE], [500_000, 1_000_000])


def test_answer_sheets_are_one_customer_s():
    rows = [RATING | {"customer_id": name, "response_id": "s"} for name in ("anna", "ben", "anna")]
    assert len(set(from_rows([], rows).bucket(0).ratings["sheet"].tolist())) == 2


@examples
@given(contacts(), ratings())
def test_bucket_saved_and_loaded_is_the_same(tmp_path_factory, met, said):
    folder = tmp_path_factory.mktemp("ready") / "bucket"
    bucket = from_rows(met, said).bucket(0)
    save(bucket, folder)
    loaded = load(folder)
    for table in ("contacts", "ratings"):
        columns = {name: (values.dtype, values.tolist()) for name, values in getattr(loaded, table).items()}
        assert columns == {name: (v.dtype, v.tolist()) for name, v in getattr(bucket, table).items()}


LINKS = [
    pytest.param([CONTACT | {"contact_id": "c", "role": "x"}], {"contact_id": "c"}, "x", id="by the id it names"),
    pytest.param([CONTACT | {"contact_id": "c", "role": "x"}], {"contact_id": "d"}, None, id="by no other id"),
    pytest.param(
        [CONTACT | {"customer_id": "ben", "contact_id": "c", "role": "x"}],
        {"contact_id": "c"},
        None,
        id="another customer's",
    ),
    pytest.param([CONTACT | {"role": "x"}], {}, "x", id="without ids by customer, moment and touchpoint"),
    pytest.param([CONTACT | {"role": "x", "touchpoint": "chat"}], {}, None, id="not at another touchpoint"),
    pytest.param([CONTACT | {"role": "x"}, CONTACT | {"role": "y"}], {}, None, id="not if there are two"),
    pytest.param([CONTACT | {"role": "x"}], {"touchpoint": None}, None, id="not the company as a whole"),
    pytest.param([], {}, None, id="no contacts at all"),
]


@pytest.mark.parametrize(("met", "said", "role"), LINKS)
def test_rating_belongs_to_the_contact_it_judges(met, said, role):
    log = from_rows(met, [RATING | said])
    assert log.codes.decode("role", log.bucket(0).ratings["role"]).to_pylist() == [role]


def test_rating_keeps_what_it_says_itself():
    met = [CONTACT | {"channel": "phone", "unit": "Service"}]
    log = from_rows(met, [RATING | {"channel": "web"}])
    assert tuples(profile(log, by=["channel", "unit"]), "channel", "unit", "satisfaction_n") == [
        ("phone", "Service", 0),
        ("web", "Service", 1),
    ]


@examples
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), max_size=8), st.sampled_from("ab"), st.integers(0, 2)
)
def test_rating_without_id_finds_the_only_contact_of_its_moment(places, touchpoint, sequence):
    at = [START.replace(hour=hour) for hour in range(3)]
    met = [CONTACT | {"touchpoint": t, "occurred_at": at[k], "role": f"r{i}"} for i, (t, k) in enumerate(places)]
    log = from_rows(met, [RATING | {"touchpoint": touchpoint, "occurred_at": at[sequence]}])
    fitting = [f"r{i}" for i, place in enumerate(places) if place == (touchpoint, sequence)]
    expected = fitting[0] if len(fitting) == 1 else None
    assert log.codes.decode("role", log.bucket(0).ratings["role"]).to_pylist() == [expected]

"""A bucket that grows by new rows equals one made anew of all rows, column by column."""

from functools import cache
from itertools import accumulate, chain

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import passes
from tangente.contactlog.bucket_files import layers, load, save, save_changed
from tangente.contactlog.codes import Codes
from tangente.contactlog.growth import grown
from tangente.contactlog.histories import known_values, make_ready, parts, spliced
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import CONTACTS, RATINGS
from tangente.contactlog.splicing import Spliced, frozen, join
from tangente.contactlog.testing import START
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.strategies import CONTACT as SOME_CONTACT
from tests.contactlog.strategies import examples, rating, sixty_customers

CONTACT = {"customer_id": "anna", "occurred_at": START, "touchpoint": "call", "contact_id": "c", "sequence": 0}
RATING = {"customer_id": "anna", "occurred_at": START, "touchpoint": "call", "rating_id": "r", "response_id": "s"}
RATING |= {"metric": "csat", "answer": "given", "score": 4.0, "rater": "customer"}


@st.composite
def appends(draw):
    """Contacts and ratings that come in some parts: late ones too, rows alike but for their ids, ratings before contacts."""
    met = draw(st.lists(SOME_CONTACT, max_size=25))
    met = [row | {"contact_id": f"c{k}", "sequence": draw(st.integers(0, 2))} for k, row in enumerate(met)]
    said = [row | {"rating_id": f"r{k}"} for k, row in enumerate(draw(st.lists(rating(), max_size=20)))]
    parts = [([], []) for _ in range(draw(st.integers(1, 4)))]
    for kind, rows in enumerate((draw(st.permutations(met)), draw(st.permutations(said)))):
        for row in rows:
            parts[draw(st.integers(0, len(parts) - 1))][kind].append(row)
    return parts


def tables(met, said):
    return pa.Table.from_pylist(met, CONTACTS), pa.Table.from_pylist(said, RATINGS)


def contents(bucket):
    columns = [
        {name: (values.dtype, values.tolist()) for name, values in table.items()} for table in bucket_tables(bucket)
    ]
    return columns, bucket.customers, bucket.people.to_pylist()


def bucket_tables(bucket):
    return bucket.contacts, bucket.ratings


def known(parts):
    """The codes before any part and after each, as they grow."""
    return list(accumulate(parts, lambda codes, part: known_values(*tables(*part), codes), initial=Codes()))


def appended(parts):
    """A bucket of the first part, what differs from it after the others, and the bucket made anew of all."""
    _, first, *later = known(parts)
    base, changed = make_ready(*tables(*parts[0]), first), None
    for part, codes in zip(parts[1:], later, strict=True):
        changed = grown(base, changed, *tables(*part), codes)
    everything = [list(chain(*rows)) for rows in zip(*parts, strict=True)]
    return base, changed, make_ready(*tables(*everything), (first, *later)[-1])


@examples
@given(appends())
def test_bucket_that_grows_equals_one_made_anew(parts):
    base, changed, anew = appended(parts)
    assert contents(spliced(base, changed) if changed else base) == contents(anew)


def behind(tables, name, before):
    """The columns called `name` of some tables, one behind the other, where each counts on from `before` it."""
    return [value + count for table, count in zip(tables, before, strict=False) for value in table[name].tolist()]


@examples
@given(appends(), st.integers(1, 9))
def test_parts_hold_the_histories_of_their_bucket_one_after_the_other(some, rows):
    base, changed, anew = appended([*some, ([], [])])
    found = parts(base, changed, rows)
    people = [0, *accumulate(part.customers for part in found)]
    assert people[-1] == anew.customers
    for whole, of_parts in zip(bucket_tables(anew), zip(*map(bucket_tables, found), strict=True), strict=True):
        places = [0, *accumulate(len(table["customer"]) for table in of_parts)]
        before = {"customer": people, "sheet": places}
        assert {name: behind(of_parts, name, before.get(name, [0] * len(found))) for name in whole} == {
            name: values.tolist() for name, values in whole.items()
        }


@cache
def sixty_customers_that_grew():
    """A log in parts, each of a few histories of which some changed, and the log made anew."""
    met, said = sixty_customers()
    met = [row | {"contact_id": f"c{place}", "sequence": place} for place, row in enumerate(met)]
    said = [row | {"rating_id": f"r{place}"} for place, row in enumerate(said)]
    deliveries = [(met[40:], said[40:]), (met[:40], said[:40])]
    base, changed, anew = appended(deliveries)
    codes = known(deliveries)[-1]
    return ContactLog(parts(base, changed, 60), codes), ContactLog([anew], codes)


@pytest.mark.parametrize("seen", [ContactLog.where, lambda log: log.keeping().where(channels=["web"])], ids=["", "web"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_parts_answer_as_a_log_made_anew(question, seen):
    in_parts, anew = map(seen, sixty_customers_that_grew())
    assert len(in_parts.stored) > 9
    assert question(in_parts) == question(anew)


@given(st.lists(st.integers(0, 9), max_size=9), st.lists(st.integers(0, 9), max_size=9), st.sampled_from("BHq"))
def test_compiled_join_is_the_one_of_numpy(old, new, kind):
    base, changed = np.array(old, kind), np.array(new, kind)
    pieces = np.array([[0, len(old) // 2, 0, len(new) // 3], [len(old) // 2, len(old), len(new) // 3, len(new)]])
    found = [np.empty(len(old) + len(new), kind) for _ in range(2)]
    for copy, out in zip((join, Spliced.join), found, strict=True):
        copy(frozen(base.view(np.uint8)), frozen(changed.view(np.uint8)), pieces, base.itemsize, out.view(np.uint8))
    assert (found[0].tolist(), Spliced.join) == (found[1].tolist(), passes._join)


@examples
@given(appends(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_bucket_saved_as_it_grows_is_the_same(tmp_path_factory, parts, apart):
    folder, (_, codes, *later) = tmp_path_factory.mktemp("ready"), known(parts)
    save(make_ready(*tables(*parts[0]), codes), folder / "0")
    for number, (part, codes) in enumerate(zip(parts[1:], later, strict=True)):
        base, changed = layers(folder / str(number))
        changed = grown(base, changed, *tables(*part), codes)
        if apart[number]:
            save_changed(changed, folder / str(number), folder / str(number + 1))
        else:
            save(spliced(base, changed), folder / str(number + 1))
    everything = [list(chain(*rows)) for rows in zip(*parts, strict=True)]
    assert contents(load(folder / str(len(parts) - 1))) == contents(make_ready(*tables(*everything), codes))


LATE = [
    pytest.param([], [RATING], [CONTACT | {"role": "x"}], [], ["x"], id="contact after its rating"),
    pytest.param([CONTACT | {"role": "x"}], [], [], [RATING], ["x"], id="rating after its contact"),
    pytest.param(
        [CONTACT | {"role": "x"}],
        [RATING],
        [CONTACT | {"contact_id": "d"}],
        [],
        [None],
        id="no longer the only contact",
    ),
    pytest.param(
        [CONTACT | {"role": "x"}],
        [RATING | {"contact_id": "d"}],
        [CONTACT | {"contact_id": "d", "role": "y"}],
        [],
        ["y"],
        id="named contact comes late",
    ),
    pytest.param(
        [CONTACT | {"role": "x"}], [RATING], [CONTACT | {"customer_id": "aaron"}], [], ["x"], id="another customer's"
    ),
]


@pytest.mark.parametrize(("met", "said", "more_met", "more_said", "roles"), LATE)
def test_rating_finds_the_contact_it_judges_whichever_comes_first(met, said, more_met, more_said, roles):
    _, before, codes = known([(met, said), (more_met, more_said)])
    base = make_ready(*tables(met, said), before)
    bucket = spliced(base, grown(base, None, *tables(more_met, more_said), codes))
    assert codes.decode("role", bucket.ratings["role"]).to_pylist() == roles


def test_spliced_columns_are_those_of_any_bucket():
    base = make_ready(*tables([CONTACT], []), *known([([CONTACT], [])])[1:])
    columns = spliced(base, grown(base, None, *tables([], []), Codes())).contacts
    assert (len(columns), [*columns]) == (len(base.contacts), [*base.contacts])


def test_grown_leaves_histories_without_new_rows_alone():
    met = [CONTACT | {"customer_id": name} for name in ("anna", "ben", "cem")]
    _, before, codes = known([(met, []), ([CONTACT | {"customer_id": "ben", "contact_id": "late"}], [])])
    base = make_ready(*tables(met, []), before)
    changed = grown(base, None, *tables([CONTACT | {"customer_id": "ben", "contact_id": "late"}], []), codes)
    assert (changed.contacts["customer"].tolist(), changed.customers, changed.people.to_pylist()) == ([1, 1], 3, [])

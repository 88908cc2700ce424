from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import EPOCH, Filters
from tangente.contactlog.testing import from_rows, journeys
from tangente.contactlog.variants import variants
from tangente.errors import QuestionError
from tests.contactlog.questions import CENSORING, QUESTIONS
from tests.contactlog.strategies import NAMES, contacts, examples, ratings, sixty_customers, tuples, utc

FILTERS = {
    "since": {"since": date(2026, 1, 5)},
    "before": {"before": date(2026, 1, 9)},
    **{f"{kind}s": {f"{kind}s": NAMES[kind][:1]} for kind in NAMES},
    "customers who were somewhere": {"customers_who": ["shop"]},
    "customers who did two things": {"customers_who": ["purchase", "shop"]},
    "customers who did one of several things": {"customers_who": [("exit", "shop")]},
    "customers who did one of several things and another": {"customers_who": [("exit", "shop", "call"), "purchase"]},
    "much at once": {"since": date(2026, 1, 5), "channels": ["web"], "units": ["Sales"], "customers_who": ["exit"]},
}
MIDNIGHTS = {date(2026, 1, 5): utc("2026-01-04T23:00"), date(2026, 1, 9): utc("2026-01-08T23:00")}  # of Berlin, in UTC
LOG = from_rows(*sixty_customers(), buckets=3)
every_filter = pytest.mark.parametrize("chosen", FILTERS.values(), ids=FILTERS.keys())


def named_rows(log, table):
    """The rows of a coded table with names instead of codes."""
    columns = {kind: log.codes.decode(kind, table[kind]).to_pylist() for kind in table if kind in log.codes.values}
    return [dict(zip(table, row, strict=True)) for row in zip(*({**table, **columns}.values()), strict=True)]


def passes(row, chosen, doings):
    """Whether a row passes a filter, in plain Python."""
    micros = {
        end: (MIDNIGHTS[chosen[end]] - EPOCH).total_seconds() * 1e6 for end in ("since", "before") if end in chosen
    }
    in_time = micros.get("since", 0) <= row["occurred_at"] < micros.get("before", float("inf"))
    named = all(row[kind] in chosen[f"{kind}s"] for kind in NAMES if f"{kind}s" in chosen)
    did = [
        bool(doings[row["customer"]] & ({any_of} if isinstance(any_of, str) else set(any_of)))
        for any_of in chosen.get("customers_who", [])
    ]
    return in_time and named and all(did)


def plainly_filtered(log, chosen):
    met, said = (named_rows(log, table) for table in (log.bucket(0).contacts, log.bucket(0).ratings))
    doings = {row["customer"]: set() for row in [*met, *said]}
    for row in met:
        doings[row["customer"]] |= {row["touchpoint"], row["outcome"]}
    return [[row for row in table if passes(row, chosen, doings)] for table in (met, said)]


@settings(examples, max_examples=50)
@given(st.sampled_from(list(FILTERS.values())), contacts(), ratings())
def test_filter_keeps_what_passes_row_by_row(chosen, met, said):
    everything = [
        {**row, "customer_id": "zoe", "contact_id": f"z{k}"} for k, row in enumerate(sixty_customers()[0][:20])
    ]
    log = from_rows([*met, *everything], said)
    seen = log.where(**chosen).bucket(0)
    assert [named_rows(log, table) for table in (seen.contacts, seen.ratings)] == plainly_filtered(log, chosen)


@every_filter
def test_filter_holds_for_every_question(chosen):
    seen = LOG.where(**chosen)
    kept = [Bucket(dict(bucket.contacts), dict(bucket.ratings), bucket.customers) for bucket in seen.buckets()]
    asked = {name: ask for name, ask in QUESTIONS.items() if not name.startswith(CENSORING)}
    copied = replace(LOG, stored=kept)
    assert {name: ask(seen) for name, ask in asked.items()} == {name: ask(copied) for name, ask in asked.items()}


@every_filter
def test_filter_leaves_something_out_and_something_in(chosen):
    rows = QUESTIONS["extent"](LOG.where(**chosen))["contacts"].rows
    assert 0 < rows < QUESTIONS["extent"](LOG)["contacts"].rows


def test_filtered_table_has_the_columns_of_the_stored_one():
    seen, stored = LOG.where(channels=["web"]).bucket(0).contacts, LOG.bucket(0).contacts
    assert (list(seen), len(seen)) == (list(stored), len(stored))
    assert {name: values.dtype for name, values in seen.items()} == {name: v.dtype for name, v in stored.items()}


def test_filters_add_up():
    once = LOG.where(since=date(2026, 1, 5), before=date(2026, 2, 5), channels=["web"], customers_who=["exit"])
    first = LOG.where(before=date(2026, 2, 5), channels=["web"], since=date(2026, 1, 1))
    twice = first.where(
        before=date(2026, 3, 5), channels=["web", "phone"], since=date(2026, 1, 5), customers_who=["exit"]
    )
    assert (twice.filters, QUESTIONS["flow"](twice)) == (once.filters, QUESTIONS["flow"](once))


def test_filter_without_arguments_changes_nothing():
    assert LOG.where().filters == Filters()
    assert LOG.where().bucket(0) is LOG.stored[0]


def test_customers_who_may_have_done_it_outside_the_filter():
    log = journeys("anna: ad!purchase shop", "ben: shop")
    assert tuples(variants(log.where(touchpoints=["shop"], customers_who=["purchase"])), "path", "customers") == [
        (["shop"], 1)
    ]


def test_customers_who_takes_a_word_as_outcome_and_as_touchpoint():
    log = journeys("anna: purchase", "ben: ad!purchase", "cem: ad")
    assert sum(variants(log.where(customers_who=["purchase"]))["customers"].to_pylist()) == 2


def test_customers_with_outcome_take_a_word_as_outcome_only():
    log = journeys("anna: purchase", "ben: ad!purchase", "cem: ad")
    assert tuples(variants(log.where(customers_with_outcome=["purchase"])), "path", "customers") == [(["ad"], 1)]


def test_customers_with_outcome_must_have_had_each():
    log = journeys("anna: ad!purchase", "ben: ad!purchase shop!exit", "cem: shop!exit")
    assert tuples(variants(log.where(customers_with_outcome=["exit", "purchase"])), "path") == [(["ad", "shop"],)]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (
            {"customers_with_outcome": ["shop"]},
            "The log has no outcome 'shop'; the nearest known: exit, purchase",
        ),
        ({"touchpoints": ["shp"]}, "The log has no touchpoint 'shp'; the nearest known: shop"),
        ({"channels": ["fax"]}, "The log has no channel 'fax'; the nearest known: phone, web"),
        ({"customers_who": ["x"]}, "The log has no outcome or touchpoint 'x'; the nearest known: ad, call, exit"),
    ],
)
def test_filter_refuses_what_never_occurs(chosen, message):
    with pytest.raises(QuestionError) as refusal:
        LOG.where(**chosen)
    assert str(refusal.value) == message


def test_filter_refuses_names_where_the_log_has_none():
    with pytest.raises(QuestionError, match="The log has no role 'agent'; the nearest known: none at all"):
        journeys("anna: ad").where(roles=["agent"])


NEW_NAMES = {"web": "online", "call": "ad", "shop": "web", "fax": "fux"}


@cache
def log_under_new_names():
    met, said = ([row | {"touchpoint": new_name(row)} for row in rows] for rows in sixty_customers())
    return from_rows(met, said)


def new_name(row):
    return NEW_NAMES.get(row["touchpoint"], row["touchpoint"])


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_new_names_hold_for_every_question(question):
    assert question(LOG.with_names(NEW_NAMES)) == question(log_under_new_names())


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_new_names_may_be_given_in_steps(question):
    steps = LOG.with_names({"web": "a", "shop": "b"}).with_names({"a": "online", "b": "web", "call": "ad"})
    assert question(steps) == question(LOG.with_names(NEW_NAMES))


def test_new_names_and_filters_may_come_in_any_order():
    named_first = LOG.with_names({"web": "online"}).where(touchpoints=["online", "ad"])
    named_last = LOG.where(touchpoints=["web", "ad"]).with_names({"web": "online"})
    assert QUESTIONS["flow"](named_first) == QUESTIONS["flow"](named_last)


def test_new_names_given_to_a_filtered_log_let_nothing_back_in():
    log = journeys("anna: app web shop").where(touchpoints=["app"]).with_names({"app": "online", "web": "online"})
    assert tuples(variants(log), "path") == [(["online"],)]


def test_old_names_are_known_no_longer():
    log = journeys("anna: app shop").with_names({"app": "online"})
    with pytest.raises(QuestionError, match="The log has no touchpoint 'app'; the nearest known: online, shop"):
        log.where(touchpoints=["app"])


def test_keeping_log_filters_each_bucket_once_for_equal_filters():
    log = journeys("anna: ad shop", "ben: ad").keeping()
    assert log.where(touchpoints=["ad"]).bucket(0) is log.where(touchpoints=["ad"]).bucket(0)
    assert log.where(touchpoints=["ad"]).bucket(0) is not log.where(touchpoints=["shop"]).bucket(0)


@every_filter
def test_keeping_log_holds_the_same_rows(chosen):
    kept = LOG.keeping().with_names({"web": "app"})
    for log in (kept.where(**chosen), kept, kept.where(**chosen)):
        plain = replace(log, kept=None)
        for index in range(len(log.stored)):
            assert named_rows(log, log.bucket(index).contacts) == named_rows(plain, plain.bucket(index).contacts)

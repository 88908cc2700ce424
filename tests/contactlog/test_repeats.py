from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.repeats import repeats
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.proportion import wilson
from tests.contactlog.strategies import NAMES, contacts, examples, histories, tuples

LATER = "zoe: x(direction=out) x+90d(direction=out)"  # the log goes on, and zoe is not asked about
END = {"customer_id": "zoe", "touchpoint": "end", "direction": "out", "occurred_at": START + timedelta(days=90)}


def plain_repeats(rows, by, window, end):
    """The same question in plain Python: per group contacts, repeats, censored, without reason."""
    contacts, repeated, censored, unknown = Counter(), Counter(), Counter(), Counter()
    for _, history in histories(row for row in rows if row["direction"] != "out"):
        for place, one in enumerate(history):
            later = [other for other in history[place + 1 :] if other["reason"] == one["reason"]]
            if one["reason"] is None:
                unknown[one[by]] += 1
            elif one["occurred_at"] > end - window:
                censored[one[by]] += 1
            else:
                contacts[one[by]] += 1
                repeated[one[by]] += any(other["occurred_at"] - one["occurred_at"] <= window for other in later)
    groups = sorted(contacts.keys() | censored.keys() | unknown.keys(), key=lambda name: (name is not None, name))
    return [(g, contacts[g], repeated[g], censored[g], unknown[g]) for g in groups]


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param("anna: call(reason=bill) chat+7d(reason=bill) end+30d", [1, 0], id="any touchpoint, day 7 counts"),
        pytest.param("anna: call(reason=bill) chat+8d(reason=bill) end+30d", [0, 0], id="too late"),
        pytest.param("anna: call(reason=bill) chat(reason=move) end+30d", [0, 0], id="another reason"),
        pytest.param(
            "anna: call(reason=bill) chat(reason=bill,direction=out) end+30d", [0], id="what we begin is no repeat"
        ),
        pytest.param(
            "anna: call(reason=bill) x(reason=move) chat(reason=bill) end+30d", [1, 0, 0], id="others between"
        ),
    ],
)
def test_repeats_need_the_same_customer_and_reason_in_time(log, expected):
    found = tuples(repeats(journeys(log, LATER)), "repeats", "without_reason")
    assert sorted(n for n, unknown in found if not unknown) == sorted(expected)


def test_repeats_do_not_count_other_customers():
    log = journeys("anna: call(reason=bill)", "ben: call(reason=bill)", LATER)
    assert tuples(repeats(log), "contacts", "repeats") == [(2, 0)]


def test_repeats_censor_contacts_that_could_not_yet_be_repeated():
    log = journeys("anna: call(reason=bill) call+30d(reason=bill) call+7d(reason=bill)")
    assert tuples(repeats(log), "contacts", "repeats", "censored") == [(2, 1, 1)]


def test_repeats_are_censored_by_the_end_of_the_period_asked_for():
    log = journeys("anna: call(reason=bill) call+3d(reason=bill)", LATER, timezone="UTC")
    asked = log.where(before=date(2026, 1, 8))
    assert tuples(repeats(asked), "contacts", "censored") == [(0, 2)]


def test_repeats_follow_a_contact_for_the_whole_window_up_to_the_end():
    log = journeys("anna: call(reason=bill)", LATER, timezone="UTC").where(before=date(2026, 1, 8))
    assert tuples(repeats(log, within_days=6.5), "contacts", "censored") == [(0, 1)]
    assert tuples(repeats(log, within_days=6.4), "contacts", "censored") == [(1, 0)]


def test_repeats_have_no_share_without_contacts():
    assert tuples(repeats(journeys("anna: call(reason=bill)")), "share", "low", "high") == [(None, None, None)]


def test_repeats_carry_the_wilson_interval():
    log = journeys("anna: call(reason=bill) call(reason=bill) call(reason=bill)", LATER)
    share = wilson(2, 3)
    assert repeats(log).select(["share", "low", "high"]).to_pylist() == [
        {"share": share.share, "low": share.low, "high": share.high}
    ]


@examples
@given(contacts(), st.sampled_from(list(NAMES)), st.sampled_from([1, 3, 7]))
def test_repeats_equal_plain_python(rows, by, days):
    table = repeats(from_rows(rows, []), by=by, within_days=days)
    end = max((row["occurred_at"] for row in rows), default=None)
    found = tuples(table, by, "contacts", "repeats", "censored", "without_reason")
    assert found == plain_repeats(rows, by, timedelta(days=days), end)


@examples
@given(contacts())
def test_repeats_never_shrink_with_a_longer_window_but_for_censoring(rows):
    log = from_rows([*rows, {**END, "sequence": len(rows), "contact_id": "end"}], [])
    short, long = (sum(repeats(log, within_days=days)["repeats"].to_pylist()) for days in (1, 5))
    assert short <= long


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"by": "outcome"},
            "by is 'outcome'; repeats can be counted by touchpoint, channel, reason, unit, role, segment",
        ),
        ({"within_days": 0}, "within_days is 0; it must be more than 0 and at most 36,525"),
        ({"within_days": 40_000}, "within_days is 40000; it must be more than 0 and at most 36,525"),
    ],
)
def test_repeats_refuse_what_cannot_be_asked(asked, message):
    with pytest.raises(QuestionError) as refusal:
        repeats(journeys("anna: a"), **asked)
    assert str(refusal.value) == message

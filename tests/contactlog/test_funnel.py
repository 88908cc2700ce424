from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.funnel import funnel
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.proportion import wilson
from tangente.method.reporting import FEW
from tests.contactlog.strategies import contacts, examples, histories, tuples

DOINGS = ["ad", "shop", "call", "web", "purchase"]
LATER = "zoe: end+0s end+99d"  # the log goes on
COUNTS = ("customers", "followed", "went_on", "censored", "started", "arrived")


def plain_steps(history, steps, window):
    """When a customer reached each step, as far as they came."""
    reached = []
    for row in history:
        wanted = steps[len(reached)] if len(reached) < len(steps) else []
        in_time = not reached or row["occurred_at"] - reached[-1] <= window
        if in_time and (row["touchpoint"] in wanted or row["outcome"] in wanted):
            reached.append(row["occurred_at"])
    return reached


def plain_funnel(rows, steps, window):
    """The same question in plain Python: the counts, and the median and 90 % point of the waits, of each step."""
    end = max((row["occurred_at"] for row in rows), default=None)
    people = [plain_steps(history, steps, window) for _, history in histories(rows)]
    found = [(sum(len(at) > 0 for at in people), *[None] * 7)]
    for k in range(1, len(steps)):
        watched = [at for at in people if len(at) >= k and at[k - 1] <= end - window]
        started = [at for at in people if at and at[0] <= end - k * window]
        waits = [(at[k] - at[k - 1]).total_seconds() for at in watched if len(at) > k]
        counts = [sum(len(at) > k for at in group) for group in (people, watched, started)]
        late = sum(len(at) >= k for at in people) - len(watched)
        points = np.round(np.quantile(waits, [0.5, 0.9]), 9) if len(waits) >= FEW else [None, None]
        found.append((counts[0], len(watched), counts[1], late, len(started), counts[2], *points))
    return found


def thirteen_times(rows):
    """Each customer thirteen times over, so that some shares rest on enough customers and some do not."""
    return [
        row | {"customer_id": f"{row['customer_id']}{twin}", "contact_id": f"{row['contact_id']}-{twin}"}
        for row in rows
        for twin in range(13)
    ]


def customers(log, steps, **asked):
    return funnel(log, steps=steps, **{"within_days": 30} | asked)["customers"].to_pylist()


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(["anna: ad mail shop buy"], [1, 1, 1], id="others in between"),
        pytest.param(["anna: shop ad"], [1, 0, 0], id="wrong order"),
        pytest.param(["anna: ad ad shop buy buy"], [1, 1, 1], id="repeats count once"),
        pytest.param(["anna: ad shop+30d buy+30d"], [1, 1, 1], id="day 30 counts, from the step before"),
        pytest.param(["anna: ad ad+1d shop+30d buy"], [1, 0, 0], id="the first contact starts the clock"),
        pytest.param(["anna: ad shop+0s buy+0s"], [1, 1, 1], id="the same moment, in the order of the log"),
        pytest.param(["anna: shop ad+0s"], [1, 0, 0], id="the same moment, in the wrong order"),
        pytest.param(["anna: ad", "ben: shop buy"], [1, 0, 0], id="nobody goes on for another"),
        pytest.param(["anna: ad shop!buy"], [1, 1, 0], id="a contact reaches one step"),
        pytest.param(["anna: ad shop ad!buy"], [1, 1, 1], id="an outcome is a step too"),
        pytest.param([], [0, 0, 0], id="nobody"),
    ],
)
def test_funnel_counts_customers_in_order(log, expected):
    later = "zoe: x ad+90d shop buy!buy"  # every name is known, and nobody else comes late
    seen = journeys(*log, later, timezone="UTC").where(before=date(2026, 4, 1))
    assert customers(seen, ["ad", "shop", "buy"]) == expected


def test_funnel_takes_phases_with_several_touchpoints():
    log = journeys("anna: mail web buy", "ben: ad ad mail", "cem: shop!exit")
    phases = {"before": ["ad", "mail"], "sale": ["shop", "web", "buy"], "end": ["exit", "buy"]}
    found = funnel(log, steps=phases, within_days=1)
    assert tuples(found, "step", "name", "customers") == [(1, "before", 2), (2, "sale", 1), (3, "end", 1)]


def test_funnel_may_ask_for_a_touchpoint_twice():
    assert customers(journeys("anna: ad ad", "ben: ad shop"), ["ad", "ad"]) == [2, 1]


def test_funnel_leaves_out_who_could_not_yet_go_on():
    log = journeys(
        "anna: ad shop+1d", "ben: ad x+8d shop", "cem: y+0s ad+9d shop+1d", "dora: y ad+8d", "eva: y end+10d"
    )
    assert tuples(funnel(log, steps=["ad", "shop"], within_days=3), *COUNTS)[1] == (2, 2, 1, 2, 2, 1)


def test_funnel_follows_a_step_for_the_whole_window_up_to_the_end():
    log = journeys("anna: ad", "ben: end end+6d")
    assert tuples(funnel(log, steps=["ad", "ad", "ad"], within_days=3), *COUNTS)[1:] == [
        (0, 1, 0, 0, 1, 0),
        (0, 0, 0, 0, 1, 0),
    ]
    assert tuples(funnel(log, steps=["ad", "ad", "ad"], within_days=3.1), *COUNTS)[2] == (0, 0, 0, 0, 0, 0)
    assert tuples(funnel(log, steps=["ad", "ad"], within_days=6), *COUNTS)[1] == (0, 1, 0, 0, 1, 0)
    assert tuples(funnel(log, steps=["ad", "ad"], within_days=6.1), *COUNTS)[1] == (0, 0, 0, 1, 0, 0)
    last = funnel(journeys("anna: ad ad+6d"), steps=["ad", "ad"], within_days=6)
    assert tuples(last, *COUNTS)[1] == (1, 1, 1, 0, 1, 1)


def test_funnel_counts_in_names_given_now():
    log = journeys("anna: app buy").with_names({"app": "online"})
    assert customers(log, ["online", "buy"]) == [1, 1]
    with pytest.raises(QuestionError, match="The log has no outcome or touchpoint 'app'"):
        funnel(log, steps=["app"], within_days=1)


def test_funnel_has_no_share_of_few():
    few, enough = (journeys(*(f"c{k}: ad shop+1d" for k in range(size)), LATER) for size in (FEW - 1, FEW))
    figures = ("share", "low", "arrived_share", "median_wait_s", "p90_wait_s")
    assert tuples(funnel(few, steps=["ad", "shop"], within_days=2), *figures)[1] == (None,) * 5
    low = round(wilson(FEW, FEW).low, 9)
    assert tuples(funnel(enough, steps=["ad", "shop"], within_days=2), *figures)[1] == (1, low, 1, 86_400, 86_400)


def test_funnel_is_cut_by_what_the_first_contact_was():
    log = journeys("anna: ad(segment=new) shop(segment=old)", "ben: ad(segment=old)", "cem: ad")
    found = funnel(log, steps=["ad", "shop"], within_days=1, by="segment")
    expected = [(None, 1, 1), (None, 2, 0), ("new", 1, 1), ("new", 2, 1), ("old", 1, 1), ("old", 2, 0)]
    assert tuples(found, "segment", "step", "customers") == expected


@examples
@given(contacts(), st.lists(st.sets(st.sampled_from(DOINGS), min_size=1), min_size=1, max_size=4), st.integers(1, 4))
def test_funnel_equals_plain_python(rows, steps, days):
    rows = thirteen_times(rows)
    known = {name for row in rows for name in (row["touchpoint"], row["outcome"])}
    steps = [sorted(step & known) for step in steps if step & known] or [sorted(known - {None})[:1]]
    if rows:
        named = {f"step {k}": step for k, step in enumerate(steps)}
        found = tuples(
            funnel(from_rows(rows, []), steps=named, within_days=days), *COUNTS, "median_wait_s", "p90_wait_s"
        )
        assert found == plain_funnel(rows, steps, timedelta(days=days))


@examples
@given(contacts())
def test_funnels_of_a_cut_add_up_to_the_whole(rows):
    rows = [*rows, {"customer_id": "zoe", "occurred_at": START, "touchpoint": "ad", "sequence": -1, "outcome": "exit"}]
    asked = {"steps": ["ad", "exit"], "within_days": 3}
    whole, parts = (funnel(from_rows(rows, []), **asked, **cut) for cut in ({}, {"by": "segment"}))
    sums = defaultdict(int)
    for step, counted in tuples(parts, "step", "customers"):
        sums[step] += counted
    assert list(sums.values()) == whole["customers"].to_pylist()


@examples
@given(contacts(), st.integers(1, 5))
def test_funnel_never_grows(rows, days):
    rows = [*rows, {"customer_id": "zoe", "occurred_at": START, "touchpoint": "ad", "sequence": -1, "outcome": "exit"}]
    one, two, three = customers(from_rows(rows, []), ["ad", "exit", "ad"], within_days=days)
    assert one >= two >= three


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"steps": []}, "steps has 0 steps; a funnel has 1 to 60"),
        ({"steps": ["a"] * 61}, "steps has 61 steps; a funnel has 1 to 60"),
        (
            {"steps": {"one": ["a"], "two": []}},
            "step 'two' has no touchpoint; name at least one, or leave the step out",
        ),
        ({"steps": ["b"]}, "The log has no outcome or touchpoint 'b'; the nearest known: a"),
        (
            {"steps": ["a"], "by": "outcome"},
            "by is 'outcome'; a funnel can be cut by touchpoint, channel, reason, unit, role, segment",
        ),
        ({"steps": ["a"], "within_days": 0}, "within_days is 0; it must be more than 0 and at most 36,525"),
    ],
)
def test_funnel_refuses_what_cannot_be_asked(asked, message):
    with pytest.raises(QuestionError) as refusal:
        funnel(journeys("anna: a"), **{"within_days": 1} | asked)
    assert str(refusal.value) == message


def test_funnel_takes_sixty_steps():
    log = journeys("anna: " + "a " * 60)
    assert customers(log, ["a"] * 60) == [1] * 60

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.hazard import COMPARABLE, FEW_EXITS, PERIODS, hazard
from tangente.contactlog.passes import MOST_BYTES
from tangente.contactlog.person_days import NOBODY, PERIOD, Rules, fine_unit, person_days
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.cox import fit
from tests.contactlog.strategies import contacts, examples, histories, tuples

COUNTS = ("event", "touchpoint", "customers", "person_days", "exits")
RATIOS = ("hazard_ratio", "low", "high")
DAY = timedelta(days=1)


def plain_days(history, entry, outcome, end, within, silence):
    """Of each day a customer is followed: exposures, whether this is the day of the exit, and whom it is compared with."""
    rows = list(history)
    stop = next((k for k, row in enumerate(rows) if row["outcome"] == outcome), None)
    begin = next((k for k, row in enumerate(rows[:stop]) if entry and row["outcome"] == entry), None)
    last, rows = end if stop is None else rows[stop]["occurred_at"], rows[begin or 0 : stop] or rows[:1]
    start = rows[0]["occurred_at"]
    met = [((row["occurred_at"] - start) // DAY, ("touchpoint", row["touchpoint"])) for row in rows]
    for one, two in pairwise(rows):
        in_time = two["occurred_at"] - one["occurred_at"] <= within * DAY
        if one["unit"] and two["unit"] and one["unit"] != two["unit"] and in_time:
            met.append(((two["occurred_at"] - start) // DAY, ("handover", None)))
    days = (last - start) // DAY
    for day in range(1, days + 1):
        exposed = {what for when, what in met if when < day <= when + within}
        if day - max(when for when, _ in met if when < day) > silence:
            exposed.add(("silence", None))
        yield exposed, stop is not None and day == days, (begin is not None, (day - 1) // PERIOD)


def plain_people(rows, within, silence, entry="purchase"):
    end = max((row["occurred_at"] for row in rows), default=START)
    return [list(plain_days(history, entry, "exit", end, within, silence)) for _, history in histories(rows)]


def plain_counts(people):
    """Customers, person-days and exits of each exposure, in plain Python."""
    exposures = {what for days in people for exposed, *_ in days for what in exposed}
    return {
        what: (
            sum(any(what in exposed for exposed, *_ in days) for days in people),
            sum(what in exposed for days in people for exposed, *_ in days),
            sum(what in exposed and exits for days in people for exposed, exits, _ in days),
        )
        for what in exposures
    }


def plain_ratios(people, exposures):
    """Hazard ratios from one row per person-day, held in memory."""
    days = [day for one in people for day in one]
    z = np.array([[1, *(what in exposed for what in exposures)] for exposed, *_ in days], float)
    exits, peers = np.array([day[1] for day in days]), [day[2] for day in days]
    parts = [[np.array([one == k for one in peers]) & some for k in set(peers)] for some in (exits | True, exits)]

    def sums(effects):
        weighted = z * np.exp(z[:, 1:] @ effects)[:, None]
        squares = np.stack([[weighted[here].T @ z[here] for here in part] for part in parts])
        return squares[(..., *np.tril_indices(z.shape[1]))]

    found = fit(sums, len(exposures))
    width = 1.959963984540054 * found.errors
    return np.exp([found.coefficients, found.coefficients - width, found.coefficients + width]).T


def made_up(seed, customers=200):
    """Rows of customers who leave a little sooner after a call; some of them buy."""
    draw, rows = np.random.default_rng(seed), []
    for customer in range(customers):
        at, leaves = START, False
        while at < START + 80 * DAY and not leaves:
            touchpoint = str(draw.choice(["ad", "shop", "call", "web"]))
            leaves = bool(draw.random() < (0.2 if touchpoint == "call" else 0.1))
            unit = draw.choice([None, "Service", "Field"])
            outcome = "purchase" if draw.random() < 0.1 else None
            row = {"customer_id": f"c{customer}", "occurred_at": at, "touchpoint": touchpoint, "unit": unit}
            rows.append(row | {"outcome": outcome})
            at += timedelta(hours=int(draw.integers(1, 300)))
        if leaves:
            rows.append({"customer_id": f"c{customer}", "occurred_at": at, "touchpoint": "form", "outcome": "exit"})
    return [row | {"sequence": k} for k, row in enumerate(rows)]


def strong(seed, share, customers=300):
    """Rows of customers of whom such a share leave soon after a contact with one of two touchpoints, else hardly any."""
    draw, rows = np.random.default_rng(seed), []
    for customer in range(customers):
        at, leaves = START, False
        while at < START + 400 * DAY and not leaves:
            touchpoint = str(draw.choice(["ad", "call", "form", "fault"], p=[0.6, 0.34, 0.03, 0.03]))
            leaves = bool(draw.random() < (share if touchpoint in ("form", "fault") else 0.03))
            rows.append({"customer_id": f"c{customer}", "occurred_at": at, "touchpoint": touchpoint, "outcome": None})
            at += timedelta(days=int(draw.integers(1, 4 if leaves else 40)))
        if leaves:
            rows.append({"customer_id": f"c{customer}", "occurred_at": at, "touchpoint": "end", "outcome": "exit"})
    return [row | {"sequence": k, "unit": None} for k, row in enumerate(rows)]


def counts(log, **asked):
    return {touchpoint or event: numbers for event, touchpoint, *numbers in tuples(hazard(log, **asked), *COUNTS)}


def ratios(log, **asked):
    """The ratio of each exposure, or why there is none."""
    rows = hazard(log, **asked).to_pylist()
    return {row["touchpoint"] or row["event"]: row["unknown"] or row["hazard_ratio"] for row in rows}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("a b+3d!exit", {"a": [1, 3, 1]}, id="from the day after the contact to the exit"),
        pytest.param("a b+9d!exit", {"a": [1, 5, 0]}, id="for so many days"),
        pytest.param("a b!exit", {}, id="an exit on the first day has no days before"),
        pytest.param("a b+2d c+3d!exit", {"a": [1, 5, 1], "b": [1, 3, 1]}, id="two at once"),
        pytest.param("a a+2d c+3d!exit", {"a": [1, 5, 1]}, id="a day counts once"),
        pytest.param("a a+4d c+8d!exit", {"a": [1, 9, 0]}, id="a window goes on from the latest contact"),
        pytest.param("a b+2d c+1h!exit", {"a": [1, 2, 1]}, id="what happens on the day of the exit comes too late"),
        pytest.param("a b+2d!exit c+1d a+1d!exit", {"a": [1, 2, 1]}, id="after the exit nothing counts"),
        pytest.param("a!exit b+2d", {}, id="who leaves at once is not followed"),
        pytest.param(
            "a(unit=S) b+2d(unit=F) c+2d!exit", {"a": [1, 4, 1], "b": [1, 2, 1], "handover": [1, 2, 1]}, id="handover"
        ),
        pytest.param("a(unit=S) a+6d(unit=F) c+1d!exit", {"a": [1, 6, 1]}, id="departments too far apart"),
        pytest.param(
            "a(unit=S) a+1d a+1d(unit=F) c+1d!exit", {"a": [1, 3, 1]}, id="a contact without department between"
        ),
        pytest.param("a(unit=S) a+1d(unit=S) c+1d!exit(unit=F)", {"a": [1, 2, 1]}, id="the exit hands over to nobody"),
        pytest.param("a b+12d!exit", {"a": [1, 5, 0], "silence": [1, 2, 1]}, id="silence"),
        pytest.param("a a+12d b+3d!exit", {"a": [1, 8, 1], "silence": [1, 2, 0]}, id="a contact breaks the silence"),
        pytest.param("a b+3d!purchase c+2d!exit", {"b": [1, 2, 1]}, id="a history begins with the purchase"),
        pytest.param(
            "a!purchase b+2d!purchase c+2d!exit", {"a": [1, 4, 1], "b": [1, 2, 1]}, id="with the first purchase"
        ),
        pytest.param("a b+3d!exit c+2d!purchase", {"a": [1, 3, 1]}, id="but not with one after the exit"),
        pytest.param("a(unit=S) b+2d!purchase(unit=F) c+2d!exit", {"b": [1, 2, 1]}, id="the purchase is no handover"),
    ],
)
def test_hazard_counts_the_days_after(line, expected):
    assert counts(journeys(f"anna: {line}"), within_days=5, silence_days=10) == expected


def test_hazard_follows_who_stays_to_the_end_of_the_log():
    log = journeys("anna: a", "ben: z!exit end+20d")
    assert counts(log, within_days=5, silence_days=8) == {"a": [1, 5, 0], "silence": [1, 12, 0]}
    said = hazard(log, within_days=5).schema.metadata
    assert said == {b"customers": b"1", b"person_days": b"20", b"exits": b"0"}


@examples
@given(contacts(), st.sampled_from([None, "order", "purchase"]), st.integers(1, 9), st.integers(1, 9))
def test_hazard_counts_as_plain_python(rows, entry, within, silence):
    people = plain_people(rows, within, silence, entry)
    if any(row["outcome"] == "exit" for row in rows):
        table = hazard(from_rows(rows, []), entry=entry, within_days=within, silence_days=silence)
        assert {row[:2]: row[2:] for row in tuples(table, *COUNTS)} == plain_counts(people)
        days = [day for one in people for day in one]
        said = [sum(map(bool, people)), len(days), sum(exits for _, exits, _ in days)]
        assert [int(table.schema.metadata[name]) for name in (b"customers", b"person_days", b"exits")] == said


@pytest.mark.parametrize("seed", range(3))
def test_hazard_ratios_equal_those_of_rows_in_memory(seed):
    rows = made_up(seed)
    found = [row for row in hazard(from_rows(rows, []), within_days=7, silence_days=5).to_pylist() if row["low"]]
    expected = plain_ratios(plain_people(rows, 7, 5), [(row["event"], row["touchpoint"]) for row in found])
    assert len(found) >= 5
    np.testing.assert_allclose([[row[name] for name in RATIOS] for row in found], expected, rtol=1e-6)


@pytest.mark.parametrize(("share", "low", "high"), [(0.3, 20, 100), (0.9, 100, 5_000)])
@pytest.mark.parametrize("seed", range(2))
def test_hazard_ratios_of_strong_exposures_equal_those_of_rows_in_memory(seed, share, low, high):
    rows = strong(seed, share)
    found = [row for row in hazard(from_rows(rows, []), within_days=7, silence_days=20).to_pylist() if row["low"]]
    expected = plain_ratios(plain_people(rows, 7, 20), [(row["event"], row["touchpoint"]) for row in found])
    np.testing.assert_allclose([[row[name] for name in RATIOS] for row in found], expected, rtol=1e-4)
    assert {row["touchpoint"] for row in found if low < row["hazard_ratio"] < high} == {"form", "fault"}


def test_hazard_puts_first_what_is_surely_furthest_from_one():
    found = hazard(from_rows(made_up(1, customers=1_000), []), within_days=7, silence_days=5).to_pylist()
    distances = [max(row["low"], 1 / row["high"]) for row in found]
    assert (len(found), distances) == (6, sorted(distances, reverse=True))


@pytest.mark.parametrize("exits", [FEW_EXITS - 1, FEW_EXITS])
def test_hazard_has_no_ratio_of_few_exits(exits):
    leaving = ["x a+9d b+3d!exit"] * exits + ["x b+12d!exit"] * 15
    staying = ["x a+9d x+9d", "x x+18d"] * 10
    few_exposed, few_others = (
        journeys(*(f"c{k}: {line}" for k, line in enumerate([*lines, *staying])))
        for lines in (leaving, leaving[:exits] * 2 + leaving[exits:][:exits])
    )
    found = {row["touchpoint"]: row for row in hazard(few_exposed, within_days=5).to_pylist()}
    assert (found["a"]["exits"], found["a"]["low"] is None) == (exits, exits < FEW_EXITS)
    found = {row["touchpoint"]: row for row in hazard(few_others, within_days=5).to_pylist()}
    assert (found["a"]["exits"], found["a"]["low"] is None) == (2 * exits, exits < FEW_EXITS)
    assert (found["x"]["hazard_ratio"], found["x"]["unknown"]) == (None, "few_exits")


def test_hazard_says_nothing_of_touchpoints_that_always_come_together():
    rows = [row for row in made_up(0) for _ in range(2)]
    twins = [
        row | {"touchpoint": f"{row['touchpoint']}{k % 2 if row['touchpoint'] == 'ad' else ''}", "sequence": k}
        for k, row in enumerate(rows)
    ]
    found, alone = ratios(from_rows(twins, []), within_days=7), ratios(from_rows(rows, []), within_days=7)
    assert (found.pop("ad0"), found.pop("ad1")) == ("same_as_others", "same_as_others")
    assert found == pytest.approx({name: ratio for name, ratio in alone.items() if name != "ad"}, rel=1e-6)


def test_hazard_has_no_limit_where_all_exposed_leave():
    ways = ["x form+1d x+1d!exit", "x ad+2d x+50d!exit", "x ad+2d end+60d", "x x+50d!exit", "x end+60d"]
    found = ratios(journeys(*(f"c{k}: {way}" for k, way in enumerate(15 * ways))))
    alone = ratios(journeys(*(f"c{k}: {way}" for k, way in enumerate(15 * ways[1:]))))
    assert (found["form"], found["x"]) == ("no_limit", "few_exits")
    assert found["ad"] == pytest.approx(alone["ad"], rel=1e-2)


def test_hazard_compares_customers_in_the_same_month_of_their_life():
    ways = [
        "x ad form+10d!exit",
        "x form+10d!exit",
        "x ad end+300d",
        "x end+300d",
    ]  # all leave early, and ads are early
    found = hazard(journeys(*(f"c{k}: {way}" for k, way in enumerate(15 * ways))), within_days=30).to_pylist()
    (ad,) = [row for row in found if row["touchpoint"] == "ad"]
    assert (ad["exits"], ad["hazard_ratio"]) == (15, pytest.approx(1))


def test_hazard_compares_who_bought_with_who_bought():
    old = ["x ad form+10d!exit", "x form+10d!exit", "x ad end+300d", "x end+300d"]
    new = ["x buy!purchase ad end+300d"] * 4  # cannot leave yet
    log = journeys(*(f"c{k}: {way}" for k, way in enumerate(15 * [*old, *new])))
    (together, apart) = (
        row["hazard_ratio"]
        for entry in (None, "purchase")
        for row in hazard(log, entry=entry, within_days=30).to_pylist()
        if row["touchpoint"] == "ad"
    )
    assert (together < 0.5, apart) == (True, pytest.approx(1))


def test_hazard_of_any_outcome_in_names_given_now():
    log = journeys("anna: app buy+2d!purchase", "ben: web buy+3d!purchase").with_names({"app": "on", "web": "on"})
    assert counts(log, outcome="purchase") == {"on": [2, 5, 2]}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"outcome": "leave"}, "The log has no outcome 'leave'; the nearest known: exit"),
        ({"within_days": 0}, "within_days is 0; it must be at least 1 and at most 36,525"),
        ({"silence_days": 36_526}, "silence_days is 36526; it must be at least 1 and at most 36,525"),
    ],
)
def test_hazard_refuses_what_cannot_be_asked(asked, message):
    with pytest.raises(QuestionError) as refusal:
        hazard(journeys("anna: a b!exit"), **asked)
    assert str(refusal.value) == message


def test_hazard_refuses_more_touchpoints_than_can_be_compared():
    log = journeys("anna: " + " ".join(f"t{k}" for k in range(501)) + "!exit")
    with pytest.raises(QuestionError, match="The log has 501 different touchpoints; at most 500 can be compared"):
        hazard(log)


def test_person_days_of_as_many_touchpoints_as_can_be_compared_are_small():
    log = journeys("anna: " + " ".join(f"t{k}" for k in range(COMPARABLE)) + "!exit")
    rules, chosen = Rules(NOBODY + 1, 1, 0, 30, 50), np.arange(1, COMPARABLE + 3)
    found = person_days(log, rules, chosen, np.zeros(len(chosen)), unit=1.0, periods=PERIODS)
    assert found.nbytes < MOST_BYTES


@pytest.mark.parametrize(("effect", "share"), [(-1e300, 0), (1e300, 1)])
def test_person_days_weigh_no_more_than_can_be_added_up(effect, share):
    log = journeys(*(f"c{k}: a x+40d!exit" for k in range(50)))
    rules, chosen = Rules(NOBODY, log.outcome_code("exit"), 0, 30, 50), np.array([log.codes.code("touchpoint", "a")])
    found = person_days(log, rules, chosen, np.array([effect]), unit=fine_unit(2_000), periods=1)
    all_days, exposed_days = found.weights()[0]
    assert (exposed_days / all_days, all_days > 0) == (pytest.approx(share, abs=1e-3), True)

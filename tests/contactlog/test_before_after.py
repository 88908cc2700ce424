from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.before_after import before_after, disappointment
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.difference import share_difference
from tangente.method.proportion import wilson
from tangente.method.reporting import FEW
from tests.contactlog.strategies import CUSTOMERS, contacts, examples, histories, moments, ratings, tuples

DOING = ("side", "kind", "name")
SIDES = ("before", "after")
CALL = {"customer_id": "zoe", "touchpoint": "call", "outcome": None, "contact_id": "z"}
KINDS = ("touchpoint", "outcome")


def plain_windows(rows, around, window):
    """In plain Python: of each side who is counted, contacts in the window, who did what in it and in the next one."""
    moments = [row["occurred_at"] for row in rows]
    sides = {}
    for side, direction in (("before", -1), ("after", 1)):
        people, inside, near, far = set(), Counter(), defaultdict(set), defaultdict(set)
        for customer, history in histories(rows):
            history = history[::direction]
            lasts = [
                max(moments) - row["occurred_at"] if side == "after" else row["occurred_at"] - min(moments)
                for row in history
            ]
            counted = [k for k, row in enumerate(history) if around(row) and lasts[k] >= 2 * window]
            people |= {customer} if counted else set()
            for place, row in enumerate(history):
                waits = [abs(row["occurred_at"] - history[k]["occurred_at"]) for k in counted if k < place]
                for doing in ((kind, row[kind]) for kind in KINDS if row[kind]):
                    if any(wait <= window for wait in waits):
                        inside[doing] += 1
                        near[doing].add(customer)
                    if any(window < wait <= 2 * window for wait in waits):
                        far[doing].add(customer)
        sides[side] = people, inside, near, far
    return sides


def plain_before_after(rows, around, window):
    found = []
    for side, (people, inside, near, far) in plain_windows(rows, around, window).items():
        for kind, name in near.keys() | far.keys():
            did, later, n = near[kind, name], far[kind, name], len(people)
            pair = wilson(len(later), n), wilson(len(did), n)
            change = share_difference(*pair, both=len(did & later)) if n >= FEW else None
            shares = [pair[1].share, pair[1].low, pair[1].high, pair[0].share] if n >= FEW else [None] * 4
            changes = [round(end, 9) for end in (change.value, change.low, change.high)] if change else [None] * 3
            shares = [share if share is None else round(share, 9) for share in shares]
            found.append((side, kind, name, inside[kind, name], n, len(did), *shares, *changes))
    return sorted(found, key=lambda row: (row[0] == "after", -row[5], row[2], row[1]))


def thirteen_times(rows):
    """Each customer thirteen times over, so that some shares rest on enough customers and some do not."""
    ids = ("customer_id", "contact_id")
    return [row | {name: row[name] and f"{row[name]}-{twin}" for name in ids} for row in rows for twin in range(13)]


def looked(*lines, touchpoint="call"):
    """Of windows of seven days in a log of 99 days: side, name, contacts, n, customers."""
    found = before_after(journeys(*lines, "zoe: begin end+99d"), touchpoint=touchpoint, within_days=7)
    return tuples(found, "side", "name", "contacts", "n", "customers")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x web+30d call+7d shop+7d", [("before", "web", 1, 1, 1), ("after", "shop", 1, 1, 1)]),
        ("x web+30d call+8d shop+14d", [("before", "web", 0, 1, 0), ("after", "shop", 0, 1, 0)]),
        ("x web+30d call+15d shop+15d", []),
        ("x call+30d shop+0s", [("after", "shop", 1, 1, 1)]),
        ("x shop+30d call+0s", [("before", "shop", 1, 1, 1)]),
        ("x call+30d shop shop shop", [("after", "shop", 3, 1, 1)]),
        (
            "x call+30d call+1d shop+1d",
            [("before", "call", 1, 1, 1), ("after", "call", 1, 1, 1), ("after", "shop", 1, 1, 1)],
        ),
        ("x call+30d!open shop!buy", [("after", "buy", 1, 1, 1), ("after", "shop", 1, 1, 1)]),
    ],
    ids=[
        "day 7 counts",
        "next windows",
        "too far",
        "tie after",
        "tie before",
        "each contact once",
        "itself",
        "outcomes",
    ],
)
def test_before_after_looks_one_window_far(line, expected):
    assert looked(f"anna: {line}") == expected


def test_before_after_looks_around_an_outcome():
    found = looked("anna: x call+30d call+1d shop+1d!exit", touchpoint="exit")
    assert found == [("before", "call", 2, 1, 1)]


def test_before_after_does_not_look_into_other_customers():
    assert looked("anna: x call+30d", "ben: x web+30d shop+1d") == []


def test_before_after_counts_the_censored():
    lines = ["anna: x+0s call+13d call+1d call+60d", "ben: x call+85d call+1d", "cem: begin end+99d"]
    table = before_after(journeys(*lines), touchpoint="call", within_days=7)
    said = {name.decode(): int(count) for name, count in table.schema.metadata.items()}
    assert said == {"before_contacts": 4, "before_censored": 1, "after_contacts": 4, "after_censored": 1}


def test_before_after_is_censored_by_the_period_asked_for():
    log = journeys("anna: x call+30d shop+5d end+99d", timezone="UTC")
    asked = before_after(log.where(since=date(2026, 1, 18), before=date(2026, 2, 15)), touchpoint="call", within_days=7)
    assert [int(asked.schema.metadata[name]) for name in (b"before_censored", b"after_censored")] == [1, 0]


def test_before_after_has_no_share_of_few():
    few, enough = ([f"c{k}: x call+30d shop+7d web+7d" for k in range(size)] for size in (FEW - 1, FEW))
    figures = ("name", "n", "share", "next_share", "difference")
    tables = [
        before_after(journeys(*lines, "zoe: x x+99d"), touchpoint="call", within_days=7) for lines in (few, enough)
    ]
    assert tuples(tables[0], *figures) == [("shop", 29, None, None, None), ("web", 29, None, None, None)]
    assert tuples(tables[1], *figures) == [("shop", 30, 1, 0, 1), ("web", 30, 0, 1, -1)]


@examples
@given(contacts(), st.sampled_from(["call", "exit"]), st.integers(1, 3))
def test_before_after_equals_plain_python(rows, around, days):
    rows = thirteen_times(rows)
    if any(around in (row["touchpoint"], row["outcome"]) for row in rows):
        found = tuples(before_after(from_rows(rows, []), touchpoint=around, within_days=days))
        is_around = lambda row: around in (row["touchpoint"], row["outcome"])  # noqa: E731
        assert found == plain_before_after(rows, is_around, timedelta(days=days))


@examples
@given(contacts(), st.integers(1, 3))
def test_before_after_mirrors_when_time_runs_backwards(rows, days):
    rows = [*rows, CALL | {"occurred_at": START, "sequence": 99}]
    turned = [
        row | {"occurred_at": START + (START - row["occurred_at"]), "sequence": 99 - row["sequence"]} for row in rows
    ]
    found, mirrored = (before_after(from_rows(log, []), touchpoint="call", within_days=days) for log in (rows, turned))
    swapped = [({"before": "after", "after": "before"}[side], *rest) for side, *rest in tuples(mirrored)]
    assert sorted(swapped, key=lambda row: row[0] == "after") == tuples(found)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"touchpoint": "fax"}, "The log has no outcome or touchpoint 'fax'; the nearest known: call, exit"),
        ({"within_days": 0}, "within_days is 0; it must be more than 0 and at most 36,525"),
    ],
)
def test_before_after_refuses_what_cannot_be_asked(asked, message):
    with pytest.raises(QuestionError) as refusal:
        before_after(journeys("anna: call!exit"), **{"touchpoint": "call"} | asked)
    assert str(refusal.value) == message


def plain_marks(rows, said, window):
    """The lowest rating that belongs to each contact with the call, by its id, and how many belong to none."""
    marks, lost = {}, 0
    for rating in said:
        wanted = rating["touchpoint"], rating["metric"], rating["scale_high"], rating["answer"], rating["rater"]
        if wanted == ("call", "csat", 5.0, "given", "customer"):
            own = [row for row in rows if (row["customer_id"], row["touchpoint"]) == (rating["customer_id"], "call")]
            past = [row for row in own if timedelta(0) <= rating["occurred_at"] - row["occurred_at"] <= window]
            last = max(past, key=lambda row: (row["occurred_at"], row["sequence"]), default={"contact_id": None})
            lost += not past
            marks[last["contact_id"]] = min(marks.get(last["contact_id"], 5), rating["score"])
    return marks, lost


def plain_disappointment(rows, said, window):
    marks, lost = plain_marks(rows, said, window)
    low = {row["contact_id"]: marks[row["contact_id"]] < 1 + 4 / 3 for row in rows if row["contact_id"] in marks}
    disappointed = {row["customer_id"] for row in rows if low.get(row["contact_id"])}
    groups = [lambda row: low.get(row["contact_id"]) is True]
    groups += [lambda row: low.get(row["contact_id"]) is False and row["customer_id"] not in disappointed]
    found = []
    for side, ours, others in (
        (side, *(plain_windows(rows, group, window)[side] for group in groups)) for side in SIDES
    ):
        for doing in {**ours[2], **ours[3], **others[2], **others[3]}:
            cells = [(len(people), len(near[doing])) for people, _, near, _ in (ours, others)]
            found.append((side, *doing, ours[1][doing], *cells[0], *cells[1]))
    return sorted(found, key=lambda row: (row[0] == "after", -row[5], row[2], row[1])), str(lost)


SATISFACTION = {"metric": "csat", "scale_low": 1.0, "scale_high": 5.0, "answer": "given", "rater": "customer"}
SATISFIED = st.fixed_dictionaries(
    {"customer_id": CUSTOMERS, "occurred_at": moments(), "score": st.integers(2, 10).map(lambda halves: halves / 2)}
).map(lambda row: row | SATISFACTION | {"touchpoint": "call"})


@examples
@given(contacts(), ratings(most=5), st.lists(SATISFIED, min_size=1), st.integers(1, 3))
def test_disappointment_equals_plain_python(rows, said, more, days):
    rows = [*rows, CALL | {"occurred_at": START, "sequence": 99}]
    said += more
    table = disappointment(from_rows(rows, said), touchpoint="call", within_days=days, measure="csat 1..5")
    found = tuples(table, *DOING, "contacts", "n", "customers", "others_n", "others_customers")
    assert (found, table.schema.metadata[b"lost"].decode()) == plain_disappointment(rows, said, timedelta(days=days))


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ([{"score": 5.0}], [0, 1]),
        ([{"score": 5.0}, {"score": 1.0}], [1, 0]),
        ([{"score": 1.0}, {"score": 5.0}], [1, 0]),
        ([{"score": 1.0, "rater": "staff"}, {"score": 5.0}], [0, 1]),
        ([{"score": None, "answer": "never_used"}], [0, 0]),
        ([{"score": 1.0, "metric": "nps", "scale_low": 0.0, "scale_high": 10.0}, {"score": 5.0}], [0, 1]),
        ([{"score": 1.0, "touchpoint": "web"}, {"score": 5.0}], [0, 1]),
    ],
    ids=["content", "then not", "lowest counts", "staff", "never used", "another measure", "another touchpoint"],
)
def test_disappointment_goes_by_what_customers_said_of_the_touchpoint(said, groups):
    row = {"customer_id": "anna", "occurred_at": START, "touchpoint": "call"}
    days = {"x": -99, "call": 0, "shop": 1, "end": 99}
    met = [row | {"touchpoint": name, "occurred_at": START + timedelta(days=day)} for name, day in days.items()]
    found = disappointment(
        from_rows(met, [row | SATISFACTION | rating for rating in said]), touchpoint="call", measure="csat 1..5"
    )
    assert tuples(found, "n", "others_n") == [tuple(groups)] * sum(groups)


def test_disappointment_compares_the_shares_of_both_groups():
    lines = [f"a{k}: x call+30d=2 {'exit' if k < 20 else 'shop'}" for k in range(FEW)]
    lines += [f"b{k}: x call+30d=3 {'exit' if k < 8 else 'shop'}" for k in range(FEW + 10)]
    table = disappointment(journeys(*lines, "zoe: x x+99d"), touchpoint="call")
    change = share_difference(wilson(8, FEW + 10), wilson(20, FEW))
    expected = (
        "exit",
        30,
        round(20 / 30, 9),
        40,
        0.2,
        *(round(end, 9) for end in (change.value, change.low, change.high)),
    )
    figures = ("name", "n", "share", "others_n", "others_share", "difference", "difference_low", "difference_high")
    assert tuples(table, *figures)[0] == expected


def test_disappointment_has_no_difference_of_few():
    lines = [f"a{k}: x call+30d=1 exit" for k in range(FEW)] + [f"b{k}: x call+30d=5 exit" for k in range(FEW - 1)]
    table = disappointment(journeys(*lines, "zoe: x x+99d"), touchpoint="call")
    assert tuples(table, "share", "others_share", "difference") == [(1, None, None)]


@pytest.mark.parametrize(
    ("ends", "scores"),
    [
        ((1, 5), [1, 2]),
        ((1, 7), [1, 2]),
        ((0, 10), [0, 1, 2, 3]),
        ((1, 10), [1, 2, 3]),
        ((6, 1), [5, 6]),
        ((0, 1), [0]),
    ],
)
def test_disappointed_is_the_lowest_third_of_a_scale(ends, scores):
    every = range(min(ends), max(ends) + 1)
    people = [{"customer_id": f"c{score}", "occurred_at": START} for score in every]
    met = [person | {"touchpoint": name} for name in ("call", "shop") for person in people]
    met += [CALL | {"touchpoint": "x", "occurred_at": START + timedelta(days=days)} for days in (-99, 99)]
    scale = {"metric": "stars", "scale_low": float(ends[0]), "scale_high": float(ends[1]), "touchpoint": "call"}
    said = [person | scale | {"score": float(score)} for person, score in zip(people, every, strict=True)]
    table = disappointment(
        from_rows([row | {"contact_id": f"c{k}"} for k, row in enumerate(met)], said), touchpoint="call"
    )
    assert tuples(table, "name", "n", "others_n") == [("shop", len(scores), len(every) - len(scores))]


@pytest.mark.parametrize(
    ("lines", "asked", "message"),
    [
        (["anna: call"], {}, "The log has no satisfaction with touchpoints, so nobody can be called disappointed"),
        (["anna: call=1!exit"], {"touchpoint": "exit"}, "'exit' is an outcome; only touchpoints are rated"),
        (
            ["anna: call=1"],
            {"touchpoint": "fax"},
            "The log has no outcome or touchpoint 'fax'; the nearest known: call",
        ),
        (["anna: call=1"], {"measure": "nps"}, "The log has no measure 'nps'; the nearest known: csat 1..5"),
    ],
)
def test_disappointment_refuses_what_cannot_be_asked(lines, asked, message):
    with pytest.raises(QuestionError) as refusal:
        disappointment(journeys(*lines), **{"touchpoint": "call"} | asked)
    assert str(refusal.value) == message


def test_disappointment_needs_to_know_the_scale():
    rating = {"customer_id": "zoe", "occurred_at": START, "touchpoint": "call", "score": 1.0}
    with pytest.raises(QuestionError, match=r"^The scale of 'csat \?\.\.\?' is unknown"):
        disappointment(from_rows([CALL | {"occurred_at": START}], [rating]), touchpoint="call")

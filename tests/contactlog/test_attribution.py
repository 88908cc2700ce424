import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import outcome_paths
from tangente.contactlog.attribution import attribution
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.attribution import attribute
from tangente.method.reporting import FEW
from tests.contactlog.strategies import contacts, examples, histories, tuples

OPTIONS = st.fixed_dictionaries({"closing": st.booleans(), "every": st.booleans()})
PURCHASE = {"customer_id": "emma", "touchpoint": "shop", "occurred_at": START, "sequence": 99, "outcome": "purchase"}
RULES = ("shapley", "first", "last", "linear", "position")


def plain_paths(rows, *, closing, every):
    """The same paths in plain Python: the touchpoints of each, how often it ends with a purchase, how often not."""
    for _, history in histories(rows):
        while history:
            bought = [k for k, contact in enumerate(history) if contact["outcome"] == "purchase"][:1]
            taken = history[: bought[0] + 1] if bought else history
            steps = [contact["touchpoint"] for contact in taken]
            yield steps[:-1] if bought and not closing else steps, len(bought), 1 - len(bought)
            history = history[len(taken) :] if bought and every else []


def plain_attribution(rows, **options):
    found = attribute([(path, FEW * won, FEW * lost) for path, won, lost in plain_paths(rows, **options)])
    return {
        row.touchpoint: (
            row.paths,
            row.conversions,
            row.removal_effect,
            row.markov,
            *(getattr(row, rule) for rule in RULES),
        )
        for row in found
    }


def often(rows):
    """The same history for so many customers that shares can be said."""
    return [row | {"customer_id": f"{row['customer_id']} {k}"} for k in range(FEW) for row in rows]


def ways(*paths, **settings):
    """A log in which 30 customers take each of the paths."""
    return journeys(*(f"{way} {k}: {path}" for way, path in enumerate(paths) for k in range(FEW)), **settings)


def totals(table):
    return [int(table.schema.metadata[name]) for name in (b"paths", b"conversions", b"without_touchpoint")]


@examples
@given(contacts(), OPTIONS)
def test_attribution_equals_plain_python(rows, options):
    rows = [*rows, PURCHASE]
    table = attribution(from_rows(often(rows), []), resamples=0, **options).drop_columns(["low", "high"])
    found = {name: values for name, *values in tuples(table)}
    expected = plain_attribution(rows, **options)
    assert found == {name: pytest.approx(values, abs=1e-7) for name, values in expected.items()}


@pytest.mark.parametrize(
    ("history", "options", "expected"),
    [
        pytest.param("ad shop!purchase", {}, {"ad": 1, "shop": 1}, id="the contact with the outcome is a step"),
        pytest.param("ad shop!purchase", {"closing": False}, {"ad": 1}, id="unless it only ends the path"),
        pytest.param("ad!purchase shop", {}, {"ad": 1}, id="what comes behind is left out"),
        pytest.param("ad!purchase shop", {"every": True}, {"ad": 1, "shop": 0}, id="unless paths begin again"),
        pytest.param("ad!purchase shop!purchase", {"every": True}, {"ad": 1, "shop": 1}, id="once per outcome"),
        pytest.param("ad!exit shop!purchase", {}, {"ad": 1, "shop": 1}, id="other outcomes end no path"),
        pytest.param("ad ad shop!purchase", {}, {"ad": 1, "shop": 1}, id="a path counts once for a touchpoint"),
    ],
)
def test_attribution_counts_paths_to_the_outcome(history, options, expected):
    table = attribution(journeys(f"anna: {history}"), **options)
    assert dict(tuples(table, "touchpoint", "conversions")) == expected


def test_attribution_totals_count_every_path_and_those_without_touchpoint():
    log = journeys("anna: shop!purchase", "ben: ad shop!purchase", "cem: ad", "dora: ad")
    assert totals(attribution(log)) == [4, 2, 0]
    assert totals(attribution(log, closing=False)) == [4, 2, 1]


def test_attribution_answers_for_any_outcome():
    log = ways("bill call!exit", "bill", "call!exit")
    assert tuples(attribution(log, outcome="exit", resamples=0), "touchpoint", "removal_effect") == [
        ("call", 1),
        ("bill", 0.5),
    ]


def test_attribution_says_no_share_of_fewer_than_30_conversions():
    lines = [f"c{k}: ad shop!purchase" for k in range(FEW - 1)]
    table = attribution(journeys(*lines))
    assert tuples(table.select(["touchpoint", "paths", "share", "low", "linear"])) == [
        ("ad", 29, None, None, None),
        ("shop", 29, None, None, None),
    ]
    enough = attribution(journeys(*lines, "dora: ad shop!purchase"))
    assert tuples(enough, "touchpoint", "share", "linear") == [("ad", 0.5, 0.5), ("shop", 0.5, 0.5)]


def test_attribution_counts_touchpoints_under_their_new_names():
    log = ways("app web shop!purchase").with_names({"app": "online", "web": "online"})
    assert tuples(attribution(log), "touchpoint", "paths", "linear") == [
        ("online", 30, 0.666666667),
        ("shop", 30, 0.333333333),
    ]


def test_attribution_of_an_empty_log_has_no_rows():
    log = journeys("anna: ad!purchase").where(since=START.date().replace(year=2030))
    assert (attribution(log).num_rows, totals(attribution(log))) == (0, [0, 0, 0])


def test_attribution_refuses_an_outcome_that_never_occurs():
    with pytest.raises(QuestionError, match=r"^The log has no outcome 'exit'; the nearest known: purchase"):
        attribution(journeys("anna: ad!purchase"), outcome="exit")


def test_attribution_refuses_more_touchpoints_than_it_can_compare(monkeypatch):
    monkeypatch.setattr(outcome_paths, "MOST_NAMES", 2)
    with pytest.raises(QuestionError, match=r"^The log has 3 different touchpoints; at most 2 can share an outcome"):
        attribution(journeys("anna: a b c!purchase"))


def test_interval_of_attribution_holds_its_share():
    rows = attribution(ways("ad shop!purchase", "ad", "web shop!purchase", "web ad")).to_pylist()
    assert [row["low"] < row["share"] < row["high"] for row in rows] == [True] * 3


def test_interval_of_attribution_depends_on_the_seed_alone():
    log = ways("ad shop!purchase", "ad", "web shop!purchase")
    low = [attribution(log, seed=seed)["low"].to_pylist() for seed in (1, 1, 2)]
    assert (low[0] == low[1], low[0] == low[2]) == (True, False)
    assert attribution(log, resamples=0)["low"].null_count == 3


def test_interval_of_attribution_does_not_depend_on_names_of_customers():
    paths = 20 * ["ad shop!purchase", "web shop!purchase", "ad web shop!purchase", "ad", "web"]
    lines, renamed = ([f"{name}{k}: {path}" for k, path in enumerate(paths)] for name in ("anna", "zoe"))
    assert attribution(journeys(*renamed[::-1])) == attribution(journeys(*lines))


def test_interval_of_attribution_is_as_wide_as_chance_even_among_equal_paths():
    log = journeys(*(f"c{k}: {'ad' if k < 600 else 'web'}!purchase" for k in range(1_000)))
    (low, high), *_ = tuples(attribution(log, resamples=1_000), "low", "high")
    assert high - low == pytest.approx(2 * 1.96 * (0.6 * 0.4 / 1_000) ** 0.5, rel=0.12)

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tangente.analysis.analyse import analyse
from tangente.analysis.inventory import Entry, Inventory
from tangente.analysis.model import Analysis, Source, Sources
from tangente.analysis.options import Options
from tangente.contactlog.log import ContactLog
from tangente.contactlog.testing import START, from_rows, journeys

READ = Source(rows=1, accepted=1, rejected=0, new=1, known=0, held=1, ties=0, customers=1, first=None, last=None)
CONTACTS, RATINGS, BOTH = (
    Sources(contacts=READ, ratings=None),
    Sources(contacts=None, ratings=READ),
    Sources(contacts=READ, ratings=READ),
)


def of_contacts(*lines: str, **options: Any) -> Analysis:
    return analyse(journeys(*lines), CONTACTS, Options(**options))


def survey(sheets: int = 200, seed: int = 1, low: float = 1.0, high: float = 5.0) -> ContactLog:
    """Sheets whose overall judgement follows the hotline, hardly the shop; the flyer is judged by few."""
    random = Random(seed)  # noqa: S311
    rows = []
    for sheet in range(sheets):
        hotline, shop = random.randint(1, 5), random.randint(1, 5)
        scores = {
            "hotline": hotline,
            "shop": shop,
            None: round((4 * hotline + shop) / 5),
            "flyer": 3 if sheet < 20 else None,
        }
        facts = {
            "customer_id": f"k{sheet}",
            "response_id": f"s{sheet}",
            "occurred_at": START,
            "scale_low": low,
            "scale_high": high,
        }
        rows += [facts | {"touchpoint": name, "score": float(score)} for name, score in scores.items() if score]
    return from_rows([], rows)


def point(analysis: Analysis, name: str) -> Any:
    return next(point for point in analysis.touchpoints if point.touchpoint == name)


def test_contacts_alone_are_ranked_by_what_they_know() -> None:
    analysis = of_contacts("anna: ad call(cost=4)", "ben: call(cost=4)", "cem: call")
    assert analysis.weights == pytest.approx({"cost": 0.6, "volume": 0.4})
    assert analysis.missing_components == [
        "importance", "gap", "repeats", "hazard", "purchase", "repurchase", "recommendation",
    ]  # fmt: skip
    assert [(p.touchpoint, p.priority.rank) for p in analysis.touchpoints if p.priority] == [("call", 1), ("ad", 2)]


def test_ratings_alone_are_ranked_by_drivers_and_gap() -> None:
    analysis = analyse(survey(), RATINGS, Options())
    assert analysis.touchpoints[0].touchpoint == "hotline"
    assert (analysis.touchpoints[0].contacts, analysis.flow, analysis.variants_total) == (None, [], 0)
    assert set(analysis.weights) == {"importance", "gap"}


def test_a_mean_of_few_answers_is_too_few_to_say() -> None:
    analysis = analyse(survey(), RATINGS, Options())
    assert (point(analysis, "flyer").satisfaction.n, point(analysis, "flyer").satisfaction.mean) == (20, None)
    assert point(analysis, "flyer").priority is None
    assert {said.code for said in analysis.unsaid} >= {"no_contacts", "too_few_answers", "drivers_left_out"}


def test_drivers_find_what_moves_the_whole() -> None:
    analysis = analyse(survey(), RATINGS, Options())
    assert point(analysis, "hotline").importance.share > 0.9
    assert point(analysis, "hotline").importance.low > point(analysis, "shop").importance.high
    assert analysis.drivers is not None
    assert (analysis.drivers.method, analysis.drivers.resamples, analysis.drivers.too_few) == ("lmg", 200, ["flyer"])


def test_school_grades_count_down() -> None:
    up, down = analyse(survey(), RATINGS, Options()), analyse(survey(low=5.0, high=1.0), RATINGS, Options())
    gaps = [point(a, "hotline").priority.components["gap"] for a in (up, down)]
    mean = point(up, "hotline").satisfaction.mean
    assert [point(a, "hotline").quadrant in ("keep_up", "concentrate") for a in (up, down)] == [True, True]
    assert (mean > 3) == (gaps[0] < gaps[1]) or gaps[0] == gaps[1]


def test_inventory_gives_phases_names_and_costs() -> None:
    call = Entry(touchpoint="call", phase="LOYALTY", name_de="Anruf", unit_cost=Decimal("5"), aliases=("Tel", "phone"))
    analysis = of_contacts(
        "anna: Tel phone call(cost=2)",
        "ben: fax",
        inventory=Inventory({"call": call, "visit": Entry(touchpoint="visit")}),
        language="de",
    )
    found = point(analysis, "call")
    assert (found.name, found.phase, found.contacts, found.cost) == ("Anruf", "LOYALTY", 3, 12.0)
    assert (point(analysis, "visit").contacts, point(analysis, "visit").priority.score) == (0, 0)
    assert analysis.unknown_touchpoints == ["fax"]


def test_without_inventory_order_is_by_first_contact() -> None:
    analysis = of_contacts("anna: shop ad", "ben: shop bill+1d")
    assert [p.touchpoint for p in sorted(analysis.touchpoints, key=lambda p: p.order)] == ["shop", "ad", "bill"]
    assert {p.phase for p in analysis.touchpoints} == {None}


def test_outcome_is_told_of_customers_and_paths() -> None:
    analysis = of_contacts("anna: ad shop!purchase", "ben: ad shop", outcome="purchase")
    assert analysis.outcome is not None
    assert (analysis.outcome.customers.k, analysis.outcome.customers.n) == (1, 2)
    assert [(row.path, row.customers, row.outcome_customers) for row in analysis.variants] == [(["ad", "shop"], 2, 1)]


def test_outcome_is_not_a_touchpoint_of_the_same_name() -> None:
    analysis = of_contacts("anna: purchase shop!purchase", "ben: purchase", "cem: shop", outcome="purchase")
    assert analysis.outcome is not None
    assert (analysis.outcome.customers.k, sum(row.outcome_customers or 0 for row in analysis.variants)) == (1, 1)


def test_drivers_of_random_answers_are_not_named() -> None:
    random = Random(3)  # noqa: S311
    rows = [
        {"customer_id": f"k{k}", "response_id": "s", "occurred_at": START, "scale_low": 1.0, "scale_high": 5.0, "touchpoint": name, "score": float(random.randint(1, 5))}
        for k in range(100)
        for name in ("hotline", "shop", "bill", None)
    ]  # fmt: skip
    analysis = analyse(from_rows([], rows), RATINGS, Options())
    assert (analysis.drivers, {p.importance for p in analysis.touchpoints}) == (None, {None})
    assert any("Chance alone" in said.sentence for said in analysis.unsaid)


def test_costs_that_nobody_knows_stay_unknown() -> None:
    analysis = of_contacts("anna: ad(cost=0) call")
    assert [(row.touchpoint, row.cost, row.cumulative_share) for row in analysis.cost] == [
        ("ad", 0.0, None),
        ("call", None, None),
    ]
    assert "costs_unknown" in {said.code for said in analysis.unsaid}


def test_reason_speaks_with_the_numbers_of_the_table() -> None:
    analysis = of_contacts(
        *(f"k{k}: call(cost=4.2,reason=bill) call+1d(reason=bill) ad+30d" for k in range(40)), language="de"
    )
    found = point(analysis, "call")
    assert (found.reach_share, found.repeat_share, found.unit_cost) == (1.0, 0.5, 4.2)
    assert found.reason is not None
    assert [text in found.reason for text in ("100", "4,20", "50")] == [True, True, True]


def test_weights_count_only_when_asked() -> None:
    rows = [{"customer_id": f"k{k}", "occurred_at": START, "touchpoint": "shop", "score": 5.0 if k < 30 else 1.0, "weight": 3.0 if k < 30 else 1.0, "scale_low": 1.0, "scale_high": 5.0} for k in range(60)]  # fmt: skip
    means = [
        point(analyse(from_rows([], rows), RATINGS, Options(weighted=weighted)), "shop").satisfaction.mean
        for weighted in (False, True)
    ]
    assert means == [3.0, 4.0]


def test_analysis_does_not_depend_on_buckets() -> None:
    lines = [f"k{k}: ad shop=4 call+{k}h={1 + k % 5}!purchase(cost=1.5,unit=A,reason=r)" for k in range(60)]
    one, seven = (analyse(journeys(*lines, buckets=n), BOTH, Options(outcome="purchase")) for n in (1, 7))
    assert replace(one, created="") == replace(seven, created="")


def test_empty_tables_give_an_analysis_that_says_so() -> None:
    analysis = analyse(from_rows([], []), Sources(contacts=None, ratings=None), Options())
    assert (analysis.touchpoints, analysis.weights) == ([], {})
    assert [said.code for said in analysis.unsaid] == ["no_contacts", "no_ratings", "no_inventory"]


def test_company_is_judged_by_the_two_best_points_and_by_effort() -> None:
    rows = [
        {"customer_id": f"k{k}", "occurred_at": START, "scale_low": low, "scale_high": high, "metric": metric, "score": score}
        for k in range(40)
        for metric, low, high, score in (("csat", 1.0, 5.0, 4.0 if k < 30 else 2.0), ("ces", 1.0, 7.0, 2.0 if k < 10 else 6.0))
    ]  # fmt: skip
    overall = analyse(from_rows([], rows), RATINGS, Options()).overall
    assert overall.top_two_box is not None
    assert overall.effort is not None
    assert (overall.top_two_box.k, overall.top_two_box.n, overall.effort.version) == (30, 40, "v2")
    assert (overall.effort.mean.mean, overall.effort.high_effort.k) == (5.0, 10)

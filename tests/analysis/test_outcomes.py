"""What leads to purchases and exits, in the terms of the report: what counts, what does not, and what nobody can say."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tangente.analysis.analyse import analyse
from tangente.analysis.findings import findings
from tangente.analysis.inventory import Entry, Inventory
from tangente.analysis.model import Analysis, Hazard, HazardRow, Relevance, Touchpoint
from tangente.analysis.options import Options
from tangente.analysis.outcome_reasons import share_text
from tangente.analysis.outcomes import Outcomes, exits_after, hazard_component, relevance_component
from tangente.analysis.reasons import headline
from tangente.analysis.unsaid_outcomes import unsaid_outcomes
from tangente.contactlog.attribution import attribution
from tangente.contactlog.log import ContactLog
from tangente.contactlog.testing import journeys
from tangente.translation import language
from tests.analysis.test_analyse import CONTACTS, of_contacts, point
from tests.analysis.test_more_often import CUSTOMERS, SHOPPERS

BUYERS = 40 * ["ad shop order!purchase", "ad", "ad", "shop order!purchase", "shop"]
PHASES = {"ad": "INFLUENCED", "shop": "PREPURCHASE", "order": "PURCHASE"}


def lines(*ways: str) -> Iterator[str]:
    return (f"c{number}: {way}" for number, way in enumerate(ways))


def inventory(**phases: str) -> Inventory:
    return Inventory({name: Entry(touchpoint=name, phase=phase) for name, phase in phases.items()})


def relevance(**values: Any) -> Relevance:
    return Relevance(
        **{"conversions": 40, "of": 80, "share": 0.2, "low": 0.1, "high": 0.3, "more_often": True} | values
    )


def hazard(ratio: float | None, low: float | None, *, beyond_chance: bool = True) -> Hazard:
    return Hazard(customers=90, exits=40, ratio=ratio, low=low, high=ratio, beyond_chance=beyond_chance)


def without_ratio(touchpoint: str, unknown: str) -> HazardRow:
    counts = {"customers": 90, "person_days": 900, "exits": 9, "within_days": 90}
    ratio = {"hazard_ratio": None, "low": None, "high": None, "beyond_chance": False}
    return HazardRow(event="touchpoint", touchpoint=touchpoint, unknown=unknown, **counts, **ratio)  # type: ignore[arg-type]


def test_relevance_is_the_share_of_the_attribution_before_the_purchase() -> None:
    analysis, log = of_contacts(*lines(*BUYERS)), journeys(*lines(*BUYERS))
    shares = {row["touchpoint"]: row["share"] for row in attribution(log, closing=False).to_pylist()}
    found = {p.touchpoint: p.relevance.purchase for p in analysis.touchpoints if p.relevance}
    assert {name: one.share for name, one in found.items() if one} == shares | {"order": 0.0}
    assert [(row.touchpoint, row.of) for row in analysis.attribution["purchase"]] == [("shop", 80), ("ad", 80)]
    assert {p.relevance.repurchase for p in analysis.touchpoints if p.relevance} == {None}


def test_only_who_passes_more_often_than_reach_explains_is_a_reason() -> None:
    phases = {"ad": "INFLUENCED", "web": "INFLUENCED", "talk": "PREPURCHASE", "order": "PURCHASE"}
    analysis = of_contacts(*lines(*SHOPPERS, *CUSTOMERS), inventory=inventory(**phases, bill="LOYALTY"))
    components = {name: point(analysis, name).priority.components["purchase"] for name in (*phases, "bill")}
    assert components == {"ad": 0.0, "web": 0.0, "talk": 1.0, "order": 0.0, "bill": 0.0}
    assert "stands on the way to 75% (65–83; n\xa0=\xa080) of the purchases" in point(analysis, "talk").reason
    assert "purchases" not in point(analysis, "ad").reason


@pytest.mark.parametrize("phases", [{}, {"order": "PURCHASE"}], ids=["no phases", "none before the purchase"])
def test_without_phases_before_the_purchase_nobody_can_tell_who_could_buy(phases: dict[str, str]) -> None:
    analysis = of_contacts(*lines(*SHOPPERS), inventory=inventory(**phases))
    verdicts = {name: point(analysis, name).relevance.purchase.more_often for name in ("ad", "talk", "order")}
    assert verdicts == {"ad": None, "talk": None, "order": None}
    assert "purchase" in analysis.missing_components
    said = {one.code: one.sentence for one in analysis.unsaid}
    assert "what furthers purchase is not in the ranking" in said["outcomes_prospects"]


@pytest.mark.parametrize(
    ("found", "component"),
    [
        pytest.param(relevance(), 0.2, id="beyond chance"),
        pytest.param(relevance(more_often=False), 0.0, id="reach explains it"),
        pytest.param(relevance(more_often=None), None, id="nobody to compare with"),
        pytest.param(relevance(share=None), None, id="too few conversions"),
        pytest.param(None, None, id="no such outcome"),
    ],
)
def test_relevance_component(found: Relevance | None, component: float | None) -> None:
    assert relevance_component(found) == component


@pytest.mark.parametrize(
    ("found", "component"),
    [
        pytest.param(hazard(2.0, 1.5), 0.405, id="more often"),
        pytest.param(hazard(2.0, 1.01, beyond_chance=False), 0.0, id="chance"),
        pytest.param(hazard(0.6, 0.4), 0.0, id="a strength"),
        pytest.param(hazard(None, None), None, id="too few exits"),
        pytest.param(None, None, id="never seen"),
    ],
)
def test_hazard_component(found: Hazard | None, component: float | None) -> None:
    value = hazard_component(found)
    assert value == (None if component is None else pytest.approx(component, abs=0.001))


def test_what_everybody_passes_has_nobody_to_compare_with() -> None:
    phases = inventory(door="INFLUENCED", shop="PURCHASE")
    analysis = of_contacts(*lines(*(40 * ["door shop!purchase", "door"])), inventory=phases)
    assert point(analysis, "door").relevance.purchase.more_often is None
    assert point(analysis, "door").priority.components["purchase"] is None


def test_below_thirty_conversions_nothing_is_said() -> None:
    phases = inventory(ad="INFLUENCED", shop="PURCHASE")
    analysis = of_contacts(*lines(*(29 * ["ad shop!purchase", "ad"])), inventory=phases)
    assert point(analysis, "ad").relevance.purchase == Relevance(
        conversions=29, of=29, share=None, low=None, high=None, more_often=None
    )
    assert "purchase" in analysis.missing_components
    said = {one.code: one.sentence for one in analysis.unsaid}
    assert said["too_few_conversions"].endswith(": purchase.")
    assert said["outcomes_missing"].startswith("No contact has the outcome repurchase, referral or exit;")


def test_without_outcomes_the_report_says_what_it_does_not_know() -> None:
    analysis = of_contacts("anna: ad shop", language="de")
    assert (analysis.attribution, analysis.hazard, analysis.touchpoints[0].relevance) == ({}, [], None)
    said = {one.code: one.sentence for one in analysis.unsaid}
    assert said["no_outcomes"].startswith("Kein Kontakt hat das Ergebnis Kauf, Wiederkauf, Empfehlung oder Kündigung;")


def test_an_outcome_asked_for_is_attributed_too() -> None:
    analysis = of_contacts(*lines(*(30 * ["ad shop!won", "ad"])), outcome="won")
    assert list(analysis.attribution) == ["won"]


def test_way_to_a_purchase_alone_is_no_reason() -> None:
    analysis = of_contacts(*lines(*BUYERS), inventory=inventory(**PHASES))
    assert analysis.weights == pytest.approx({"volume": 7 / 13, "purchase": 6 / 13})
    assert headline(analysis, language("en")) == (
        "Being on the way is no reason to work on a touchpoint",
        "“shop”, “ad” and “order” are what most customers pass. "
        "Where to start, only costs, reasons of contacts, exits or ratings can say.",
    )


def leaving() -> ContactLog:
    """After a fault every second customer leaves, else one in four; prospects never do."""
    stay, leave = "help+200d", "help+20d!exit"
    others = 2 * [f"order bill+5d {stay}", f"order {stay}"] + [f"order bill+5d {leave}", f"order {leave}"]
    ways = [f"order fault+5d {leave}", f"order fault+5d {stay}", *others, f"order {stay}"]
    return journeys(*lines(*(25 * ways)), *(f"p{number}: ad ad+200d" for number in range(300)))


def customers(analysis: Analysis) -> int:
    return sum(row.customers for row in analysis.hazard if row.touchpoint == "order")


def test_exits_after_a_touchpoint_count_and_are_told() -> None:
    analysis = analyse(leaving(), CONTACTS, Options())
    found: Touchpoint = point(analysis, "fault")
    assert found.hazard is not None
    assert found.hazard.beyond_chance
    assert found.priority is not None
    assert found.priority.components["hazard"] == 1.0
    assert "in the 90 days after a contact here customers leave" in (found.reason or "")
    assert "25 exits" in (found.reason or "")


def test_hazard_is_asked_of_customers_where_phases_are_known() -> None:
    phases = {"ad": "INFLUENCED", "order": "PURCHASE", "fault": "LOYALTY", "bill": "LOYALTY", "help": "LOYALTY"}
    analysis = analyse(leaving(), CONTACTS, Options(inventory=inventory(**phases)))
    assert "ad" in {row.touchpoint for row in analyse(leaving(), CONTACTS, Options()).hazard}
    assert "ad" not in {row.touchpoint for row in analysis.hazard}
    assert customers(analysis) == 225
    assert point(analysis, "ad").hazard is None


def test_exits_at_touchpoints_of_early_phases_count() -> None:
    ways = ["shop!purchase call+50d web+9d!exit", "shop!purchase call+50d call+90d", "shop!purchase call+150d", "web"]
    phases = inventory(web="PREPURCHASE", shop="PURCHASE", call="LOYALTY")
    customers = [way for way in ways if way != "web"]
    found, expected = (
        exits_after(journeys(*lines(*(30 * asked))), ["web", "shop", "call"], known)
        for asked, known in ((ways, phases), (customers, None))
    )
    assert {row.touchpoint: row.exits for row in found}["call"] == 30
    assert found == expected


def test_exits_are_not_said_where_prospects_may_be_among_those_who_stay() -> None:
    ways = 30 * ["shop!purchase call+50d call+9d!exit", "shop!purchase call+50d call+90d", "shop"]
    phases = inventory(shop="PURCHASE", call="LOYALTY")
    told = analyse(journeys(*lines(*ways)), CONTACTS, Options(inventory=phases))
    silent = analyse(journeys(*lines(*ways)), CONTACTS, Options())
    assert (bool(told.hazard), silent.hazard) == (True, [])
    assert [said.code for said in silent.unsaid if said.code.startswith("exits")] == ["exits_prospects"]


def test_each_missing_factor_is_told_with_its_reason() -> None:
    asked = Outcomes(
        known=frozenset(),
        attribution={},
        funnel=[],
        hazard=[without_ratio("a", "few_exits"), without_ratio("b", "same_as_others"), without_ratio("c", "no_limit")],
    )
    found = replace(findings(journeys("anna: a"), CONTACTS, Options()), outcomes=asked)
    told = {said.code: said.touchpoints for said in unsaid_outcomes(found, language("en")) if "exits" in said.code}
    assert told == {"too_few_exits": ["a"], "exits_same_as_others": ["b"], "exits_no_limit": ["c"]}


def test_touchpoints_without_enough_exits_are_named() -> None:
    analysis = analyse(leaving(), CONTACTS, Options())
    few = next(said for said in analysis.unsaid if said.code == "too_few_exits")
    assert set(few.touchpoints) == {
        row.touchpoint for row in analysis.hazard if row.touchpoint and row.hazard_ratio is None
    }
    assert few.touchpoints


def test_funnel_follows_the_phases_of_the_inventory() -> None:
    analysis = of_contacts(*lines(*BUYERS), inventory=inventory(**PHASES, club="LOYALTY"))
    assert [(row.phase, row.touchpoints, row.customers) for row in analysis.funnel] == [
        ("INFLUENCED", 1, 120),
        ("PREPURCHASE", 1, 40),
        ("PURCHASE", 1, 40),
    ]


@pytest.mark.parametrize(("asked", "reached"), [({}, [41, 40, 0]), ({"funnel_days": 95}, [41, 40, 40])])
def test_funnel_gives_each_phase_the_days_asked_for(asked: dict[str, Any], reached: list[int]) -> None:
    log = journeys(*lines(*40 * ["ad shop+40d order+95d"], "ad ad+999d"))
    found = analyse(log, CONTACTS, Options(inventory=inventory(**PHASES), **asked)).funnel
    assert [row.customers for row in found] == reached
    assert {row.within_days for row in found} == {asked.get("funnel_days", 90)}


@pytest.mark.parametrize("phases", [{}, {"ad": "INFLUENCED"}], ids=["no phases", "one phase"])
def test_without_phases_there_is_no_funnel_and_the_report_says_so(phases: dict[str, str]) -> None:
    analysis = of_contacts(*lines(*BUYERS), inventory=inventory(**phases))
    assert analysis.funnel == []
    assert "no_funnel" in {said.code for said in analysis.unsaid}


def test_more_touchpoints_than_can_share_an_outcome_are_told_of() -> None:
    many = " ".join(f"t{number}" for number in range(501))
    analysis = of_contacts(f"anna: {many}!purchase")
    assert analysis.attribution == {}
    assert "too_many_touchpoints" in {said.code for said in analysis.unsaid}


def test_answers_do_not_depend_on_buckets() -> None:
    one, seven = (
        analyse(journeys(*lines(*BUYERS), buckets=n), CONTACTS, Options(inventory=inventory(**PHASES))) for n in (1, 7)
    )
    assert replace(one, created="") == replace(seven, created="")


@pytest.mark.parametrize(
    ("some", "of", "text"),
    [
        pytest.param(66, 70, ">\u202f92%", id="four are missing"),
        pytest.param(65, 70, "93% (84–97; n\xa0=\xa070)", id="five are missing"),
        pytest.param(4, 70, "<\u202f8%", id="four"),
        pytest.param(70, 70, "100% (95–100; n\xa0=\xa070)", id="nobody is missing"),
        pytest.param(26, 30, ">\u202f83%", id="above what is true of five"),
        pytest.param(550_000, 1_000_000, "55% (54.9–55.1; n\xa0=\xa01,000,000)", id="two ends, two numbers"),
    ],
)
def test_share_on_the_way_gives_nobody_away(some: int, of: int, text: str) -> None:
    assert share_text(relevance(conversions=some, of=of), language("en")) == text

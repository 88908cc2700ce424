"""Who stands on the way to an outcome for more than reach: compared with who could have met it, and could have it, too."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from tangente.analysis.inventory import Entry, Inventory
from tangente.analysis.more_often import more_often
from tangente.contactlog.testing import journeys

PHASES = {"ad": "INFLUENCED", "web": "INFLUENCED", "talk": "PREPURCHASE", "order": "PURCHASE", "bill": "LOYALTY"}
TALKED = ["{} talk order!purchase"] * 3 + ["{} talk"]
SILENT = ["{} order!purchase"] + ["{}"] * 3
SHOPPERS = [way.format(door) for door in ("ad", "web") for way in 10 * (TALKED + SILENT)]
CUSTOMERS = 160 * ["bill"]
CAMPAIGN = (
    40 * ["offer letter renew!repurchase"] + 60 * ["offer letter"] + 60 * ["offer renew!repurchase"] + 40 * ["offer"]
)


def asked(
    outcome: str, ways: Sequence[str], phases: Mapping[str, str] = PHASES, *, buckets: int = 1
) -> dict[str, bool | None]:
    log = journeys(*(f"c{number}: {way}" for number, way in enumerate(ways)), buckets=buckets)
    entries = {name: Entry(touchpoint=name, phase=phase) for name, phase in phases.items()}
    return more_often(log, outcome, [name for name in log.codes["touchpoint"] if name], Inventory(entries))


def test_more_often_buys_who_talked_whatever_the_door() -> None:
    found = asked("purchase", SHOPPERS)
    assert found == {"ad": False, "web": False, "talk": True, "order": False}


def test_customers_who_cannot_buy_make_no_door_look_good() -> None:
    found = asked("purchase", [*SHOPPERS, *CUSTOMERS])
    assert found == asked("purchase", SHOPPERS) | {"bill": False}


@pytest.mark.parametrize("others", [[], 400 * ["bill"]], ids=["the offered alone", "with others"])
def test_who_was_never_offered_makes_no_letter_look_good(others: list[str]) -> None:
    found = asked("repurchase", [*CAMPAIGN, *others])
    assert (found["letter"], found["offer"]) == (False, None)


@pytest.mark.parametrize(("renew", "verdict"), [(60, False), (40, True)])
def test_who_met_a_letter_is_compared_with_the_offered_without(renew: int, verdict: bool) -> None:
    met = 60 * ["offer letter renew!repurchase"] + 40 * ["offer letter"]
    without = renew * ["offer renew!repurchase"] + (100 - renew) * ["offer"]
    assert asked("repurchase", [*met, *without, *CUSTOMERS])["letter"] is verdict


def test_new_customers_who_cannot_renew_yet_are_compared_with_each_other() -> None:
    old = 60 * ["bill letter renew!repurchase", "bill letter", "bill renew!repurchase", "bill"]
    new = 200 * ["ad order!purchase bill"]
    assert asked("repurchase", [*old, *new])["letter"] is False


def test_what_met_nobody_who_could_is_a_count_and_what_met_few_a_gap() -> None:
    few = 29 * ["ad chat"] + 200 * ["bill news"]
    found = asked("purchase", [*SHOPPERS, *few])
    assert (found["chat"], found["news"]) == (None, False)


def test_below_thirty_outcomes_nothing_is_said() -> None:
    ways = 29 * ["ad talk order!purchase"] + 60 * ["ad talk", "web", "web talk"]
    assert set(asked("purchase", ways).values()) == {None, False}
    assert asked("purchase", [*ways, "web talk order!purchase"])["ad"] is True


def test_touchpoints_are_tested_at_once() -> None:
    ways = 33 * ["ad x order!purchase"] + 27 * ["ad x"] + 21 * ["ad order!purchase"] + 39 * ["ad"]
    draw = Random(1)  # noqa: S311
    noisy = [" ".join([*(f"n{one}" for one in range(30) if draw.random() < 0.5), way]) for way in ways]
    assert asked("purchase", ways)["x"] is True
    assert asked("purchase", noisy)["x"] is False


@pytest.mark.parametrize("buckets", [1, 2, 7])
def test_more_often_does_not_depend_on_buckets(buckets: int) -> None:
    ways = [*SHOPPERS, *CAMPAIGN, *CUSTOMERS]
    for outcome in ("purchase", "repurchase"):
        assert asked(outcome, ways, buckets=buckets) == asked(outcome, ways[::-1])

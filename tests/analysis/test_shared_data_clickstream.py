"""Funnel and what comes before and after, on a made-up web shop whose incidents are documented."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tangente.contactlog.before_after import before_after
from tangente.contactlog.funnel import funnel
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tests.analysis.conftest import Logged

pytestmark = pytest.mark.shared_data

AN_HOUR = 1 / 24
BUG: dict[str, Any] = {"since": date(2024, 4, 9), "before": date(2024, 5, 10)}  # of the check-out, for mobile customers
GATEWAY: dict[str, Any] = {
    "since": date(2024, 5, 19),
    "before": date(2024, 6, 8),
}  # of the payment, for about half of the users
LATER: dict[str, Any] = {"since": date(2024, 6, 8)}


@pytest.fixture(scope="module")
def shop(logged: Callable[..., Logged]) -> ContactLog:
    return logged(("ecom_clickstream_synthetic/ecom.csv.gz", "ecom_clickstream_synthetic")).log


def last_step(log: ContactLog, *steps: str, within_days: float = AN_HOUR) -> dict[str, Any]:
    found: dict[str, Any] = funnel(log, steps=steps, within_days=within_days).to_pylist()[-1]
    return found


def test_clickstream_has_the_documented_events(shop: ContactLog) -> None:
    table = profile(shop, by=["touchpoint", "channel"]).to_pylist()
    contacts: dict[str, int] = {}
    for row in table:
        contacts[row["touchpoint"]] = contacts.get(row["touchpoint"], 0) + row["contacts"]
    documented = {"purchase": 470, "payment_error": 119, "checkout_bug": 44, "support_chat": 277}
    assert {name: contacts[name] for name in documented} == documented
    assert [row["channel"] for row in table if row["touchpoint"] == "checkout_bug"] == ["mobile"]
    assert last_step(shop, "purchase")["customers"] == 328


def test_checkout_bug_costs_mobile_customers(shop: ContactLog) -> None:
    shares = {
        (name, channel): last_step(shop.where(channels=[channel], **period), "shipping_details", "purchase")
        for name, period in (("bug", BUG), ("later", LATER))
        for channel in ("mobile", "desktop")
    }
    assert shares["bug", "mobile"]["high"] < shares["later", "mobile"]["low"]
    assert shares["bug", "desktop"]["low"] < shares["later", "desktop"]["share"] < shares["bug", "desktop"]["high"]


def test_payment_incident_sends_customers_to_the_chat(shop: ContactLog) -> None:
    bought, asked = (
        [last_step(shop.where(**period), "payment_details", name) for period in (GATEWAY, LATER)]
        for name in ("purchase", "support_chat")
    )
    assert [(row["went_on"], row["followed"]) for row in bought] == [(26, 117), (63, 136)]
    assert [(row["went_on"], row["followed"]) for row in asked] == [(53, 117), (5, 136)]
    assert bought[0]["high"] < bought[1]["low"]
    assert asked[0]["low"] > asked[1]["high"]


def test_chat_comes_right_after_the_payment_error(shop: ContactLog) -> None:
    after = {
        (row["name"], row["kind"]): row
        for row in before_after(shop, touchpoint="payment_error", within_days=1).to_pylist()
        if row["side"] == "after"
    }
    chat = after["support_chat", "touchpoint"]
    assert (chat["n"], chat["customers"]) == (87, 49)
    assert chat["difference_low"] > 0.3
    assert next(iter(after)) == ("support_chat", "touchpoint")


def test_checkout_bug_sends_nobody_to_the_chat(shop: ContactLog) -> None:
    found = before_after(shop, touchpoint="checkout_bug", within_days=3).to_pylist()
    chats = [row for row in found if (row["side"], row["name"]) == ("after", "support_chat")]
    assert [(row["n"], row["customers"]) for row in chats] == [(30, 0)]


def test_loyal_customers_buy_more_often_than_new_ones(shop: ContactLog) -> None:
    new, loyal = (
        last_step(shop.where(segments=[segment]), "product_view", "purchase", within_days=1)
        for segment in ("new", "loyal")
    )
    assert new["share"] < loyal["low"]
    assert new["high"] < loyal["share"]

from datetime import timedelta

import pytest

from tangente.contactlog.profile import profile
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import ContactLogError
from tests.contactlog.strategies import tuples

HOUR = timedelta(hours=1)


def times(log):
    first, *_ = at = log.bucket(0).contacts["occurred_at"].tolist()
    return [timedelta(microseconds=moment - first) for moment in at]


def names(log, kind):
    return log.codes.decode(kind, log.bucket(0).contacts[kind]).to_pylist()


def test_journeys_are_an_hour_apart_unless_they_say_so():
    assert times(journeys("anna: ad shop+3d shop+0s buy+10m")) == [
        timedelta(),
        3 * 24 * HOUR,
        3 * 24 * HOUR,
        3 * 24 * HOUR + HOUR / 6,
    ]


def test_journeys_write_outcomes_and_facts():
    log = journeys("anna: ad shop!purchase(reason=new flat,unit=Sales,cost=4.20,duration_s=1.5,value=30)")
    columns = log.bucket(0).contacts
    assert (names(log, "outcome"), names(log, "reason"), names(log, "unit")) == (
        [None, "purchase"],
        [None, "new flat"],
        [None, "Sales"],
    )
    assert [columns[name][1] for name in ("cost", "duration_ms", "value")] == [4_200_000, 1_500, 30_000_000]


def test_journeys_write_ratings_of_the_contact():
    log = journeys("anna: ad shop=4 call+1d=2.5(channel=phone)")
    found = tuples(profile(log, by=["touchpoint", "channel"]), "touchpoint", "channel", "satisfaction_mean")
    assert found == [("ad", None, None), ("call", "phone", 2.5), ("shop", None, 4)]


def test_journeys_spread_customers_over_buckets():
    log = journeys("anna: ad", "ben: ad", "cem: ad", buckets=2, currency="CHF")
    assert [bucket.customers for bucket in log.buckets()] == [2, 1]
    assert log.currency == "CHF"


def test_journeys_refuse_what_is_no_notation():
    with pytest.raises(ValueError, match="'shop=x' is not journey notation, such as shop"):
        journeys("anna: shop=x")


def test_from_rows_leaves_the_rows_as_they_are():
    row = {"customer_id": "anna", "occurred_at": START, "touchpoint": "ad"}
    from_rows([row], [])
    assert row == {"customer_id": "anna", "occurred_at": START, "touchpoint": "ad"}


def test_from_rows_refuses_what_the_log_would_refuse():
    with pytest.raises(ContactLogError, match=r"^contacts.cost is -5; it must lie between"):
        from_rows([{"customer_id": "anna", "occurred_at": START, "touchpoint": "ad", "cost": -5}], [])


def test_names_are_coded_as_they_appear():
    log = journeys("ben: shop ad=4 call(channel=web)", "anna: ad(channel=phone)")
    assert (log.codes["touchpoint"], log.codes["channel"]) == ((None, "shop", "ad", "call"), (None, "web", "phone"))

"""The simulated company's rows: as many as asked, the same every time, and believable."""

import numpy as np
import pyarrow as pa
import pytest

from tangente.contactlog.schema import MICRO, check
from tangente.contactlog.simulate import simulate
from tangente.contactlog.simulate.company import DRIVERS, code, touchpoints
from tangente.errors import QuestionError
from tests.contactlog.simulated import DAY, END, Simulation, seconds, texts

pytestmark = pytest.mark.slow

AFTER_NOTICE = ["Kündigung einreichen", "Rückruf nach Kündigung", "Kündigungsbestätigung"]


def rows(*, contacts: int, seed: int) -> tuple[pa.Table, pa.Table]:
    tables = [pa.Table.from_batches(batches) for batches in zip(*simulate(contacts=contacts, seed=seed), strict=True)]
    return tables[0], tables[1]


@pytest.fixture(scope="module")
def company() -> Simulation:
    return Simulation(contacts=120_000, seed=7)


@pytest.mark.parametrize("contacts", [1, 999, 45_000])
def test_simulate_gives_exactly_the_contacts_asked_for(contacts):
    assert sum(len(happened) for happened, _ in simulate(contacts=contacts, seed=1)) == contacts


def test_simulate_gives_the_same_rows_for_the_same_seed():
    assert rows(contacts=40_000, seed=3) == rows(contacts=40_000, seed=3)


def test_simulate_gives_other_rows_for_another_seed():
    assert rows(contacts=1_000, seed=3)[0] != rows(contacts=1_000, seed=4)[0]


@pytest.mark.parametrize("table", [0, 1], ids=["contacts", "ratings"])
def test_a_larger_simulation_begins_with_the_customers_of_a_smaller_one(table):
    small, large = rows(contacts=40_000, seed=5)[table], rows(contacts=70_000, seed=5)[table]
    cut_off = max(rows(contacts=40_000, seed=5)[0]["customer_id"].to_pylist())
    whole = [part.filter(pa.compute.less(part["customer_id"], cut_off)) for part in (small, large)]
    assert whole[0].sort_by(whole[0].column_names[0]) == whole[1].sort_by(whole[1].column_names[0])
    assert len(whole[0]) > 0.5 * len(small)


@pytest.mark.parametrize(("contacts", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_simulate_refuses_numbers_that_are_too_small(contacts, seed):
    with pytest.raises(QuestionError, match=r"is -?[0-9]+; "):
        simulate(contacts=contacts, seed=seed)


def test_rows_keep_the_contract_of_the_log():
    for happened, said in simulate(contacts=40_000, seed=2):
        check(happened, "contacts")
        check(said, "ratings")


@pytest.mark.parametrize(("table", "name"), [("contacts", "contact_id"), ("ratings", "rating_id")])
def test_ids_are_unique(company, table, name):
    ids = getattr(company, table)[name]
    assert len(ids.unique()) == len(ids)


def test_sequence_counts_each_customers_contacts(company):
    sequence = company.contacts["sequence"].to_numpy()
    positions = np.arange(len(sequence)) - np.repeat(company.first_row, np.bincount(company.customer)) + 1
    assert (sequence == positions).all()


def test_contacts_lie_within_the_two_years(company):
    assert company.contacts["occurred_at"].to_numpy().min() >= np.datetime64("2024-09-30T22:00:00")
    assert company.at.max() < END


def test_late_contacts_stand_after_later_ones():
    at = seconds(rows(contacts=25_000, seed=9)[0]["occurred_at"])
    assert (at < np.maximum.accumulate(at)).mean() == pytest.approx(0.05, abs=0.005)


def test_one_contact_in_a_hundred_ties_with_the_one_before(company):
    ties = (np.diff(company.customer) == 0) & (np.diff(company.at) == 0)
    assert ties.mean() == pytest.approx(0.01, abs=0.0005)


def test_three_customers_in_five_answer_nothing(company):
    answering = company.ratings.filter(pa.compute.is_valid(company.ratings["score"]))["customer_id"]
    silent = ~np.isin(texts(company.contacts["customer_id"].unique()), texts(answering.unique()))
    assert silent.mean() == pytest.approx(0.60, abs=0.02)


def test_contacts_per_customer_have_a_long_tail(company):
    each = np.bincount(company.customer)
    assert np.percentile(each, 99) > 4.5 * np.median(each)
    assert each.max() > 12 * np.median(each)


def test_the_company_has_the_size_of_a_company(company):
    sizes = [len(company.contacts[name].unique().drop_null()) for name in ("touchpoint", "channel", "unit", "segment")]
    assert sizes == [len(touchpoints()), 10, 6, 4]
    assert len(touchpoints()) == 43


def test_some_touchpoints_are_nearly_unused(company):
    contacts = {name: (company.touchpoint == name).sum() for name in ("Messestand", "Kundenbeirat")}
    assert all(0 < count < 20 for count in contacts.values())
    assert len(company.scores("csat", "Beschwerdestelle")) < 30


@pytest.mark.parametrize("touchpoint", touchpoints(), ids=lambda touchpoint: touchpoint.key)
def test_costs_have_the_true_mean(company, touchpoint):
    costs = company.contacts["cost"].to_numpy()[company.touchpoint == touchpoint.name_de] / MICRO
    assert costs.mean() == pytest.approx(touchpoint.unit_cost, rel=4 * 0.26 / np.sqrt(len(costs)) + 0.001)


def test_online_contacts_cost_less_than_a_cent(company):
    online = [touchpoint.name_de for touchpoint in touchpoints() if touchpoint.source == "Webanalyse"]
    costs = company.contacts["cost"].to_numpy()[np.isin(company.touchpoint, online)]
    assert costs.min() > 0
    assert np.median(costs) < MICRO / 100


def test_technicians_come_in_working_hours(company):
    at = company.contacts["occurred_at"].cast(pa.timestamp("us", "Europe/Berlin"))
    visits = at.filter(pa.array(company.touchpoint == "Technikertermin"))
    hours, days = pa.compute.hour(visits).to_numpy(), pa.compute.day_of_week(visits).to_numpy()
    assert (hours.min(), hours.max()) == (8, 16)
    assert days.max() == 4


def test_the_hotline_rests_on_sundays_and_is_busiest_on_mondays(company):
    at = company.contacts["occurred_at"].cast(pa.timestamp("us", "Europe/Berlin"))
    calls = at.filter(pa.array(company.touchpoint == "Hotline-Warteschleife"))
    by_day = np.bincount(pa.compute.day_of_week(calls).to_numpy(), minlength=7)
    assert by_day.argmax() == 0
    assert by_day[6] == 0


def test_nothing_follows_a_notice_but_its_settlement(company):
    after = company.at > company.moment_of("exit")[company.customer]
    assert set(company.touchpoint[after]) == set(AFTER_NOTICE) - {"Kündigung einreichen"}


def test_a_purchase_has_a_value(company):
    value = company.contacts["value"].to_numpy()
    sold = np.isin(company.outcome.astype(str), ["purchase", "repurchase"])
    assert (sold == ~np.isnan(value)).all()
    assert set(value[sold] / MICRO) == {1078.8, 838.8, 358.8, 2157.6}


def test_ratings_after_a_contact_judge_it(company):
    contact_ids, about = texts(company.ratings["contact_id"]), company.about
    linked = np.array([contact is not None for contact in contact_ids])
    order = np.argsort(texts(company.contacts["contact_id"]))
    rows = order[np.searchsorted(texts(company.contacts["contact_id"])[order], contact_ids[linked])]
    assert (about[linked] == company.touchpoint[rows]).all()
    assert (company.rated_at[linked] >= company.at[rows]).all()
    assert (company.rated_at[linked] - company.at[rows]).max() <= 6 * DAY + 3600


def test_a_sheet_says_never_used_exactly_where_nothing_happened_before(company):
    answer, customers = texts(company.ratings["answer"]), texts(company.ratings["customer_id"])
    first = {}
    for customer, name, at in zip(texts(company.contacts["customer_id"]), company.touchpoint, company.at, strict=True):
        first.setdefault((customer, name), at)
    on_sheets = [touchpoints()[code(key)].name_de for key in DRIVERS]
    asked = (texts(company.ratings["source"]) == "Kundenbefragung") & np.isin(company.about.astype(str), on_sheets)
    keys = zip(customers[asked], company.about[asked], strict=True)
    used = np.array([first.get(key, END) for key in keys]) < company.rated_at[asked]
    assert ((answer[asked] != "never_used") == used).all()


def test_answers_keep_their_scale(company):
    given = ~np.isnan(company.score)
    assert (given == (texts(company.ratings["answer"]) == "given")).all()
    low, high = (company.ratings[name].to_numpy() for name in ("scale_low", "scale_high"))
    assert ((company.score >= low) & (company.score <= high))[given].all()
    assert (company.score[given] == np.rint(company.score[given])).all()

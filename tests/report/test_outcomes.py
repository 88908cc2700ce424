from dataclasses import replace

import pytest

from tangente.report import outcome_tables
from tangente.report.figures import Figures
from tangente.report.page import render
from tangente.translation import language
from tests.report import samples
from tests.report.reading import read_page, section


@pytest.fixture(scope="module")
def english():
    return read_page(render(samples.full("en")))


def cells(part, number=0):
    return [[cell.words.strip() for cell in row.all("th", "td")] for row in part.all("tbody")[number].all("tr")]


def test_attribution_stands_beside_the_last_contact(english):
    part = section(english, "attribution")
    assert [head.words for head in part.all("h3")] == ["Purchase", "Repurchase"]
    assert cells(part)[0] == ["Online shop", "", "21% 20–23", "35%", "76%"]
    assert "No cause: who wants to buy meets more touchpoints anyway." in part.words


def test_few_conversions_are_no_attribution(english):
    assert "Referral" not in [head.words for head in section(english, "attribution").all("h3")]
    few = replace(samples.full("de"), attribution={"referral": samples.full("de").attribution["referral"]})
    assert (
        "Unter 30 Personen mit einem Ergebnis sind es zu wenige" in section(read_page(render(few)), "attribution").words
    )


def test_fewer_than_five_customers_are_hidden_behind_every_outcome(english):
    assert "Referral bonus" not in section(english, "attribution").words
    assert "Referral bonus" not in section(english, "hazard").words
    assert "So that nobody can be recognised, 1 row" in section(english, "hazard").words
    assert cells(section(english, "funnel"))[-1][:5] == ["Influencing others", "under 5", "4,210", "under 5", "–"]


def test_hazard_names_what_is_beyond_chance_first(english):
    part = section(english, "hazard")
    assert part.all("h2")[0].words == "After two events customers leave more often"
    assert cells(part)[:3] == [
        ["Moving the technician's visit", "", "2.3 1.9–2.8", "184"],
        ["Hotline: reporting a fault", "", "1.4 1.2–1.7", "121"],
        ["Welcome parcel", "", "0.58 0.44–0.77", "21"],
    ]
    assert "in the 90 days after a contact" in part.words


@pytest.mark.parametrize(
    ("kept", "title"),
    [
        pytest.param(["moved"], "After “Moving the technician's visit” customers leave more often", id="one"),
        pytest.param(
            ["welcome", "bill"], "For no contact can it be shown that it drives customers away", id="a strength"
        ),
        pytest.param(["mailing"], "Who leaves, after what", id="too few"),
    ],
)
def test_hazard_title_is_the_news(kept, title):
    analysis = samples.full("en")
    rows = [row for row in analysis.hazard if row.touchpoint in kept]
    assert section(read_page(render(replace(analysis, hazard=rows))), "hazard").all("h2")[0].words == title


def test_hazard_title_counts_the_events_that_are_not_shown():
    analysis = samples.full("en")
    rows = [replace(row, hazard_ratio=2.0, low=1.5, high=2.6, beyond_chance=True) for row in analysis.hazard]
    part = section(read_page(render(replace(analysis, hazard=[*rows, *rows[:4]]))), "hazard")
    assert part.all("h2")[0].words == "After 14 events customers leave more often"
    assert len(cells(part)) == 10


@pytest.mark.parametrize(
    ("unknown", "factor", "sentence"),
    [
        pytest.param("few_exits", "too few", "Too few customers left to compare with others", id="few"),
        pytest.param("same_as_others", "inseparable", "The same customers meet this at the same times", id="same"),
        pytest.param("no_limit", "no limit", "After this all customers left", id="all"),
    ],
)
def test_each_missing_factor_has_its_own_reason(unknown, factor, sentence):
    analysis = samples.full("en")
    rows = [replace(row, unknown=unknown) for row in analysis.hazard if row.touchpoint == "mailing"]
    part = section(read_page(render(replace(analysis, hazard=rows))), "hazard")
    assert cells(part)[0][4] == factor
    assert sentence in part.words


def test_largest_shares_stand_first_whether_they_count_or_not():
    analysis = samples.full("en")
    rows = [replace(row, more_often=k > 2) for k, row in enumerate(analysis.attribution["purchase"])]
    parts = [
        section(read_page(render(replace(analysis, attribution={"purchase": some}))), "attribution")
        for some in (rows, analysis.attribution["purchase"])
    ]
    names = [[row[0] for row in cells(part)] for part in parts]
    assert names[0] == names[1]


def test_share_above_one_stays_on_the_axis():
    analysis = samples.full("en")
    rows = [replace(row, high=1.0000001) for row in analysis.attribution["purchase"]]
    part = section(read_page(render(replace(analysis, attribution={"purchase": rows}))), "attribution")
    assert len(cells(part)) == 8


def test_hazard_table_has_a_verdict_for_every_event(english):
    rows = {row[0]: row[-1] for row in cells(section(english, "hazard"), 1)}
    assert (rows["Welcome parcel"], rows["Chat"], rows["Mailing"]) == ("less often", "chance explains it", "–")
    assert len(rows) == len(samples.full("en").hazard) - 1


def with_row(part, key, **values):
    return {"purchase": [replace(row, **values) if row.touchpoint == key else row for row in part["purchase"]]}


@pytest.mark.parametrize(
    ("values", "row", "hidden"),
    [
        pytest.param({"conversions": 0, "share": 0.0}, ["1,126", "0", "0%"], 1, id="nobody with it is no secret"),
        pytest.param({"paths": 208}, ["–", "204", "1.1%"], 2, id="the four without it could be subtracted"),
        pytest.param(
            {"paths": 20_000, "conversions": 18_306}, ["20,000", "–", ">\u202f99%"], 2, id="the four who did not pass"
        ),
    ],
)
def test_attribution_table_shows_or_counts_every_row(values, row, hidden):
    analysis = samples.full("en")
    changed = replace(analysis, attribution=with_row(analysis.attribution, "mailing", **values))
    found = outcome_tables.attribution_table(Figures(changed, language("en")))
    assert next(cells for cells in found.rows if cells[0] == "Mailing")[2:5] == row
    assert len(found.rows) == len(analysis.attribution["purchase"]) - 1
    assert [foot.partition(" row")[0] for foot in found.feet] == [f"So that nobody can be recognised, {hidden}"]


@pytest.mark.parametrize(
    ("last", "words"), [(4 / 18_310, "<\u202f1%"), (5 / 18_310, "<\u202f0.1%"), (18_306 / 18_310, ">\u202f99%")]
)
def test_last_contacts_of_fewer_than_five_are_neither_told_nor_drawn(last, words):
    analysis = samples.full("en")
    rows = with_row(analysis.attribution, "shop", last=last)
    part = section(read_page(render(replace(analysis, attribution=rows))), "attribution")
    assert cells(part)[0][3] == words
    ticks = len([line for line in part.all("line") if line.attributes["class"] == "dw-other"]) - 1  # one in the legend
    assert ticks == 2 * (8 if last == 5 / 18_310 else 7)  # wide and phone


def test_touchpoint_nobody_passed_on_the_way_is_not_drawn():
    analysis = samples.full("en")
    rows = with_row(analysis.attribution, "shop", conversions=0)
    part = section(read_page(render(replace(analysis, attribution=rows))), "attribution")
    assert cells(part)[0][0] == "Search engine"


def test_attribution_table_names_the_outcomes_it_leaves_out():
    found = outcome_tables.attribution_table(Figures(samples.full("en"), language("en")))
    assert found.feet[1:] == ["Left out, because fewer than 30 customers had it: referral."]


def test_funnel_hides_what_would_tell_the_few_who_stay_behind():
    analysis = samples.full("en")
    rows = [replace(row, went_on=5_018, dropped=2) if row.phase == "LOYALTY" else row for row in analysis.funnel]
    part = section(read_page(render(replace(analysis, funnel=rows))), "funnel")
    assert cells(part)[3][:5] == ["Use and loyalty", "4,400", "–", "–", "–"]
    assert "hardly anybody stays behind" in part.words
    assert "So that nobody can be recognised, 2 rows" in part.words


@pytest.mark.parametrize(
    ("went_on", "share", "words"),
    [
        pytest.param(4, 4 / 4_210, "hidden, so that nobody who goes on can be recognised", id="four of many"),
        pytest.param(4, None, "too few to say who goes on", id="four of few"),
        pytest.param(5, 5 / 4_210, "0.12% [0.09–0.10] go on", id="five"),
    ],
)
def test_funnel_says_why_a_share_is_not_told(went_on, share, words):
    analysis = samples.full("en")
    *rows, last = analysis.funnel
    rows.append(replace(last, went_on=went_on, share=share))
    assert words in section(read_page(render(replace(analysis, funnel=rows))), "funnel").words


def test_funnel_says_who_goes_on_and_how_far(english):
    part = section(english, "funnel")
    assert "38% [38–39] go on, wait 10\xa0d" in part.words
    assert "Of those who began in “Being influenced”, 29% [29–30] came as far as “Use and loyalty”." in part.words
    assert "at most 30 days after the one before" in part.words


@pytest.mark.parametrize(
    ("sample", "key", "missing"),
    [
        pytest.param("contacts_only", "attribution", "Ordnen Sie die Spalte outcome zu", id="no outcomes"),
        pytest.param("contacts_only", "hazard", "das Ergebnis exit", id="no exits"),
        pytest.param("contacts_only", "funnel", "Geben Sie es mit --inventory an", id="no phases"),
        pytest.param("ratings_only", "attribution", "Das braucht Kontakte", id="no contacts"),
        pytest.param("ratings_only", "hazard", "Das braucht Kontakte", id="no contacts, no exits"),
        pytest.param("ratings_only", "funnel", "Ein Trichter braucht Kontakte", id="no contacts, no funnel"),
    ],
)
def test_section_on_outcomes_says_what_is_missing(sample, key, missing):
    assert missing in section(read_page(render(getattr(samples, sample)("de"))), key).words


@pytest.mark.parametrize(("more", "told"), [({}, False), ({"hazard": 0.2}, True), ({"repurchase": 0.2}, True)])
def test_ranking_says_that_outcomes_count_where_they_do(more, told):
    analysis = samples.full("en")
    part = section(read_page(render(replace(analysis, weights=analysis.weights | more))), "ranking")
    assert ("with more to weigh, a place may be less stable" in part.words) == told

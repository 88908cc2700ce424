from dataclasses import replace

import pytest

from tangente.analysis.reasons import headline, isolated, rating_digits, reason
from tangente.translation import language
from tests.report import samples


def first(analysis):
    return analysis.touchpoints[0]


def test_reason_says_reach_cost_repeats_satisfaction_weight_and_stability():
    analysis = samples.full("de")
    assert reason(first(analysis), analysis, language("de")) == (
        "Erreicht 20\u202f% der Kunden, 8,40\u202f€ je Kontakt, 27\u202f% der Kontakte wiederholen sich binnen 7 Tagen; "
        "Zufriedenheit 5,6 (5,4–5,8; n\xa0=\xa01.204), wichtigster Treiber (22\u202f%); "
        "liegt auf dem Weg zu 33\u202f% (31–35; n\xa0=\xa02.140) der Wiederkäufe; "
        "in den 90 Tagen nach einem Kontakt wird 1,4-mal so oft gekündigt (1,2–1,7; 121 Kündigungen); "
        "in 98\u202f% aller Gewichtungen unter den ersten fünf."
    )


def test_reason_in_english():
    analysis = samples.contacts_only("en")
    assert reason(first(analysis), analysis, language("en")) == (
        "Reaches 20% of the customers, 27% of the contacts recur within 7 days; "
        "among the first five in 98% of all weightings."
    )


def test_reason_of_ratings_alone_leaves_contacts_out():
    analysis = samples.ratings_only("en")
    assert reason(first(analysis), analysis, language("en")).startswith("Satisfaction 5.6 (5.4–5.8; n")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        pytest.param("callback", "24 answers: too few to say", id="below thirty no mean"),
        pytest.param("refer", "fewer than 5 answers", id="below five no count"),
    ],
)
def test_reason_hides_what_too_few_answers_say(key, says):
    analysis = samples.full("en")
    point = next(point for point in analysis.touchpoints if point.touchpoint == key)
    assert says in reason(point, analysis, language("en"))


def test_reason_hides_shares_of_fewer_than_five_customers():
    analysis = samples.tiny("en")
    assert reason(first(analysis), analysis, language("en")) == "Fewer than 5 customers."


def test_reason_says_when_nobody_came():
    analysis = samples.full("en")
    gone = dict.fromkeys(("satisfaction", "importance", "priority", "relevance", "hazard"))
    point = replace(first(analysis), contacts=0, customers=0, reach_share=0.0, **gone)
    assert reason(point, analysis, language("en")) == "No contact in this period."


def test_reason_without_anything_says_so():
    point = replace(first(samples.empty_point("en")), contacts=None, customers=None)
    assert reason(point, samples.empty("en"), language("en")) == "Neither contacts nor ratings say anything about it."


def test_reason_of_five_touchpoints_claims_no_stability():
    analysis = samples.full("en")
    few = replace(analysis, touchpoints=analysis.touchpoints[:5])
    assert "weightings" not in reason(first(few), few, language("en"))


def test_reason_of_a_single_component_claims_no_stability():
    analysis = replace(samples.full("en"), weights={"volume": 1.0})
    assert "weightings" not in reason(first(analysis), analysis, language("en"))


@pytest.mark.parametrize(
    ("sample", "german", "english"),
    [
        pytest.param("full", "„Hotline: Störung melden“ kommt zuerst", "“Hotline: reporting a fault” comes first", id="settled"),
        pytest.param("compared", "Ein Touchpoint besser, einer schlechter", "One touchpoint better, one worse", id="signals"),
        pytest.param("tiny", "Ein Touchpoint allein ergibt keine Rangfolge", "One touchpoint alone makes no ranking", id="one"),
        pytest.param("empty", "Aus diesen Dateien folgt noch keine Rangfolge", "These files do not yet yield a ranking", id="none"),
    ],
)  # fmt: skip
def test_title_is_the_news(sample, german, english):
    titles = [headline(getattr(samples, sample)(code), language(code))[0] for code in ("de", "en")]
    assert titles == [german, english]


def test_title_claims_nothing_where_only_reach_ranks():
    title, standfirst = headline(samples.single_contacts("en"), language("en"))
    assert title == "Reach alone is no reason to work on a touchpoint"
    assert standfirst == (
        "“Hotline: reporting a fault”, “Technician at home” and “Day of the activation” have the widest reach. "
        "Where to start, only costs, reasons of contacts or ratings can say."
    )


def test_title_claims_no_leader_where_weights_decide():
    analysis = samples.full("en")
    unsettled = replace(first(analysis).priority, top_share=0.61)
    analysis = replace(analysis, touchpoints=[replace(first(analysis), priority=unsettled), *analysis.touchpoints[1:]])
    assert headline(analysis, language("en")) == (
        "No touchpoint is clearly ahead yet",
        "“Hotline: reporting a fault” leads, but stays among the first five in only 61% of all weightings. "
        "“Technician at home” and “Day of the activation” follow. "
        "Three of the first five stay there in at least 80% of all weightings.",
    )


def test_title_without_a_signal_says_that_nothing_moved():
    analysis = samples.compared("de")
    calm = [change for change in analysis.comparison.changes if change.kind == "noise"]
    title, standfirst = headline(
        replace(analysis, comparison=replace(analysis.comparison, changes=calm)), language("de")
    )
    assert title == "Nichts bewegt sich jenseits des Rauschens"
    assert standfirst.startswith("Kein Urteil weicht vom früheren Bericht stärker ab, als der Zufall erklärt.")


def test_standfirst_gives_the_reason_of_the_first_one():
    assert headline(samples.full("de"), language("de"))[1] == (
        "„Hotline: Störung melden“ ist der wichtigste Treiber des Gesamturteils (22\u202f%) und erreicht 20\u202f% der Kunden. "
        "Es folgen „Technikertermin vor Ort“ und „Schalttag des Anschlusses“. "
        "Vier der ersten fünf bleiben in mindestens 80\u202f% aller Gewichtungen dort."
    )


@pytest.mark.parametrize(("halving", "digits"), [(1, 1), (2, 1), (3, 2)], ids=["±0.24", "±0.12", "±0.08"])
def test_rating_digits_follow_the_intervals(halving, digits):
    analysis = samples.full("en")
    points = [point for point in analysis.touchpoints if point.satisfaction and point.satisfaction.mean is not None]
    narrowed = [replace(p, satisfaction=narrow(p.satisfaction, halving)) for p in points]
    assert rating_digits(replace(analysis, touchpoints=narrowed)) == digits


def narrow(mean, factor):
    half = (mean.high - mean.low) / 2 / factor
    return replace(mean, low=mean.mean - half, high=mean.mean + half)


def test_names_from_right_to_left_are_isolated():
    assert [isolated("Chat"), isolated("קניה")] == ["Chat", "\u2068קניה\u2069"]

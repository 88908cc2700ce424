from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

import tangente
from tangente.errors import QuestionError
from tangente.translation import MINUS, language

SOURCE = Path(tangente.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "Message": (2,)}


def german_messages():
    with (SOURCE / "locale/de/LC_MESSAGES/tangente.po").open("rb") as file:
        return read_po(file, locale="de")


def source_strings():
    found = extract_from_dir(
        SOURCE, METHODS, keywords=KEYWORDS, directory_filter=lambda folder: Path(folder).name != "web"
    )  # the application has its own catalogue
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _comments, _context in found}


def test_every_source_string_is_translated():
    catalogue = german_messages()
    done = {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if all(texts(message))
    }
    assert source_strings() - done == set()


def texts(message):
    return [message.string] if isinstance(message.string, str) else message.string


def test_no_translation_is_fuzzy_or_left_over():
    messages = [message for message in german_messages() if message.id]
    left_over = {
        message.id if isinstance(message.id, str) else message.id[0] for message in messages
    } - source_strings()
    assert (left_over, [message.id for message in messages if message.fuzzy]) == (set(), [])


def test_translations_keep_their_placeholders():
    catalogue = german_messages()
    assert [error for message in catalogue for error in message.check(catalogue)] == []


def test_german_has_no_exclamation_mark():
    assert [text for message in german_messages() for text in texts(message) if "!" in text and message.id] == []


def test_language_refuses_what_it_does_not_speak():
    with pytest.raises(QuestionError, match="choose one of de, en"):
        language("fr")


@given(st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15), st.integers(0, 4), st.sampled_from(["de", "en"]))
def test_number_is_written_as_babel_does(value, digits, code):
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    expected = format_decimal(round(value, digits) + 0.0, format=pattern, locale=code).replace("-", MINUS)
    assert language(code).number(value, digits) == expected


@pytest.mark.parametrize(
    ("value", "digits", "german", "english"),
    [
        pytest.param(18420, 0, "18.420", "18,420", id="thousands"),
        pytest.param(5.58, 1, "5,6", "5.6", id="rounds"),
        pytest.param(-3.2, 1, "−3,2", "−3.2", id="real minus"),
        pytest.param(-0.04, 1, "0,0", "0.0", id="no minus before a zero"),
    ],
)
def test_number_is_written_as_each_language_does(value, digits, german, english):
    assert [language(code).number(value, digits) for code in ("de", "en")] == [german, english]


@pytest.mark.parametrize(
    ("share", "german", "english"),
    [
        pytest.param(0.269, "27\u202f%", "27%", id="whole from ten percent on"),
        pytest.param(0.0421, "4,2\u202f%", "4.2%", id="one decimal below"),
        pytest.param(0.0999, "10\u202f%", "10%", id="rounded up to ten"),
        pytest.param(0.0001, "<\u202f0,1\u202f%", "<\u202f0.1%", id="not rounded to nothing"),
        pytest.param(0.998, ">\u202f99\u202f%", ">\u202f99%", id="not rounded to everything"),
        pytest.param(1.0, "100\u202f%", "100%", id="everything"),
        pytest.param(0.0, "0\u202f%", "0%", id="nothing"),
    ],
)
def test_percent_rounds_without_lying(share, german, english):
    assert [language(code).percent(share) for code in ("de", "en")] == [german, english]


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        pytest.param(8.4, "8,40\u202f€", "€8.40", id="cents"),
        pytest.param(154728, "154.728\u202f€", "€154,728", id="whole units from a thousand on"),
        pytest.param(0.0042, "0,0042\u202f€", "€0.0042", id="below a cent"),
        pytest.param(0.0, "0\u202f€", "€0", id="nothing"),
        pytest.param(-62.0, "−62,00\u202f€", "−€62.00", id="real minus"),
    ],
)
def test_amount_is_readable_at_every_size(value, german, english):
    assert [language(code).amount(value, "EUR") for code in ("de", "en")] == [german, english]


@pytest.mark.parametrize(
    ("seconds", "german", "english"),
    [
        pytest.param(45, "45\xa0s", "45\xa0s", id="seconds"),
        pytest.param(258, "4,3\xa0Min.", "4.3\xa0min", id="one decimal below ten"),
        pytest.param(3600, "1\xa0Std.", "1\xa0h", id="none where it is zero"),
        pytest.param(86400, "24\xa0Std.", "24\xa0h", id="a day is still hours"),
        pytest.param(19 * 86400, "19\xa0T.", "19\xa0d", id="days"),
    ],
)
def test_duration_takes_one_unit(seconds, german, english):
    assert [language(code).duration(seconds) for code in ("de", "en")] == [german, english]


def test_estimate_shows_its_interval():
    assert [language(code).estimate(5.58, 5.3, 5.9) for code in ("de", "en")] == ["5,6 [5,3–5,9]", "5.6 [5.3–5.9]"]


def test_interval_with_a_negative_bound_is_written_in_words():
    assert [language(code).interval(-5.0, -2.4) for code in ("de", "en")] == ["[−5,0 bis −2,4]", "[−5.0 to −2.4]"]


def test_percent_estimate_names_the_unit_once():
    assert language("de").percent_estimate(0.39, 0.37, 0.41) == "39\u202f% [37–41]"


def test_date_is_the_day_where_the_company_is():
    late = "2026-08-31T23:30:00Z"
    written = [language(code).date(late, "Europe/Berlin") for code in ("de", "en")]
    assert written == ["1.9.2026", "1 Sep 2026"]


def test_date_without_offset_is_utc():
    assert language("de").long_date("2026-08-31T23:30:00", "Europe/Berlin") == "1. September 2026"


def test_signed_says_which_way():
    assert [language("de").signed(value) for value in (0.61, -0.48, 0.0)] == ["+0,6", "−0,5", "0,0"]


def test_listing_joins_with_and():
    assert [language("de").listing(names) for names in ([], ["A"], ["A", "B", "C"])] == ["", "A", "A, B und C"]


@pytest.mark.parametrize(
    ("share", "low", "high", "text"),
    [
        pytest.param(0.11, 0.1067, 0.112, "11.0% [10.7–11.2]", id="as many digits as tell the ends apart"),
        pytest.param(0.9, 0.90001, 0.90002, "90.000% [90.001–90.002]", id="three"),
        pytest.param(0.0, 0.0, 0.0, "0%", id="no width, no interval"),
    ],
)
def test_interval_never_reads_as_one_number_twice(share, low, high, text):
    assert language("en").percent_estimate(share, low, high) == text

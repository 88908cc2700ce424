import json
import pickle

import pytest

from tangente.errors import SourceError
from tangente.messages import Message, visible
from tangente.translation import language, speak, spoken


def test_message_is_its_english_text():
    assert Message("E-EMPTY", "{file} is empty", file="a.csv") == "a.csv is empty"


def test_message_survives_another_process():
    message = Message("E-COLS", "{n:,} cells in {file}", n=1200, file="a.csv")
    again = pickle.loads(pickle.dumps(message))  # noqa: S301
    assert (again, again.code, again.values) == (message, "E-COLS", {"n": 1200, "file": "a.csv"})


def test_message_is_said_in_german_with_its_parts_and_counts():
    part = Message("", "%s and %s")  # any source string that is translated
    message = Message("X", "{n:,} {parts} {file}", n=1200, parts=[part, part], file="1,5")
    assert language("de").say(message) == "1.200 %s und %s, %s und %s 1,5"


@pytest.mark.parametrize("character", ["\x1b", "\r", "\x9b", "\u2028", "\u202e", "\u2069", "\udcff"])
def test_visible_spells_what_a_terminal_obeys_as_json_does(character: str):
    assert (visible(f"a{character}b").isprintable(), json.loads(visible(f'"{character}"'))) == (True, character)


def test_visible_keeps_lines_tabs_and_what_people_write():
    assert visible("a\tb\nÄ קניה\u202f% 日本") == "a\tb\nÄ קניה\u202f% 日本"


def test_error_carries_the_code_of_its_message():
    error = SourceError(Message("E-EMPTY", "{file} is empty", file="a.csv"))
    assert (str(error), error.code, language("en").say(error)) == ("a.csv is empty", "E-EMPTY", "a.csv is empty")


def test_error_with_a_plain_text_has_no_code():
    assert (SourceError("x").code, language("de").say(SourceError("x"))) == ("", "x")


def test_spoken_language_is_english_until_told():
    assert (spoken().code, speak("de"), spoken().code, speak("en")) == ("en", "de", "de", "en")

from contextvars import copy_context

import pytest

from tangente.messages import Message
from tangente.sources.rejects import Refusal, inert
from tangente.translation import speak


def test_refusal_tells_its_place_its_value_and_the_reason():
    refusal = Refusal("ä.csv", "contacts", 7, "Kosten", '=1,"2"', Message("E-NUM", "not a whole number"))
    assert refusal.cells == ("ä.csv", "contacts", "7", "Kosten", '\'=1,"2"', "E-NUM", "not a whole number")


def test_rejects_give_the_reason_in_the_language_of_the_user():
    refusal = Refusal("=a.csv", "contacts", 7, "@x", "<b>", Message("E-RANGE", "negative"))
    spoken = copy_context()
    spoken.run(speak, "de")
    assert spoken.run(lambda: refusal.cells) == ("'=a.csv", "contacts", "7", "'@x", "<b>", "E-RANGE", "negativ")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "\0x", "-", "+", " =1", "\n=1", "＝1"]
)
def test_inert_puts_an_apostrophe_before_a_formula(cell: str):
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Hotline", "-4", "+4,5", "-1.234,56", "4-5", " x", " -4"])
def test_inert_leaves_the_rest_alone(cell: str):
    assert inert(cell) == cell

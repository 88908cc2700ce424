from tangente.report.figures import Figures
from tangente.report.sheet import Sheet, sheet_of
from tangente.report.tables import Column, Table, ranking_table
from tangente.translation import language
from tests.report import samples

GERMAN = language("de")


def sheet(*texts: str) -> Sheet:
    return sheet_of(Table("t", [Column("Wert")], [[text] for text in texts]), GERMAN)


def test_sheet_has_numbers_for_figures():
    texts = [
        GERMAN.number(1234),
        GERMAN.percent(0.2614),
        GERMAN.amount(8.4, "EUR"),
        GERMAN.duration(7200.0),
        GERMAN.percent(0.0001),
    ]
    assert [row[0] for row in sheet(*texts).rows] == [1234, 0.2614, 8.4, 7200.0, 0.0001]


def test_sheet_gives_an_estimate_the_ends_of_its_interval():
    found = sheet(GERMAN.estimate(5.61, 5.32, 5.94), GERMAN.estimate(5.0, None, None), "zu wenige", "–")
    assert found.heads == ["Wert", "Wert, unteres Ende", "Wert, oberes Ende"]
    assert found.rows == [[5.61, 5.32, 5.94], [5.0, None, None], ["zu wenige", None, None], [None, None, None]]


def test_sheet_keeps_ten_digits():
    assert sheet(GERMAN.percent(1 / 3)).rows == [[0.3333333333]]


def test_sheet_hides_what_the_table_hides():
    figures = Figures(samples.full("de"), GERMAN)
    rows = {row[0]: row[1:] for row in sheet_of(ranking_table(figures), GERMAN).rows}
    assert rows["Weiterempfehlungsprämie"][-1] == "unter 5"


def test_sheet_keeps_texts_that_look_like_numbers_texts():
    assert sheet("12", "-4").rows == [["12"], ["-4"]]

from pathlib import Path

import pytest

from .files import RATINGS, read, write

HEADER = "customer,time,touchpoint,score"

SHEETS = """
[ratings]
timezone = "Europe/Berlin"
occurred_at = { constant = 2026-05-01 }
wave = { constant = "2026" }
metric = { constant = "csat" }
scale_low = 1
scale_high = 5
never_used = ["6"]
not_answered = ["0", "Blank"]

[[ratings.items]]
column = "food"
touchpoint = "Food"

[[ratings.items]]
column = "all"

[[ratings.items]]
column = "nps"
metric = "nps"
never_used = []
not_answered = ["11"]
"""


def test_ratings_read_one_row_each(tmp_path: Path):
    (rating,) = read(write(tmp_path, f"{HEADER}\na,2026-01-01T00:00Z,x,4.5\n"), RATINGS).ratings
    assert {name: value for name, value in rating.items() if value is not None and name != "occurred_at"} == {
        "customer_id": "a",
        "touchpoint": "x",
        "metric": "csat",
        "score": 4.5,
        "scale_low": 1.0,
        "scale_high": 5.0,
        "answer": "given",
        "rater": "customer",
    }


def test_ratings_of_a_sheet_follow_the_file_row_by_row(tmp_path: Path):
    outcome = read(write(tmp_path, "id,food,all,nps\n1,4,6,10\n2,Blank,,11\n"), SHEETS)
    assert [(row["touchpoint"], row["metric"], row["score"], row["answer"]) for row in outcome.ratings] == [
        ("Food", "csat", 4.0, "given"),
        (None, "csat", None, "never_used"),
        (None, "nps", 10.0, "given"),
        ("Food", "csat", None, "not_answered"),
        (None, "csat", None, "not_answered"),
        (None, "nps", None, "not_answered"),
    ]
    assert {(row["wave"], row["scale_low"]) for row in outcome.ratings if row["metric"] == "nps"} == {("2026", 0.0)}


def test_ratings_of_a_sheet_are_refused_cell_by_cell(tmp_path: Path):
    outcome = read(write(tmp_path, "food,all,nps\n4,7,x\n1\n"), SHEETS)
    assert [row["score"] for row in outcome.ratings] == [4.0]
    assert outcome.reasons == [
        (2, "all", "7", "outside the scale 1 to 5"),
        (2, "nps", "x", 'not a number; if it means that there is none, write missing = ["…"] in the mapping'),
        (3, "", "1", "the line has 1 columns, the file has 3"),
    ]
    assert (outcome.source.rows, outcome.source.rejected) == ({"ratings": 4}, {"ratings": 3})


def test_ratings_of_a_sheet_share_what_is_wrong_with_it(tmp_path: Path):
    mapping = SHEETS.replace("wave =", 'weight = "w"\nwave =')
    outcome = read(write(tmp_path, "food,all,nps,w\n4,4,4,-1\n"), mapping)
    assert outcome.reasons == [(2, "w", "-1", "negative")] * 3


def test_ratings_name_anonymous_sheets_by_content_and_occurrence(tmp_path: Path):
    rows = read(write(tmp_path, "food,all,nps\n1,1,1\n2,2,2\n1,1,1\n"), SHEETS).ratings
    sheets = [rows[i]["response_id"] for i in (0, 3, 6)]
    assert [row["customer_id"] for row in rows] == [
        f"sheet\x1f\x1f2026\x1f{sheet}" for sheet in sheets for _ in range(3)
    ]
    assert sheets[2] == f"{sheets[0]}#2"
    assert sheets[1] not in (sheets[0], sheets[2])


def test_ratings_name_anonymous_sheets_whatever_the_order(tmp_path: Path):
    one = read(write(tmp_path, "food,all,nps\n1,1,1\n2,2,2\n"), SHEETS).ratings
    two = read(write(tmp_path, "nps,all,food\n2,2,2\n1,1,1\n"), SHEETS).ratings
    assert [row["response_id"] for row in one] == [row["response_id"] for row in two[3:] + two[:3]]


def test_ratings_of_another_wave_are_other_sheets(tmp_path: Path):
    path = write(tmp_path, "food,all,nps\n1,1,1\n")
    sheets = {read(path, SHEETS.replace("2026", year)).ratings[0]["response_id"] for year in ("2025", "2026")}
    assert len(sheets) == 2


@pytest.mark.parametrize(
    ("fields", "row", "expected"),
    [
        pytest.param(("customer",), "a,r", ("a", None), id="customer only"),
        pytest.param(("response",), "a,r", ("sheet\x1f\x1f\x1fr", "r"), id="response only"),
        pytest.param(("customer", "response"), "a,r", ("a", "r"), id="both"),
        pytest.param(("customer", "response"), ",r", ("sheet\x1f\x1f\x1fr", "r"), id="customer empty"),
        pytest.param(("customer", "response"), "a,", ("a", None), id="response empty"),
    ],
)
def test_ratings_let_the_sheet_stand_for_the_customer(
    tmp_path: Path, fields: tuple[str, ...], row: str, expected: tuple[str, str | None]
):
    ids = "".join(f'{name}_id = "{name}"\n' for name in fields)
    mapping = RATINGS.replace('customer_id = "customer"\n', ids).replace('touchpoint = "touchpoint"\n', "")
    (rating,) = read(write(tmp_path, f"customer,response,time,score\n{row},2026-01-01,3\n"), mapping).ratings
    assert (rating["customer_id"], rating["response_id"]) == expected


def test_ratings_keep_respondents_apart_from_those_of_other_sources_and_waves(tmp_path: Path):
    mapping = RATINGS.replace("customer_id", "response_id") + 'source = "source"\nwave = "wave"'
    path = write(
        tmp_path, f"{HEADER},source,wave\n3,2026-01-01,x,5,web,1\n3,2026-01-01,x,5,web,2\n3,2026-01-01,x,5,,1\n"
    )
    assert [row["customer_id"] for row in read(path, mapping).ratings] == [
        "sheet\x1fweb\x1f1\x1f3",
        "sheet\x1fweb\x1f2\x1f3",
        "sheet\x1f\x1f1\x1f3",
    ]


@pytest.mark.parametrize(("mapped", "line"), [("customer", ",x"), ("response", "x,")])
def test_ratings_need_a_customer_or_a_sheet(tmp_path: Path, mapped: str, line: str):
    mapping = RATINGS.replace('customer_id = "customer"', f'{mapped}_id = "{mapped}"').replace(
        'touchpoint = "touchpoint"\n', ""
    )
    outcome = read(write(tmp_path, f"customer,response,time,score\n{line},2026-01-01,3\n"), mapping)
    assert outcome.reasons == [(2, mapped, "", f"empty; every rating needs its {mapped}_id")]


@pytest.mark.parametrize(
    ("score", "answer", "expected"),
    [
        ("3", "given", (3.0, "given")),
        ("", "never_used", (None, "never_used")),
        ("", "", (None, "not_answered")),
        ("3", "", (3.0, "given")),
        ("", "given", "the answer is given, but there is no score"),
        ("3", "not_answered", "there is a score, but the answer is not given"),
        ("x", "given", 'not a number; if it means that there is none, write missing = ["…"] in the mapping'),
        ("", "yes", "allowed are given, never_used, not_answered; translate by values = … in the mapping"),
    ],
)
def test_ratings_need_a_score_exactly_where_the_answer_is_given(
    tmp_path: Path, score: str, answer: str, expected: object
):
    outcome = read(
        write(tmp_path, f"{HEADER},answer\na,2026-01-01,x,{score},{answer}\n"), RATINGS + 'answer = "answer"'
    )
    assert [(row["score"], row["answer"]) for row in outcome.ratings] + [each.reason for each in outcome.refusals] == [
        expected
    ]


@pytest.mark.parametrize(
    ("metric", "low", "high", "score", "expected"),
    [
        ("csat", "1", "5", "5", (1.0, 5.0)),
        ("csat", "6", "1", "6", (6.0, 1.0)),
        ("nps", "", "", "0", (0.0, 10.0)),
        ("recommended", "", "", "1", (0.0, 1.0)),
        ("csat", "1", "5", "5.1", "outside its scale"),
        ("csat", "6", "1", "0", "outside its scale"),
        ("nps", "1", "99", "11", "outside its scale"),
        ("csat", "", "5", "3", "its scale is not given; map scale_low and scale_high"),
        ("csat", "3", "3.0", "3", "scale_low and scale_high are the same; a scale needs two ends"),
        ("csat", "3", "3", "", "scale_low and scale_high are the same; a scale needs two ends"),
        ("nps", "3", "3", "3", (0.0, 10.0)),
        ("CSAT", "1", "5", "3", None),
        ("csat", "0", "5000", "3", "outside -1,000 to 1,000, the limits of scale_high"),
        ("csat", "0", "1000", "1000.001", "outside -1,000 to 1,000, the limits of score"),
    ],
)
def test_ratings_keep_to_the_scale_of_their_row(
    tmp_path: Path, metric: str, low: str, high: str, score: str, expected: object
):
    mapping = RATINGS.replace('{ constant = "csat" }', '"metric"').replace("scale_low = 1", 'scale_low = "low"')
    path = write(tmp_path, f"{HEADER},metric,low,high\na,2026-01-01,x,{score},{metric},{low},{high}\n")
    outcome = read(path, mapping.replace("scale_high = 5", 'scale_high = "high"'))
    strange = (
        "allowed are nps, csat, ces, stars, expectation, attribute, recommended; translate by values = … in the mapping"
    )
    found = [(row["scale_low"], row["scale_high"]) for row in outcome.ratings] + [
        each.reason for each in outcome.refusals
    ]
    assert found == [expected or strange]


@pytest.mark.parametrize(
    ("low", "high", "column", "value"),
    [('"end"', '"end"', "end", "5"), ('"end"', "5", "end", "5"), ('"5.0"', '"5"', "score", "4")],
)
def test_ratings_name_the_column_of_a_scale_without_extent(
    tmp_path: Path, low: str, high: str, column: str, value: str
):
    low, high = (f"{{ constant = {end} }}" if end.startswith('"5') else end for end in (low, high))
    mapping = RATINGS.replace("scale_low = 1", f"scale_low = {low}").replace("scale_high = 5", f"scale_high = {high}")
    outcome = read(write(tmp_path, f"{HEADER},end\na,2026-01-01,x,4,5\n"), mapping)
    assert [each[1:3] for each in outcome.reasons] == [(column, value)]

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from tangente.analysis.analyse import analyse
from tangente.analysis.model import Analysis, Source, Sources
from tangente.analysis.options import Options
from tangente.analysis.serial import json_schema, read_report, to_json
from tangente.analysis.tables import write_tables
from tangente.contactlog.testing import journeys
from tangente.errors import SourceError
from tests.analysis.test_outcomes import inventory

READ = Source(
    rows=3, accepted=3, rejected=0, new=3, known=0, held=3, ties=0, customers=2, first="2026-01-01T12:00:00Z", last=None
)


@pytest.fixture
def analysis() -> Analysis:
    log = journeys("anna: -ad call(cost=4.2,unit=A) visit+3h=4!purchase(unit=B)", "ben: -ad call+1d=2(cost=4.2)")
    first = analyse(log, Sources(contacts=READ, ratings=READ), Options(outcome="purchase"))
    return analyse(log, Sources(contacts=READ, ratings=READ), Options(outcome="purchase", before=first))


def test_report_json_can_be_read_back(analysis: Analysis, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(to_json(analysis))
    assert to_json(read_report(tmp_path / "report.json")) == to_json(analysis)


def test_report_of_before_the_outcomes_can_be_read(analysis: Analysis, tmp_path: Path) -> None:
    written = json.loads(to_json(analysis))
    for point in written["touchpoints"]:
        del point["relevance"], point["hazard"]
    for key in ("attribution", "funnel", "hazard"):
        del written[key]
    (tmp_path / "report.json").write_text(json.dumps(written))
    before = read_report(tmp_path / "report.json")
    assert (before.attribution, before.touchpoints[0].hazard) == ({}, None)
    log = journeys("anna: -ad call", "ben: -ad")
    assert analyse(log, Sources(contacts=READ, ratings=None), Options(before=before)).comparison is not None


def test_report_json_holds_what_outcomes_owe(tmp_path: Path) -> None:
    log = journeys(
        *(f"c{k}: ad shop{'!purchase' if k % 2 else ''} help+9d{'!exit' if k % 3 else ''}" for k in range(90))
    )
    phases = inventory(ad="PREPURCHASE", shop="PURCHASE", help="LOYALTY")
    made = analyse(log, Sources(contacts=READ, ratings=None), Options(inventory=phases))
    (tmp_path / "report.json").write_text(to_json(made))
    jsonschema.validate(json.loads(to_json(made)), json_schema())
    again = read_report(tmp_path / "report.json")
    assert to_json(again) == to_json(made)
    assert (len(again.attribution["purchase"]), len(again.hazard)) == (3, 2)


def test_report_json_follows_its_schema(analysis: Analysis) -> None:
    jsonschema.validate(json.loads(to_json(analysis)), json_schema())


def test_schema_refuses_what_is_no_report(analysis: Analysis) -> None:
    broken = json.loads(to_json(analysis)) | {"touchpoints": [{"touchpoint": "ad"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, json_schema())


def test_report_json_uses_the_documented_names(analysis: Analysis) -> None:
    written = json.loads(to_json(analysis))
    assert {"from", "to", "rows", "ties"} <= written["source"]["contacts"].keys()
    assert list(written["flow"][0]) == ["from", "to", "contacts", "customers", "median_wait_s", "p90_wait_s"]
    assert written["handovers"][0]["median_wait_s"] == 10800.0


@pytest.mark.parametrize("text", ["", "[]", '{"touchpoints": []}'])
def test_reading_refuses_what_is_no_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(SourceError, match="is no report"):
        read_report(tmp_path / "report.json")


def test_tables_are_complete_and_inert(analysis: Analysis, tmp_path: Path) -> None:
    write_tables(analysis, tmp_path)
    assert sorted(path.stem for path in tmp_path.glob("*.csv")) == [
        "attribution", "changes", "cost", "flow", "funnel", "handovers", "hazard", "signals", "touchpoints", "variants",
    ]  # fmt: skip
    assert (tmp_path / "cost.csv").read_text().splitlines()[1] == "call,2,4.2,8.4,1.0"
    assert "'-ad → call → visit" in (tmp_path / "variants.csv").read_text()


@pytest.mark.parametrize(
    ("key", "value"), [("created", 5), ("seed", "1"), ("touchpoints", None), ("weights", {"gap": "x"})]
)
def test_reading_refuses_values_of_another_kind(analysis: Analysis, tmp_path: Path, key: str, value: object) -> None:
    (tmp_path / "report.json").write_text(json.dumps(json.loads(to_json(analysis)) | {key: value}))
    with pytest.raises(SourceError, match="is no report"):
        read_report(tmp_path / "report.json")


def test_tables_have_the_same_columns_without_rows(analysis: Analysis, tmp_path: Path) -> None:
    write_tables(analysis, tmp_path / "full")
    write_tables(replace(analysis, touchpoints=[], handovers=[]), tmp_path / "empty")
    for name in ("touchpoints", "handovers"):
        headings = [(tmp_path / folder / f"{name}.csv").read_text().splitlines()[0] for folder in ("full", "empty")]
        assert headings[0] == headings[1]

"""Event logs of the process-mining field, through the main job, against the figures their READMEs give."""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tangente import cli
from tangente.analysis.model import Analysis
from tangente.contactlog.extent import extent
from tangente.contactlog.profile import profile
from tests.conftest import ROOT

from .conftest import Logged

pytestmark = pytest.mark.shared_data

Log = Callable[..., Logged]


@pytest.mark.slow
def test_compensation_costs_by_the_command(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared_data / "process_mining_book_logs" / "running_example_compensation.csv"
    mapping = ROOT / "examples" / "mappings" / "process_mining_compensation.toml"
    words = ["analyse", "--contacts", file, "--mapping", mapping, "--outcome", "resolved", "--out", tmp_path]
    monkeypatch.setattr(sys, "argv", ["tangente", *map(str, words)])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    assert "Contacts: 42 rows, 0 refused, 42 new, 0 known already" in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text())
    assert (sum(row["cost"] for row in report["cost"]), report["outcome"]["customers"]["k"]) == (8_400, 3)
    assert {row["touchpoint"]: (row["contacts"], row["cost"]) for row in report["cost"]} == {
        "check ticket": (9, 900),
        "decide": (9, 1_800),
        "examine casually": (6, 2_400),
        "examine thoroughly": (3, 1_200),
        "pay compensation": (3, 600),
        "register request": (6, 300),
        "reinitiate request": (3, 600),
        "reject request": (3, 600),
    }


@pytest.fixture(scope="module")
def claims(logged: Log) -> Logged:
    return logged(("process_mining_book_logs/teleclaims.csv.gz", "process_mining_teleclaims"))


def test_claims_are_read_whole(claims: Logged) -> None:
    assert claims.became == [{"contacts": (46_138, 0, 46_138, 0)}]
    assert (extent(claims.log)["contacts"].customers, profile(claims.log).num_rows) == (3_512, 11)


@pytest.mark.parametrize(
    ("outcome", "number"),
    [
        ("processed", 1_976),
        ("not liable", 489),
        ("rejected", 485),
        ("S insufficient information", 367),
        ("B insufficient information", 195),
    ],
)
def test_claims_by_outcome(claims: Logged, outcome: str, number: int) -> None:
    having = extent(claims.log.where(customers_with_outcome=[outcome]))["contacts"]
    assert having.customers == number


def test_claims_by_call_centre(claims: Logged) -> None:
    calls = profile(claims.log.where(touchpoints=["incoming claim"]), by=["unit"])
    assert calls.select(["unit", "contacts"]).to_pylist() == [
        {"unit": "Brisbane", "contacts": 1_720},
        {"unit": "Sydney", "contacts": 1_792},
    ]


@pytest.fixture(scope="module")
def incidents(analysed: Callable[..., Analysis]) -> Analysis:
    return analysed(
        "bpic2013_servicedesk",
        mapping="bpic2013_incidents",
        outcome="resolved",
        contacts="bpic2013_incidents.parquet",
    )


def by_status(analysis: Analysis) -> Counter[str]:
    return sum((Counter({p.touchpoint.split(", ")[0]: p.contacts or 0}) for p in analysis.touchpoints), Counter())


def test_incidents_are_read_whole(incidents: Analysis) -> None:
    source = incidents.source.contacts
    assert source is not None
    assert (source.rows, source.rejected, source.customers, source.ties) == (65_533, 0, 7_554, 0)
    assert (source.first, source.last) == ("2010-03-31T14:59:42Z", "2012-05-22T23:22:25Z")


def test_incidents_by_activity(incidents: Analysis) -> None:
    assert by_status(incidents) == {"Accepted": 40_117, "Completed": 13_867, "Queued": 11_544, "Unmatched": 5}
    assert len(incidents.touchpoints) == 13


def test_incidents_flow_and_variants_add_up(incidents: Analysis) -> None:
    assert sum(row.contacts for row in incidents.flow) == 65_533 - 7_554
    assert incidents.variants_rest_customers + sum(row.customers for row in incidents.variants) == 7_554
    assert incidents.outcome is not None
    assert (incidents.outcome.customers.k, incidents.outcome.customers.n) == (7_546, 7_554)


def as_xes(table: pa.Table) -> str:
    """The table as the event log it once was: a trace for each case; all attributes are texts but the time."""
    traces: dict[str, str] = {}
    for row in table.to_pylist():
        time, case = row.pop("time:timestamp"), row.pop("case:concept:name")
        texts = [f"<string key={quoteattr(name)} value={quoteattr(value)}/>" for name, value in row.items() if value]
        date = f'<date key="time:timestamp" value="{time.isoformat()}"/>'
        named = f'<string key="concept:name" value={quoteattr(case)}/>'
        traces[case] = traces.get(case, named) + f"<event>{''.join(texts)}{date}</event>"
    return "<log>" + "".join(f"<trace>{events}</trace>" for events in traces.values()) + "</log>"


@pytest.fixture(scope="module")
def problems(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, logged: Log) -> Logged:
    """The closed problems as a table, then once more as the event log that table was made of."""
    table = shared_data / "bpic2013_servicedesk" / "bpic2013_closed_problems.parquet"
    xes = tmp_path_factory.mktemp("xes") / "closed_problems.xes.gz"
    xes.write_bytes(gzip.compress(as_xes(pq.read_table(table)).encode()))
    return logged((table, "bpic2013_closed_problems"), (xes, "bpic2013_closed_problems"))


def test_closed_problems_are_read_whole(problems: Logged) -> None:
    assert problems.became[0] == {"contacts": (6_660, 0, 6_660, 0)}
    assert extent(problems.log)["contacts"].customers == 1_487
    assert profile(problems.log.where(touchpoints=["Completed, Closed"]), by=[])["customers"].to_pylist() == [1_487]


def test_closed_problems_as_xes_are_known_already(problems: Logged) -> None:
    assert problems.became[1] == {"contacts": (6_660, 0, 0, 6_660)}

"""The command as a person uses it: files in, a folder with a report out, one sentence where something is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tangente import cli

pytestmark = pytest.mark.slow

CONTACTS = """Kunde;Zeitpunkt;Kontaktpunkt;Kanal;Anlass;Abteilung;Kosten
K1;01.03.2026 09:00;Hotline;Telefon;Rechnung;Service;4,20
K1;03.03.2026 10:00;Hotline;Telefon;Rechnung;Service;4,20
K2;02.03.2026 11:30;Online-Shop;Web;Bestellung;Vertrieb;0,01
K3;20.03.2026 08:15;Filiale;Laden;Bestellung;Vertrieb;9,00
"""


@pytest.fixture
def contacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kontakte.csv"
    path.write_text(CONTACTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)  # where `log append` leaves what it proposes
    return path


@pytest.fixture
def tangente(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command; answers exit code, output and errors."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tangente", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        output = capsys.readouterr()
        return int(stop.value.code or 0), output.out, output.err

    return run


def report(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return loaded


def test_analyse_needs_nothing_but_a_file(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    code, out, _ = tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out", "--language", "de")
    assert code == 0
    assert out.rstrip().endswith(str(tmp_path / "out" / "report.html"))
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "report.html", "report.json", "tables", "charts", "rejects.csv", "kontakte.csv.mapping.toml",
    }  # fmt: skip


def test_analyse_counts_and_costs_what_the_file_says(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("analyse", "--contacts", contacts, "--out", tmp_path)
    found = {point["touchpoint"]: point for point in report(tmp_path)["touchpoints"]}
    assert (found["Hotline"]["contacts"], found["Hotline"]["customers"], found["Hotline"]["cost"]) == (2, 1, 8.4)
    assert found["Online-Shop"]["unit_cost"] == 0.01
    assert found["Hotline"]["repeats"] == {
        "n": 2,
        "k": 1,
        "share": 0.5,
        "low": pytest.approx(0.0945, abs=1e-4),
        "high": pytest.approx(0.9055, abs=1e-4),
    }


def test_analyse_is_equal_on_every_run_but_for_its_date(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    for run in ("one", "two"):
        tangente("analyse", "--contacts", contacts, "--out", tmp_path / run)
    one, two = report(tmp_path / "one"), report(tmp_path / "two")
    assert one | {"created": ""} == two | {"created": ""}


def test_analyse_into_a_log_knows_the_same_file_again(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    for expected in ((4, 0), (0, 4)):
        tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out", "--log", tmp_path / "log")
        source = report(tmp_path / "out")["source"]["contacts"]
        assert (source["new"], source["known"], source["held"]) == (*expected, 4)


def test_analyse_of_a_log_alone_tells_what_the_log_holds(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("log", "append", contacts, "--log", tmp_path / "log")
    _, out, _ = tangente("analyse", "--log", tmp_path / "log", "--out", tmp_path / "out", "--language", "de")
    assert out.startswith("Kontakte: 4 Zeilen im Log\n")
    assert "4 Kontakte von 3 Kundinnen und Kunden" in (tmp_path / "out" / "report.html").read_text()


def test_analyse_compares_with_an_earlier_report(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("analyse", "--contacts", contacts, "--out", tmp_path / "one")
    tangente(
        "analyse", "--contacts", contacts, "--out", tmp_path / "two", "--compare", tmp_path / "one" / "report.json"
    )
    changes = report(tmp_path / "two")["comparison"]["changes"]
    assert {change["kind"] for change in changes} == {"too_few"}


def test_too_many_refused_rows_store_nothing_and_are_named(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    contacts.write_text(CONTACTS + "K4;31.02.2026 10:00;Hotline;Telefon;;;1,00\n", encoding="utf-8")
    code, _, err = tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out", "--log", tmp_path / "log")
    assert (code, (tmp_path / "out" / "report.html").exists()) == (2, False)
    assert err.rstrip().endswith("or store the rest with --accept-rejects [E-REFUSED]")
    assert (
        (tmp_path / "out" / "rejects.csv")
        .read_text()
        .splitlines()[1]
        .startswith("kontakte.csv,contacts,6,Zeitpunkt,31.02.2026 10:00,")
    )
    assert json.loads(tangente("log", "info", "--log", tmp_path / "log", "--json")[1])["contacts"]["rows"] == 0


def test_accepted_rejects_store_the_rest(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    contacts.write_text(CONTACTS + "K4;31.02.2026 10:00;Hotline;Telefon;;;1,00\n", encoding="utf-8")
    code, _, _ = tangente("analyse", "--contacts", contacts, "--out", tmp_path, "--accept-rejects")
    source = report(tmp_path)["source"]["contacts"]
    assert (code, source["rows"], source["accepted"], source["rejected"], source["new"]) == (0, 5, 4, 1, 4)


def test_log_append_says_what_became_of_the_rows(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    assert (
        tangente("log", "append", contacts, "--log", tmp_path / "log")[1]
        == "kontakte.csv, contacts: 4 rows, 0 refused, 4 new, 0 known already\n"
    )
    assert tangente("log", "append", contacts, "--log", tmp_path / "log")[1].splitlines() == [
        "kontakte.csv was imported before; nothing new is in it.",
        "kontakte.csv, contacts: 4 rows, 0 refused, 0 new, 4 known already",
    ]


def test_log_info_tells_programs_what_it_holds(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("log", "append", contacts, "--log", tmp_path / "log")
    held = json.loads(tangente("log", "info", "--log", tmp_path / "log", "--json")[1])
    assert {name: held["contacts"][name] for name in ("rows", "customers", "from")} == {
        "rows": 4,
        "customers": 3,
        "from": "2026-03-01T08:00:00Z",
    }
    assert held["ratings"] == {"rows": 0, "customers": 0, "files": 0, "bytes": 0, "from": None, "to": None}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["analyse"], "There is nothing to analyse"),
        (["analyse", "--contacts", "none.csv"], "none.csv: there is no such file"),
        (["analyse", "--contacts", "none.csv", "--language", "fr"], "There is no language 'fr'"),
        (["log", "info", "--log", "nowhere"], "is no contact log"),
        (["analyse", "--log", "nowhere"], "is no contact log"),
        (["analyse", "--contacts", "."], "is a folder; name the files in it"),
        (["analyse", "--contacts", "none.csv", "--compare", "none.json"], "none.json: there is no such file"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(
    tangente: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = tangente(*words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err


def test_outcome_that_never_occurs_names_the_known_ones(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    code, _, err = tangente("analyse", "--contacts", contacts, "--out", tmp_path, "--outcome", "purchase")
    assert code == 2
    assert err.splitlines()[-1] == "No contact has the outcome 'purchase'; the outcomes in this log: none"


def test_mapping_propose_prints_what_analyse_would_use(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    proposed = tangente("mapping", "propose", contacts)[1]
    tangente("analyse", "--contacts", contacts, "--out", tmp_path)
    assert (tmp_path / "kontakte.csv.mapping.toml").read_text() == proposed


def test_help_fits_on_one_screen_and_loads_nothing_heavy() -> None:
    code = "import sys; from tangente import cli; print(sorted({'numpy', 'pyarrow', 'numba', 'rich', 'duckdb'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    shown = subprocess.run(
        [Path(sys.executable).parent / "tangente", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert (loaded, len(shown.splitlines()) <= 24) == ("[]\n", True)


def test_analyse_of_a_log_needs_no_file(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("log", "append", contacts, "--log", tmp_path / "log")
    code, _, _ = tangente("analyse", "--log", tmp_path / "log", "--out", tmp_path / "out")
    source = report(tmp_path / "out")["source"]["contacts"]
    assert (code, source["rows"], source["customers"]) == (0, 0, 3)


def test_report_does_not_depend_on_the_key_of_the_log(tangente: Any, tmp_path: Path) -> None:
    tangente("simulate", "--contacts", 3000, "--out", tmp_path / "data")
    files = [f"--{table}={tmp_path / 'data' / table}.parquet" for table in ("contacts", "ratings")]
    reports = []
    for log in ("one", "two"):
        tangente(
            "analyse",
            *files,
            f"--mapping={tmp_path / 'data' / 'mapping.toml'}",
            f"--log={tmp_path / log}",
            f"--out={tmp_path}",
        )
        reports.append(report(tmp_path) | {"created": ""})
    assert reports[0] == reports[1]


def test_folder_that_is_a_file_is_refused_before_reading(tangente: Any, contacts: Path) -> None:
    code, _, err = tangente("analyse", "--contacts", contacts, "--out", contacts)
    assert (code, err) == (2, f"{contacts} is a file; give --out a folder [E-FOLDER]\n")


def test_progress_says_how_many_rows_there_were(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    _, _, err = tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out", "--language", "de")
    assert err.splitlines()[:2] == ["Lesen: kontakte.csv, 4 Zeilen", "Speichern"]


def test_results_leave_other_files_of_the_folder_alone(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    mine = tmp_path / "out" / "tables" / "mine.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("precious")
    tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out")
    assert (mine.read_text(), (mine.parent / "cost.csv").exists()) == ("precious", True)


def test_a_later_run_leaves_no_table_of_an_earlier_one(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("analyse", "--contacts", contacts, "--out", tmp_path)
    tangente("analyse", "--contacts", contacts, "--out", tmp_path, "--compare", tmp_path / "report.json")
    assert (tmp_path / "tables" / "changes.csv").exists()
    tangente("analyse", "--contacts", contacts, "--out", tmp_path)
    assert not (tmp_path / "tables" / "changes.csv").exists()


def test_log_append_takes_several_files(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    later = tmp_path / "april.csv"
    later.write_text(CONTACTS.replace(".03.2026 09:00", ".04.2026 09:00").replace("K3", "K4"), encoding="utf-8")
    code, out, _ = tangente("log", "append", contacts, later, "--log", tmp_path / "log", "--language", "de")
    assert (code, out.splitlines()) == (
        0,
        [
            "kontakte.csv, Kontakte: 4 Zeilen, 0 abgelehnt, 4 neu, 0 schon bekannt",
            "april.csv, Kontakte: 4 Zeilen, 0 abgelehnt, 2 neu, 2 schon bekannt",
        ],
    )


def test_log_append_stores_all_files_or_none(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(CONTACTS + "K4;31.02.2026 10:00;Hotline;Telefon;;;1,00\n", encoding="utf-8")
    code, out, err = tangente("log", "append", contacts, bad, "--log", tmp_path / "log")
    assert (code, out, "rejects.csv names the refused rows." in err.splitlines()) == (2, "", True)
    assert json.loads(tangente("log", "info", "--log", tmp_path / "log", "--json")[1])["contacts"]["rows"] == 0
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 2


def test_log_append_tries_every_mapping(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text(tangente("mapping", "propose", contacts)[1])
    other = tmp_path / "other.csv"
    other.write_text("customer,time,point\na,2026-01-02,shop\n")
    (tmp_path / "o.toml").write_text(
        '[contacts]\ntimezone = "UTC"\ncustomer_id = "customer"\noccurred_at = "time"\ntouchpoint = "point"\n'
    )
    mappings = [f"--mapping={tmp_path / name}" for name in ("k.toml", "o.toml")]
    out = tangente("log", "append", contacts, other, *mappings, "--log", tmp_path / "log")[1]
    assert [line.split(":")[1].split(",")[0] for line in out.splitlines()] == [" 4 rows", " 1 rows"]


def test_a_file_that_is_named_twice_is_refused(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    code, _, err = tangente("log", "append", contacts, tmp_path / "." / contacts.name, "--log", tmp_path / "log")
    assert (code, err) == (2, f"{contacts} is named twice; name each file once [E-NAMED]\n")


def test_refused_rows_leave_no_file_where_there_are_none(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    tangente("log", "append", contacts, "--log", tmp_path / "log")
    assert {path.name for path in tmp_path.iterdir()} == {"kontakte.csv", "kontakte.csv.mapping.toml", "log"}


def test_mapping_check_says_what_an_import_would_do(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    code, out, _ = tangente("mapping", "check", contacts)
    assert code == 0
    assert out.splitlines()[:5] == [
        "kontakte.csv, read by a proposed mapping, [contacts]:",
        "  contacts: 4 rows, 4 accepted, 0 refused",
        "    from 2026-03-01T08:00:00Z to 2026-03-20T07:15:00Z, 3 customers",
        "    3 touchpoints, first Hotline (2), Filiale (1), Online-Shop (1)",
        "    customer_id  occurred_at           sequence  touchpoint   channel  reason      unit      cost",
    ]
    assert out.splitlines()[-1] == "An import would go through."
    assert [path.name for path in tmp_path.iterdir()] == ["kontakte.csv"]  # it leaves nothing


def test_mapping_check_fails_where_an_import_would(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    contacts.write_text(CONTACTS + "K4;31.02.2026 10:00;Hot\x1b[2Jline;Telefon;;;1,00\n", encoding="utf-8")
    code, out, _ = tangente("mapping", "check", contacts, tmp_path / "none.csv", "--language", "de")
    assert (code, "\x1b" in out) == (1, False)
    assert "  abgelehnt 1 × E-DATE, Zeitpunkt: Diesen Tag gibt es nicht (zuerst in Zeile 6: 31.02.2026 10:00)" in out
    assert out.splitlines()[-1] == f"{tmp_path / 'none.csv'}: Diese Datei gibt es nicht [E-FILE]"


def test_mapping_check_tells_programs_the_same(tangente: Any, contacts: Path) -> None:
    contacts.write_text(CONTACTS + "K4;31.02.2026 10:00;Hotline;Telefon;;;1,00\n", encoding="utf-8")
    (found,) = json.loads(tangente("mapping", "check", contacts, "--json")[1])
    assert (found["passes"], found["refusal"]["code"], found["mapping"]) == (False, "E-REFUSED", None)
    assert {key: found["tables"]["contacts"][key] for key in ("rows", "accepted", "refused", "customers")} == {
        "rows": 5,
        "accepted": 4,
        "refused": 1,
        "customers": 3,
    }
    assert [kind["code"] for kind in found["refused"]] == ["E-DATE"]


def test_warnings_of_a_file_are_told_and_reported(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    contacts.write_text(CONTACTS.replace("Online-Shop", "GeschÃ¤ft"), encoding="utf-8")
    _, _, err = tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out")
    (warning,) = report(tmp_path / "out")["source"]["warnings"]
    assert f"{warning} [W-MOJIBAKE]" in err.splitlines()


def test_analyse_asks_no_spark_that_is_only_named(tangente: Any, contacts: Path, tmp_path: Path) -> None:
    code, _, err = tangente("analyse", "--contacts", contacts, "--out", tmp_path / "out", "--spark-master", "local[1]")
    assert (code, err) == (2, "--spark-master local[1] is used only with --engine spark; give both [E-ENGINE]\n")


def test_analyse_on_spark_says_that_java_is_missing(
    tangente: Any, contacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    code, _, err = tangente(
        "analyse", "--contacts", contacts, "--out", tmp_path / "out", "--engine", "spark", "--language", "de"
    )
    assert code == 2
    assert err.startswith("Spark braucht Java 17, und hier gibt es kein java;")

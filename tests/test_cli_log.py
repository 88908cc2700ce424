"""The keeper of a log at the command line: undo, erase, compact, expire, verify, info."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tangente import cli

pytestmark = pytest.mark.slow

MAPPING = """[contacts]
customer_id = "Kunde"
contact_id = "Nr"
occurred_at = "Zeit"
touchpoint = "Kontaktpunkt"
delimiter = ";"
timezone = "Europe/Berlin"
"""
MAY = "Kunde;Nr;Zeit;Kontaktpunkt\nK1;1;2026-05-01 09:00;Hotline\nK2;2;2026-05-02 09:00;Shop\n"
JUNE = "Kunde;Nr;Zeit;Kontaktpunkt\nK2;2;2026-05-02 09:00;Filiale\nK3;3;2026-06-03 10:00;Shop\nK1;4;2026-06-04 11:00;Shop\n"

Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`tangente log COMMAND …` of a log of two files; answers exit code, lines of output and errors."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("mai.csv", MAY), ("june.csv", JUNE), ("mapping.toml", MAPPING)):
        Path(name).write_text(text, encoding="utf-8")

    def run(*words: str) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["tangente", "log", *words, "--log", "log"])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        output = capsys.readouterr()
        return int(stop.value.code or 0), output.out.splitlines(), output.err

    for name in ("mai.csv", "june.csv"):
        run("append", name, "--mapping", "mapping.toml")
    return run


def told(log: Run, *words: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads("".join(log(*words)[1]))
    return held


def test_info_lists_the_imports(log: Run) -> None:
    _, lines, _ = log("info")
    assert lines[2] == "imports: 2; buckets: 16; snapshots: 3; erased customers: 0"
    assert [re.sub(r"^\w{8}  \d+ \w+ \d{4}", "ID", line) for line in lines[3:]] == [
        "ID  mai.csv: contacts 2 new, 0 changed, 0 known",
        "ID  june.csv: contacts 2 new, 1 changed, 0 known",
    ]


def test_info_tells_programs_of_imports_and_upkeep(log: Run) -> None:
    held = told(log, "info", "--json")
    assert (held["buckets"], held["snapshots"], held["erased"], held["to_merge"]) == (16, 3, 0, 0)
    may, june = held["imports"]
    assert (june["name"], june["rests_on"]) == ("june.csv", [may["id"]])
    assert june["counts"] == {"contacts": {"new": 2, "known": 0, "changed": 1}}


def test_undo_says_what_it_did(log: Run) -> None:
    code, (line,), _ = log("undo", "june.csv")
    assert (code, re.sub(r" \(.*\)", "", line)) == (
        0,
        "june.csv is taken out again: 3 rows are gone, 1 are back in their earlier version",
    )


def test_undo_of_what_others_rest_on_is_refused(log: Run) -> None:
    code, _, error = log("undo", "mai.csv")
    assert (code, error[:7], error[-10:]) == (2, "mai.csv", "[E-RESTS]\n")


def test_erase_asks_first_and_says_what_will_go(log: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, lines, _ = log("erase", "K1", "K9")
    assert (code, lines) == (
        1,
        [
            "Customers to erase: 2; their contacts: 2; their ratings: 0",
            "The log holds nothing of K9; it will refuse their rows all the same. Where a mapping changes ids, as by a prefix, "
            "give them as it makes them",
            "They go for good, and with them all earlier states of the log. Go on? [y/N]: ",
        ],
    )
    assert told(log, "info", "--json")["contacts"]["customers"] == 3


def test_rows_of_an_erased_customer_are_refused_without_naming_them(log: Run) -> None:
    log("erase", "K1", "--yes")
    log("undo", "june.csv")
    _, lines, _ = log("append", "june.csv", "--mapping", "mapping.toml")
    assert lines == ["june.csv, contacts: 3 rows, 1 refused, 1 new, 1 changed, 0 known already"]
    with Path("june.csv.rejects.csv").open(encoding="utf-8") as file:
        (refusal,) = csv.DictReader(file)
    assert [refusal[name] for name in ("table", "line", "column", "value", "code")] == [
        *("contacts", "4", "customer_id", "", "E-ERASED")
    ]


def test_compact_and_expire_say_what_they_did(log: Run) -> None:
    assert log("compact")[1] == ["Nothing to merge", "No earlier state to let go of"]
    (line,) = log("expire", "--keep", "0")[1]
    assert re.fullmatch(r"\d+ files of earlier states removed, [\d,]+ bytes", line)
    assert log("expire", "--keep", "0")[1] == ["No earlier state to let go of"]


def test_info_says_what_compact_would_merge(log: Run) -> None:
    for number in range(9):
        Path("more.csv").write_text(MAY.replace(";1;", f";n{number};"), encoding="utf-8")
        log("append", "more.csv", "--mapping", "mapping.toml")
    (line,) = [line for line in log("info")[1] if "would merge" in line]
    assert line == f"`tangente log compact` would merge {told(log, 'info', '--json')['to_merge']} files"
    assert re.fullmatch(r"\d+ files merged into \d", log("compact")[1][0])


def test_verify_ends_with_1_if_the_record_is_damaged(log: Run) -> None:
    assert re.fullmatch(r"\d+ files, [\d,]+ bytes: all as they were written", log("verify")[1][0])
    next(Path("log/contacts/metadata").glob("snap-*")).write_bytes(b"")
    code, lines, _ = log("verify")
    assert (code, lines[0][-68:]) == (
        1,
        "is not as it was written: metadata of contacts; restore it from a backup [E-RECORD]"[-68:],
    )
    assert re.fullmatch(r"Compared: \d+ files, [\d,]+ bytes; faults: 1", lines[1])


def test_verify_makes_anew_what_was_ready(log: Run) -> None:
    log("info")
    bucket = min(path for path in Path("log/ready").glob("0*"))
    (bucket / "contacts.arrow").write_bytes(b"")
    assert log("verify", "--language", "de")[1][0] == f"ready/{bucket.name} war beschädigt und ist neu erstellt"


def test_append_does_not_guess_which_log_is_meant(log: Run) -> None:
    code, _, error = log("append", "mai.csv", "--workspace", "morgennetz")
    assert (code, error) == (
        2,
        "Which log is meant? Give either --log DIR, or --data DIR and --workspace NAME [E-LOG]\n",
    )

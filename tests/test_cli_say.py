"""Nothing that stands in a file, or is the name of one, commands the terminal."""

import sys
from pathlib import Path

import pytest

from tangente import cli
from tangente.progress import steps

NAME = "bad\x1b[2J\x9b[red].csv"
SHOWN = "bad\\u001b[2J\\u009b[red].csv"
ROWS = "Kunde;Zeitpunkt;Kontaktpunkt\nK1;01.03.2026 09:00;Hotline\nK2;02.03.2026 09:00;Filiale\n"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["analyse", "--contacts", NAME, "--out", "out\x1b[2J"], id="analyse"),
        pytest.param(["log", "append", NAME, "--log", "log"], id="append"),
        pytest.param(["mapping", "check", NAME], id="check"),
        pytest.param(["mapping", "check", NAME, "--json"], id="check for programs"),
        pytest.param(["mapping", "propose", NAME], id="propose"),
        pytest.param(["log", "info", "--log", NAME], id="refusal"),
    ],
)
def test_command_shows_names_without_obeying_them(words, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path(NAME).write_text(ROWS, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["tangente", *words])
    with pytest.raises(SystemExit):
        cli.main()
    said = "".join(capsys.readouterr())
    assert (said.replace("\n", "").replace("\t", "").isprintable(), SHOWN in said) == (True, True)


def test_progress_takes_no_name_for_markup(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with steps() as progress:
        progress(f"read {NAME}", 0)
    assert f"Reading: {SHOWN}" in capsys.readouterr().err

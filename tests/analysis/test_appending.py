"""A command's log and files as a user may give them."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tangente.analysis import appending
from tangente.analysis.appending import append
from tangente.analysis.reading import Reading
from tangente.contactlog.store import open_log
from tangente.contactlog.table_info import table_info
from tangente.errors import ContactLogError, SourceError

MAPPING = '[contacts]\ncustomer_id = "k"\noccurred_at = "t"\ntouchpoint = "p"\ntimezone = "UTC"\n'


def appended(folder: Path, name: str, log: Path) -> list[str]:
    file, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    file.write_text(f"k,t,p\n{name},2026-05-01 10:00,shop\n")
    mapping.write_text(MAPPING)
    return append([file], log, [mapping], Reading(), accept_rejects=False, progress=lambda *_: None)


def test_log_that_several_make_at_once_takes_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, together, make = ("anna", "ben", "eva"), Barrier(3, timeout=30), appending._new

    def at_once(*arguments: object) -> object:
        together.wait()
        return make(*arguments)

    monkeypatch.setattr(appending, "_new", at_once)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda name: appended(tmp_path, name, tmp_path / "log"), names))
    with open_log(tmp_path / "log") as store:
        assert table_info(store)["contacts"].rows == 3


def test_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContactLogError, match="is not empty"):
        appended(tmp_path, "anna", tmp_path)


def test_log_without_its_settings_is_no_new_log(tmp_path: Path) -> None:
    appended(tmp_path, "anna", tmp_path / "log")
    (tmp_path / "log/log.toml").unlink()
    with pytest.raises(ContactLogError, match=r"lacks its log.toml; restore it from a backup$"):
        open_log(tmp_path / "log")


@pytest.mark.parametrize("kind", ["link to itself", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.csv"
    file.symlink_to(file) if kind == "link to itself" else os.mkfifo(file)
    with pytest.raises(SourceError, match=r"a\.csv is not a file$"):
        append([file], tmp_path / "log", [], Reading(), accept_rejects=False, progress=lambda *_: None)

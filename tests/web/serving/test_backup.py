"""A backup taken while a server is written to becomes a data folder again, or is refused by name of what is damaged."""

import io
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tangente.contactlog.backup import take_in
from tangente.contactlog.erasure import erase
from tangente.contactlog.profile import profile
from tangente.contactlog.store import open_log
from tangente.web.errors import SettingError
from tangente.web.serving.archive import unpack, writing
from tangente.web.serving.backup import hold_uploads
from tangente.web.serving.places import check_complete, make_way
from tangente.web.serving.restore import forget_refused
from tests.web.serving.processes import run

pytestmark = pytest.mark.slow

ROWS = ["kunde;zeit;kontaktpunkt", "K-1;2026-01-05 10:00;Hotline", "K-1;2026-01-06 10:00;Shop"]
ROWS += [f"K-{number};2026-01-07 10:00;Shop" for number in range(2, 40)]


@pytest.fixture(scope="module")
def kept(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a person, a workspace, its contact log and an upload."""
    data = tmp_path_factory.mktemp("kept") / "data"
    shutil.copytree(prepared, data)
    (data.parent / "kontakte.csv").write_text("\n".join(ROWS))
    (data / "uploads").mkdir(exist_ok=True)
    (data / "uploads" / "letter.txt").write_text("a letter")
    here = ("--data", str(data))
    who = ("--email", "Anna@example.org", "--name", "Anna Beer")
    assert run("user", "create", *who, *here, typed="ein langes Wort\n").stderr == ""
    of_anna = ("--name", "Morgennetz", "--owner", "anna@example.org", "--currency", "CHF")
    assert run("workspace", "create", *of_anna, *here).stdout == "Morgennetz is at /w/morgennetz/\n"
    appended = run("log", "append", "kontakte.csv", *here, "--workspace", "morgennetz", folder=data.parent)
    assert appended.returncode == 0, appended.stderr
    return data


@pytest.fixture(scope="module")
def saved(kept: Path) -> Path:
    """Its backup, taken while rows are written."""
    target = kept.parent / "backup.tar"
    with written_to(kept / "tangente.sqlite3"):
        done = run("backup", str(target), "--data", str(kept))
    assert (done.returncode, done.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def new(saved: Path) -> Path:
    """What was made of the backup."""
    data = saved.parent / "new"
    assert restored(saved, data).startswith(f"{data}: database ")
    return data


@contextmanager
def written_to(database: Path) -> Iterator[None]:
    """Two rows that belong together are written again and again, meanwhile."""
    over = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS pairs (number INTEGER)")
            while not over.wait(0.01):
                with connection:
                    connection.executemany("INSERT INTO pairs VALUES (?)", [(1,), (2,)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def asked(database: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


def restored(saved: Path, data: Path, *options: str) -> str:
    done = run("restore", str(saved), "--data", str(data), *options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_backup_taken_under_load_is_of_one_moment(kept: Path, new: Path):
    ((pairs,),) = asked(new / "tangente.sqlite3", "SELECT count(*) FROM pairs")
    ((since,),) = asked(kept / "tangente.sqlite3", "SELECT count(*) FROM pairs")
    assert 0 < pairs < since
    assert pairs % 2 == 0


def test_restored_folder_holds_and_answers_the_same(kept: Path, new: Path):
    with open_log(kept / "log/morgennetz") as old, open_log(new / "log/morgennetz") as other:
        assert profile(other.log()).equals(profile(old.log()))
        assert (other.currency, other.timezone) == ("CHF", "Europe/Berlin")
    for file in ("uploads/letter.txt", "secret-key", "log/morgennetz/key"):
        assert (new / file).read_bytes() == (kept / file).read_bytes()
    people = "SELECT email, password FROM tangente_person"
    assert asked(new / "tangente.sqlite3", people) == asked(kept / "tangente.sqlite3", people)


def test_restored_folder_is_well(new: Path):
    assert run("doctor", "--data", str(new)).returncode == 0


def test_customer_erased_since_the_backup_is_erased_again(saved: Path, tmp_path: Path):
    unpack(saved, tmp_path / "unpacked")
    with take_in(tmp_path / "unpacked/log/morgennetz", tmp_path / "live/log/morgennetz") as live:
        erase(live, ["K-1"])
    said = restored(saved, tmp_path / "second", "--erasures-of", str(tmp_path / "live"))
    assert said.splitlines()[1] == "morgennetz: 2 rows of customers erased since were erased again"


def test_lists_of_refused_rows_do_not_come_back_beside_erasures(tmp_path: Path):
    folder = tmp_path / "uploads/morgennetz"
    folder.mkdir(parents=True)
    for name in ("7.refused.csv", "waiting.csv"):
        (folder / name).write_text("K-1")
    forget_refused(tmp_path / "uploads")
    assert [file.name for file in folder.iterdir()] == ["waiting.csv"]


def test_uploads_are_held_although_an_import_reads_them_meanwhile(settings: Any, tmp_path: Path):
    settings.UPLOADS, held = tmp_path / "uploads", tmp_path / "held"
    for name in ("one", "two"):
        (tmp_path / "uploads/morgennetz").mkdir(parents=True, exist_ok=True)
        (tmp_path / "uploads/morgennetz" / name).write_text(name)
        hold_uploads(held)
        (tmp_path / "uploads/morgennetz" / name).unlink()
    assert [file.read_text() for file in sorted(held.glob("morgennetz/*"))] == ["one", "two"]


def test_backup_is_for_its_owner_only(saved: Path):
    assert saved.stat().st_mode & 0o077 == 0


def test_backup_overwrites_nothing(tmp_path: Path):
    (tmp_path / "backup.tar").touch()
    with pytest.raises(SettingError, match="is there already; name another file"), writing(tmp_path / "backup.tar"):
        pass


@pytest.mark.parametrize("inside", ["database/", "log/morgennetz/contacts/", "secret-key", "uploads/", "manifest.json"])
def test_flipped_byte_is_found(saved: Path, tmp_path: Path, inside: str):
    content = bytearray(saved.read_bytes())
    with tarfile.open(saved) as tar:
        member = next(member for member in tar if member.name.startswith(inside))
    content[member.offset_data + member.size // 2] ^= 1
    (tmp_path / "flipped.tar").write_bytes(content)
    with pytest.raises(SettingError, match=r"is damaged: .* take another backup"):
        unpack(tmp_path / "flipped.tar", tmp_path / "new")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_backup_cut_off_is_refused(saved: Path, tmp_path: Path, share: float):
    content = saved.read_bytes()
    (tmp_path / "cut.tar").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SettingError, match="damaged"):
        unpack(tmp_path / "cut.tar", tmp_path / "new")


def test_folder_of_a_refused_backup_is_no_data_folder(saved: Path, tmp_path: Path):
    (tmp_path / "cut.tar").write_bytes(saved.read_bytes()[:-20_000])
    assert run("restore", str(tmp_path / "cut.tar"), "--data", str(tmp_path / "new")).returncode == 2
    with pytest.raises(SettingError, match="is only restored in part"):
        check_complete(tmp_path / "new")


def test_restore_begins_anew_where_it_was_interrupted(tmp_path: Path):
    make_way(tmp_path / "new")
    (tmp_path / "new/log/morgennetz").mkdir(parents=True)
    make_way(tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").iterdir()] == [".restoring"]


def test_restore_refuses_a_folder_that_holds_something(tmp_path: Path):
    (tmp_path / "report.html").touch()
    with pytest.raises(SettingError, match="is not empty; restore into a folder of its own"):
        make_way(tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "log/../../evil", "log/./evil", "log//evil", "..", "a\\b", "a\nb"]
)
def test_member_with_an_unsafe_path_is_refused(tmp_path: Path, name: str):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(SettingError, match="which no backup of Tangente does"):
        unpack(tmp_path / "evil.tar", tmp_path / "deep/new")
    assert [path.name for path in tmp_path.rglob("evil*")] == ["evil.tar"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_member_that_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        member = tarfile.TarInfo("uploads/evil")
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(SettingError, match="which no backup of Tangente does"):
        unpack(tmp_path / "evil.tar", tmp_path / "new")


def test_member_that_stands_twice_is_refused(tmp_path: Path):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("uploads/a"), io.BytesIO())
    with pytest.raises(FileExistsError):
        unpack(tmp_path / "evil.tar", tmp_path / "new")


def test_backup_that_is_interrupted_leaves_no_file(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), writing(tmp_path / "backup.tar"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []

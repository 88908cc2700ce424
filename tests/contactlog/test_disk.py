import stat
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from pyiceberg.io.pyarrow import PyArrowFile

from tangente.contactlog.disk import alone, sync_folder, write_synced
from tangente.contactlog.files import SyncedFileIO


def test_write_synced_replaces_a_file_as_a_whole(tmp_path):
    write_synced(tmp_path / "a", b"long before")
    write_synced(tmp_path / "a", b"now", mode=0o600)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"now")]
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_alone_lets_one_thread_in_after_the_other(tmp_path):
    inside, seen = [], []

    def visit(number):
        with alone(tmp_path):
            inside.append(number)
            sleep(0.005)
            seen.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(visit, range(8)))
    assert seen == [1] * 8


def test_iceberg_files_are_synced_with_their_folder_when_they_are_closed(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(handle))
    monkeypatch.setattr(
        "tangente.contactlog.files.sync_folder", lambda folder: (synced.append(folder), sync_folder(folder))
    )
    with SyncedFileIO({}).new_output(str(tmp_path / "new" / "file")).create() as stream:
        stream.write(b"text")
    stream.close()
    assert ((tmp_path / "new" / "file").read_bytes(), synced[2]) == (b"text", tmp_path / "new")
    assert len(synced) == 4  # the new folder's name, the file, its folder


def test_files_elsewhere_are_left_to_those_who_keep_them():
    output = SyncedFileIO({"s3.region": "eu-central-1"}).new_output("s3://bucket/contacts/data.parquet")
    assert type(output) is PyArrowFile

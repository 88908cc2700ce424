"""Forget a customer: no file of the log holds their id or pseudonym any more, and no later import brings them back."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.catalog import EVER, mark
from tangente.contactlog.identity import pseudonyms
from tangente.contactlog.keys import key_mark
from tangente.contactlog.rewriting import rewritten
from tangente.contactlog.schema import CONTACTS, RECORD
from tangente.contactlog.settings import check_key_mark
from tangente.contactlog.slices import Slice, row_groups
from tangente.contactlog.snapshot import IMPORT
from tangente.contactlog.store import Change, LogStore
from tangente.contactlog.upkeep import forget
from tangente.errors import ContactLogError
from tangente.messages import Message

REDACTED = "…"

_CUSTOMER = pa.schema([CONTACTS.field("customer_id")])


def held(store: LogStore, customers: Sequence[str]) -> dict[str, int]:
    """How many rows the log holds of some customers.

    Args:
        store: the log.
        customers: their ids as the sources have them.
    Returns: the number of rows in each table; in "replaced_contacts" and "replaced_ratings" lie old versions of rows.
    Cost: one look at the places in the data files where the customers may stand.  Source: docs/explanation/trust.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     held(store, ["K-4711"])
    {'contacts': 0, 'ratings': 0, 'replaced_contacts': 0, 'replaced_ratings': 0}
    """
    people = _people(store, customers)
    return store.catalog.settled(
        lambda: {name: sum(rows for *_, rows in _holding(store, store.table(name), people)) for name in RECORD}
    )


def erase(store: LogStore, customers: Sequence[str]) -> dict[str, int]:
    """Forget some customers, in one commit.

    The data files that hold their rows are written anew without them. Earlier states, the files only they need, and all
    that was made ready are removed at once; file names of imports lose the customers' ids. What stays is a hash of each
    pseudonym, so that later imports can refuse their rows. If the call is killed, the next writer or the same call again
    completes it.

    Args:
        store: the log.
        customers: their ids as the sources have them; one the log does not know is refused from now on, too.
    Returns: how many rows of each table went.
    Raises: ContactLogError if an id is empty.
    Cost: one read and write of the data files that hold the customers.  Source: docs/explanation/trust.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     erase(store, ["K-4711"])["contacts"]
    0
    """
    if not all(customers):
        raise ContactLogError(Message("E-CUSTOMER", "A customer without an id cannot be erased; give the id"))
    people = _people(store, customers)
    marks = [mark(person) for members in people.values() for person in members]
    with store.writing(erased=marks, forgotten=EVER):
        return {name: _erase(store, name, people, customers) for name in RECORD}


def erase_as(store: LogStore, other: LogStore) -> dict[str, int]:
    """Forget whom another state of the same log has forgotten, as after restoring an older backup.

    Args:
        store: the log.
        other: a log under the same key that erased customers since.
    Returns: how many rows of each table went; none if there is nobody to forget.
    Raises: ContactLogError if the logs have different keys.
    Cost: one read of the customers of all data files, then as `erase`.  Source: docs/how-to/run-a-server.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     erase_as(store, store)["contacts"]
    0
    """
    check_key_mark(store.folder, key_mark(store.key), key_mark(other.key))
    marks = other.catalog.erased() - store.catalog.erased()
    if not marks:
        return dict.fromkeys(RECORD, 0)
    with store.writing(erased=marks, forgotten=EVER):
        gone = {name: _erase(store, name, _marked(store, store.table(name), marks), ()) for name in RECORD}
        for name in RECORD:
            store.apply(Change(name, properties=_named_as(store.table(name), other.table(name))))
    return gone


def _marked(store: LogStore, table: Table, marks: Set[str]) -> dict[int, list[str]]:
    """The pseudonyms in a table that have one of the marks, by bucket."""
    people = {}
    for bucket, files in enumerate(store.by_bucket(table)):
        groups = (group.read(_CUSTOMER) for file in files for group in row_groups(file.file_path))
        members = {one for rows in groups for one in pc.unique(rows["customer_id"]).to_pylist()}
        people[bucket] = sorted(one for one in members if mark(one) in marks)
    return people


def _named_as(table: Table, other: Table) -> dict[str, str]:
    """The facts of imports whose file the other table calls otherwise, for it was named after an erased customer."""
    changed = {}
    for key in table.properties.keys() & other.properties.keys():
        if key.startswith(IMPORT):
            facts, name = json.loads(table.properties[key]), json.loads(other.properties[key])["name"]
            if facts["name"] != name:
                changed[key] = json.dumps(facts | {"name": name})
    return changed


def _people(store: LogStore, customers: Sequence[str]) -> dict[int, list[str]]:
    """The pseudonyms of customers, by bucket."""
    everybody = pseudonyms(pa.array(customers, pa.string()), store.key).dictionary
    buckets = BucketTransform(store.buckets).pyarrow_transform(StringType())(everybody).to_pylist()
    people = defaultdict(list)
    for person, bucket in zip(everybody.to_pylist(), buckets, strict=True):
        people[bucket].append(person)
    return people


def _erase(store: LogStore, name: str, people: Mapping[int, list[str]], customers: Sequence[str]) -> int:
    table = store.table(name)
    found = list(_holding(store, table, people))
    add: list[DataFile] = []
    for members, files, _ in found:
        add += rewritten(table, files, partial(_without, pa.array(members, pa.string())))
    remove = [file for _, files, _ in found for file in files]
    properties = _redacted(table, customers) if customers else {}
    store.apply(Change(name, add=add, remove=remove, properties=properties))
    _forget_removed(store.table(name))
    forget(store, name, EVER)
    return sum(rows for *_, rows in found)


def _without(people: pa.Array, rows: pa.Table) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows["customer_id"], people)))


def _holding(
    store: LogStore, table: Table, people: Mapping[int, list[str]]
) -> Iterator[tuple[list[str], list[DataFile], int]]:
    """Of each bucket that has some of the people: these, the data files that hold rows of them, and how many rows."""
    buckets = store.by_bucket(table)
    for bucket, members in people.items():
        rows = {file: _rows_of(members, file) for file in buckets[bucket]}
        yield members, [file for file in rows if rows[file]], sum(rows.values())


def _rows_of(people: Sequence[str], file: DataFile) -> int:
    return sum(
        part.of(group.read(_CUSTOMER)).num_rows
        for part in (Slice(person, person + "0") for person in people)
        for group in row_groups(file.file_path, part)
    )


def redacted(name: str, customers: Sequence[str]) -> str:
    """The name of a file without the ids of customers that stand alone in it."""
    ids = "|".join(re.escape(normalize("NFC", customer)) for customer in customers)
    return re.sub(rf"(?<![^\W_])({ids})(?![^\W_])", REDACTED, normalize("NFC", name), flags=re.IGNORECASE)


def _redacted(table: Table, customers: Sequence[str]) -> dict[str, str]:
    """The facts of imports whose file was named after one of the customers, without that part of the name."""
    changed = {}
    for key, value in table.properties.items():
        if key.startswith(IMPORT):
            facts = json.loads(value)
            name = redacted(facts["name"], customers)
            if name != facts["name"]:
                changed[key] = json.dumps(facts | {"name": name})
    return changed


def _forget_removed(table: Table) -> None:
    """A new state without the list of the files the last one removed: its statistics hold some of their values."""
    if table.current_snapshot():
        with table.transaction() as transaction, transaction.update_snapshot().fast_append():
            pass

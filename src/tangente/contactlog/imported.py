"""What was imported: the imports a log holds, which rest on which, and the one that is meant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import LogStore
from tangente.errors import ContactLogError
from tangente.messages import Message

SHORTEST = 8  # characters of an id that are shown


@dataclass(frozen=True)
class Imported:
    """One import.

    Attributes:
        id: SHA-256 of file and mapping.
        short: its first characters, enough to tell it from the log's others.
        name: of the file.
        at: when it was stored, ISO text in UTC.
        counts: of each table it fed, how many rows were new, known and changed.
        rests_on: ids of the imports whose rows it found known or changed: it must be undone before them.
    """

    id: str
    short: str
    name: str
    at: str
    counts: Mapping[str, Mapping[str, int]]
    rests_on: frozenset[str]

    def named(self) -> Message:
        """File, id and day, as part of a sentence."""
        return Message("", "{file} ({id}, {day})", file=self.name, id=self.short, day=self.at[:10])


def imported(store: LogStore) -> list[Imported]:
    """All imports of a log, oldest first.

    Args:
        store: the log.
    Returns: one entry for each import, whatever tables it fed.
    Cost: two small files.  Source: docs/how-to/look-after-a-log.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     imported(store)
    []
    """
    facts = {name: store.imports(name) for name in TABLES}
    found = {import_id: one for held in facts.values() for import_id, one in held.items()}
    length = _telling(found)
    imports = [_imported(import_id, length, {t: facts[t].get(import_id) for t in facts}) for import_id in found]
    return sorted(imports, key=lambda one: one.at)  # those of one moment stay in the order of their commits


def _imported(import_id: str, length: int, facts: Mapping[str, dict[str, Any] | None]) -> Imported:
    held = {table: one for table, one in facts.items() if one}
    any_one, *_ = held.values()
    counts = {table: {kind: one[kind] for kind in ("new", "known", "changed")} for table, one in held.items()}
    rests_on = frozenset(other for one in held.values() for other in one["rests_on"])
    return Imported(import_id, import_id[:length], any_one["name"], any_one["at"], counts, rests_on - {import_id})


def _telling(ids: Collection[str]) -> int:
    """How many characters tell all ids apart."""
    return next(length for length in count(SHORTEST) if len({one[:length] for one in ids}) == len(ids))


def find_import(store: LogStore, meant: str) -> Imported:
    """The import that is meant by its id, the beginning of its id, or the name of its file.

    Raises: ContactLogError if there is none, or several are meant.
    """
    imports = imported(store)
    ways = (
        [one for one in imports if one.id == meant],
        [one for one in imports if one.name == meant],
        [one for one in imports if one.id.startswith(meant)],
    )
    found = next(filter(None, ways), [])
    if len(found) > 1:
        raise ContactLogError(
            Message(
                "E-IMPORT",
                "“{meant}” may mean several imports: {imports}; give more of the id",
                meant=meant,
                imports=[one.named() for one in found],
            )
        )
    if not found:
        raise ContactLogError(
            Message(
                "E-IMPORT",
                "{folder} holds no import “{meant}”; `tangente log info` lists them",
                folder=store.folder,
                meant=meant,
            )
        )
    return found[0]


def resting_on(store: LogStore, one: Imported) -> list[Imported]:
    """The imports that rest on one, directly or through others, in the order in which they can be undone."""
    imports = imported(store)
    resting = {one.id}
    while more := {other.id for other in imports if other.rests_on & resting} - resting:
        resting |= more
    left = [other for other in imports if other.id in resting - {one.id}]
    ordered = []
    while left:
        free = [other for other in left if not any(other.id in last.rests_on for last in left)]
        left.remove(free[-1])
        ordered.append(free[-1])
    return ordered

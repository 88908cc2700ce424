"""What the keeper of a log is told: what it holds, and what became of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tangente.analysis.reading import TABLE_NAMES, iso
from tangente.contactlog.imported import Imported, imported
from tangente.contactlog.schema import RECORD
from tangente.contactlog.store import LogStore, open_log
from tangente.contactlog.table_info import table_info
from tangente.contactlog.undoing import Undone
from tangente.contactlog.upkeep import Upkeep, scattered
from tangente.contactlog.verification import Verification
from tangente.messages import Message
from tangente.translation import spoken


def info(folder: Path, *, as_json: bool) -> str:
    """What a log folder holds: tables, imports, and what there is to keep up."""
    with open_log(folder) as store:
        tables = {name: _with_iso_times(asdict(table)) for name, table in table_info(store).items()}
        upkeep = {
            "buckets": store.buckets,
            "snapshots": sum(len(table.snapshots()) for table in store.catalog.tables().values()),
            "erased": len(store.catalog.erased()),
            "to_merge": sum(len(files) for name in RECORD for files in scattered(store, name)),
        }
        imports = imported(store)
        if as_json:
            return json.dumps(tables | upkeep | {"imports": [_plain(one) for one in imports]}, indent=1)
        sentences = [_holds(TABLE_NAMES[name], table) for name, table in tables.items()]
        sentences += _upkeep(upkeep, len(imports))
        sentences += [_import(store, one) for one in imports]
    return _said(sentences)


def _said(sentences: Sequence[Message]) -> str:
    return "\n".join(spoken().say(sentence) for sentence in sentences)


def _with_iso_times(table: dict[str, Any]) -> dict[str, Any]:
    return table | {"from": iso(table.pop("first")), "to": iso(table.pop("last"))}


def _plain(one: Imported) -> dict[str, object]:
    return asdict(one) | {"rests_on": sorted(one.rests_on)}


def _holds(name: Message, table: dict[str, Any]) -> Message:
    if not table["rows"]:
        return Message("", "{table}: none", table=name)
    return Message(
        "",
        "{table}: {rows:,} rows, {customers:,} customers, {files:,} files, {bytes:,} bytes, {first} to {last}",
        table=name,
        rows=table["rows"],
        customers=table["customers"],
        files=table["files"],
        bytes=table["bytes"],
        first=table["from"],
        last=table["to"],
    )


def _upkeep(upkeep: Mapping[str, int], imports: int) -> Iterator[Message]:
    yield Message(
        "",
        "imports: {imports:,}; buckets: {buckets:,}; snapshots: {snapshots:,}; erased customers: {erased:,}",
        imports=imports,
        buckets=upkeep["buckets"],
        snapshots=upkeep["snapshots"],
        erased=upkeep["erased"],
    )
    if upkeep["to_merge"]:
        yield Message("", "`tangente log compact` would merge {files:,} files", files=upkeep["to_merge"])


def _import(store: LogStore, one: Imported) -> Message:
    return Message(
        "",
        "{id}  {day}  {file}: {counts}",
        id=one.short,
        day=spoken().date(one.at, store.timezone),
        file=one.name,
        counts=[_counts(TABLE_NAMES[table], counts) for table, counts in one.counts.items()],
    )


def _counts(table: Message, counts: Mapping[str, int]) -> Message:
    return Message("", "{table} {new:,} new, {changed:,} changed, {known:,} known", table=table, **counts)


def undone(done: Undone) -> str:
    """What became of an import."""
    text = Message(
        "",
        "{file} is taken out again: {gone:,} rows are gone, {back:,} are back in their earlier version",
        file=done.one.named(),
        gone=done.gone,
        back=done.back,
    )
    return _said([text])


def to_erase(held: Mapping[str, Mapping[str, int]]) -> str:
    """What erasing these customers, each with the rows held, would do, as a question."""
    sentences = [
        Message(
            "",
            "Customers to erase: {customers:,}; their contacts: {contacts:,}; their ratings: {ratings:,}",
            customers=len(held),
            contacts=sum(rows["contacts"] for rows in held.values()),
            ratings=sum(rows["ratings"] for rows in held.values()),
        )
    ]
    sentences += _unknown(held)
    sentences.append(Message("", "They go for good, and with them all earlier states of the log. Go on?"))
    return _said(sentences)


def _unknown(held: Mapping[str, Mapping[str, int]]) -> list[Message]:
    unknown = [customer for customer, rows in held.items() if not any(rows.values())]
    if not unknown:
        return []
    return [
        Message(
            "",
            "The log holds nothing of {customers}; it will refuse their rows all the same. Where a mapping changes ids, "
            "as by a prefix, give them as it makes them",
            customers=unknown,
        )
    ]


def erased(rows: Mapping[str, int], held: Mapping[str, Mapping[str, int]]) -> str:
    """What an erasure did; `held` is what the log held of each customer before."""
    return _said(
        [
            Message(
                "",
                "Erased: {contacts:,} contacts, {ratings:,} ratings, {versions:,} earlier versions of them",
                contacts=rows["contacts"],
                ratings=rows["ratings"],
                versions=rows["replaced_contacts"] + rows["replaced_ratings"],
            ),
            Message(
                "",
                "Later imports refuse rows of these customers (E-ERASED). Backups still hold them: if you restore one, "
                "erase again",
            ),
            *_unknown(held),
        ]
    )


def compacted(done: Upkeep) -> str:
    """What became of the files."""
    merged = Message("", "{merged:,} files merged into {into:,}", merged=done.merged, into=done.into)
    return _said([merged if done.merged else Message("", "Nothing to merge"), _removed(done)])


def expired(done: Upkeep) -> str:
    """What became of earlier states."""
    return _said([_removed(done)])


def _removed(done: Upkeep) -> Message:
    if not done.removed:
        return Message("", "No earlier state to let go of")
    return Message(
        "", "{removed:,} files of earlier states removed, {freed:,} bytes", removed=done.removed, freed=done.freed
    )


def verified(done: Verification) -> str:
    """What was found, a line for each fault."""
    found = [Message("", "{fault} [{code}]", fault=fault, code=fault.code) for fault in done.faults]
    found += [Message("", "ready/{name} was damaged and is made anew", name=name) for name in done.rebuilt]
    if done.faults:
        compared = Message(
            "",
            "Compared: {files:,} files, {bytes:,} bytes; faults: {faults:,}",
            files=done.files,
            bytes=done.bytes,
            faults=len(done.faults),
        )
    else:
        compared = Message(
            "", "{files:,} files, {bytes:,} bytes: all as they were written", files=done.files, bytes=done.bytes
        )
    return _said([*found, compared])

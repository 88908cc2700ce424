"""Files into a log: find the mapping that fits, read, refuse what must be refused, store all files or none."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tangente.analysis.refused import Tally
from tangente.contactlog.imports import Added, Import, commit_all
from tangente.contactlog.log import EPOCH
from tangente.contactlog.store import LogStore
from tangente.errors import SourceError, TooManyRefused
from tangente.messages import Message
from tangente.sources.apart import open_apart, propose_apart
from tangente.sources.mapping import Mapping
from tangente.sources.misfits import joined
from tangente.sources.parts import Table
from tangente.sources.rejects import Refusal
from tangente.sources.source import Batch, Source

MOST_REFUSED = 0.01
"""Share of refused rows of a file above which a wrong mapping is likelier than a few bad rows."""

ERASED = Message("E-ERASED", "this customer was erased from the log; rows of erased customers are not stored")

Progress = Callable[[str, int], None]
"""Told what is being done (read FILE, store, prepare, analyse, report), and how many rows of it are done."""


@dataclass
class FileRead:
    """What became of the rows of one file, per table: rows = rejected + what was added.

    erased: of the rejected rows, those of erased customers, whom not the source refuses, but the log.
    repeated: the log held the same file, read by the same mapping, before.
    """

    name: str
    rows: dict[str, int]
    rejected: dict[str, int]
    warnings: list[Message]
    added: dict[str, Added] = field(default_factory=dict)
    refused: Tally = field(default_factory=Tally)
    erased: Counter[str] = field(default_factory=Counter)
    repeated: bool = False

    def take(self, source: Source, refusals: Sequence[Refusal], reading: "Reading") -> None:
        """Count what is refused of a batch of the source, and hand it on."""
        self.refused.add(refusals)
        reading.refuse(refusals)
        self.erased.update(refusal.table for refusal in refusals if refusal.code == ERASED.code)
        self.rows, self.warnings = source.rows, source.warnings
        self.rejected = {table: rows + self.erased[table] for table, rows in source.rejected.items()}


def _to_nobody(refusals: Sequence[Refusal]) -> None:
    """Where nobody keeps the refused rows."""


@dataclass
class Reading:
    """What became of the files that were read; `refuse` is given every refused row, none is held."""

    refuse: Callable[[Sequence[Refusal]], None] = _to_nobody
    files: list[FileRead] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)  # mappings that were proposed: file name → TOML

    @property
    def rows(self) -> dict[str, int]:
        return _sums([one.rows for one in self.files])

    @property
    def rejected(self) -> dict[str, int]:
        return _sums([one.rejected for one in self.files])

    @property
    def added(self) -> dict[str, Added]:
        """What became of the accepted rows of each table."""
        found: dict[str, Added] = {}
        for table, more in ((table, more) for one in self.files for table, more in one.added.items()):
            so_far = found.get(table, Added())
            found[table] = Added(so_far.new + more.new, so_far.known + more.known, so_far.changed + more.changed)
        return found

    @property
    def warnings(self) -> list[Message]:
        return list(dict.fromkeys(warning for one in self.files for warning in one.warnings))


def _sums(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table, count in ((table, count) for one in counts for table, count in one.items()):
        found[table] = found.get(table, 0) + count
    return found


@dataclass(frozen=True)
class Delivery:
    """A file, the table it is meant for ("contacts", "ratings"; None: whichever part fits), the mappings to try."""

    path: Path
    meant: Table | None
    mappings: Sequence[Mapping]


def deliver(path: Path, meant: Table | None, mappings: Sequence[Mapping], reading: Reading) -> Delivery:
    """A file with its mappings; without one, one is proposed and kept."""
    if path.is_dir():
        raise SourceError(
            Message("E-FOLDER", "{file} is a folder; name the files in it, as {example}", file=path, example=path / "*")
        )
    if not path.is_file():
        if path.is_symlink() or path.exists():
            raise SourceError(Message("E-FILE", "{path} is not a file", path=path))
        raise SourceError(Message("E-FILE", "{file}: there is no such file", file=path))
    if mappings:
        return Delivery(path, meant, mappings)
    text = propose_apart(path)
    same_name = sum(name == path.name or name.startswith(f"{path.name}-") for name in reading.proposals)
    reading.proposals[f"{path.name}-{same_name + 1}" if same_name else path.name] = text
    return Delivery(path, meant, [Mapping.from_text(text, name=f"{path.name}.mapping.toml")])


def check_named_once(paths: Sequence[Path]) -> None:
    """Refuse a file that is named twice, under whichever names.

    Raises: SourceError naming it.
    """
    seen: set[str] = set()
    for path in paths:
        if (place := os.path.realpath(path)) in seen:
            raise SourceError(Message("E-NAMED", "{file} is named twice; name each file once", file=path))
        seen.add(place)


def open_delivery(delivery: Delivery) -> Source:
    """Open a file with the one mapping that fits it.

    Raises: SourceError if none or several fit, or the part that fits is for the other table.
    """
    fitting: list[Source] = []
    misfits: list[Message] = []
    for mapping in delivery.mappings:
        try:
            fitting.append(open_apart(delivery.path, mapping, meant=delivery.meant))
        except SourceError as error:
            misfits.append(error.args[0])
    if not fitting:
        raise SourceError(joined(misfits))
    if len(fitting) > 1:
        names = [source.mapping.name for source in fitting]
        raise SourceError(
            Message(
                "E-MAPPING",
                "{file} fits several mappings: {mappings}; give the one that is meant",
                file=delivery.path.name,
                mappings=names,
            )
        )
    _check_meant(delivery, fitting[0])
    return fitting[0]


def _check_meant(delivery: Delivery, source: Source) -> None:
    if delivery.meant not in (None, *source.tables):
        raise SourceError(
            Message(
                "E-TABLE",
                "{file} holds {table} by {mapping}; give it with --{table}",
                file=delivery.path.name,
                table=source.part,
                mapping=source.mapping.name,
            )
        )


def read_into(
    store: LogStore, sources: Iterable[Source], reading: Reading, *, accept_rejects: bool, progress: Progress
) -> None:
    """Read all files and store them; if one has too many refused rows, or anything fails, none is stored.

    Raises: TooManyRefused when more than 1 % of a file's rows are refused and `accept_rejects` is not given.
    """
    with ExitStack() as stack:
        imports: list[tuple[FileRead, Import]] = []
        for source in sources:
            delivery = stack.enter_context(Import(store, source.digest, source.name, source.has_sequence))
            imports.append((_spread(source, delivery, reading, progress), delivery))
        if not accept_rejects:
            for file, _ in imports:
                check_refused(file)
        if imports:
            progress("store", 0)
            added = commit_all([delivery for _, delivery in imports])
            for (file, _), of_file in zip(imports, added, strict=True):
                file.added = of_file


def _spread(source: Source, delivery: Import, reading: Reading, progress: Progress) -> FileRead:
    file = FileRead(source.name, source.rows, source.rejected, source.warnings)
    file.repeated = any(source.digest in delivery.store.imports(table) for table in source.tables)
    reading.files.append(file)
    with closing(source.batches()) as batches:
        for batch in batches:
            erased = _add(batch, delivery, file.name)
            file.take(source, [*batch.refusals, *erased], reading)
            progress(f"read {file.name}", max(file.rows.values()))
    delivery.close()
    delivery.refused.update(file.rejected)
    return file


def _add(batch: Batch, delivery: Import, file: str) -> list[Refusal]:
    """Hand the accepted rows on; rows of erased customers come back as refusals, which do not say of whom."""
    refusals = []
    for table, rows in batch.tables.items():
        erased = delivery.add(table, rows)
        refusals += [
            Refusal(file, table, line, "customer_id", "", ERASED) for line in batch.lines[table][erased].tolist()
        ]
    return refusals


TABLE_NAMES = {"contacts": Message("", "contacts"), "ratings": Message("", "ratings")}


def check_refused(file: FileRead) -> None:
    """Refuse a file of which too much is refused.

    Raises: TooManyRefused.
    """
    for table, rows in file.rows.items():
        rejected = file.rejected[table] - file.erased[table]
        if rejected > MOST_REFUSED * rows:
            raise TooManyRefused(
                Message(
                    "E-REFUSED",
                    "{file}: {rejected:,} of {rows:,} {table} are refused, more than 1 %, so nothing is stored; "
                    "mend the file or its mapping, or store the rest with --accept-rejects",
                    file=file.name,
                    rejected=rejected,
                    rows=rows,
                    table=TABLE_NAMES[table],
                )
            )


def iso(at: int | None) -> str | None:
    """A moment in µs UTC as ISO text; to the second where it has no fraction."""
    if at is None:
        return None
    moment = EPOCH + timedelta(microseconds=at)
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def currency_of(mappings: Sequence[Mapping], default: str = "EUR") -> str:
    """The one currency the mappings declare.

    Raises: SourceError if they declare different ones.
    """
    declared = sorted({mapping.currency for mapping in mappings if mapping.currency})
    if len(declared) > 1:
        raise SourceError(
            Message(
                "E-CURRENCY",
                "The mappings declare different currencies, {currencies}; a log has one",
                currencies=declared,
            )
        )
    return declared[0] if declared else default


def timezone_of(mappings: Sequence[Mapping], default: str = "Europe/Berlin") -> str:
    """The reporting time zone of a new log: the one the first mapping reads local times in."""
    zones = [part.settings.timezone for mapping in mappings for part in mapping.parts if part.settings.timezone]
    return zones[0] if zones else default

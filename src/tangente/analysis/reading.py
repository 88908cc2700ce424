"""Files into a log: find the mapping that fits, read, refuse what must be refused, store all files or none."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tangente.analysis import model
from tangente.contactlog.extent import Extent, extent
from tangente.contactlog.imports import Added, Import, commit_all
from tangente.contactlog.log import EPOCH, ContactLog
from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import LogStore
from tangente.errors import SourceError, TooManyRefused
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Table
from tangente.sources.propose import propose
from tangente.sources.reading import Source, open_source
from tangente.sources.rejects import Refusal

MOST_REFUSED = 0.01
"""Share of refused rows of a file above which a wrong mapping is likelier than a few bad rows."""

Progress = Callable[[str, int], None]
"""Told what is being done (read FILE, store, prepare, analyse, report), and how many rows of it are done."""


@dataclass
class Reading:
    """What became of the rows of the files that were read, per table."""

    rows: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    added: dict[str, Added] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    proposals: dict[str, str] = field(default_factory=dict)  # mappings that were proposed: file name → TOML


@dataclass(frozen=True)
class Delivery:
    """A file, the table it is meant for ("contacts", "ratings"; None: whichever part fits), the mappings to try."""

    path: Path
    meant: Table | None
    mappings: Sequence[Mapping]


def deliver(path: Path, meant: Table | None, mappings: Sequence[Mapping], reading: Reading) -> Delivery:
    """A file with its mappings; without one, one is proposed and kept."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder; give a file in it")
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file")
    if mappings:
        return Delivery(path, meant, mappings)
    text = propose(path)
    same_name = sum(name == path.name or name.startswith(f"{path.name}-") for name in reading.proposals)
    reading.proposals[f"{path.name}-{same_name + 1}" if same_name else path.name] = text
    return Delivery(path, meant, [Mapping.from_text(text, name=f"the proposed mapping of {path.name}")])


def open_delivery(delivery: Delivery) -> Source:
    """Open a file with the one mapping that fits it.

    Raises: SourceError if none or several fit, or the part that fits is for the other table.
    """
    fitting, misfits = [], []
    for mapping in delivery.mappings:
        try:
            fitting.append((mapping, open_source(delivery.path, mapping, meant=delivery.meant)))
        except SourceError as error:
            misfits.append(str(error))
    if len(fitting) > 1:
        names = " and ".join(mapping.name for mapping, _ in fitting)
        raise SourceError(f"{delivery.path.name} fits {names}; give the one that is meant")
    if not fitting:
        raise SourceError("; ".join(dict.fromkeys(misfits)))
    mapping, source = fitting[0]
    if delivery.meant not in (None, *source.tables):
        raise SourceError(f"{delivery.path.name} holds {source.part} by {mapping.name}; give it with --{source.part}")
    return source


def read_into(
    store: LogStore, sources: Iterable[Source], reading: Reading, *, accept_rejects: bool, progress: Progress
) -> None:
    """Read all files and store them; if one has too many refused rows, or anything fails, none is stored.

    Raises: TooManyRefused when more than 1 % of a file's rows are refused and `accept_rejects` is not given.
    """
    with ExitStack() as stack:
        imports = []
        for source in sources:
            delivery = stack.enter_context(Import(store, source.digest, source.path.name, source.has_sequence))
            _spread(source, delivery, reading, progress)
            imports.append((source, delivery))
        if not accept_rejects:
            for source, _ in imports:
                _check_refused(source)
        progress("store", 0)
        for one in commit_all([delivery for _, delivery in imports]) if imports else []:
            for table, added in one.items():
                so_far = reading.added.get(table, Added(0, 0))
                reading.added[table] = Added(so_far.new + added.new, so_far.known + added.known)


def _spread(source: Source, delivery: Import, reading: Reading, progress: Progress) -> None:
    for batch in source.batches():
        for table, rows in (("contacts", batch.contacts), ("ratings", batch.ratings)):
            if rows is not None:
                delivery.add(table, rows)
        reading.refusals += batch.refusals
        progress(f"read {source.path.name}", max(source.rows.values()))
    delivery.close()
    for table in source.tables:
        reading.rows[table] = reading.rows.get(table, 0) + source.rows[table]
        reading.rejected[table] = reading.rejected.get(table, 0) + source.rejected[table]


def _check_refused(source: Source) -> None:
    for table in source.tables:
        rows, rejected = source.rows[table], source.rejected[table]
        if rejected > MOST_REFUSED * rows:
            raise TooManyRefused(
                f"{source.path.name}: {rejected:,} of {rows:,} {table} are refused, more than 1 %, so nothing is stored; "
                "mend the file or its mapping, or store the rest with --accept-rejects"
            )


def measured(log: ContactLog, reading: Reading) -> model.Sources:
    """The counts of what was read, with the extent of the log as it now is."""
    extents = extent(log)
    return model.Sources(**{table: _source(table, extents[table], reading) for table in TABLES})


def _source(table: str, size: Extent, reading: Reading) -> model.Source | None:
    if table not in reading.rows and not size.rows:
        return None
    rows, rejected = reading.rows.get(table, 0), reading.rejected.get(table, 0)
    added = reading.added.get(table, Added(0, 0))
    return model.Source(
        rows=rows,
        accepted=rows - rejected,
        rejected=rejected,
        new=added.new,
        known=added.known,
        ties=size.ties,
        customers=size.customers,
        first=iso(size.first),
        last=iso(size.last),
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
        raise SourceError(f"The mappings declare different currencies, {', '.join(declared)}; a log has one")
    return declared[0] if declared else default


def timezone_of(mappings: Sequence[Mapping], default: str = "Europe/Berlin") -> str:
    """The reporting time zone of a new log: the one the first mapping reads local times in."""
    zones = [part.settings.timezone for mapping in mappings for part in mapping.parts if part.settings.timezone]
    return zones[0] if zones else default

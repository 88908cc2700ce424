"""Files become part of a log: of one that is kept, or of one that lives for an analysis."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

from tangente.analysis.reading import (
    Delivery,
    Progress,
    Reading,
    check_named_once,
    currency_of,
    deliver,
    open_delivery,
    read_into,
    timezone_of,
)
from tangente.contactlog.settings import FILE
from tangente.contactlog.store import LogStore, create_log, open_log
from tangente.errors import ContactLogError, SourceError
from tangente.messages import Message
from tangente.sources.mapping import Mapping

TEMPORARY_KEY = b"tangente: a log that lives for one analysis"
"""Of a log nobody keeps: its pseudonyms never leave the run, and with a fixed key equal input gives an equal report."""


@contextmanager
def opened_log(folder: Path | None, deliveries: Sequence[Delivery]) -> Iterator[LogStore]:
    """The log in a folder, made if there is none; or one that lives as long as the `with` block."""
    mappings = [mapping for delivery in deliveries for mapping in delivery.mappings]
    if folder is None:
        with (
            tempfile.TemporaryDirectory(prefix="tangente-") as temporary,
            _new(Path(temporary), mappings, TEMPORARY_KEY) as store,
        ):
            yield store
    elif folder.is_file():
        raise SourceError(Message("E-FOLDER", "{folder} is a file; a log needs a folder of its own", folder=folder))
    else:
        if deliveries:
            _make(folder, mappings)
        with open_log(folder) as store:
            declared = currency_of(mappings, store.currency)
            if declared != store.currency:
                raise SourceError(
                    Message(
                        "E-CURRENCY",
                        "The mapping declares {declared}, but {folder} holds {currency}; a log has one currency",
                        declared=declared,
                        folder=folder,
                        currency=store.currency,
                    )
                )
            yield store


def _make(folder: Path, mappings: Sequence[Mapping]) -> None:
    """Make the log if there is none."""
    if (folder / FILE).exists():
        return
    try:
        _new(folder, mappings, None).close()
    except ContactLogError:
        if not (folder / FILE).exists():  # else another process was faster
            raise


def _new(folder: Path, mappings: Sequence[Mapping], key: bytes | None) -> LogStore:
    return create_log(folder, currency=currency_of(mappings), timezone=timezone_of(mappings), key=key)


def append(
    files: Sequence[Path],
    folder: Path,
    mappings: Sequence[Path],
    reading: Reading,
    *,
    accept_rejects: bool,
    progress: Progress,
) -> None:
    """Add files to a log, which is made if there is none: all of them or, if anything is wrong with one, none.

    Raises: a TangenteError whose sentence tells the reader what to do.
    """
    check_named_once(files)
    loaded = [Mapping.load(path) for path in mappings]
    deliveries = [deliver(path, None, loaded, reading) for path in files]
    sources = [open_delivery(delivery) for delivery in deliveries]
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.map(attrgetter("digest"), sources)  # while the log is opened or made
        with opened_log(folder, deliveries) as store:
            read_into(store, sources, reading, accept_rejects=accept_rejects, progress=progress)

"""The main job from files to an Analysis: read, store, question, judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tangente.analysis.analyse import analyse
from tangente.analysis.appending import opened_log
from tangente.analysis.measured import measured
from tangente.analysis.model import Analysis
from tangente.analysis.options import Options
from tangente.analysis.reading import Progress, Reading, check_named_once, deliver, open_delivery, read_into
from tangente.contactlog.log import ContactLog
from tangente.contactlog.store import LogStore
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.mapping import Mapping
from tangente.translation import language


@dataclass(frozen=True, kw_only=True)
class Files:
    """What to read, with which mappings, and into which log (None: one that lives for this analysis)."""

    contacts: Sequence[Path] = ()
    ratings: Sequence[Path] = ()
    mappings: Sequence[Path] = ()
    log: Path | None = None
    accept_rejects: bool = False


def run(
    files: Files,
    options: Options,
    reading: Reading,
    progress: Progress,
    log_of: Callable[[LogStore], ContactLog] = LogStore.log,
) -> Analysis:
    """Do the main job; `reading` is filled on the way, so that it names the refused rows even when this raises.

    `log_of` makes the log that is asked out of what is stored, with the engine that runs its passes.
    Raises: a TangenteError whose sentence tells the reader what to do.
    """
    if not (files.contacts or files.ratings or files.log):
        raise SourceError(
            Message(
                "E-NOTHING", "There is nothing to analyse; give --contacts FILE, --ratings FILE or both, or --log DIR"
            )
        )
    for paths in (files.contacts, files.ratings):
        check_named_once(paths)
    mappings = [Mapping.load(path) for path in files.mappings]
    deliveries = [deliver(path, "contacts", mappings, reading) for path in files.contacts]
    deliveries += [deliver(path, "ratings", mappings, reading) for path in files.ratings]
    sources = [open_delivery(delivery) for delivery in deliveries]
    with opened_log(files.log, deliveries) as store:
        read_into(store, sources, reading, accept_rejects=files.accept_rejects, progress=progress)
        progress("prepare", 0)
        log = log_of(store)
        progress("analyse", 0)
        return analyse(log, measured(log, reading, language(options.language)), options)

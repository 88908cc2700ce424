"""The one door to the library for imports: reads uploaded files in child processes, stores them in one commit."""

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tangente.analysis.appending import opened_log
from tangente.analysis.reading import Delivery, Progress, Reading, open_delivery, read_into
from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import LogStore
from tangente.errors import TangenteError, TooManyRefused
from tangente.messages import Message
from tangente.sources.apart import propose_apart
from tangente.sources.mapping import Mapping
from tangente.sources.rejects_file import RejectsFile
from tangente.sources.source import Source
from tangente.translation import spoken
from tangente.web.data.models import Outcome, Upload
from tangente.web.data.names import called
from tangente.web.data.places import file_of, refused_rows
from tangente.web.data.queries import maker_of
from tangente.web.errors import RuleError
from tangente.web.jobs.runs import Run
from tangente.web.tags import day
from tangente.web.workspace_log import made

KINDS = ("new", "known", "changed", "refused")

Imports = dict[str, dict[str, dict[str, Any]]]
"""What a log says of each import, by its id and table."""


def store(run: Run, uploads: Sequence[Upload]) -> dict[str, Any]:
    """Make the files part of the log, and return what became of their rows.

    Raises: RuleError, with the files under the names that people know, if anything is refused; then nothing is stored.
    """
    workspace = uploads[0].workspace
    rejects = RejectsFile(refused_rows(workspace, run.job))
    reading = Reading(rejects.add)
    with timezone.override(workspace.timezone), _told_to_people(run, uploads, reading), rejects:
        waiting = [upload for upload in uploads if not upload.outcome]  # else an earlier attempt has come so far
        if waiting:
            rejects.path.unlink(missing_ok=True)
        deliveries = [_delivery(run, upload) for upload in waiting]
        with opened_log(made(workspace), deliveries) as log:
            sources = [_source(upload, delivery) for upload, delivery in zip(waiting, deliveries, strict=True)]
            new = _unknown(run, log, dict(zip(waiting, sources, strict=True)))
            read_into(log, new.values(), reading, accept_rejects=False, progress=_progress(run))
            held = _imports(log)
            _note(run, new, reading, held)
        return _facts(uploads, held)


@contextmanager
def _told_to_people(run: Run, uploads: Sequence[Upload], reading: Reading) -> Iterator[None]:
    try:
        yield
    except TooManyRefused as error:
        with run.writing():
            for file in reading.files:
                Upload.objects.filter(job=run.job, name=file.name).update(refused=sum(file.rejected.values()))
        raise RuleError(_too_many(error.args[0])) from error
    except TangenteError as error:
        names = {upload.stored: upload.name for upload in uploads} | {f"{file_of(uploads[0]).parent}{os.sep}": ""}
        raise RuleError(called(error.args[0], names)) from error


def _too_many(said: Message) -> str:
    counts = {name: spoken().number(int(str(said.values[name]))) for name in ("rejected", "rows")}
    text = _(
        "%(file)s: %(rejected)s of %(rows)s rows are refused, more than 1 %%, so nothing is stored. The list of refused rows "
        "gives the reason for each; mend the file or its mapping, and upload it again. [E-REFUSED]"
    )
    return text % {"file": said.values["file"], **counts}


def _delivery(run: Run, upload: Upload) -> Delivery:
    """The file with its mapping; where none was given one is proposed, and kept."""
    run.progress(0, 0, "propose")
    path = file_of(upload)
    if not path.exists():
        raise RuleError(_("%(file)s is no longer kept; upload it again.") % {"file": upload.name})
    if not upload.mapping:
        home = {"currency": upload.workspace.currency, "timezone": upload.workspace.timezone}
        upload.mapping = propose_apart(path, **home).replace(upload.stored, upload.name)
        with run.writing():
            upload.save(update_fields=["mapping"])
    name = upload.mapping_name or f"{upload.name}.toml"
    return Delivery(path, None, [Mapping.from_text(upload.mapping, name=name)])


def _source(upload: Upload, delivery: Delivery) -> Source:
    source = open_delivery(delivery)
    source.name = upload.name
    return source


def _unknown(run: Run, log: LogStore, files: dict[Upload, Source]) -> dict[Upload, Source]:
    """The files that the log does not hold; of each other one is noted whether it came from here, or earlier."""
    held = _imports(log)
    new = {}
    for upload, source in files.items():
        upload.import_id = source.digest
        if source.digest not in held:
            new[upload] = source
        else:
            is_ours = _maker(upload, held) == upload  # by an attempt that was killed after its commit
            upload.outcome = Outcome.STORED if is_ours else Outcome.REPEATED
        with run.writing():
            upload.save(update_fields=["import_id", "outcome"])
    return new


def _imports(log: LogStore) -> Imports:
    held: Imports = {}
    for table in TABLES:
        for import_id, told in log.imports(table).items():
            held.setdefault(import_id, {})[table] = told
    return held


def _maker(upload: Upload, held: Imports) -> Upload | None:
    told = next(iter(held[upload.import_id].values()))
    return maker_of(upload.workspace, upload.import_id, told["at"])


def _progress(run: Run) -> Progress:
    return lambda step, rows: run.progress(rows, 0, step.partition(" ")[0])


def _note(run: Run, new: Collection[Upload], reading: Reading, held: Imports) -> None:
    """What became of each file; another process may have stored the same one meanwhile."""
    for upload, file in zip(new, reading.files, strict=True):
        told = held.get(upload.import_id, {})
        is_ours = all(file.added[table].new == one["new"] for table, one in told.items() if table in file.added)
        upload.outcome = Outcome.STORED if is_ours else Outcome.REPEATED
        with run.writing():
            upload.save(update_fields=["outcome"])


def _facts(uploads: Sequence[Upload], held: Imports) -> dict[str, Any]:
    """What the page of the job says: rows by what became of them, and who imported the rest when."""
    stored = {upload.import_id for upload in uploads if upload.outcome == Outcome.STORED}
    tables = [one for import_id in stored for one in held.get(import_id, {}).values()]
    facts: dict[str, Any] = {kind: sum(one.get(kind, 0) for one in tables) for kind in KINDS}
    before = [_before(upload, held) for upload in uploads if upload.outcome == Outcome.REPEATED]
    return facts | ({"before": "; ".join(before)} if before else {})


def _before(upload: Upload, held: Imports) -> str:
    told = next(iter(held[upload.import_id].values()))
    maker = _maker(upload, held)
    person = maker.job.started_by if maker else None
    said = {
        "file": upload.name,
        "day": day(datetime.fromisoformat(told["at"])),
        "person": person or _("the command line"),
    }
    return _("%(file)s (%(day)s, %(person)s)") % said

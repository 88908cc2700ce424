"""What was imported: as the log tells it, with who did it and what was kept where it came from here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tangente.contactlog.snapshot import imports_now
from tangente.web.data.models import Outcome, Upload
from tangente.web.data.places import refused_rows
from tangente.web.jobs.models import State
from tangente.web.jobs.queries import ShownJob, shown
from tangente.web.people.models import Asker, Person, Workspace
from tangente.web.tags import day
from tangente.web.workspace_log import folder_of

SHORT = 8
KINDS = ("new", "known", "changed", "refused")
SECOND = timedelta(seconds=1)  # the log tells no fractions


def maker_of(workspace: Workspace, import_id: str, at: str) -> Upload | None:
    """The upload that an import of the log came from; None if it came by the command line."""
    uploads = Upload.objects.filter(workspace=workspace, import_id=import_id).exclude(outcome=Outcome.REPEATED)
    uploads = uploads.exclude(job__state=State.FAILED).select_related("job__started_by")
    found: Upload | None = uploads.filter(job__created_at__lt=datetime.fromisoformat(at) + SECOND).first()
    return found


@dataclass(frozen=True)
class Row:
    """A line of the history; `counts` are rows new, known, changed, refused, None where nothing is known."""

    at: datetime
    name: str
    import_id: str
    counts: dict[str, int | None]
    upload: Upload | None = None
    job: ShownJob | None = None
    before: str = ""  # when and by whom the same file was imported before
    is_undone: bool = False
    has_refused: bool = False

    @property
    def short(self) -> str:
        return self.import_id[:SHORT]

    @property
    def mark(self) -> str:
        """Which mark of the design stands before the state."""
        return "plan" if self.is_undone else self.job.mark if self.job else "done"

    @property
    def state(self) -> str:
        if self.is_undone:
            return _("taken out again")
        if self.job is None or self.upload is None:
            return str(Outcome.STORED.label)
        outcome = self.upload.outcome
        return str(Outcome(outcome).label) if outcome else self.job.job.get_state_display()

    @property
    def person(self) -> Person | None:
        return self.upload.job.started_by if self.upload else None


def history(workspace: Workspace, person: Asker, at: datetime) -> list[Row]:
    """Everything that was imported or was to be, latest first."""
    held = _held(workspace)
    uploads = Upload.objects.visible_to(person).filter(workspace=workspace)
    uploads = uploads.select_related("workspace", "job__started_by", "job__workspace").order_by("id")
    makers = {upload.import_id: upload for upload in uploads if upload.outcome == Outcome.STORED}  # the latest of each
    rows = [_row(upload, held, makers, at) for upload in uploads]
    rows += [_by_command(import_id, told) for import_id, told in held.items() if import_id not in makers]
    return sorted(rows, key=lambda row: row.at, reverse=True)


Told = dict[str, Any]
"""What the log says of an import: name, at, and the rows of all its tables by kind."""


def _held(workspace: Workspace) -> dict[str, Told]:
    held: dict[str, Told] = {}
    for imports in imports_now(folder_of(workspace)).values():
        for import_id, told in imports.items():
            one = held.setdefault(import_id, {"name": told["name"], "at": told["at"], **dict.fromkeys(KINDS, 0)})
            one |= {kind: one[kind] + told.get(kind, 0) for kind in KINDS}
    return held


def _row(upload: Upload, held: dict[str, Told], makers: dict[str, Upload], at: datetime) -> Row:
    told = held.get(upload.import_id)
    maker = makers.get(upload.import_id)
    is_there = told is not None and maker == upload
    return Row(
        at=upload.job.created_at,
        name=upload.name,
        import_id=upload.import_id,
        counts=_counts(told if told and is_there else {"refused": upload.refused or None}),
        upload=upload,
        job=shown(upload.job, at),
        before=_before(told, maker) if told and upload.outcome == Outcome.REPEATED else "",
        is_undone=upload.outcome == Outcome.STORED and not is_there,
        has_refused=refused_rows(upload.workspace, upload.job).exists(),
    )


def _before(told: Told, maker: Upload | None) -> str:
    said = {"day": day(datetime.fromisoformat(told["at"])), "person": maker and maker.job.started_by}
    return (_("on %(day)s by %(person)s") if said["person"] else _("on %(day)s by the command line")) % said


def _by_command(import_id: str, told: Told) -> Row:
    at = datetime.fromisoformat(told["at"])
    return Row(at=at, name=told["name"], import_id=import_id, counts=_counts(told))


def _counts(told: Told) -> dict[str, int | None]:
    return {kind: told.get(kind) for kind in KINDS}

"""The job that makes uploaded files part of a workspace's log."""

from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _

from tangente.errors import TangenteError
from tangente.web.data.models import Upload
from tangente.web.data.places import file_of
from tangente.web.jobs.queue import job
from tangente.web.jobs.runs import Run
from tangente.web.overview.preparing import prepare_after_import

NAME = "data.import"

logger = structlog.get_logger(__name__)


@job(
    NAME,
    label=_("Import of data"),
    kept=_("The page Data says what is stored: a file is in the log whole or not at all."),
    steps={"propose": _("looking at the columns"), "read": _("reading"), "store": _("storing"), "prepare": _("asking")},
    facts={
        "new": _("new rows"),
        "known": _("known already"),
        "changed": _("changed"),
        "refused": _("refused"),
        "before": _("imported before"),
    },
    leads_to="data",
)
def import_uploads(run: Run) -> dict[str, Any]:
    """Read the files of the job and store them in one commit; an attempt that was killed after that is completed."""
    from tangente.web.data.storing import store  # noqa: PLC0415 - the whole library; a worker starts without it

    uploads = list(Upload.objects.filter(job=run.job).order_by("id").select_related("workspace", "job"))
    facts = store(run, uploads)
    for upload in uploads:
        file_of(upload).unlink(missing_ok=True)
    run.progress(0, 0, "prepare")
    try:
        prepare_after_import(uploads[0].workspace)
    except TangenteError as error:  # the data are stored whatever can be said about them; the overview tells it itself
        logger.warning("overview not prepared", job=run.job.pk, code=error.code)
    return facts

"""Makes answers before anybody waits for them: after an import, or as a job."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tangente.web.jobs.queue import job
from tangente.web.jobs.runs import Run
from tangente.web.overview.chosen import Chosen
from tangente.web.people.models import Workspace

NAME = "overview.ask"


def prepare(workspace: Workspace, chosen: Chosen | None = None) -> None:
    """Answer for the log as it is now, so that the next request only reads; an import calls it at its end."""
    from tangente.web.overview.asking import ask  # noqa: PLC0415 - the whole library; a server starts without it

    ask(workspace, chosen or Chosen())


@job(NAME, label=_("Analysis"), kept=_("The log is as it was."), leads_to="overview")
def prepare_as_job(run: Run, *, filters: str) -> dict[str, Any]:
    """The same for whoever waits for a page."""
    workspace = run.job.workspace
    if workspace is not None:
        prepare(workspace)
        run.progress(1, 2)
        prepare(workspace, Chosen.unchecked(QueryDict(filters).dict()))
    return {}

"""Watching jobs, and beginning a stopped one anew."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from tangente.web.errors import RuleError
from tangente.web.http import Request
from tangente.web.jobs.models import Job
from tangente.web.jobs.queries import shown, undelivered
from tangente.web.jobs.queue import retry
from tangente.web.once import once
from tangente.web.people.entering import enter
from tangente.web.people.models import Workspace
from tangente.web.people.roles import DATA

SHOWN_JOBS = 50


@require_GET
@vary_on_headers("HX-Request")
def job_list(request: Request, slug: str) -> HttpResponse:
    """What is being done, and what was."""
    workspace = enter(request, slug)
    jobs = Job.objects.visible_to(request.user).filter(workspace=workspace).select_related("workspace", "started_by")
    at = timezone.now()
    sees_all = Workspace.objects.visible_to(request.user, *DATA).filter(pk=workspace.pk).exists()
    page = {
        "open": [shown(job, at) for job in jobs.open().order_by("state", "id")],
        "ended": [shown(job, at) for job in jobs.ended()[:SHOWN_JOBS]],
        "undelivered": undelivered(workspace) if sees_all else [],
    }
    return render(request, "jobs/list.html#jobs" if request.htmx else "jobs/list.html", page)


@require_GET
@vary_on_headers("HX-Request")
def job_show(request: Request, slug: str, pk: int) -> HttpResponse:
    """How far one job is, or how it ended."""
    workspace = enter(request, slug)
    jobs = Job.objects.visible_to(request.user).filter(workspace=workspace).select_related("workspace", "started_by")
    page = {"shown": shown(get_object_or_404(jobs, pk=pk), timezone.now())}
    return render(request, "jobs/show.html#job" if request.htmx else "jobs/show.html", page)


@require_POST
@once
def job_retry(request: Request, slug: str, pk: int) -> HttpResponse:
    """Begin a stopped job anew."""
    workspace = enter(request, slug)
    job = get_object_or_404(Job.objects.editable_by(request.user).filter(workspace=workspace), pk=pk)
    try:
        retry(job=job, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("job_show", slug, pk)

"""Bringing in data, and what was brought in."""

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from tangente.web.data import actions
from tangente.web.data.forms import UploadForm
from tangente.web.data.models import Upload
from tangente.web.data.places import refused_rows
from tangente.web.data.queries import history
from tangente.web.http import Request
from tangente.web.listing import Listing
from tangente.web.once import once
from tangente.web.people.entering import enter
from tangente.web.people.models import Workspace
from tangente.web.people.roles import DATA


@csrf_exempt  # _received asks for the token; until we know who sends how much, nothing of the body is read
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def data(request: Request, slug: str) -> HttpResponse:
    """What was imported, and a place for files."""
    workspace = enter(request, slug, *DATA)
    if request.method == "GET":
        return _page(request, workspace, UploadForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MOST_UPLOAD:
        return _page(request, workspace, UploadForm.too_large(), 413)
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return _received(request, workspace)


@csrf_protect
@once
def _received(request: Request, workspace: Workspace) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, workspace, form, 422)
    files, mapping = form.cleaned_data["files"], form.cleaned_data["mapping"]
    actions.import_files(workspace=workspace, files=files, mapping=mapping, by=request.user, at=timezone.now())
    return redirect("data", workspace.slug)


def _page(request: Request, workspace: Workspace, form: UploadForm, status: int = 200) -> HttpResponse:
    rows = history(workspace, request.user, timezone.now())
    listing = Listing((), request.GET, len(rows))
    page = {
        "form": form,
        "most_mib": settings.MOST_UPLOAD >> 20,
        "running": list({row.job.job.pk: row.job for row in rows if row.job and row.job.job.is_open}.values()),
        "rows": rows[listing.rows],
        "listing": listing,
    }
    return render(request, "data/data.html#imports" if request.htmx else "data/data.html", page, status=status)


@require_GET
def data_refused(request: Request, slug: str, pk: int) -> HttpResponseBase:
    """The refused rows of an import, as long as they are kept."""
    workspace = enter(request, slug, *DATA)
    upload = get_object_or_404(Upload.objects.visible_to(request.user).filter(workspace=workspace), pk=pk)
    try:
        file = refused_rows(workspace, upload.job).open("rb")
    except FileNotFoundError:
        messages.info(request, _("This list of refused rows is no longer kept."))
        return redirect("data", slug)
    return FileResponse(file, as_attachment=True, filename=f"{upload.name}.refused.csv", content_type="text/csv")


@require_GET
def data_mapping(request: Request, slug: str, pk: int) -> HttpResponse:
    """The mapping a file was read with."""
    workspace = enter(request, slug, *DATA)
    upload = get_object_or_404(Upload.objects.visible_to(request.user).filter(workspace=workspace), pk=pk)
    if not upload.mapping:
        raise Http404
    name = upload.mapping_name or f"{upload.name}.mapping.toml"
    headers = {"Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name))}
    return HttpResponse(upload.mapping, content_type="application/toml; charset=utf-8", headers=headers)

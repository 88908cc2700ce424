"""For whatever watches the server: does it live, may it be given work."""

import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tangente.web.heartbeat import is_beating
from tangente.web.serving.schema import pending


@login_not_required
@never_cache
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", "text/plain")


@login_not_required
@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """The database answers and is up to date, and somebody does the jobs."""
    try:
        fault = "the database is being migrated" if pending() else ""
    except DatabaseError:
        fault = "the database does not answer"
    if not fault and not is_beating(settings.CACHE, time.time()):
        fault = "the worker does not work"
    return HttpResponse(f"{fault or 'ok'}\n", "text/plain", status=503 if fault else 200)

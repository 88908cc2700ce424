"""A form that is sent twice (double click, retry, crash between effect and answer) takes effect once.

Its key, what it said and the answer are kept in the transaction of the effect: either all are there or none.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.db import IntegrityError, models, transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tangente.web.http import Request

FIELD = "once"
KEPT = timedelta(days=2)
REPEATED = ("Location", "HX-Redirect", "HX-Location", "HX-Refresh", "HX-Trigger")
"""The headers of an answer that are told again."""

View = Callable[..., HttpResponse]


class SentForm(models.Model):
    """A form that took effect, by the key that was rendered into it."""

    key = models.UUIDField(primary_key=True)
    person = models.ForeignKey("tangente.Person", models.CASCADE, null=True, related_name="+")
    said = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.key)


def once(view: View) -> View:
    """Let the view's POST take effect once for each rendered form.

    The same form again gets the same answer; with other entries 422. A twin waits for the one in flight. Answers from
    400 on are not kept, and whatever the view wrote before giving one is undone.
    """

    @wraps(view)
    def answered(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if key is None:
            return view(request, *args, **kwargs)
        form = SentForm(key=key, person_id=request.user.pk, said=_said(request), at=timezone.now())
        with transaction.atomic():
            earlier = _kept(form)
            if earlier:
                return _again(request, form, earlier)
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _keep(form, response)
        return response

    return answered


def _key(request: Request) -> UUID | None:
    """The key of the form; None if it has none, or nothing is sent."""
    if request.method != "POST" or FIELD not in request.POST:
        return None
    try:
        return UUID(request.POST[FIELD])
    except ValueError:
        raise BadRequest("the key of the form is none of ours") from None


def _said(request: Request) -> str:
    """The digest of where the form went and of all that was in it."""
    entries = {name: values for name, values in request.POST.lists() if name not in (FIELD, "csrfmiddlewaretoken")}
    text = [request.get_full_path(), entries, sorted(_files(request))]
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()


def _files(request: Request) -> Iterator[tuple[str, str, str]]:
    for name, file in ((name, file) for name, files in request.FILES.lists() for file in files):
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        yield name, str(file.name), digest.hexdigest()


def _kept(form: SentForm) -> SentForm | None:
    """The form of this key as it was sent earlier; else this one is kept. The database lets only one of twins pass."""
    try:
        with transaction.atomic():
            form.save(force_insert=True)
    except IntegrityError:
        return SentForm.objects.get(pk=form.pk)
    return None


def _keep(form: SentForm, response: HttpResponse) -> None:
    if response.content:
        raise ImproperlyConfigured("a form that is answered once ends with a redirect or an empty answer")
    form.status = response.status_code
    form.headers = {name: response[name] for name in REPEATED if name in response}
    form.save(update_fields=["status", "headers"])


def _again(request: Request, form: SentForm, earlier: SentForm) -> HttpResponse:
    """The answer of earlier; who sent it before signing in may ask again afterwards."""
    if earlier.said != form.said or earlier.person_id not in (None, form.person_id):
        return render(request, "sent_form.html", status=422)
    return HttpResponse(status=earlier.status, headers=earlier.headers)


def forget(at: datetime) -> None:
    """Remove what nobody sends again."""
    SentForm.objects.filter(at__lt=at - KEPT).delete()

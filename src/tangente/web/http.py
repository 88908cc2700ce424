"""The request as our views see it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from tangente.web.people.models import Person, Workspace

    class Request(HttpRequest):
        """Of somebody who has signed in: LoginRequiredMiddleware sends everybody else away."""

        user: Person
        htmx: HtmxDetails
        workspace: Workspace
else:
    Request = HttpRequest

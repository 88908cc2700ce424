"""The entrance of the demo: one address, once, for whoever sits at the machine."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tangente.web.demo import entrance
from tangente.web.demo.guards import is_at_this_machine
from tangente.web.demo.queries import visitor
from tangente.web.http import Request
from tangente.web.people.views import BACKEND


@login_not_required
@require_http_methods(["GET", "POST"])
def demo(request: Request, token: str) -> HttpResponse:
    """Sign in as touchpoint manager of the demo; a look at the page, as programs take one, does not use the address up."""
    member = visitor() if is_at_this_machine(request) else None
    if member is None:
        raise Http404
    if not entrance.fits(settings.DATA, token):
        return render(request, "demo/used.html", status=404)
    if request.method == "GET":
        return render(request, "demo/entrance.html", {"member": member})
    with transaction.atomic():  # waits for the database before the address is used up
        if not entrance.use(settings.DATA, token):
            return render(request, "demo/used.html", status=404)
        login(request, member.person, backend=BACKEND)
    request.session.set_expiry(0)
    return redirect("overview", member.workspace.slug)

"""Signing in, setting up, and who belongs to a workspace."""

from allauth.account.views import PasswordChangeView, password_reset
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tangente.web.errors import RuleError
from tangente.web.http import Request
from tangente.web.listing import Column, Listing
from tangente.web.once import once
from tangente.web.people import actions, first, mail
from tangente.web.people.audit import address_mark, told
from tangente.web.people.entering import enter
from tangente.web.people.forms import DepartmentForm, FirstStart, Invite, LanguageForm, MembershipForm, NewPassword
from tangente.web.people.models import AuditEntry, Department, Invitation, Membership, Person, Workspace
from tangente.web.people.queries import tree
from tangente.web.people.roles import MEANINGS, PEOPLE, Role
from tangente.web.people.sign_ins import factors_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHOWN_ENTRIES = 100
SHOWN_EVENTS = 10
MOST_MEMBERS = 500  # on a page: the finder leads to a person's row on the first one
MEMBER_COLUMNS = (
    Column("name", gettext_lazy("Name"), "person__name"),
    Column("role", gettext_lazy("Role"), "role"),
    Column("department", gettext_lazy("Department"), "department__name", is_wide=True),
    Column("since", gettext_lazy("since"), "joined_at", is_wide=True),
)


@require_GET
def home(request: Request) -> HttpResponse:
    """The person's workspace, or the choice among several."""
    workspaces = list(Workspace.objects.visible_to(request.user).order_by("name"))
    if len(workspaces) == 1:
        return redirect("overview", workspaces[0].slug)
    return render(request, "people/home.html", {"workspaces": workspaces})


@login_not_required
@require_http_methods(["GET", "POST"])
@once
def first_start(request: Request, token: str) -> HttpResponse:
    """Create the first person and the first workspace."""
    if not first.opens(settings.DATA, token):
        raise Http404
    form = FirstStart(request.POST or None, initial={"timezone": "Europe/Berlin", "currency": "EUR"})
    if not form.is_valid():
        return render(request, "people/first_start.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        if not first.opens(settings.DATA, token):  # somebody was faster
            raise Http404
        owner = actions.begin(at=timezone.now(), **form.cleaned_data)
    login(request, owner.person, backend=BACKEND)
    return redirect("overview", owner.workspace.slug)


@login_not_required
@require_http_methods(["GET", "POST"])
@once
def invitation(request: Request, token: str) -> HttpResponse:
    """Join a workspace by the link of an invitation: as who has signed in, or as a new person."""
    found = get_object_or_404(Invitation.objects.opened_by(actions.token_hash(token), timezone.now()))
    known = found.person()
    if request.user.is_authenticated and request.user != known:
        return render(request, "people/invitation_of_another.html", {"invitation": found}, status=409)
    if known and not request.user.is_authenticated:
        return redirect(f"{reverse(settings.LOGIN_URL)}?next={request.path}")
    form = None if known else NewPassword(request.POST or None)
    if request.method == "GET" or (form and not form.is_valid()):
        page = {"invitation": found, "form": form, "meaning": MEANINGS[Role(found.role)]}
        return render(request, "people/invitation.html", page, status=200 if request.method == "GET" else 422)
    return _join(request, found, known, form)


def _join(request: Request, found: Invitation, known: Person | None, form: NewPassword | None) -> HttpResponse:
    said = form.cleaned_data if form else {}
    try:
        person = actions.join(invitation=found, person=known, at=timezone.now(), **said).person
    except RuleError as error:
        return render(request, "people/invitation_used.html", {"error": error}, status=409)
    if not known:
        login(request, person, backend=BACKEND)
    return redirect("overview", found.workspace.slug)


@login_not_required
@require_POST
def language_choose(request: Request) -> HttpResponse:
    """Switch the language, and stay on the page."""
    form = LanguageForm(request.POST)
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    if form.is_valid():
        chosen = form.cleaned_data["language"]
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen or translation.get_language(), samesite="Lax", httponly=True
        )
    return response


@require_GET
def account(request: Request) -> HttpResponse:
    """How the person signs in, and what happened to the account."""
    for workspace in Workspace.objects.visible_to(request.user).order_by("pk")[:1]:
        timezone.activate(workspace.timezone)
    happened = AuditEntry.objects.of_account(request.user, address_mark(request.user.email))
    return render(
        request,
        "mfa/index.html",
        {"authenticators": factors_of(request.user), "happened": told(happened[:SHOWN_EVENTS])},
    )


@require_http_methods(["GET", "POST"])
def password_change(request: Request) -> HttpResponse:
    """Another password; no page for people who have none, as in the demo."""
    if not request.user.has_usable_password():
        raise Http404
    response: HttpResponse = PasswordChangeView.as_view()(request)
    return response


@login_not_required
@require_http_methods(["GET", "POST"])
def password_forgotten(request: Request) -> HttpResponse:
    """Ask for a link by mail; no page where no mail leaves."""
    if not mail.is_configured():
        raise Http404
    response: HttpResponse = password_reset(request)
    return response


@login_not_required
def locked_out(request: Request, _response: HttpResponse | None = None, _credentials: object = None) -> HttpResponse:
    """After too many wrong passwords; not a page of its own, but the answer to the last one."""
    return render(request, "people/locked_out.html", status=429)


@require_GET
def member_list(request: Request, slug: str) -> HttpResponse:
    """Who belongs to the workspace."""
    workspace = enter(request, slug)
    members = Membership.objects.visible_to(request.user).filter(workspace=workspace, left_at=None)
    listing = Listing(MEMBER_COLUMNS, request.GET, members.count(), MOST_MEMBERS)
    page = {
        "listing": listing,
        "members": members.select_related("person", "department").order_by(listing.order, "person__name")[listing.rows],
        "may_edit": Workspace.objects.editable_by(request.user).filter(pk=workspace.pk).exists(),
        "invitations": Invitation.objects.visible_to(request.user).filter(workspace=workspace).open(timezone.now()),
        "departments": tree(Department.objects.visible_to(request.user).filter(workspace=workspace)),
    }
    return render(request, "people/member_list.html", page)


@require_http_methods(["GET", "POST"])
@once
def member_invite(request: Request, slug: str) -> HttpResponse:
    """Invite somebody by a link."""
    workspace = enter(request, slug, *PEOPLE)
    form = Invite(Department.objects.visible_to(request.user).filter(workspace=workspace), request.POST or None)
    page: dict[str, object] = {"form": form, "meanings": [(role.label, MEANINGS[role]) for role in Role]}
    if form.is_valid():
        try:
            found = actions.invite(
                workspace=workspace,
                invited_by=request.user,
                at=timezone.now(),
                mail_from=request.build_absolute_uri("/") if mail.is_configured() else "",
                **form.cleaned_data,
            )
        except RuleError as error:
            form.add_error("email", str(error))
        else:
            return redirect("invitation_show", slug, found.pk)
    return render(request, "people/member_invite.html", page, status=422 if form.is_bound else 200)


@require_GET
def invitation_show(request: Request, slug: str, pk: int) -> HttpResponse:
    """The link of an open invitation, for those who may invite."""
    workspace = enter(request, slug, *PEOPLE)
    open_ones = Invitation.objects.editable_by(request.user).filter(workspace=workspace).open(timezone.now())
    found = get_object_or_404(open_ones, pk=pk)
    link = request.build_absolute_uri(reverse("invitation", args=[actions.invitation_token(found)]))
    page = {"invitation": found, "link": link, "is_mailed": mail.is_configured()}
    return render(request, "people/invited.html", page)


@require_POST
@once
def invitation_withdraw(request: Request, slug: str, pk: int) -> HttpResponse:
    """The link leads nowhere any more."""
    workspace = enter(request, slug, *PEOPLE)
    open_ones = Invitation.objects.editable_by(request.user).filter(workspace=workspace).open(timezone.now())
    actions.withdraw_invitation(invitation=get_object_or_404(open_ones, pk=pk), by=request.user, at=timezone.now())
    return redirect("member_list", slug)


@require_http_methods(["GET", "POST"])
@once
def member_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    """Another role or department."""
    workspace = enter(request, slug, *PEOPLE)
    member = get_object_or_404(
        Membership.objects.editable_by(request.user).filter(workspace=workspace, left_at=None), pk=pk
    )
    form = MembershipForm(
        Department.objects.visible_to(request.user).filter(workspace=workspace),
        request.POST or None,
        initial={"role": member.role, "department": member.department},
    )
    if form.is_valid():
        try:
            actions.change_membership(membership=member, by=request.user, at=timezone.now(), **form.cleaned_data)
            return redirect("member_list", slug)
        except RuleError as error:
            form.add_error("role", str(error))
    page = {"form": form, "member": member, "meanings": [(role.label, MEANINGS[role]) for role in Role]}
    return render(request, "people/member_edit.html", page, status=422 if form.is_bound else 200)


@require_POST
@once
def member_end(request: Request, slug: str, pk: int) -> HttpResponse:
    """The person does not reach the workspace any more."""
    workspace = enter(request, slug, *PEOPLE)
    member = get_object_or_404(
        Membership.objects.editable_by(request.user).filter(workspace=workspace, left_at=None), pk=pk
    )
    try:
        actions.end_membership(membership=member, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("member_list", slug)


@require_http_methods(["GET", "POST"])
@once
def department_edit(request: Request, slug: str, pk: int | None = None) -> HttpResponse:
    """A new or another department."""
    workspace = enter(request, slug, *PEOPLE)
    mine = Department.objects.editable_by(request.user).filter(workspace=workspace)
    department = get_object_or_404(mine, pk=pk) if pk else Department(workspace=workspace)
    form = DepartmentForm(
        mine.exclude(pk=pk), request.POST or None, initial={"name": department.name, "parent": department.parent}
    )
    if form.is_valid():
        try:
            actions.save_department(department=department, by=request.user, at=timezone.now(), **form.cleaned_data)
            return redirect("member_list", slug)
        except RuleError as error:
            form.add_error(None, str(error))
    page = {"form": form, "department": department}
    return render(request, "people/department_edit.html", page, status=422 if form.is_bound else 200)


@require_POST
@once
def department_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Remove a department that nothing hangs on."""
    workspace = enter(request, slug, *PEOPLE)
    department = get_object_or_404(Department.objects.editable_by(request.user).filter(workspace=workspace), pk=pk)
    try:
        actions.delete_department(department=department, by=request.user, at=timezone.now())
        messages.success(request, _("“%(name)s” is removed.") % {"name": department.name})
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("member_list", slug)


@require_GET
def audit_log(request: Request, slug: str) -> HttpResponse:
    """Who did what, latest first."""
    workspace = enter(request, slug, *PEOPLE)
    entries = AuditEntry.objects.visible_to(request.user).filter(workspace=workspace).select_related("person")
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries = entries.filter(pk__lt=int(before))
    shown = list(entries[: SHOWN_ENTRIES + 1])
    page = {
        "entries": told(shown[:SHOWN_ENTRIES]),
        "older": shown[SHOWN_ENTRIES - 1].pk if len(shown) > SHOWN_ENTRIES else None,
    }
    return render(request, "people/audit_log.html", page)

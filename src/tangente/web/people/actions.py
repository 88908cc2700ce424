"""What changes people and workspaces; each writes what it did to the audit log."""

import hashlib
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tangente.web import outbox
from tangente.web.errors import RuleError
from tangente.web.people.audit import address_mark, record
from tangente.web.people.models import Department, Invitation, Membership, Person, Workspace
from tangente.web.people.roles import Role

INVITATION_DAYS = 14


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_token(invitation: Invitation) -> str:
    """The secret of its link: made from the server's key each time it is needed, kept nowhere."""
    about = f"{invitation.workspace_id} {invitation.email} {invitation.created_at.astimezone(UTC).isoformat()}"
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    tokens = [salted_hmac("tangente.invitation", about, secret=key, algorithm="sha256").hexdigest() for key in keys]
    return next((token for token in tokens if token_hash(token) == invitation.token_hash), tokens[0])


@transaction.atomic
def begin(
    *, name: str, email: str, password: str, workspace: str, timezone: str, currency: str, at: datetime
) -> Membership:
    """Make the first person, as owner of a first workspace."""
    person = Person.objects.create_person(email=email, name=name, password=password)
    made = create_workspace(name=workspace, owner=person, timezone=timezone, currency=currency, at=at)
    return made.memberships.get()


@transaction.atomic
def create_workspace(
    *, name: str, owner: Person, timezone: str, currency: str, at: datetime, slug: str = ""
) -> Workspace:
    """Make a workspace with its first owner."""
    workspace = Workspace(
        name=name.strip(), slug=slug or _free_slug(name), timezone=timezone, currency=currency, created_at=at
    )
    workspace.full_clean()
    workspace.save(force_insert=True)
    Membership.objects.create(workspace=workspace, person=owner, role=Role.OWNER, joined_at=at)
    record(workspace=workspace, person=owner, action="workspace.create", about=workspace.name, at=at)
    return workspace


def _free_slug(name: str) -> str:
    wanted = slugify(name.replace("ß", "ss"))[:30].strip("-") or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in _numbered(wanted) if slug not in taken)


def _numbered(wanted: str) -> "list[str]":
    return [wanted, *(f"{wanted}-{number}" for number in range(2, 1000))]


@transaction.atomic
def invite(
    *,
    workspace: Workspace,
    email: str,
    role: str,
    department: Department | None,
    invited_by: Person,
    at: datetime,
    mail_from: str = "",
) -> Invitation:
    """Invite somebody; by mail, too, if the address of the site is given."""
    address = email.strip().lower()
    if Membership.objects.filter(workspace=workspace, person__email=address, left_at=None).exists():
        raise RuleError(_("%(email)s is a member of this workspace already.") % {"email": address})
    Invitation.objects.filter(workspace=workspace, email=address).open(at).update(withdrawn_at=at)
    invitation = Invitation(
        workspace=workspace,
        email=address,
        role=role,
        department=department,
        invited_by=invited_by,
        created_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    invitation.token_hash = token_hash(invitation_token(invitation))
    invitation.save(force_insert=True)
    if mail_from:
        outbox.announce(
            "invitation.mail",
            key=f"invitation.mail:{invitation.pk}",
            arguments={"invitation": invitation.pk, "site": mail_from, "language": (get_language() or "en")[:2]},
            workspace=workspace,
            at=at,
        )
    record(workspace=workspace, person=invited_by, action="invitation.create", about=address, at=at)
    return invitation


@transaction.atomic
def request_password_reset(*, person: Person, site: str, at: datetime) -> None:
    """Have a link sent by which the person chooses another password."""
    outbox.announce(
        "password.mail",
        key=f"password.mail:{person.pk}:{at.isoformat()}",
        arguments={"person": person.pk, "site": site, "language": person.language or (get_language() or "en")[:2]},
        workspace=None,
        at=at,
    )
    record(workspace=None, person=None, action="password.ask", about=address_mark(person.email), at=at)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Person, at: datetime) -> None:
    """Its link leads nowhere from now on."""
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    record(workspace=invitation.workspace, person=by, action="invitation.withdraw", about=invitation.email, at=at)


@transaction.atomic
def join(
    *, invitation: Invitation, person: Person | None, at: datetime, name: str = "", password: str | None = None
) -> Membership:
    """Accept an invitation as a known person, or as a new one with a name and a password."""
    person = person or Person.objects.create_person(email=invitation.email, name=name, password=password)
    return accept_invitation(invitation=invitation, person=person, at=at)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, person: Person, at: datetime) -> Membership:
    """Join the workspace; an invitation serves once."""
    if Membership.objects.filter(workspace=invitation.workspace, person=person, left_at=None).exists():
        raise RuleError(_("You are a member of this workspace already."))
    taken = Invitation.objects.filter(pk=invitation.pk).open(at).update(accepted_at=at)
    if not taken:
        raise RuleError(_("This invitation has been used or withdrawn, or is too old. Ask for a new one."))
    membership, _created = Membership.objects.update_or_create(
        workspace=invitation.workspace,
        person=person,
        defaults={"role": invitation.role, "department": invitation.department, "left_at": None, "joined_at": at},
    )
    record(workspace=invitation.workspace, person=person, action="invitation.accept", about=invitation.email, at=at)
    return membership


@transaction.atomic
def change_membership(
    *, membership: Membership, role: str, department: Department | None, by: Person, at: datetime
) -> None:
    """Give a member another role or department."""
    if membership.role == Role.OWNER and role != Role.OWNER:
        _check_another_owner(membership)
    membership.role, membership.department = role, department
    membership.save(update_fields=["role", "department"])
    about = f"{membership.person.email}: {role}" + (f", {department.name}" if department else "")
    record(workspace=membership.workspace, person=by, action="member.change", about=about, at=at)


@transaction.atomic
def end_membership(*, membership: Membership, by: Person, at: datetime) -> None:
    """The person does not reach the workspace any more; what they did stays."""
    if membership.role == Role.OWNER:
        _check_another_owner(membership)
    membership.left_at = at
    membership.save(update_fields=["left_at"])
    record(workspace=membership.workspace, person=by, action="member.end", about=membership.person.email, at=at)


def _check_another_owner(membership: Membership) -> None:
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)  # two owners may leave at the same time
    owners = membership.workspace.memberships.filter(role=Role.OWNER, left_at=None, person__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise RuleError(_("A workspace needs an owner; make somebody else one first."))


@transaction.atomic
def save_department(*, department: Department, name: str, parent: Department | None, by: Person, at: datetime) -> None:
    """Keep a new or changed department; the tree stays a tree, and a name stands once."""
    above = parent
    while above is not None:
        if above.pk == department.pk:
            raise RuleError(_("A department cannot be a part of itself."))
        above = above.parent
    others = Department.objects.filter(workspace=department.workspace, name=name).exclude(pk=department.pk)
    if others.exists():
        raise RuleError(_("There is a department “%(name)s” already.") % {"name": name})
    department.name, department.parent = name, parent
    department.save()
    record(workspace=department.workspace, person=by, action="department.save", about=name, at=at)


@transaction.atomic
def delete_department(*, department: Department, by: Person, at: datetime) -> None:
    """Remove a department that has no parts and no people; nobody's scope grows by that."""
    invited = Invitation.objects.filter(department=department).open(at)
    if department.parts.exists() or department.members.exists() or invited.exists():
        said = _("“%(name)s” has parts, people or open invitations; change those first.")
        raise RuleError(said % {"name": department.name})
    record(workspace=department.workspace, person=by, action="department.delete", about=department.name, at=at)
    department.delete()

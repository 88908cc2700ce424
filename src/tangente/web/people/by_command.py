"""People and workspaces made by whoever runs the server, at its command line."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from tangente.contactlog.settings import check_settings
from tangente.web.errors import RuleError
from tangente.web.people import actions
from tangente.web.people.audit import address_mark, record
from tangente.web.people.models import Membership, Person, Workspace
from tangente.web.people.roles import Role


def find_workspace(slug: str) -> Workspace:
    """The workspace of that name. Raises: RuleError if there is none."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        there = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise RuleError(f"There is no workspace {slug!r}; there are: {there}")
    return found


@transaction.atomic
def create_user(
    *, email: str, name: str, password: str, workspace: str | None, role: str | None, at: datetime
) -> Person:
    """Make a person who can sign in, as a member of a workspace if one is named."""
    if (workspace is None) != (role is None):
        raise RuleError("A workspace and a role go together; give both or none")
    if role is not None and role not in Role.values:
        raise RuleError(f"There is no role {role!r}; there are: {', '.join(Role.values)}")
    person = Person(email=email.strip().lower(), name=name.strip())
    _check(person, password)
    person = Person.objects.create_person(email=email, name=name, password=password)
    record(workspace=None, person=None, action="person.create", about=person.email, at=at)
    if workspace is not None and role is not None:
        entered = find_workspace(workspace)
        Membership.objects.create(workspace=entered, person=person, role=role, joined_at=at)
        record(workspace=entered, person=None, action="member.create", about=f"{person.email}: {role}", at=at)
    return person


@transaction.atomic
def set_password(*, email: str, password: str, at: datetime) -> None:
    """Give a person another password, which ends all sessions of the person."""
    person = _person(email)
    _check(person, password)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(workspace=None, person=None, action="password.set", about=address_mark(person.email), at=at)


@transaction.atomic
def reset_second_factor(*, email: str, at: datetime) -> int:
    """Remove the app and the recovery codes of a person who lost both, and sign the person out everywhere.

    Returns: how many sessions that ended.
    """
    person = _person(email)
    removed, _ = Authenticator.objects.filter(user=person).delete()
    if not removed:
        raise RuleError(f"{person.email} has no second factor; nothing is changed")
    record(workspace=None, person=None, action="factor.lift", about=address_mark(person.email), at=at)
    theirs = [one.pk for one in Session.objects.iterator() if one.get_decoded().get(SESSION_KEY) == str(person.pk)]
    ended, _ = Session.objects.filter(pk__in=theirs).delete()
    return ended


def _person(email: str) -> Person:
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise RuleError(f"Nobody signs in as {email}; `tangente user create` makes people")
    return person


def _check(person: Person, password: str) -> None:
    try:
        person.full_clean(exclude=["password"])
        validate_password(password, person)
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from None


def create_workspace(*, name: str, owner: str, slug: str, timezone: str, currency: str, at: datetime) -> Workspace:
    """Make a workspace that belongs to a person who can sign in."""
    check_settings(currency, timezone, buckets=1)
    person = _person(owner)
    try:
        return actions.create_workspace(name=name, owner=person, slug=slug, timezone=timezone, currency=currency, at=at)
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from None

"""People, the workspaces they belong to, and the log of what they did."""

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from tangente.web.people.roles import PEOPLE, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

Asker: TypeAlias = "Person | AnonymousUser"
"""Who asks for a page."""

LANGUAGES = [("", _("as the browser")), ("de", "Deutsch"), ("en", "English")]


class PersonManager(BaseUserManager["Person"]):
    """Makes people; an address is one person, however it is written."""

    def create_person(self, *, email: str, name: str, password: str | None, language: str = "") -> "Person":
        person = self.model(email=email.strip().lower(), name=name.strip(), language=language)
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Somebody who signs in, known by one e-mail address, member of any number of workspaces."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=2, blank=True, choices=LANGUAGES)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """The doors to workspaces."""

    def visible_to(self, person: Asker, *roles: str) -> Self:
        """Where the person is a member; in one of some roles, if any are named, and then not for a department only."""
        if not person.is_authenticated:
            return self.none()
        mine = Membership.objects.filter(person=person, left_at=None)
        whole = models.Q(department=None) | models.Q(role=Role.OWNER)
        return self.filter(memberships__in=mine.filter(whole, role__in=roles) if roles else mine)

    def editable_by(self, person: Asker) -> Self:
        return self.visible_to(person, *PEOPLE)


class Workspace(models.Model):
    """One company or business unit: its people, its touchpoints, its contact log. Nothing passes between two of them."""

    slug = models.SlugField(
        _("name in addresses"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")],
    )
    name = models.CharField(_("name"), max_length=120)
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class WithinWorkspace(models.QuerySet[Any]):
    """The doors to what belongs to a workspace: members see it, some roles may change it."""

    readers: tuple[str, ...] = ()
    editors: tuple[str, ...] = PEOPLE

    def visible_to(self, person: Asker) -> Self:
        return self.filter(workspace__in=Workspace.objects.visible_to(person, *self.readers))

    def editable_by(self, person: Asker) -> Self:
        return self.filter(workspace__in=Workspace.objects.visible_to(person, *self.editors))


class DepartmentQuerySet(WithinWorkspace):
    """Departments by the tree they form."""

    def within(self, department: "Department") -> Self:
        """The department and all its parts: the scope of a member, and what a filter by department means."""
        parents = dict(Department.objects.filter(workspace=department.workspace_id).values_list("pk", "parent_id"))
        found, parts = set(), {department.pk}
        while parts:
            found |= parts
            parts = {part for part, parent in parents.items() if parent in parts} - found
        return self.filter(pk__in=found)


class Department(models.Model):
    """A part of the company; departments form a tree."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="departments")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    name = models.CharField(_("name"), max_length=120)

    objects: ClassVar = DepartmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="department_name_is_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a workspace: one role, for the whole workspace or for a department and its parts."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="members")
    joined_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = WithinWorkspace.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "person"], name="person_is_a_member_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"

    def departments(self) -> "models.QuerySet[Department]":
        """Those the member is concerned with: all, or the own one and its parts."""
        departments = Department.objects.filter(workspace=self.workspace_id)
        return departments.within(self.department) if self.department else departments


class InvitationQuerySet(WithinWorkspace):
    """Only owners see whom they invited: an invitation names a role and an address."""

    readers = PEOPLE

    def open(self, at: datetime) -> Self:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at)

    def opened_by(self, token_hash: str, at: datetime) -> Self:
        """The door for whoever has the link."""
        return self.open(at).filter(token_hash=token_hash)


class Invitation(models.Model):
    """A link by which one person joins a workspace; of its secret only the hash is kept."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.email

    def person(self) -> Person | None:
        """Who has the address already."""
        return Person.objects.filter(email=self.email).first()


class AuditQuerySet(WithinWorkspace):
    """Owners read what happened; nobody changes it: the database refuses that, too."""

    readers = PEOPLE
    editors = ()

    def editable_by(self, person: Asker) -> Self:
        return self.none()

    def of_account(self, person: Person, mark: str) -> Self:
        """What happened to an account, for its person alone: not for owners, who need not know when somebody works."""
        return self.filter(models.Q(person=person) | models.Q(person=None, about=mark), workspace=None)

    def update(self, **values: Any) -> NoReturn:
        raise NotImplementedError("the audit log is only added to")

    def delete(self) -> NoReturn:
        raise NotImplementedError("the audit log is only added to")


class AuditEntry(models.Model):
    """Who did what, when; each entry seals the one before by its digest.

    `about` names what it was done to, never its content: an address or a file's name, no answer and no customer.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, null=True, related_name="audit")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64)

    objects: ClassVar = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.about}"

    def sealed(self, before: str) -> str:
        """The digest of this entry, given that of the one before."""
        said = [before, self.workspace_id, self.person_id, self.at.astimezone(UTC).isoformat(), self.action, self.about]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

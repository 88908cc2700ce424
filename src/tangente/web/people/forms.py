"""What people type about themselves, others and the company."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db import models
from django.utils.translation import gettext_lazy as _

from tangente.contactlog.settings import check_settings
from tangente.errors import ContactLogError
from tangente.translation import spoken
from tangente.web.people.models import LANGUAGES, Department, Person
from tangente.web.people.roles import Role


class NewPassword(forms.Form):
    """A name and a password of one's own."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        strip=False,
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Person(email=self.address(), name=self.cleaned_data.get("name", "")))
        return password

    def address(self) -> str:
        return str(self.cleaned_data.get("email", ""))


class FirstStart(NewPassword):
    """Who sets the server up, and the first workspace."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "username"}))
    workspace = forms.CharField(
        label=_("Name of the company or unit"), max_length=120, widget=forms.TextInput({"autocomplete": "organization"})
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=[(name, name) for name in sorted(available_timezones())])
    currency = forms.CharField(label=_("Currency"), help_text=_("Three letters, as EUR."), max_length=3)

    field_order = ("name", "email", "password", "workspace", "timezone", "currency")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "timezone" in cleaned and "currency" in cleaned:
            try:
                check_settings(cleaned["currency"], cleaned["timezone"], 1)
            except ContactLogError as error:
                self.add_error("currency", spoken().say(error))
        return cleaned


class MembershipForm(forms.Form):
    """What a member may do, and where."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)
    department = forms.ModelChoiceField(
        label=_("Department"),
        help_text=_(
            "The overview then shows only what it and its parts handled; data are brought in by members of the whole company."
        ),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("the whole company"),
    )

    def __init__(self, departments: "models.QuerySet[Department]", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class Invite(MembershipForm):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"))

    field_order = ("email", "role", "department")


class DepartmentForm(forms.Form):
    """A department and what it is a part of."""

    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(
        label=_("Part of"), queryset=Department.objects.none(), required=False, empty_label=_("the whole company")
    )

    def __init__(self, departments: "models.QuerySet[Department]", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent"].queryset = departments  # type: ignore[attr-defined]


class LanguageForm(forms.Form):
    """The language of one's pages."""

    language = forms.ChoiceField(choices=LANGUAGES, required=False)

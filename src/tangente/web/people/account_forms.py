"""Allauth's forms as ours look: no label said twice, no list of rules, no link that may lead nowhere."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _


class Plain:
    """Each control has its label above it, and a new password the one rule worth telling."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.help_text = _("At least 12 characters.") if name == "password1" else ""


class SignIn(Plain, account.LoginForm):  # type: ignore[misc]
    """An address and a password."""


class Again(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password, before what protects the account changes."""


class ChangePassword(Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """The password and another one."""


class Forgotten(Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """The address that a link is sent to."""


class AnotherPassword(Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Another password, by a link."""


class Code(Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code of the second factor."""


class CodeAgain(Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code of the second factor, before what protects the account changes."""


class FirstCode(Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """A code that shows that the app has the secret."""

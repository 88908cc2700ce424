"""What allauth, which signs people in, is to do as we do it."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from tangente.web.people import actions
from tangente.web.people.models import Person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up alone: people come by invitation."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Address or password is wrong."),
        "incorrect_password": _("The password is wrong."),
        "enter_current_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many wrong attempts. Try again in an hour."),
        "rate_limited": _("Too many attempts. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *_words: Any, **_options: Any) -> None:
        """What happened is seen on the page it leads to."""

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """Told only to who knows the password."""
        return render(request, "account/inactive.html", status=403)

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        """By the outbox: a mail server's pace would tell strangers which addresses are known."""
        with transaction.atomic():
            actions.request_password_reset(person=user, site=self.request.build_absolute_uri("/"), at=now())


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor is named after the person's address."""

    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("The code is wrong, or was used already. Wait for the next one."),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.email)

"""What allauth, which signs people in, is to do as we do it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up alone: people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *_words: Any, **_options: Any) -> None:
        """What happened is seen on the page it leads to."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor is named after the person's address."""

    def get_totp_label(self, user: Any) -> str:
        return str(user.email)

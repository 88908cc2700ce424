"""Second factors, what signing in leaves in the audit log, and whom the throttle counts.

Only here signals are answered: allauth and axes tell what they do in no other way.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import app_settings as totp
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.timezone import now

from tangente.web.people.audit import address_mark, record
from tangente.web.people.models import Person


def connect() -> None:
    """Listen from now on."""
    user_logged_in.connect(_signed_in)
    user_login_failed.connect(_failed)
    user_locked_out.connect(_locked_out)
    authentication_failed.connect(_factor_failed)
    authenticator_used.connect(_factor_used)
    for signal, action in (
        (authenticator_added, "factor.add"),
        (authenticator_removed, "factor.remove"),
        (authenticator_reset, "factor.reset"),
    ):
        signal.connect(_changing_factor(action), weak=False)
    for signal, action in ((password_changed, "password.change"), (password_reset, "password.reset")):
        signal.connect(_changing_password(action), weak=False)


def address_tried(request: HttpRequest, credentials: "dict[str, Any] | None" = None) -> str:
    """The address that somebody signs in with: what the throttle counts by, beside where from."""
    said = credentials or {}
    return str(said.get("email") or said.get("login") or request.POST.get("login") or "").strip().lower()[:255]


def factors_of(person: Person) -> dict[str, Any]:
    """What the person signs in with beside the password, by kind."""
    return {each.type: each.wrap() for each in Authenticator.objects.filter(user=person)}


def client_ip(request: HttpRequest) -> str | None:
    """Where a request comes from; a proxy's word counts only if the settings trust it."""
    return get_client_ip(request)  # type: ignore[no-any-return]


def _signed_in(*, user: Person, **_told: Any) -> None:
    record(workspace=None, person=user, action="sign_in", at=now())


def _failed(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_told: Any) -> None:
    if request is not None and not getattr(request, "axes_locked_out", False):
        mark = address_mark(address_tried(request, credentials))
        record(workspace=None, person=None, action="sign_in.fail", about=mark, at=now())


def _locked_out(*, request: HttpRequest, username: str, **_told: Any) -> None:
    if request.axes_failures_since_start is None:  # type: ignore[attr-defined]
        return  # axes says it again for each attempt during the rest
    record(workspace=None, person=None, action="sign_in.lock", about=address_mark(username), at=now())


def _factor_used(*, request: HttpRequest, authenticator: Authenticator, **_told: Any) -> None:
    """A code serves once as long as it could be typed again: allauth remembers it for one step of its clock only."""
    if authenticator.type == Authenticator.Type.TOTP:
        used = authenticator.wrap()._get_used_cache_key(request.POST.get("code", ""))
        cache.touch(used, timeout=totp.TOTP_PERIOD * (1 + 2 * totp.TOTP_TOLERANCE))


def _factor_failed(*, user: Person, **_told: Any) -> None:
    record(workspace=None, person=None, action="factor.fail", about=address_mark(user.email), at=now())


def _changing_factor(action: str) -> Any:
    def changed(*, user: Person, authenticator: Authenticator, **_told: Any) -> None:
        if authenticator.type == Authenticator.Type.RECOVERY_CODES and action != "factor.reset":
            return  # they come and go with the other factor
        record(workspace=None, person=user, action=action, about=authenticator.type, at=now())

    return changed


def _changing_password(action: str) -> Any:
    def changed(*, user: Person, **_told: Any) -> None:
        record(workspace=None, person=user, action=action, at=now())

    return changed

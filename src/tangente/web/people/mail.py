"""Invitations and forgotten passwords by mail."""

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tangente.web.outbox import handles
from tangente.web.people import actions
from tangente.web.people.models import Invitation, Person

NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"


def is_configured() -> bool:
    """Whether there is a mail server."""
    return bool(settings.EMAIL_BACKEND != NO_SERVER)


@handles("invitation.mail", gettext_lazy("Invitation by mail"))
def send_invitation(*, invitation: int, site: str, language: str) -> None:
    """Send its link, the same with each attempt; nothing once it is used, withdrawn or too old."""
    found = Invitation.objects.open(timezone.now()).filter(pk=invitation).select_related("workspace", "invited_by")
    for one in found:
        link = site.rstrip("/") + reverse("invitation", args=[actions.invitation_token(one)])
        with translation.override(language), timezone.override(one.workspace.timezone):
            subject = _("Invitation to %(name)s") % {"name": " ".join(one.workspace.name.split())}
            text = render_to_string("people/invitation_mail.txt", {"invitation": one, "link": link})
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
        same = {"Message-ID": f"<invitation.{one.pk}.{one.token_hash[:16]}@{host}>"}  # mail boxes drop a second one
        EmailMessage(subject, text, to=[one.email], headers=same).send()


@handles("password.mail", gettext_lazy("Link for another password"))
def send_password_reset(*, person: int, site: str, language: str) -> None:
    """Send a link that lasts two hours, and until the password is another or the person has signed in."""
    for one in Person.objects.filter(pk=person, is_active=True):
        told = [user_pk_to_url_str(one), default_token_generator.make_token(one)]
        place = reverse("account_reset_password_from_key", args=told)
        with translation.override(language):
            text = render_to_string("people/password_mail.txt", {"person": one, "link": site.rstrip("/") + place})
            EmailMessage(_("Choose another password"), text, to=[one.email]).send()

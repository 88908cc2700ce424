"""Fill a server's database with a workspace of canaries, as a process of its own; print how to see every page.

Called as `python -m tests.browser.seeding` with TANGENTE_DATA set, while the server runs.
"""

import json
import sys
import time

import django

django.setup()

from django.test import Client  # noqa: E402 - Django first
from django.urls import reverse  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from tangente.web.people.actions import invitation_token, invite  # noqa: E402
from tangente.web.people.models import Person, Workspace  # noqa: E402
from tangente.web.people.roles import Role  # noqa: E402
from tests.web.canaries import make_twin  # noqa: E402
from tests.web.test_authorization import PAGES  # noqa: E402


def main() -> None:
    twin = make_twin("axe")
    owner = twin.people[Role.OWNER]
    addresses = {
        name: reverse(name, args=page.arguments(twin)) for name, page in PAGES.items() if page.get is not None
    } | {"invitation": _invitation(twin.workspace, owner)}
    sys.stdout.write(json.dumps({"addresses": addresses, "session": _session(owner)}))


def _invitation(workspace: Workspace, owner: Person) -> str:
    invited = invite(
        workspace=workspace, email="new@example.org", role=Role.VIEWER, department=None, invited_by=owner, at=now()
    )
    return reverse("invitation", args=[invitation_token(invited)])


def _session(person: Person) -> str:
    """Of somebody who has just given the password."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client.cookies["sessionid"].value


if __name__ == "__main__":
    main()

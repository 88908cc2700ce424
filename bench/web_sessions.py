"""Signs people in without a browser, and prints their cookies as JSON: python bench/web_sessions.py DATA READERS."""

import json
import os
import sys

import django


def main() -> None:
    """Make readers if they are not there, and a session for each of them and for the owner; forget filtered answers."""
    os.environ |= {"TANGENTE_DATA": sys.argv[1], "DJANGO_SETTINGS_MODULE": "tangente.web.settings"}
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django must know its settings first
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from tangente.web.overview.models import Answer  # noqa: PLC0415
    from tangente.web.people.models import Membership, Person, Workspace  # noqa: PLC0415
    from tangente.web.people.roles import Role  # noqa: PLC0415

    workspace = Workspace.objects.get(is_demo=True)
    people = {"owner": workspace.memberships.get(role=Role.OWNER).person}
    for number in range(int(sys.argv[2])):
        address = f"reader{number}@morgennetz.example"
        person = Person.objects.filter(email=address).first() or Person.objects.create_person(
            email=address, name=f"Reader {number}", password=None, language=("de", "en")[number % 2]
        )
        Membership.objects.get_or_create(workspace=workspace, person=person, defaults={"role": Role.VIEWER})
        people[address] = person
    Answer.objects.exclude(filters="").delete()  # those of an earlier run
    cookies = {}
    for name, person in people.items():
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session.save()
        cookies[name] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    print(json.dumps(cookies))


if __name__ == "__main__":
    main()

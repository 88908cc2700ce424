"""A form takes effect once, however often it is sent."""

import re
from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.timezone import now

from tangente.web.once import SentForm, forget, once
from tangente.web.people import first
from tangente.web.people.actions import invite
from tangente.web.people.models import AuditEntry, Department, Invitation, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.at_once import at_once
from tests.web.conftest import SignedIn
from tests.web.factories import AT, PASSWORD, make_department, make_member, make_person, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def owner() -> Membership:
    return make_member(make_workspace(), Role.OWNER)


def new_department(client: Client, owner: Membership, key: object, name: str = "Service") -> HttpResponse:
    return client.post(reverse("department_new", args=[owner.workspace.slug]), {"name": name, "once": str(key)})


def test_form_carries_a_new_key_each_time_it_is_rendered(signed_in: SignedIn, owner: Membership):
    client, url = signed_in(owner.person), reverse("department_new", args=[owner.workspace.slug])
    keys = [re.findall(r'name="once" value="([0-9a-f-]{36})"', client.get(url).text) for _ in range(2)]
    assert [len(found) for found in keys] == [1, 1]
    assert keys[0] != keys[1]


def test_form_sent_again_gets_the_same_answer_and_takes_no_effect(signed_in: SignedIn, owner: Membership):
    client, key = signed_in(owner.person), uuid4()
    answers = [new_department(client, owner, key) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, reverse("member_list", args=[owner.workspace.slug]))
    ] * 2
    assert Department.objects.count() == 1


def test_form_without_its_key_takes_effect_again(signed_in: SignedIn, owner: Membership):
    """The guard matters: the same two requests without a key invite twice."""
    client, url = signed_in(owner.person), reverse("member_invite", args=[owner.workspace.slug])
    for _ in range(2):
        client.post(url, {"email": "ben@example.org", "role": Role.VIEWER})
    assert Invitation.objects.count() == 2


def test_form_sent_with_other_entries_is_refused(signed_in: SignedIn, owner: Membership):
    client, key = signed_in(owner.person), uuid4()
    new_department(client, owner, key)
    assert new_department(client, owner, key, "Technik").status_code == 422
    assert list(Department.objects.values_list("name", flat=True)) == ["Service"]


def test_form_of_somebody_else_is_refused(signed_in: SignedIn, owner: Membership):
    other = make_member(owner.workspace, Role.OWNER)
    key = uuid4()
    new_department(signed_in(owner.person), owner, key)
    assert new_department(signed_in(other.person), owner, key).status_code == 422


def test_form_that_was_refused_can_be_sent_again(signed_in: SignedIn, owner: Membership):
    client, key = signed_in(owner.person), uuid4()
    in_the_way = make_department(owner.workspace)
    assert new_department(client, owner, key).status_code == 422
    in_the_way.delete()
    assert new_department(client, owner, key).status_code == 302


@pytest.mark.parametrize("key", ["1", "x" * 10_000, ""])
def test_key_that_is_none_of_ours_is_refused(signed_in: SignedIn, owner: Membership, key: str):
    assert new_department(signed_in(owner.person), owner, key).status_code == 400


def test_first_start_sent_again_answers_as_before():
    url = f"/start/{first.token(settings.DATA)}/"
    said = {"name": "Anna", "email": "a@example.org", "password": PASSWORD, "workspace": "Morgennetz"}
    said |= {"timezone": "Europe/Berlin", "currency": "EUR", "once": str(uuid4())}
    client = Client()
    answers = [client.post(url, said), client.post(url, said), Client().post(url, said)]
    assert [answer["Location"] for answer in answers] == ["/w/morgennetz/"] * 3
    assert (Person.objects.count(), Workspace.objects.count()) == (1, 1)


def test_invitation_accepted_twice_answers_as_before(signed_in: SignedIn, owner: Membership):
    client = signed_in(owner.person)
    url = reverse("member_invite", args=[owner.workspace.slug])
    shown = client.post(url, {"email": "ben@example.org", "role": Role.VIEWER, "once": str(uuid4())})["Location"]
    link = client.get(shown).context["link"]
    ben, said = Client(), {"name": "Ben", "password": PASSWORD, "once": str(uuid4())}
    answers = [ben.post(link, said) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/w/{owner.workspace.slug}/"] * 2
    assert Membership.objects.filter(person__email="ben@example.org").count() == 1


@pytest.mark.parametrize("name", ["invitation_withdraw", "member_edit", "member_end", "department_delete"])
def test_second_click_is_answered_as_the_first(signed_in: SignedIn, owner: Membership, name: str):
    workspace = owner.workspace
    to = {"email": "b@example.org", "role": Role.VIEWER, "department": None, "invited_by": owner.person, "at": now()}
    rows = {"member": make_member(workspace), "department": make_department(workspace)}
    rows |= {"invitation": invite(workspace=workspace, **to)}
    url = reverse(name, args=[workspace.slug, rows[name.partition("_")[0]].pk])
    client, said, before = signed_in(owner.person), {"role": "viewer", "once": str(uuid4())}, AuditEntry.objects.count()
    assert [client.post(url, said).status_code for _ in range(2)] == [302, 302]
    assert AuditEntry.objects.count() == before + 1


def sent(view: Callable[..., HttpResponse], key: str, **files: ContentFile) -> HttpResponse:
    request = RequestFactory().post("/somewhere", {"once": key, **files})
    request.user = make_person(email="anna@example.org") if not Person.objects.exists() else Person.objects.get()
    return once(view)(request)


@pytest.mark.parametrize("status", [409, 422, 429, 500, 503])
def test_answer_that_may_change_is_not_kept_and_its_effect_is_undone(status: int):
    def view(_request: object) -> HttpResponse:
        make_workspace()
        return HttpResponse("not now", status=status)

    assert sent(view, str(uuid4())).status_code == status
    assert not SentForm.objects.exists()
    assert not Workspace.objects.exists()


def test_crash_after_the_effect_leaves_neither_effect_nor_key():
    def view(_request: object) -> HttpResponse:
        make_workspace()
        if is_broken:
            raise ZeroDivisionError
        return redirect("/done")

    is_broken, key = True, str(uuid4())
    with pytest.raises(ZeroDivisionError):
        sent(view, key)
    assert (SentForm.objects.count(), Workspace.objects.count()) == (0, 0)
    is_broken = False
    assert (sent(view, key)["Location"], Workspace.objects.count()) == ("/done", 1)


def test_form_with_another_file_is_refused():
    read = []

    def view(request: HttpRequest) -> HttpResponse:
        read.append(request.FILES["log"].read())
        return redirect("/done")

    key = str(uuid4())
    statuses = [sent(view, key, log=ContentFile(text, "a.csv")).status_code for text in (b"1", b"1", b"2")]
    assert (statuses, read) == ([302, 302, 422], [b"1"])


def test_view_that_answers_with_a_page_is_refused():
    with pytest.raises(ImproperlyConfigured, match="redirect"):
        sent(lambda _request: HttpResponse("a page"), str(uuid4()))


def test_forms_are_forgotten_after_two_days():
    for days in (1, 3):
        SentForm.objects.create(key=uuid4(), said="", at=AT - timedelta(days=days))
    forget(AT)
    assert SentForm.objects.get().at == AT - timedelta(days=1)


def clicked(cookies: SimpleCookie, url: str, said: dict[str, str]) -> int:
    """The status of a request from a browser of its own with these cookies."""
    client = Client()
    client.cookies = cookies
    return client.post(url, said).status_code


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("has_key", "invitations"), [(True, 1), (False, 50)])
def test_fifty_clicks_at_once_invite_once(signed_in: SignedIn, owner: Membership, has_key: bool, invitations: int):
    """The guard matters: without the key each of them takes effect."""
    url = reverse("member_invite", args=[owner.workspace.slug])
    said = {"email": "ben@example.org", "role": Role.VIEWER} | ({"once": str(uuid4())} if has_key else {})
    cookies = signed_in(owner.person).cookies
    statuses = at_once(50, lambda: clicked(cookies, url, said))
    assert statuses == [302] * 50
    assert Invitation.objects.count() == invitations

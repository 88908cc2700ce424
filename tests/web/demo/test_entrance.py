"""The one-time address of the demo: open to whoever sits at the machine, once; nobody else learns that it is there."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.test import Client

from tangente.web.demo import entrance, guards
from tangente.web.demo.guards import GUARDS
from tangente.web.people.models import AuditEntry, Membership, Workspace
from tangente.web.people.roles import Role
from tests.web.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"}
Guard = Callable[..., bool]


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Membership:
    monkeypatch.setenv(entrance.BOUND_TO, "127.0.0.1")
    return make_member(make_workspace(is_demo=True), Role.MANAGER)


@pytest.fixture
def url() -> Iterator[str]:
    with entrance.opened(settings.DATA) as token:
        yield f"/demo/{token}/"


def who(client: Client) -> int | None:
    return int(client.session["_auth_user_id"]) if "_auth_user_id" in client.session else None


def test_entrance_signs_in_as_touchpoint_manager(client: Client, member: Membership, url: str):
    response = client.post(url, **HERE)
    assert (response.status_code, response["Location"]) == (302, f"/w/{member.workspace.slug}/")
    assert who(client) == member.person.pk
    assert AuditEntry.objects.get(person=member.person).action == "sign_in"


def test_session_ends_with_the_browser(client: Client, member: Membership, url: str):
    assert client.post(url, **HERE).cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""


def test_a_look_does_not_use_the_address_up(client: Client, member: Membership, url: str):
    assert [client.get(url, **HERE).status_code for _ in range(2)] == [200, 200]
    assert who(client) is None
    assert client.post(url, **HERE).status_code == 302


def test_entrance_serves_once(member: Membership, url: str):
    second = Client()
    assert [Client().post(url, **HERE).status_code, second.post(url, **HERE).status_code] == [302, 404]
    assert (who(second), Client().get(url, **HERE).status_code) == (None, 404)


def test_entrance_is_closed_at_the_end(client: Client, member: Membership):
    with entrance.opened(settings.DATA) as token:
        pass
    assert client.post(f"/demo/{token}/", **HERE).status_code == 404


def test_entrance_keeps_no_secret():
    with entrance.opened(settings.DATA) as token:
        kept = settings.DATA / entrance.FILE
        assert (token in kept.read_text(), kept.stat().st_mode & 0o777) == (False, 0o600)


def test_entrance_serves_one_of_many_at_once():
    with entrance.opened(settings.DATA) as token:
        begin, entered = Barrier(10), []

        def enter() -> None:
            begin.wait()
            entered.append(entrance.use(settings.DATA, token))

        threads = [Thread(target=enter) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(entered) == [False] * 9 + [True]


def test_entrance_refuses_another_secret(client: Client, member: Membership, url: str):
    assert client.post("/demo/guessed/", **HERE).status_code == 404
    assert who(client) is None


OUTSIDE: list[tuple[Guard, dict[str, str]]] = [
    (guards.is_bound_to_this_machine, {"bound to": "0.0.0.0"}),  # noqa: S104
    (guards.is_bound_to_this_machine, {"bound to": "192.168.0.7"}),
    (guards.is_bound_to_this_machine, {"bound to": ""}),  # another server than ours
    (guards.comes_from_this_machine, {"REMOTE_ADDR": "192.168.0.9"}),
    (guards.comes_from_this_machine, {"REMOTE_ADDR": ""}),
    (guards.comes_directly, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}),
    (guards.comes_directly, {"HTTP_X_FORWARDED_HOST": "localhost"}),
    (guards.comes_directly, {"HTTP_X_FORWARDED_PROTO": "http"}),
    (guards.comes_directly, {"HTTP_FORWARDED": "for=127.0.0.1"}),
    (guards.comes_directly, {"HTTP_VIA": "1.1 proxy"}),
    (guards.comes_directly, {"HTTP_X_REAL_IP": "127.0.0.1"}),
    (guards.asks_for_this_machine, {"HTTP_HOST": "testserver"}),
]
"""Which guard refuses which request."""


def statuses(client: Client, url: str, said: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    headers = HERE | said
    monkeypatch.setenv(entrance.BOUND_TO, headers.pop("bound to", "127.0.0.1"))
    return [client.get(url, **headers).status_code, client.post(url, **headers).status_code]


@pytest.mark.parametrize(("guard", "said"), OUTSIDE)
def test_entrance_is_not_there_from_outside(
    client: Client,
    member: Membership,
    url: str,
    guard: Guard,
    said: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
):
    """Each guard matters: with it alone left out, the same request signs in."""
    assert (statuses(client, url, said, monkeypatch), who(client)) == ([404, 404], None)
    monkeypatch.setattr(guards, "GUARDS", [other for other in GUARDS if other is not guard])
    assert (statuses(client, url, said, monkeypatch), who(client)) == ([200, 302], member.person.pk)


def test_every_guard_is_shown_to_matter():
    assert {guard for guard, _ in OUTSIDE} == set(GUARDS)


def test_entrance_leads_into_no_other_workspace(client: Client, member: Membership, url: str):
    """The mark matters: it alone lets the same request in."""
    Workspace.objects.update(is_demo=False)
    assert [client.get(url, **HERE).status_code, client.post(url, **HERE).status_code] == [404, 404]
    Workspace.objects.update(is_demo=True)
    assert client.post(url, **HERE).status_code == 302


@pytest.mark.parametrize("change", [{"role": Role.OWNER}, {"left_at": "2026-11-16T09:00Z"}])
def test_entrance_makes_nobody_else(client: Client, member: Membership, url: str, change: dict[str, str]):
    Membership.objects.update(**change)
    assert (client.post(url, **HERE).status_code, who(client)) == (404, None)


def test_entrance_takes_no_form_of_another_site(member: Membership, url: str):
    assert Client(enforce_csrf_checks=True).post(url, **HERE).status_code == 403
    assert entrance.fits(settings.DATA, url.split("/")[2])


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "")],  # noqa: S104
)
def test_is_loopback_knows_this_machine(host: str, is_here: bool):
    assert entrance.is_loopback(host) == is_here

"""Who may ask what: every address of the resolver, by every method, as everybody.

A new address fails here until `PAGES` says who may. Strangers learn nothing: what they may not, is not there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from time import time
from typing import Any

import pytest
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tangente.web import outbox
from tangente.web.people.models import Person, WorkspaceQuerySet
from tangente.web.people.roles import Role
from tests.web.canaries import Twin, contents, filled_texts, make_twin
from tests.web.conftest import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ANONYMOUS, STRANGER, FORMER = "anonymous", "stranger", "former"
MEMBERS = frozenset(role.value for role in Role)
SIGNED_IN = MEMBERS | {STRANGER, FORMER}
ANYONE = SIGNED_IN | {ANONYMOUS}
OWNERS = frozenset({Role.OWNER.value})
DATA = OWNERS | {Role.MANAGER.value}

Arguments = Callable[[Twin], "tuple[Any, ...]"]
Sabotage = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Page:
    """Who may GET and POST an address (None: not by this method), what its gaps hold, which refusals are in order."""

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    arguments: Arguments = lambda _twin: ()
    also: tuple[int, ...] = ()


def slug(twin: Twin) -> tuple[Any, ...]:
    return (twin.workspace.slug,)


def slug_and(table: str) -> Arguments:
    return lambda twin: (twin.workspace.slug, twin.pk(table))


def _account(get: frozenset[str] = SIGNED_IN, post: frozenset[str] | None = SIGNED_IN, **more: Any) -> Page:
    return Page(get, post, **more)


PAGES = {
    "health": Page(ANYONE),
    "ready": Page(ANYONE, also=(503,)),  # no worker runs
    "home": Page(SIGNED_IN),
    "first_start": Page(ANYONE, ANYONE, lambda _twin: ("guessed",), also=(404,)),  # there are people
    "invitation": Page(ANYONE, ANYONE, lambda _twin: ("guessed",), also=(404,)),  # see test_invitations
    "design": Page(ANYONE, ANYONE, also=(404,)),  # nobody develops here
    "demo": Page(ANYONE, ANYONE, lambda _twin: ("guessed",), also=(404,)),  # see demo/test_entrance
    "language_choose": Page(None, ANYONE),
    "account_login": _account(ANYONE, ANYONE),
    "account_logout": _account(ANYONE, ANYONE),
    "account_reauthenticate": _account(),
    "account_change_password": _account(),
    "account_reset_password": _account(ANYONE, ANYONE),
    "account_reset_password_done": _account(ANYONE, None),
    "account_reset_password_from_key": _account(ANYONE, ANYONE, arguments=lambda _twin: ("1", "guessed")),
    "account_reset_password_from_key_done": _account(ANYONE, None),
    "mfa_index": _account(post=None),
    "mfa_authenticate": _account(ANYONE, ANYONE),
    "mfa_reauthenticate": _account(),
    "mfa_activate_totp": _account(),
    "mfa_deactivate_totp": _account(),
    "mfa_view_recovery_codes": _account(post=None),
    "mfa_generate_recovery_codes": _account(),
    "mfa_download_recovery_codes": _account(post=None),
    "overview": Page(MEMBERS, None, slug),
    "overview_table": Page(MEMBERS, None, lambda twin: (twin.workspace.slug, "priority", "csv")),
    "data": Page(DATA, DATA, slug),
    "data_refused": Page(DATA, None, slug_and("upload")),
    "data_mapping": Page(DATA, None, slug_and("upload")),
    "find": Page(MEMBERS, None, slug),
    "job_list": Page(MEMBERS, None, slug),
    "job_show": Page(DATA, None, slug_and("job")),
    "job_retry": Page(None, DATA, slug_and("job")),
    "member_list": Page(MEMBERS, None, slug),
    "member_invite": Page(OWNERS, OWNERS, slug),
    "invitation_show": Page(OWNERS, None, slug_and("invitation")),
    "invitation_withdraw": Page(None, OWNERS, slug_and("invitation")),
    "member_edit": Page(OWNERS, OWNERS, slug_and("membership")),
    "member_end": Page(None, OWNERS, slug_and("membership")),
    "department_new": Page(OWNERS, OWNERS, slug),
    "department_edit": Page(OWNERS, OWNERS, slug_and("department")),
    "department_delete": Page(None, OWNERS, slug_and("department")),
    "audit_log": Page(OWNERS, None, slug),
}
"""Every address by its name; the sweep fails for one that is not here, and for one that is no more."""


@dataclass(frozen=True)
class World:
    """Two workspaces that know nothing of each other, and everybody at a browser."""

    ours: Twin
    theirs: Twin
    browsers: dict[str, Client]
    cookies: dict[str, str]

    def ask(self, actor: str, method: str, url: str, **options: Any) -> HttpResponse:
        """The answer; what the request did is undone."""
        client = self.browsers[actor]
        client.cookies = SimpleCookie(self.cookies[actor])
        with transaction.atomic():
            response = client.generic(method, url, **options)
            transaction.set_rollback(True)
        return response


@pytest.fixture
def world(signed_in: SignedIn) -> World:
    ours, theirs = make_twin("canarya"), make_twin("canaryb")
    people = ours.people | {STRANGER: theirs.people[Role.OWNER]}
    browsers = {ANONYMOUS: Client()} | {actor: signed_in(person) for actor, person in people.items()}
    for actor, browser in browsers.items():
        browser.raise_request_exception = False
        if actor != ANONYMOUS:
            _confirm(browser, people[actor])
    return World(ours, theirs, browsers, {actor: each.cookies.output(header="") for actor, each in browsers.items()})


def _confirm(browser: Client, person: Person) -> None:
    """As if the password had been typed again, which pages of second factors ask for."""
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each)
        else:
            yield each


def _expected(page: Page, method: str, actor: str) -> str:
    """What the answer must be: allowed, sign in, not there, or wrong method."""
    may = {"GET": page.get, "POST": page.post}.get(method)
    if actor == ANONYMOUS and actor not in (page.get or page.post or ()):
        return "sign in"
    if may is None:
        return "wrong method"
    return "allowed" if actor in may else "not there"


def _met(response: HttpResponse, page: Page) -> str:
    """What the answer was."""
    location = response.headers.get("Location", "")
    if response.status_code in page.also:
        return "allowed"
    if response.status_code == 302 and location.startswith("/account/sign-in/?next="):
        return "sign in"
    said = {404: "not there", 405: "wrong method", 200: "allowed", 302: "allowed", 422: "allowed"}
    return said.get(response.status_code, str(response.status_code))


def _requests(world: World, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for name in names:
        for actor in world.browsers:
            yield from ((name, method, actor) for method in ("GET", "POST"))
        if "slug" in _routes()[name]:
            yield from ((name, method, STRANGER) for method in ("PUT", "DELETE"))


def _routes() -> dict[str, str]:
    return {str(each.name): str(_whole(each)) for each in _patterns(get_resolver())}


def _whole(pattern: URLPattern) -> str:
    inside = {
        id(each) for one in get_resolver().url_patterns if isinstance(one, URLResolver) for each in _patterns(one)
    }
    return f"slug {pattern.pattern}" if id(pattern) in inside else str(pattern.pattern)


def faults(world: World, names: Iterable[str] = PAGES) -> list[str]:
    """Every answer that is not as `PAGES` says, or tells something of the other workspace."""
    found = []
    for name, method, actor in _requests(world, names):
        page = PAGES[name]
        url = reverse(name, args=page.arguments(world.ours)) + "?q=c"
        response = world.ask(actor, method, url)
        expected, met = _expected(page, method, actor), _met(response, page)
        if met != expected:
            found.append(f"{method} {name} as {actor}: {met}, not {expected}")
        if actor != STRANGER and _tells(response, world.theirs):
            found.append(f"{method} {name} as {actor}: tells of the other workspace")
    return found


def _tells(response: HttpResponse, twin: Twin) -> bool:
    return twin.mark.encode() in response.serialize_headers() + response.content


def test_every_address_is_classified():
    assert sorted(_routes()) == sorted(PAGES)


def test_every_answer_is_as_classified_and_tells_nothing_of_the_other(world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    assert faults(world) == []
    assert [text for text in caplog.messages if world.theirs.mark in text] == []


def test_parts_of_pages_tell_nothing_of_the_other(world: World):
    for name, page in PAGES.items():
        url = reverse(name, args=page.arguments(world.ours)) + "?q=c"
        assert not _tells(world.ask(Role.OWNER, "GET", url, HTTP_HX_REQUEST="true"), world.theirs), name


def test_head_tells_no_more_than_get(world: World):
    for name, page in PAGES.items():
        url = reverse(name, args=page.arguments(world.ours))
        for actor in (ANONYMOUS, STRANGER, Role.VIEWER, Role.OWNER):
            head = world.ask(actor, "HEAD", url)
            assert head.status_code in {405, world.ask(actor, "GET", url).status_code}, (name, actor)
            assert head.content == b"", (name, actor)


def test_numbers_of_another_workspace_are_not_there(world: World):
    before = contents(world.theirs)
    for name, page in PAGES.items():
        foreign = page.arguments(world.theirs)
        if any(isinstance(value, int) for value in foreign):
            url = reverse(name, args=(world.ours.workspace.slug, *foreign[1:]))
            codes = {world.ask(Role.OWNER, method, url).status_code for method in ("GET", "POST")}
            assert codes <= {404, 405}, name
    assert contents(world.theirs) == before


def test_what_strangers_send_changes_nothing(world: World):
    before = contents(world.ours)
    for name, page in PAGES.items():
        if "slug" in _routes()[name]:
            client = world.browsers[STRANGER]
            client.post(reverse(name, args=page.arguments(world.ours)), {"role": "owner", "email": "s@example.org"})
    assert contents(world.ours) == before


def test_every_text_of_every_table_holds_a_canary(world: World):
    assert [name for name, is_marked in filled_texts(world.theirs).items() if not is_marked] == []


def test_mail_of_one_workspace_tells_nothing_of_another(world: World):
    client = world.browsers[Role.OWNER]
    client.cookies = SimpleCookie(world.cookies[Role.OWNER])
    client.post(reverse("member_invite", args=slug(world.ours)), {"email": "new@example.org", "role": "viewer"})
    outbox.deliver(timezone.now())
    texts = [str(message.message()) for message in mail.outbox]
    assert [(world.ours.mark in text, world.theirs.mark in text) for text in texts] == [(True, False)]


def test_sweep_sees_what_stands_on_pages(world: World):
    seen = [name for name in PAGES if _shows_own(world, name)]
    assert {"member_list", "job_list", "job_show", "audit_log", "home", "mfa_index"} <= set(seen)


def _shows_own(world: World, name: str) -> bool:
    url = reverse(name, args=PAGES[name].arguments(world.ours))
    client = world.browsers[Role.OWNER]
    client.cookies = SimpleCookie(world.cookies[Role.OWNER])
    with transaction.atomic():
        content = client.get(url, follow=True).content
        transaction.set_rollback(True)
    return world.ours.mark.encode() in content


def _open_workspaces(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WorkspaceQuerySet, "visible_to", lambda rows, _person, *_roles: rows.all())


def _forget_roles(patch: pytest.MonkeyPatch) -> None:
    door = WorkspaceQuerySet.visible_to
    patch.setattr(WorkspaceQuerySet, "visible_to", lambda rows, person, *_roles: door(rows, person))


def _forget_sign_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LoginRequiredMiddleware, "process_view", lambda *_told: None)


@pytest.mark.parametrize(
    ("sabotage", "fault"),
    [
        (_open_workspaces, "GET member_list as stranger: allowed, not not there"),
        (_open_workspaces, "GET home as owner: tells of the other workspace"),
        (_forget_roles, "POST member_end as viewer: allowed, not not there"),
        (_forget_sign_in, "GET home as anonymous: allowed, not sign in"),
    ],
)
def test_sweep_finds_an_open_door(world: World, monkeypatch: pytest.MonkeyPatch, sabotage: Sabotage, fault: str):
    sabotage(monkeypatch)
    assert fault in faults(world, [fault.split()[1]])

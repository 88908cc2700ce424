"""What holds for every page: its head, its forms, its questions to the database, and how its source is written."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils.timezone import now

from tangente.web.people.actions import invite
from tangente.web.people.audit import WORDS, record
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.factories import AT, make_department, make_job, make_member, make_workspace
from tests.web.test_authorization import PAGES, World, _patterns, world
from tests.web.test_translation import WEB

__all__ = ["world"]

DOORS = {"visible_to", "editable_by", "of_account", "opened_by"}
INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:|\shx-on", re.IGNORECASE)
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
FORM = re.compile(r"<form\b([^>]*(?:{%.*?%}[^>]*)*)>(.*?)</form>", re.DOTALL)
HTML = {
    str(path.relative_to(WEB / "templates")): path.read_text("utf-8")
    for path in sorted(WEB.rglob("templates/**/*.html"))
}


# --- source
def _undoored(tree: ast.AST) -> Iterator[int]:
    """The lines where records are reached by `.objects` and not through a door."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            after = parents[node]
            if not (isinstance(after, ast.Attribute) and after.attr in DOORS):
                yield node.lineno


def _modules_of_views() -> set[Path]:
    """As the addresses name them, so that none is forgotten."""
    modules = {each.callback.__module__ for each in _patterns(get_resolver())}
    return {Path(sys.modules[name].__file__ or "") for name in modules if name.startswith("tangente.web.")}


def test_views_reach_records_through_doors():
    found = []
    assert _modules_of_views() > set(WEB.rglob("views.py"))
    for path in sorted(_modules_of_views()):
        source = path.read_text("utf-8")
        lines = source.splitlines()
        found += [f"{path.relative_to(WEB)}: {lines[line - 1].strip()}" for line in _undoored(ast.parse(source))]
    assert found == []


def test_undoored_finds_what_it_should():
    source = "Job.objects.filter(pk=1)\nJob.objects.visible_to(person).filter(pk=1)\nall = Job.objects"
    assert sorted(_undoored(ast.parse(source))) == [1, 3]


def test_audit_log_has_words_for_every_action():
    actions = set()
    for path in WEB.rglob("*.py"):
        actions |= set(re.findall(r'action="([a-z_.]+)"', path.read_text("utf-8")))
    assert sorted(actions - WORDS.keys()) == []


@pytest.mark.parametrize("name", HTML)
def test_templates_hold_no_script_and_no_style(name: str):
    assert INLINE.findall(HTML[name]) == []


@pytest.mark.parametrize("name", [name for name, text in HTML.items() if "<form" in text])
def test_forms_work_without_script(name: str):
    for head, content in FORM.findall(HTML[name]):
        method = re.findall(r'method="(\w+)"', head)
        assert method in (["get"], ["post"], ["dialog"]), head
        assert ("action=" in head) == (method != ["dialog"]), head
        assert ("{% csrf_token %}" in content) == (method == ["post"]), head


@pytest.mark.parametrize("name", [name for name in HTML if name.startswith(("people/", "data/", "jobs/", "overview/"))])
def test_forms_that_change_something_carry_a_key(name: str):
    posts = [said for head, said in FORM.findall(HTML[name]) if "post" in head and "account_logout" not in head]
    assert [said for said in posts if "{% once %}" not in said and "components/form.html" not in said] == []


def test_inline_finds_what_it_should():
    wrong = [
        '<p style="x">',
        "<style>",
        "<script>",
        '<a onclick="x">',
        '<a href="javascript:x">',
        '<a hx-on:click="x">',
    ]
    assert [bool(INLINE.search(text)) for text in [*wrong, '<script type="module" src="x">']] == [*[True] * 6, False]


# --- answers
@pytest.mark.django_db
def test_pages_forbid_the_browser_what_they_do_not_need(world: World):
    for name, page in PAGES.items():
        for actor in ("anonymous", Role.OWNER):
            headers = world.ask(actor, "GET", reverse(name, args=page.arguments(world.ours))).headers
            assert set(headers.get("Content-Security-Policy", "").split("; ")) == POLICY, name
            assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff"), name
            assert (headers["Referrer-Policy"], "no-store" in headers["Cache-Control"]) == ("same-origin", True), name


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["member_list", "job_list", "audit_log", "find", "home"])
def test_lists_ask_as_much_for_three_rows_as_for_one(signed_in: SignedIn, name: str):
    workspace = make_workspace()
    owner = make_member(workspace, Role.OWNER).person
    make_member(make_workspace(), Role.OWNER, person=owner)
    client, url = signed_in(owner), reverse(name, args=() if name == "home" else (workspace.slug,)) + "?q=a"

    def one_more(number: int) -> None:
        above = make_department(workspace, f"Above {number}")
        department = make_department(workspace, f"Below {number}", parent=above)
        member = make_member(workspace, department=department)
        make_member(make_workspace(), person=owner)
        make_job(workspace, state="done", started_by=member.person, finished_at=AT)
        record(workspace=workspace, person=member.person, action="sign_in", at=AT)
        invite(
            workspace=workspace,
            email=f"new{number}@example.org",
            role=Role.VIEWER,
            department=department,
            invited_by=owner,
            at=now(),
        )

    one_more(1)
    client.get(url)
    asked = _queries(client, url)
    one_more(2)
    one_more(3)
    assert _queries(client, url) == asked


# --- whole
@pytest.mark.django_db
def test_migrations_hold_every_change_of_the_models():
    call_command("makemigrations", "tangente", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
def test_deployment_check_is_clean(tmp_path: Path):
    environment = {
        "TANGENTE_DATA": str(tmp_path),
        "TANGENTE_URL": "https://tangente.example.org",
        "DJANGO_SETTINGS_MODULE": "tangente.web.settings",
    }
    command = [sys.executable, "-W", "error", "-m", "django", "check", "--deploy", "--fail-level=WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (2 silenced).\n"), done.stderr


# --- refusals
@pytest.mark.django_db
def test_refusals_are_pages_of_ours(client: Client):
    lost = client.get("/nothing/")
    old = Client(enforce_csrf_checks=True).post("/language/")
    assert [(page.status_code, page.templates[0].name) for page in (lost, old)] == [
        (404, "404.html"),
        (403, "403_csrf.html"),
    ]


@pytest.mark.django_db
def test_too_many_requests_are_answered_by_a_page_of_ours(client: Client):
    said = [client.post("/account/sign-in/", {"login": "", "password": ""}) for _ in range(31)]
    assert (said[29].status_code, said[30].status_code, said[30].templates[0].name) == (200, 429, "429.html")


@pytest.mark.parametrize("name", ["400.html", "403.html", "500.html"])
def test_rare_refusals_can_be_told(name: str):
    assert "Tangente</title>" in render_to_string(name)

"""Watching a job in a browser: the page follows by itself, and rests when the job has ended."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tangente.web.jobs.models import Job, State
from tangente.web.people.roles import Role
from tests.chromium import chromium
from tests.web.conftest import SignedIn
from tests.web.factories import make_job, make_member, make_workspace
from tests.web.jobs import kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]
KINDS = kinds.__name__


def test_job_is_followed_to_its_end(live_server: LiveServer, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    member = make_member(make_workspace(), Role.MANAGER)
    begun = datetime.now(UTC)
    job = make_job(member.workspace, state=State.RUNNING, step="add", done=1, total=4, started_at=begun)
    cookie = {"name": "sessionid", "value": signed_in(member.person).cookies["sessionid"].value, "url": live_server.url}
    with chromium() as browser:
        context = browser.new_context(locale="en-GB")
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{live_server.url}/w/{member.workspace.slug}/jobs/{job.pk}/")
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
        Job.objects.update(done=3)
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "75")
        Job.objects.update(state=State.DONE, result={"n": 4}, finished_at=begun)
        expect(page.get_by_role("link", name="See what came of it")).to_be_visible()
        expect(page.locator("#job[hx-trigger]")).to_have_count(0)
    assert said == []

"""The overview: the CLI's figures, filters in the address, one state a page, doors."""

import json
import re
import shutil
import sqlite3
from datetime import date
from html import unescape
from pathlib import Path
from threading import enumerate as enumerate_threads

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tangente.analysis.appending import append
from tangente.analysis.job import Files, run
from tangente.analysis.options import Options
from tangente.analysis.reading import Reading
from tangente.analysis.serial import plain
from tangente.contactlog.store import open_log
from tangente.report.page import render
from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import start
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import attempt
from tangente.web.overview import asking, preparing, views
from tangente.web.overview.chosen import LABELS, Chosen
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import prepare, prepare_after_import, rehearse_beside
from tangente.web.overview.state import inventory_of, state_now
from tangente.web.people.models import Workspace
from tests.web.conftest import SignedIn
from tests.web.factories import make_member, make_person, make_workspace
from tests.web.overview.conftest import SLUG, read_in

pytestmark = pytest.mark.slow

PAGE = f"/w/{SLUG}/"
FIGURE = re.compile(r"\d[\d.,]*")


def of_command(folder: Path, **options: object) -> dict[str, object]:
    """What `tangente analyse --log` writes of a log, but for when."""
    analysis = run(Files(log=folder), Options(**options), Reading(), lambda _step, _rows: None)  # type: ignore[arg-type]
    return {name: value for name, value in plain(analysis).items() if name != "created"}


def kept(workspace: Workspace, language: str = "en", filters: str = "") -> dict[str, object]:
    answer = Answer.objects.get(workspace=workspace, language=language, filters=filters)
    return {name: value for name, value in json.loads(answer.analysis).items() if name != "created"}


@pytest.mark.parametrize("language", ["en", "de"])
def test_answer_equals_the_commands(workspace: Workspace, log_folder: Path, language: str):
    prepare(workspace)
    assert kept(workspace, language) == of_command(log_folder, language=language)


def test_overview_shows_every_figure_of_the_report(reader: Client, log_folder: Path):
    page = reader.get(PAGE, headers={"accept-language": "en"}).content.decode()
    report = render(run(Files(log=log_folder), Options(), Reading(), lambda _step, _rows: None))
    for key in ("ranking", "signals", "cost", "funnel", "hazard", "handovers", "paths"):
        assert figures(page, key) == figures(report, key)


def figures(html: str, key: str) -> list[str]:
    """The figures of a section in their order."""
    section = re.search(rf'<section class="[^"]*" id="{key}">.*?</section>', html, re.DOTALL)
    assert section
    return FIGURE.findall(unescape(re.sub(r"<a [^>]*>|<svg[^>]*>", "", section[0])))


def test_overview_speaks_german(reader: Client):
    html = reader.get(PAGE, headers={"accept-language": "de"}).content.decode()
    assert ("Schlüssel-Touchpoint" in html, "key touchpoint" in html) == (True, False)


def test_overview_names_no_option_of_the_command_line(reader: Client):
    shown = re.sub(r"<[^>]*>", " ", reader.get(PAGE).content.decode())
    assert re.findall(r"--[a-z]+|rejects\.csv|report\.json|folder tables", shown) == []


def test_overview_without_a_log_teaches_the_next_step(signed_in: SignedIn, db: None):
    empty = make_workspace()
    html = signed_in(make_member(empty).person).get(f"/w/{empty.slug}/").content.decode()
    assert f"--workspace {empty.slug}" in html


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}overview/ranking.csv"])
def test_overview_is_not_there_for_strangers(workspace: Workspace, signed_in: SignedIn, address: str):
    prepare(workspace)
    assert signed_in(make_person()).get(address).status_code == 404


def test_answers_have_a_door(workspace: Workspace):
    prepare(workspace)
    assert Answer.objects.visible_to(make_person()).count() == 0
    assert Answer.objects.visible_to(make_member(workspace).person).count() == 2


def test_filters_answer_as_the_filtered_log(workspace: Workspace, log_folder: Path):
    prepare(workspace, Chosen(segment="Glasfaser Privat", period="52w"))
    with open_log(log_folder) as store:
        log = store.log().where(since=date(2025, 10, 2), segments=["Glasfaser Privat"])
        held = sum(len(bucket.contacts["customer"]) for bucket in log.buckets())
    page = Answer.objects.get(language="en", filters="period=52w&segment=Glasfaser+Privat").page
    assert f" {held} contacts of " in f" {page['kicker'][1]}"


def test_filters_stand_in_the_address_and_can_be_let_go(reader: Client):
    response = reader.get(PAGE, {"channel": "Telefon", "segment": "DSL Privat", "period": ""})
    html = response.content.decode()
    assert re.findall(r'class="chip is-on" href="([^"]+)"', html) == [
        f"{PAGE}?channel=Telefon",
        f"{PAGE}?segment=DSL+Privat",
    ]
    assert re.findall(r'value="([^"]+)" selected', html) == ["DSL Privat", "Telefon"]


@pytest.mark.parametrize(
    ("query", "nearest"),
    [({"segment": "DSL"}, "DSL Privat"), ({"period": "51w"}, "52w"), ({"channel": "Telefn"}, "Telefon")],
)
def test_filters_refuse_what_never_occurs(reader: Client, query: dict[str, str], nearest: str):
    response = reader.get(PAGE, query, headers={"accept-language": "en"})
    assert response.status_code == 422
    assert f"the nearest is “{nearest}”" in response.content.decode()


def test_filters_come_as_a_part_for_htmx(reader: Client):
    response = reader.get(PAGE, {"segment": "DSL Privat", "channel": ""}, headers={"hx-request": "true"})
    html = response.content.decode().strip()
    assert (html.startswith("<title>"), "<html" in html) == (True, False)
    assert response["HX-Push-Url"] == f"{PAGE}?segment=DSL+Privat"


def few_people(folder: Path, tmp_path: Path) -> None:
    """Append forty contacts of four customers to a log."""
    file = tmp_path / "contacts.csv"
    rows = [f"c{n % 4},2026-01-{1 + n % 28:02}T10:00:00Z,{'shop' if n % 3 else 'hotline'}" for n in range(40)]
    file.write_text("\n".join(["customer_id,occurred_at,touchpoint", *rows]))
    append([file], folder, [], Reading(), accept_rejects=False, progress=lambda _step, _rows: None)


@pytest.mark.parametrize(("smallest", "is_shown"), [(5, False), (4, True)], ids=["guarded", "guard off"])
def test_overview_of_few_people_shows_nothing_of_them(
    signed_in: SignedIn, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smallest: int, is_shown: bool
):
    monkeypatch.setattr(asking, "SMALLEST_CELL", smallest)
    few = make_workspace()
    few_people(Path(settings.LOGS, few.slug), tmp_path)
    html = signed_in(make_member(few).person).get(f"/w/{few.slug}/").content.decode()
    assert ('id="ranking"' in html) == is_shown
    assert ("sheets" in Answer.objects.all()[0].page) == is_shown


def test_overview_shows_a_finished_import_at_the_next_request(signed_in: SignedIn, db: None, company: Path):
    growing = make_workspace()
    client = signed_in(make_member(growing).person)
    folder = Path(settings.LOGS, growing.slug)
    read_in(folder, company, "contacts")
    before = client.get(f"/w/{growing.slug}/").content.decode()
    state = state_now(growing)
    read_in(folder, company, "ratings")
    after = client.get(f"/w/{growing.slug}/").content.decode()
    assert ("Net Promoter" in before, "Net Promoter" in after) == (False, True)
    assert {answer.state for answer in Answer.objects.filter(workspace=growing)} == {state_now(growing)} != {state}


def test_page_during_which_the_log_changes_is_asked_anew(reader: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "state_now", lambda _workspace: "0" * 40)
    response = reader.get(PAGE, {"channel": "Telefon"})
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?channel=Telefon")


def test_state_changes_with_the_inventory(workspace: Workspace, company: Path):
    before = state_now(workspace)
    inventory = inventory_of(workspace)
    inventory.parent.mkdir(exist_ok=True)
    inventory.write_bytes((company / "inventory.csv").read_bytes())
    prepare(workspace)
    names = {point["phase"] for point in kept(workspace)["touchpoints"]}  # type: ignore[attr-defined]
    inventory.unlink()
    assert state_now(workspace) == before
    assert len(names - {None}) == 5


def test_overview_says_what_is_wrong_with_the_inventory(workspace: Workspace, reader: Client):
    inventory = inventory_of(workspace)
    inventory.parent.mkdir(exist_ok=True)
    inventory.write_text("name\nShop\n")
    response = reader.get(PAGE, headers={"accept-language": "en"})
    inventory.unlink()
    assert (response.status_code, "needs the column touchpoint" in response.content.decode()) == (422, True)


def test_overview_of_a_damaged_log_says_so_without_the_place_of_the_server(
    signed_in: SignedIn, db: None, tmp_path: Path
):
    damaged = make_workspace()
    folder = Path(settings.LOGS, damaged.slug)
    few_people(folder, tmp_path)
    shutil.rmtree(folder / "ready", ignore_errors=True)
    for file in (folder / "contacts").rglob("*.parquet"):
        file.unlink()
    client = signed_in(make_member(damaged).person)
    client.raise_request_exception = False
    response = client.get(f"/w/{damaged.slug}/")
    said = response.content.decode()
    assert (response.status_code, "tangente restore" in said, str(settings.DATA) in said) == (503, True, False)


def test_overview_says_why_its_job_was_refused_and_begins_no_other(
    workspace: Workspace, reader: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    inventory = inventory_of(workspace)
    inventory.parent.mkdir(exist_ok=True)
    inventory.write_text("name\nShop\n")
    waiting = reader.get(PAGE, headers={"accept-language": "en"})
    attempt(Run(Claims().take(timezone.now())))  # type: ignore[arg-type]
    refused = [reader.get(PAGE) for _ in range(2)]
    inventory.unlink()
    assert (waiting.status_code, [each.status_code for each in refused], workspace.jobs.count()) == (202, [422] * 2, 1)
    assert "needs the column touchpoint" in refused[1].content.decode()


def test_overview_asks_once_for_a_state(workspace: Workspace, reader: Client):
    reader.get(PAGE)
    made = set(Answer.objects.values_list("pk", "made_at"))
    reader.get(PAGE)
    assert set(Answer.objects.values_list("pk", "made_at")) == made


def test_overview_of_a_large_log_waits_for_a_job(reader: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    responses = [reader.get(PAGE) for _ in range(2)]
    assert [(response.status_code, response["Refresh"]) for response in responses] == [(202, "3")] * 2
    assert [job.name for job in workspace.jobs.all()] == ["overview.ask"]


def test_overview_stays_while_another_choice_is_asked_for(
    reader: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    prepare(workspace)
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    response = reader.get(PAGE, {"channel": "Telefon"}, headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (202, "#waiting")
    assert response.content.decode().startswith('<div id="waiting">')


def test_overview_is_there_when_its_job_is_done(reader: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    statuses = [reader.get(PAGE, {"channel": "Telefon"}).status_code]
    while job := Claims().take(timezone.now()):
        attempt(Run(job))
        statuses.append(reader.get(PAGE, {"channel": "Telefon"}).status_code)
    assert statuses == [202, 202, 200]


def ahead(workspace: Workspace) -> list[str]:
    """The filters whose answers are kept when the job that runs ahead has ended."""
    job = Claims().take(timezone.now())
    assert job is not None
    attempt(Run(job))
    return sorted(Answer.objects.filter(workspace=workspace, language="de").values_list("filters", flat=True))


def test_import_of_a_large_log_has_each_filter_answered_ahead(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    monkeypatch.setattr(preparing, "MOST_AHEAD", 3)
    prepare_after_import(workspace)
    assert ahead(workspace) == ["", "period=13w", "period=26w", "period=52w"]


def test_likely_filters_are_single_ones_and_segments_and_channels_in_a_period(workspace: Workspace):
    prepare(workspace)
    ahead = [list(chosen.values) for chosen in preparing._ahead(workspace)]
    assert [ahead.count([name]) for name in LABELS] == [3, 4, 10, 6]
    both = [["period", "segment"]] * 12 + [["period", "channel"]] * 30
    assert [names for names in ahead if len(names) > 1] == both


@pytest.mark.parametrize(("query", "status"), [({"channel": "Telefon"}, 200), ({}, 202)])
def test_overview_of_a_middling_log_waits_only_for_all_of_it(
    reader: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], status: int
):
    if query:
        prepare(workspace)
    monkeypatch.setattr(views, "rehearse_beside", lambda *_told: None)
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    assert reader.get(PAGE, query).status_code == status


def test_overview_waits_for_a_job_where_many_ask_at_once(
    reader: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    prepare(workspace)
    monkeypatch.setattr(preparing, "PATIENCE_S", 0.0)
    with asking._turn:
        waiting = reader.get(PAGE, {"channel": "Telefon"})
    assert (waiting.status_code, reader.get(PAGE, {"channel": "Telefon"}).status_code) == (202, 200)


def test_rehearsal_opens_the_log_once_for_a_state(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    with asking._turn:  # else the first may be over already
        for state in ("one", "one", "two"):
            rehearse_beside(workspace, state)
        threads = [each for each in enumerate_threads() if each.name == "rehearsal"]
    for thread in threads:
        thread.join()
    assert (len(threads), workspace.pk in asking._open, Answer.objects.count()) == (2, True, 0)


def test_rehearsal_leaves_a_log_that_is_held(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    def held(*_told: object, **_more: object) -> object:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("sqlite3.connect", held)
    preparing._rehearse(workspace)
    assert workspace.pk not in asking._open


def test_answers_of_a_newer_state_stay(workspace: Workspace):
    prepare(workspace)
    asking._forget(workspace, "as it was before")
    assert {answer.state for answer in Answer.objects.all()} == {state_now(workspace)}


def test_what_was_asked_longest_ago_goes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asking, "MOST_KEPT", 2)
    for period in ("", "13w", "26w"):
        prepare(workspace, Chosen(period=period))
    assert sorted(Answer.objects.values_list("filters", flat=True)) == ["", "", "period=26w", "period=26w"]


def test_answering_ahead_lets_others_go_first(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    prepare_after_import(workspace)
    start("data.import", workspace=workspace, person=None, arguments={}, at=timezone.now())
    assert ahead(workspace) == [""]
    assert list(Job.objects.open().values_list("name", flat=True)) == ["overview.ask_ahead", "data.import"]


def test_table_is_what_the_page_shows(reader: Client):
    html = reader.get(PAGE, headers={"accept-language": "en"}).content.decode()
    address = unescape(re.search(rf'href="({PAGE}overview/cost\.csv[^"]*)"', html)[1])  # type: ignore[index]
    lines = reader.get(address, headers={"accept-language": "en"}).content.decode("utf-8-sig").splitlines()
    rows = re.search(r'id="cost".*?<tbody>(.*?)</tbody>', html, re.DOTALL)[1].count("<tr>")  # type: ignore[index]
    assert (lines[0].split(",")[:3], len(lines) - 1) == (["Touchpoint", "Contacts", "Per contact"], rows)


def test_table_of_another_state_leads_to_the_page_as_it_is(reader: Client):
    response = reader.get(f"{PAGE}overview/cost.csv", {"of": "0" * 40, "segment": "DSL Privat"})
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?segment=DSL+Privat")


def test_table_that_is_none_is_not_there(reader: Client, workspace: Workspace):
    reader.get(PAGE)
    of = {"of": state_now(workspace)}
    missing = [reader.get(f"{PAGE}overview/{name}", of).status_code for name in ("nothing.csv", "cost.pdf")]
    assert missing == [404, 404]

"""Members of a department see what it and its parts handled, and nothing else."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tangente.web.jobs.queue import start
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import attempt
from tangente.web.overview import preparing
from tangente.web.overview.chosen import Chosen
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import AHEAD, prepare
from tangente.web.overview.scope import Part, named_alike, part_of
from tangente.web.people.models import Department, Workspace
from tests.web.conftest import SignedIn
from tests.web.factories import make_department, make_member
from tests.web.overview.conftest import SLUG

pytestmark = pytest.mark.slow

PAGE = f"/w/{SLUG}/"
SALES = "Vertrieb"


@pytest.fixture
def sales(workspace: Workspace) -> Department:
    return make_department(workspace, SALES)


def client_of(signed_in: SignedIn, department: Department) -> Client:
    return signed_in(make_member(department.workspace, department=department).person)


@pytest.mark.parametrize(("unit", "is_own"), [("service", True), (" SERVICE ", True), ("services", False)])
def test_departments_are_known_by_their_names(unit: str, is_own: bool):
    assert named_alike([unit], ["Service"]) == ((unit,) if is_own else ())


def test_part_of_a_department_includes_its_parts(workspace: Workspace, sales: Department):
    make_department(workspace, "Technik", parent=sales)
    make_department(workspace, "Marketing")
    member = make_member(workspace, department=sales)
    known = ["Marketing", "Technik", SALES]
    assert part_of(member.person, workspace, known) == Part(("Technik", SALES), ("Technik", SALES))


def test_part_of_members_without_department_is_all(workspace: Workspace):
    assert part_of(make_member(workspace).person, workspace, [SALES]) == Part()


def test_limit_to_no_unit_is_none_that_could_be_asked_for():
    with pytest.raises(ValueError, match="no unit"):
        Chosen(units=())


def test_answers_are_kept_apart_by_limit():
    names = {Chosen(units=units, segment=kind).name for units in (None, ("a",), ("a", "b")) for kind in ("", "c")}
    assert len(names) == 6


def test_limited_member_sees_the_figures_of_the_department(workspace: Workspace, sales: Department):
    prepare(workspace, Chosen(units=(SALES,)))
    prepare(workspace, Chosen(department=SALES))
    limited, chosen = (answer.page for answer in Answer.objects.filter(language="de").order_by("pk"))
    assert (limited["kicker"], limited["sheets"]) == (chosen["kicker"], chosen["sheets"])


def test_limited_member_chooses_only_what_occurs(signed_in: SignedIn, sales: Department):
    client = client_of(signed_in, sales)
    alone = client.get(PAGE, headers={"accept-language": "en"}).content.decode()
    make_department(sales.workspace, "Technik", parent=sales)
    both = client.get(PAGE).content.decode()
    chosen = [re.findall(r'value="(Marketing|Technik|Vertrieb)"', html) for html in (alone, both)]
    assert chosen == [[], ["Technik", SALES]]
    assert f"by your department: <strong><bdi>{SALES}</bdi></strong>" in alone


def test_limited_member_is_refused_another_department(signed_in: SignedIn, sales: Department):
    response = client_of(signed_in, sales).get(PAGE, {"department": "Technik"}, headers={"accept-language": "en"})
    assert (response.status_code, f"the nearest is “{SALES}”" in response.content.decode()) == (422, True)


def test_department_that_the_log_does_not_know_is_told_so(signed_in: SignedIn, workspace: Workspace):
    unknown = make_department(workspace, "Vorstand")
    client = client_of(signed_in, unknown)
    html = client.get(PAGE, headers={"accept-language": "en"}).content.decode()
    table = client.get(f"{PAGE}overview/ranking.csv", {"of": Answer.objects.all()[0].state})
    assert ("nothing of your department" in html, 'id="ranking"' in html, table.status_code) == (True, False, 302)


def test_another_department_holds_with_the_next_request(signed_in: SignedIn, workspace: Workspace, sales: Department):
    member = make_member(workspace, department=sales)
    client = signed_in(member.person)
    before = client.get(PAGE).content.decode()
    member.department = make_department(workspace, "Technik")
    member.save()
    after = client.get(PAGE).content.decode()
    assert [f"<bdi>{SALES}</bdi></strong>" in html for html in (before, after)] == [True, False]


def work(workspace: Workspace) -> list[str]:
    """The filters whose answers are kept when the next job has ended."""
    job = Claims().take(timezone.now())
    assert job is not None
    attempt(Run(job))
    return sorted(Answer.objects.filter(workspace=workspace, language="de").values_list("filters", flat=True))


def test_large_log_is_asked_for_a_limited_member_by_a_job(
    signed_in: SignedIn, workspace: Workspace, sales: Department, monkeypatch: pytest.MonkeyPatch
):
    prepare(workspace)
    monkeypatch.setattr("tangente.web.overview.state.SMALL", 0)
    monkeypatch.setattr("tangente.web.overview.state.LARGE", 0)
    assert client_of(signed_in, sales).get(PAGE).status_code == 202
    assert work(workspace) == sorted(["", Chosen(units=(SALES,)).name])


def test_departments_that_somebody_is_limited_to_are_asked_for_ahead(
    workspace: Workspace, sales: Department, monkeypatch: pytest.MonkeyPatch
):
    make_member(workspace, department=sales)
    prepare(workspace)
    monkeypatch.setattr(preparing, "MOST_AHEAD", 1)
    start(AHEAD, workspace=workspace, person=None, arguments={}, at=timezone.now())
    assert work(workspace) == sorted(["", Chosen(units=(SALES,)).name])

"""Members, owners and the tree of departments."""

from string import ascii_lowercase

import pytest
from django.urls import reverse
from django.utils import timezone

from tangente.web.errors import RuleError
from tangente.web.people import actions
from tangente.web.people.models import Department, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.factories import AT, make_department, make_member, make_workspace
from tests.web.test_authorization import PAGES, slug

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def tree(workspace: Workspace) -> dict[str, Department]:
    """Sales over shops and online, shops over Berlin; and service beside it."""
    found: dict[str, Department] = {}
    for name, above in {"Sales": None, "Shops": "Sales", "Online": "Sales", "Berlin": "Shops", "Service": None}.items():
        found[name] = make_department(workspace, name, parent=found.get(above or ""))
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sales", ["Berlin", "Online", "Sales", "Shops"]),
        ("Shops", ["Berlin", "Shops"]),
        ("Berlin", ["Berlin"]),
        ("Service", ["Service"]),
    ],
)
def test_within_is_a_department_and_its_parts(tree: dict[str, Department], name: str, expected: list[str]):
    assert [each.name for each in Department.objects.within(tree[name])] == expected


def test_within_ends_where_the_tree_is_a_ring(tree: dict[str, Department]):
    Department.objects.filter(pk=tree["Sales"].pk).update(parent=tree["Berlin"])
    assert Department.objects.within(tree["Shops"]).count() == 4


@pytest.mark.parametrize(("name", "expected"), [("Shops", ["Berlin", "Shops"]), (None, None)])
def test_departments_are_the_scope_of_a_member(
    workspace: Workspace, tree: dict[str, Department], name: str | None, expected: list[str] | None
):
    make_department(make_workspace(), "Elsewhere")
    member = make_member(workspace, department=tree.get(name or ""))
    assert [each.name for each in member.departments()] == (expected or sorted(tree))


def test_save_department_refuses_a_ring(workspace: Workspace, tree: dict[str, Department]):
    with pytest.raises(RuleError, match="itself"):
        actions.save_department(
            department=tree["Sales"], name="Sales", parent=tree["Berlin"], by=make_member(workspace).person, at=AT
        )


def test_save_department_refuses_a_name_twice(workspace: Workspace, tree: dict[str, Department]):
    new = Department(workspace=workspace)
    with pytest.raises(RuleError, match="Service"):
        actions.save_department(department=new, name="Service", parent=None, by=make_member(workspace).person, at=AT)


def test_delete_department_refuses_what_has_parts(workspace: Workspace, tree: dict[str, Department]):
    with pytest.raises(RuleError, match="Shops"):
        actions.delete_department(department=tree["Shops"], by=make_member(workspace).person, at=AT)


def _demote(owner: Membership) -> None:
    actions.change_membership(membership=owner, role=Role.VIEWER, department=None, by=owner.person, at=AT)


def _end(owner: Membership) -> None:
    actions.end_membership(membership=owner, by=owner.person, at=AT)


@pytest.mark.parametrize("leave", [_demote, _end])
def test_last_owner_stays(workspace: Workspace, leave):
    owner, other = make_member(workspace, Role.OWNER), make_member(workspace, Role.OWNER)
    leave(other)
    with pytest.raises(RuleError, match="owner"):
        leave(owner)
    owner.refresh_from_db()
    assert (owner.role, owner.left_at) == (Role.OWNER, None)


def test_owner_whose_account_is_closed_is_no_other_owner(workspace: Workspace):
    owner, other = make_member(workspace, Role.OWNER), make_member(workspace, Role.OWNER)
    Person.objects.filter(pk=other.person.pk).update(is_active=False)
    with pytest.raises(RuleError):
        _demote(owner)


def test_member_page_changes_role_and_department(
    signed_in: SignedIn, workspace: Workspace, tree: dict[str, Department]
):
    owner, member = make_member(workspace, Role.OWNER), make_member(workspace)
    said = {"role": Role.CONTRIBUTOR, "department": tree["Online"].pk}
    signed_in(owner.person).post(f"/w/{workspace.slug}/people/{member.pk}/", said)
    member.refresh_from_db()
    assert (member.role, member.department) == (Role.CONTRIBUTOR, tree["Online"])


@pytest.mark.parametrize("page", ["people/{member}/", "people/invite/", "departments/{own}/", "departments/new/"])
def test_forms_refuse_a_department_of_another_workspace(
    signed_in: SignedIn, workspace: Workspace, tree: dict[str, Department], page: str
):
    foreign = make_department(make_workspace(), "Elsewhere")
    owner, member = make_member(workspace, Role.OWNER), make_member(workspace)
    address = f"/w/{workspace.slug}/" + page.format(member=member.pk, own=tree["Sales"].pk)
    said = {
        "role": Role.VIEWER,
        "email": "x@example.org",
        "name": "New",
        "department": foreign.pk,
        "parent": foreign.pk,
    }
    assert signed_in(owner.person).post(address, said).status_code == 422


def test_find_finds_pages_and_people(signed_in: SignedIn, workspace: Workspace):
    owner = make_member(workspace, Role.OWNER, name="Paula Prinz")
    make_member(make_workspace(), name="Petra Elsewhere")
    found = signed_in(owner.person).get(f"/w/{workspace.slug}/find/", {"q": "p"}).context["found"]
    assert [one.name for one in found] == ["People", "Paula Prinz"]


def test_find_finds_every_page_with_an_address_of_its_own(signed_in: SignedIn, workspace: Workspace):
    client = signed_in(make_member(workspace, Role.OWNER).person)
    answers = [client.get(f"/w/{workspace.slug}/find/", {"q": letter}) for letter in ascii_lowercase]
    found = {one.url for answer in answers for one in answer.context["found"] if "#" not in one.url}
    pages = {
        reverse(name, args=[workspace.slug]) for name, page in PAGES.items() if page.get and page.arguments is slug
    }
    assert found == pages - {f"/w/{workspace.slug}/find/"} | {reverse("mfa_index")}


def test_language_stays_with_the_person(signed_in: SignedIn, workspace: Workspace):
    person = make_member(workspace, Role.OWNER).person
    client = signed_in(person)
    assert client.post("/language/", {"language": "de", "next": "/account/factors/"})["Location"] == "/account/factors/"
    assert 'lang="de"' in signed_in(Person.objects.get(pk=person.pk)).get("/account/factors/").content.decode()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_language_leads_only_to_pages_of_this_server(signed_in: SignedIn, workspace: Workspace, to: str):
    client = signed_in(make_member(workspace).person)
    assert client.post("/language/", {"language": "de", "next": to})["Location"] == "/"


def test_end_membership_is_told_as_of_when(workspace: Workspace):
    member, at = make_member(workspace), timezone.now()
    actions.end_membership(membership=member, by=make_member(workspace, Role.OWNER).person, at=at)
    assert Membership.objects.get(pk=member.pk).left_at == at


@pytest.mark.parametrize(("query", "names"), [("", ["Anna", "Ben"]), ("?sort=-name", ["Ben", "Anna"])])
def test_members_are_listed_as_the_address_says(
    signed_in: SignedIn, workspace: Workspace, query: str, names: list[str]
):
    anna = make_member(workspace, Role.OWNER, name="Anna").person
    make_member(workspace, name="Ben")
    shown = signed_in(anna).get(f"/w/{workspace.slug}/people/{query}").context["members"]
    assert [member.person.name for member in shown] == names

"""What people do at the same moment: one chain, one last owner, one use of a link."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from tangente.web.errors import RuleError
from tangente.web.people import actions
from tangente.web.people.audit import broken, record
from tangente.web.people.models import AuditEntry, Membership, Workspace
from tangente.web.people.roles import Role
from tests.web.factories import AT, make_member, make_person, make_workspace
from tests.web.jobs.test_parallel import at_once
from tests.web.people.test_invitations import invited

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def _said(act: Callable[[], object]) -> str:
    try:
        act()
    except RuleError:
        return "refused"
    return "done"


@pytest.mark.parametrize("is_of_workspace", [True, False])
def test_audit_log_is_one_chain_whoever_writes_at_once(is_of_workspace: bool):
    workspace: Workspace | None = make_workspace() if is_of_workspace else None
    at_once(8, lambda: [record(workspace=workspace, person=None, action=str(n), at=AT) for n in range(5)])
    assert (AuditEntry.objects.filter(workspace=workspace).count(), broken(workspace)) == (40, None)


def test_owners_who_leave_at_once_leave_one():
    workspace = make_workspace()
    leaving = [make_member(workspace, Role.OWNER) for _ in range(4)]

    def leave() -> str:
        member = leaving.pop()
        return _said(lambda: actions.end_membership(membership=member, by=member.person, at=AT))

    assert sorted(at_once(4, leave)) == ["done", "done", "done", "refused"]
    assert Membership.objects.filter(left_at=None).count() == 1


def test_invitation_accepted_at_once_serves_once():
    invitation, _ = invited(make_workspace())
    people = [make_person() for _ in range(4)]

    def join() -> str:
        person = people.pop()
        return _said(lambda: actions.join(invitation=invitation, person=person, at=timezone.now()))

    assert sorted(at_once(4, join)) == ["done", "refused", "refused", "refused"]

"""What the demo made here."""

from tangente.web.people.models import Membership, Workspace
from tangente.web.people.roles import Role


def find_demo() -> Workspace | None:
    """The workspace that the demo made; None where it made none."""
    found: Workspace | None = Workspace.objects.filter(is_demo=True).order_by("pk").first()
    return found


def visitor() -> Membership | None:
    """As whom one looks around: the touchpoint manager of a workspace that the demo made."""
    members = Membership.objects.filter(
        workspace__is_demo=True, role=Role.MANAGER, left_at=None, person__is_active=True
    )
    found: Membership | None = members.select_related("workspace", "person").order_by("pk").first()
    return found

"""What a member of a workspace may do: one role each."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """From the one who answers for all to the one who only looks."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Touchpoint manager")
    CONTRIBUTOR = "contributor", _("Contributor")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    VIEWER = "viewer", _("Viewer")


MEANINGS = {
    Role.OWNER: _("decides who belongs to the workspace, and may do everything"),
    Role.MANAGER: _("brings in data, keeps the touchpoints, decides what to work on"),
    Role.CONTRIBUTOR: _("adds findings and takes on measures of the own department"),
    Role.ACCOUNT_MANAGER: _("looks after the customers of the own accounts"),
    Role.VIEWER: _("reads"),
}

PEOPLE = (Role.OWNER,)
"""Who invites, changes roles and reads the audit log."""

DATA = (Role.OWNER, Role.MANAGER)
"""Who brings in and takes out data."""

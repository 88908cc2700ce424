"""Which state of a workspace's log and inventory an answer is of, told without opening the log."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from tangente.contactlog.snapshot import snapshot_of
from tangente.web.people.models import Workspace
from tangente.web.workspace_log import folder_of

PAGE = 2
"""Grows when the page that is kept with an answer changes."""

SMALL = 2 << 20
"""Bytes of a log that is asked within a request; about 60,000 contacts."""

LARGE = 64 << 20
"""Bytes of a log of which not even a part is; about two million contacts."""


def inventory_of(workspace: Workspace) -> Path:
    """The workspace's inventory file, if there is one."""
    return Path(settings.DATA, "inventory", f"{workspace.slug}.csv")


def state_now(workspace: Workspace) -> str | None:
    """The state as it is now; None without a log."""
    snapshot = snapshot_of(folder_of(workspace))
    return None if snapshot is None else state_of(workspace, snapshot)


def state_of(workspace: Workspace, snapshot: str) -> str:
    """The state made up of a snapshot of the log, the inventory as it is now, and what writes the page."""
    file = inventory_of(workspace)
    text = file.read_bytes() if file.exists() else b""
    parts = (snapshot, version("tangente"), str(PAGE), workspace.slug)
    return hashlib.sha256("\n".join(parts).encode() + text).hexdigest()[:40]


def is_small(workspace: Workspace) -> bool:
    """Whether the log is answered so soon that nobody needs to wait for a worker."""
    return _size(workspace) < SMALL


def is_large(workspace: Workspace) -> bool:
    """Whether even a part of it takes so long that a worker does it."""
    return _size(workspace) >= LARGE


def _size(workspace: Workspace) -> int:
    data = (file for name in ("contacts", "ratings") for file in (folder_of(workspace) / name).rglob("*.parquet"))
    return sum(file.stat().st_size for file in data)

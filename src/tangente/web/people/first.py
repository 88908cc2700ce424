"""The first start: whoever can read the data folder or the server's output sets it up, nobody else."""

import secrets
from pathlib import Path

from tangente.contactlog.disk import write_synced
from tangente.web.people.models import Person

FILE = "first-start"


def token(data: Path) -> str | None:
    """The secret of the first start's address; None once there is a person."""
    if Person.objects.exists():
        (data / FILE).unlink(missing_ok=True)
        return None
    if not (data / FILE).exists():
        write_synced(data / FILE, secrets.token_urlsafe(24).encode(), mode=0o600)
    return (data / FILE).read_text("ascii")


def opens(data: Path, said: str) -> bool:
    """Whether it is the secret, and nobody was faster."""
    known = token(data)
    return known is not None and secrets.compare_digest(known.encode(), said.encode())

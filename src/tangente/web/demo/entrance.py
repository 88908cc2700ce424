"""The one-time address of the demo: its secret is told once in the terminal, and only its hash is kept."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from tangente.contactlog.disk import write_synced

FILE = "demo-entrance"
BOUND_TO = "TANGENTE_BOUND_TO"
"""Where the server listens, in the environment of the processes that answer: `tangente serve` says so, no person."""


@contextmanager
def opened(data: Path) -> Iterator[str]:
    """The secret of a new entrance, which closes with its first use, and at the end."""
    token = secrets.token_urlsafe(24)
    write_synced(data / FILE, _hash(token), mode=0o600)
    try:
        yield token
    finally:
        close(data)


def close(data: Path) -> None:
    """Let nobody in any more."""
    (data / FILE).unlink(missing_ok=True)


def fits(data: Path, token: str) -> bool:
    """Whether it is the secret, and nobody has used it."""
    try:
        return secrets.compare_digest((data / FILE).read_bytes(), _hash(token))
    except FileNotFoundError:
        return False


def use(data: Path, token: str) -> bool:
    """Whether this is the one who enters; of several at once, it is one."""
    if not fits(data, token):
        return False
    try:
        (data / FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).hexdigest().encode()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host, or is the host."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

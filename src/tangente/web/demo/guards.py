"""Who may come to the entrance of the demo: whoever sits at the machine that serves it, and nobody from outside."""

import os
from urllib.parse import urlsplit

from django.http import HttpRequest

from tangente.web.demo.entrance import BOUND_TO, is_loopback

FORWARDING = ("Forwarded", "Via", "X-Real-Ip")


def is_bound_to_this_machine(_request: HttpRequest) -> bool:
    """Whether the server listens to this machine only."""
    return is_loopback(os.environ.get(BOUND_TO, ""))


def comes_from_this_machine(request: HttpRequest) -> bool:
    return is_loopback(request.META.get("REMOTE_ADDR", ""))


def comes_directly(request: HttpRequest) -> bool:
    """Whether no proxy passed it on: one on this machine looks like this machine."""
    return not any(name in FORWARDING or name.startswith("X-Forwarded-") for name in request.headers)


def asks_for_this_machine(request: HttpRequest) -> bool:
    """Whether the browser believes so, too: a name that a stranger's server leads here is another's."""
    return is_loopback(urlsplit(f"//{request.get_host()}").hostname or "")


GUARDS = (is_bound_to_this_machine, comes_from_this_machine, comes_directly, asks_for_this_machine)


def is_at_this_machine(request: HttpRequest) -> bool:
    return all(guard(request) for guard in GUARDS)

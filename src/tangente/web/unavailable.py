"""What a person reads when the machine cannot: the database is busy, the disk full, a contact log damaged. Nothing is half done."""

import errno
import sqlite3
import sys
from collections.abc import Iterator

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from tangente.contactlog.damage import DAMAGED
from tangente.errors import TangenteError
from tangente.web.errors import told

RETRY_AFTER_S = 5

logger = structlog.get_logger(__name__)

FULL_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FULL_CODES = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "53100"})
"""Of SQLite and PostgreSQL; SQLite calls a file that may not grow an error of writing."""


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to an exception nobody expected: Django calls it for those of views and of its own parts alike."""
    error = sys.exc_info()[1]
    if is_full(error):
        return HttpResponse(render_to_string("507.html"), status=507)
    if isinstance(error, TangenteError) and error.code == DAMAGED and hasattr(request, "workspace"):
        return _damaged(request, error)
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
    return server_error(request)


def _damaged(request: HttpRequest, error: TangenteError) -> HttpResponse:
    """Of the workspace's contact log; whoever reads this is a member."""
    workspace = request.workspace  # type: ignore[attr-defined]
    logger.error("contact log damaged", workspace=workspace.slug, reason=str(error))
    page = {"workspace": workspace, "place": f"log/{workspace.slug}", "reason": told(error)}
    return HttpResponse(render_to_string("damaged.html", page, request), status=503)


def is_full(error: BaseException | None) -> bool:
    """Whether there was no place to write to."""
    return any(
        (isinstance(one, OSError) and one.errno in FULL_ERRNO)
        or getattr(one, "sqlite_errorname", None) in FULL_CODES
        or getattr(one, "sqlstate", None) in FULL_CODES
        for one in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

"""Structured logs: one line of JSON an event on standard error, never with what people type or who customers are."""

import logging
import sys
from collections.abc import Mapping

import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


INDISCREET = ("axes", "allauth")
"""They log addresses of people and paths with secrets in them; the audit log keeps what is worth keeping."""


WITH_PATHS = ("django.request", "django.security.csrf")


def _tell_the_route(record: logging.LogRecord) -> bool:
    """A path may hold the secret of a link; its route does not."""
    request = getattr(record, "request", None)
    if request is not None and isinstance(record.args, tuple):
        match = getattr(request, "resolver_match", None)
        route = match.route if match else "an address of nothing"
        record.args = tuple(route if said == request.path else said for said in record.args)
    return True


def configure(settings: Mapping[str, str]) -> None:
    """Send what our code and every library logs through one formatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings["level"])
    logging.getLogger("pyiceberg").setLevel(logging.WARNING)  # else it tells of each file it opens
    for library in INDISCREET:
        logging.getLogger(library).setLevel(logging.ERROR)
    for library in WITH_PATHS:
        logging.getLogger(library).addFilter(_tell_the_route)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )

"""What happens to every request beside what Django does."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from tangente.translation import speak

logger = structlog.get_logger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]


def language_of_the_person(answer: Answer) -> Answer:
    """A person's own language before the browser's; the library speaks it, too."""

    def answered(request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        speak(translation.get_language()[:2])
        try:
            return answer(request)
        finally:
            timezone.deactivate()

    return answered


def keep_nothing_between(answer: Answer) -> Answer:
    """Pages are of one person: no proxy keeps them, nor a browser that somebody else uses afterwards."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answered


def log_the_request(answer: Answer) -> Answer:
    """One line each: who (by number), what, how long; no query, which may hold what people type."""

    def answered(request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid4().hex[:12], person=request.user.pk)
        start = time.perf_counter()
        response = answer(request)
        route = request.resolver_match.route if request.resolver_match else ""
        logger.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(1000 * (time.perf_counter() - start), 1),
        )
        return response

    return answered

"""Template tags and filters: figures as the person's language writes them. Builtins of every template."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone, translation

from tangente.translation import Language, language

register = template.Library()


def words() -> Language:
    """The library's language of the page that is being made."""
    return language((translation.get_language() or "en")[:2])


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else words().number(value, digits)


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else words().percent(share)


@register.filter
def day(moment: datetime | None) -> str:
    """1.9.2026 or 1 Sep 2026, in the workspace's time zone."""
    return "–" if moment is None else words().date(moment.isoformat(), timezone.get_current_timezone_name())


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], *names: str) -> str:
    """`aria-current` of the menu entry whose page is open."""
    match = context["request"].resolver_match
    return "page" if match and match.url_name in names else ""

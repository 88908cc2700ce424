"""Template tags and filters: figures as the person's language writes them, and form controls. Builtins of every template."""

from datetime import datetime
from uuid import uuid4

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tangente.translation import Language, language

register = template.Library()

CONTROLS = (  # the first that fits
    ((forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput), ""),
    ((forms.Select,), "select"),
    ((forms.Textarea,), "area"),
    ((forms.Widget,), "input"),
)


def words() -> Language:
    """The library's language of the page that is being made."""
    return language((translation.get_language() or "en")[:2])


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """18.420 or 18,420; nothing known is a dash."""
    return "–" if value is None else words().number(value, digits)


@register.filter
def percent(share: float | None) -> str:
    """26 % or 26%."""
    return "–" if share is None else words().percent(share)


@register.filter
def day(moment: datetime | None) -> str:
    """1.9.2026 or 1 Sep 2026, in the workspace's time zone."""
    return "–" if moment is None else words().date(moment.isoformat(), timezone.get_current_timezone_name())


@register.filter
def clock(moment: datetime | None) -> str:
    """14:05, in the workspace's time zone."""
    return "–" if moment is None else timezone.localtime(moment).strftime("%H:%M")


@register.filter
def duration(seconds: float | None) -> str:
    """45 s, 12 min: one unit."""
    return "–" if seconds is None else words().duration(seconds)


@register.simple_tag
def once() -> SafeString:
    """The key of a form that takes effect once, new for each that is rendered; tangente.web.once reads it."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control in the look of the design system, told by its hint and its errors."""
    kind = next(name for widgets, name in CONTROLS if isinstance(field.field.widget, widgets))
    told = [f"{field.auto_id}_hint"] * bool(field.help_text) + [f"{field.auto_id}_error"] * bool(field.errors)
    attrs: dict[str, str | bool] = {"class": kind}
    if told:
        attrs["aria-describedby"] = " ".join(told)
    return field.as_widget(attrs=attrs)

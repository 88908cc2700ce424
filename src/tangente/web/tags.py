"""Template tags and filters: figures as the person's language writes them, controls, marks. Builtins of every template."""

from datetime import datetime
from uuid import uuid4

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tangente.charts import marks
from tangente.translation import Language, language

register = template.Library()

CONTROLS = (  # the first that fits
    ((forms.RadioSelect, forms.CheckboxSelectMultiple), "group"),
    ((forms.CheckboxInput,), "check"),
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
def kind_of(field: BoundField) -> str:
    """What a field looks like: input, area, select, check, or a group of checks."""
    return next(name for widgets, name in CONTROLS if isinstance(field.field.widget, widgets))


@register.filter
def told_by(field: BoundField) -> str:
    """The ids of its hint and its errors."""
    told = [f"{field.auto_id}_hint"] * bool(field.help_text) + [f"{field.auto_id}_error"] * bool(field.errors)
    return " ".join(told)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control in the look of the design system, told by its hint and its errors."""
    kind = kind_of(field)
    attrs: dict[str, str | bool] = {} if kind == "check" else {"class": kind}
    if told := told_by(field):
        attrs["aria-describedby"] = told
    return field.as_widget(attrs=attrs)


@register.simple_tag
def loop_marker(step: int) -> SafeString:
    """Where a touchpoint or a finding stands: 1 as is, 2 to be, 3 to do, 4 check."""
    return mark_safe(marks.loop_marker(step))  # noqa: S308 - drawn from a number


@register.simple_tag
def key_mark() -> SafeString:
    """Stands after the name of a key touchpoint."""
    return mark_safe(marks.key_mark(_("key touchpoint")))  # noqa: S308 - the drawing escapes its label


@register.simple_tag
def progress_line(percent: int) -> SafeString:
    """The ring that rolls along the line of long work."""
    return mark_safe(marks.progress_line(percent, _("Progress")))  # noqa: S308 - the drawing escapes its label

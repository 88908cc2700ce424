"""German and English: gettext read from the .po file in process, and figures as each language writes them."""

import io
import math
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, get_currency_symbol, get_decimal_symbol, get_group_symbol

from tangente.errors import QuestionError, TangenteError
from tangente.messages import Message, filled

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MOST_DIGITS = 4
LOCALES = ("de", "en")
SHORT_DATES = {"de": "d.M.yyyy", "en": "d MMM yyyy"}
LONG_DATES = {"de": "d. MMMM yyyy", "en": "d MMMM yyyy"}

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Figure(str):
    """A figure as a language writes it, which remembers its number: one, or an estimate with both ends of its interval."""

    __slots__ = ("numbers",)

    def __new__(cls, text: str, *numbers: float) -> "Figure":
        figure = super().__new__(cls, text)
        figure.numbers = numbers
        return figure

    numbers: tuple[float, ...]


class Language:
    """Texts and figures of one language; source strings are English."""

    def __init__(self, code: str, translations: NullTranslations) -> None:
        self.code = code
        self.locale = Locale.parse(code)
        self.translations = translations
        separators = {",": get_group_symbol(self.locale), ".": get_decimal_symbol(self.locale), "-": MINUS}
        self._signs = str.maketrans(separators)

    def gettext(self, message: str) -> str:
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.translations.ngettext(singular, plural, n)

    def say(self, what: object) -> str:
        """A message, a list of them, or an error that carries one, in this language; anything else as it is."""
        if isinstance(what, Message):
            return filled(self.gettext(what.text), what.values, self.say, self.number)
        if isinstance(what, list | tuple):
            return ", ".join(map(self.say, what))
        return self.say(what.args[0]) if isinstance(what, TangenteError) else str(what)

    def number(self, value: float, digits: int = 0) -> Figure:
        """18.420 or 5,6; a real minus, and no minus before a zero."""
        rounded = Decimal(repr(float(round(value, digits)) + 0.0))
        plain = f"{rounded:,.{digits}f}"  # Babel writes the same, five times as slowly
        return Figure(plain.translate(self._signs), value)

    def signed(self, value: float, digits: int = 1) -> str:
        text = self.number(value, digits)
        return text if round(value, digits) <= 0 else f"+{text}"

    def percent(self, share: float) -> Figure:
        """26 %, below ten percent 4,2 %; never rounded to nothing or to everything."""
        if 0 < share < 0.0005:
            return Figure(self.bound("<", 0.1, 1), share)
        if 0.995 <= share < 1 - 1e-9:
            return Figure(self.bound(">", 99), share)
        return Figure(self._percent(100 * share, percent_digits(share)), share)

    def bound(self, sign: str, hundredths: float, digits: int = 0) -> str:
        """> 99 %: what a share lies above or below."""
        return f"{sign}{NARROW_SPACE}{self._percent(hundredths, digits)}"

    def percent_estimate(self, share: float, low: float | None, high: float | None) -> Figure:
        """39 % [37–41]; without an interval that has no width."""
        if low is None or high is None or low == high:
            return Figure(self._percent(100 * share, percent_digits(share)), share)
        digits = interval_digits(share, low, high)
        text = f"{self._percent(100 * share, digits)} {self.interval(100 * low, 100 * high, digits)}"
        return Figure(text, share, low, high)

    def _percent(self, hundredths: float, digits: int) -> str:
        return self.number(hundredths, digits) + (f"{NARROW_SPACE}%" if self.code == "de" else "%")

    def span(self, low: float, high: float, digits: int = 1) -> str:
        """5,3–5,9; in words where a bound is negative."""
        bounds = self.number(low, digits), self.number(high, digits)
        return (self.gettext("%s to %s") if low < 0 else "%s–%s") % bounds

    def interval(self, low: float, high: float, digits: int = 1) -> str:
        return f"[{self.span(low, high, digits)}]"

    def estimate(self, value: float, low: float | None, high: float | None, digits: int = 1) -> Figure:
        """5,6 [5,3–5,9]."""
        figure = self.number(value, digits)
        if low is None or high is None:
            return figure
        return Figure(f"{figure} {self.interval(low, high, digits)}", value, low, high)

    def amount(self, value: float, currency: str) -> Figure:
        """8,40 €; whole units from a thousand on; below a cent two figures that say something: 0,0042 €."""
        digits = amount_digits(value)
        decimals = "." + "0" * digits if digits else ""
        pattern = f"#,##0{decimals}\xa0¤" if self.code == "de" else f"¤#,##0{decimals}"
        text = format_currency(value + 0.0, currency, format=pattern, locale=self.locale, currency_digits=False)
        return Figure(text.replace("\xa0", NARROW_SPACE).replace("-", MINUS), value)

    def currency(self, code: str) -> str:
        return get_currency_symbol(code, locale=self.locale)

    def date(self, moment: str, timezone: str) -> str:
        """1.9.2026 or 1 Sep 2026, the day where `timezone` is."""
        return format_date(_day(moment, timezone), format=SHORT_DATES[self.code], locale=self.locale)

    def long_date(self, moment: str, timezone: str) -> str:
        return format_date(_day(moment, timezone), format=LONG_DATES[self.code], locale=self.locale)

    def duration(self, seconds: float) -> Figure:
        """45 s, 12 Min., 3 Std., 4 T.: one unit, one decimal below ten; its number is in seconds."""
        return Figure(self._duration_text(seconds), seconds)

    def _duration_text(self, seconds: float) -> str:
        if seconds < MINUTE:
            return f"{self.number(seconds)}\xa0s"
        if seconds < HOUR:
            return self._duration(seconds / MINUTE, self.gettext("min"))
        if seconds < 1.5 * DAY:
            return self._duration(seconds / HOUR, self.gettext("h"))
        return self._duration(seconds / DAY, self.gettext("d"))

    def _duration(self, value: float, unit: str) -> str:
        digits = 1 if value < 9.95 and abs(value - round(value)) >= 0.05 else 0
        return f"{self.number(value, digits)}\xa0{unit}"

    def listing(self, names: list[str]) -> str:
        """A, B und C."""
        if len(names) < 2:
            return "".join(names)
        return self.gettext("%s and %s") % (", ".join(names[:-1]), names[-1])


def _day(moment: str, timezone: str) -> date:
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None:  # an Analysis states its times in UTC
        at = at.replace(tzinfo=UTC)
    return at.astimezone(ZoneInfo(timezone)).date()


def percent_digits(share: float) -> int:
    return 1 if 0 < share < 0.0995 else 0


def interval_digits(share: float, low: float, high: float) -> int:
    """Of a share in percent and its interval: so many more that its two ends read as two numbers."""
    digits = percent_digits(share)
    while low != high and digits < MOST_DIGITS and round(100 * low, digits) == round(100 * high, digits):
        digits += 1
    return digits


def amount_digits(value: float) -> int:
    size = abs(value)
    if size >= 1000 or size == 0:
        return 0
    return 2 if size >= 0.0095 else 1 - math.floor(math.log10(size))


_spoken: ContextVar[str] = ContextVar("spoken", default="en")


def speak(code: str) -> str:
    """Let what this thread tells its user be in the language of `code`, from now on."""
    _spoken.set(language(code).code)
    return code


def spoken() -> Language:
    """The language its user reads."""
    return language(_spoken.get())


@lru_cache
def language(code: str) -> Language:
    """The language of `code`: de or en."""
    if code not in LOCALES:
        raise QuestionError(f"There is no language {code!r}; choose one of {', '.join(LOCALES)}.")
    return Language(code, _translations(code))


def _translations(code: str) -> NullTranslations:
    if code == "en":  # the source strings
        return NullTranslations()
    compiled = io.BytesIO()
    with files("tangente").joinpath("locale", code, "LC_MESSAGES", "tangente.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)

"""An Analysis as one self-contained HTML page: no network, no script, one style element."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tangente.analysis.model import Analysis
from tangente.analysis.reasons import headline, key_touchpoints, quoted
from tangente.report.closing import change_section, method_section, unsaid_section
from tangente.report.figures import Figures
from tangente.report.journeys import flow_section, handover_section, letters_of, path_section
from tangente.report.pictures import flow_choice
from tangente.report.sections import (
    Section,
    cost_section,
    experience_section,
    importance_section,
    overall_figures,
    ranking_section,
    read_section,
    relevance_section,
)
from tangente.report.style import style_sheet, style_source
from tangente.translation import Language
from tangente.translation import language as language_of


@dataclass(frozen=True)
class Sections:
    """In the order of the page."""

    ranking: Section
    changes: Section | None
    read: Section
    importance: Section
    cost: Section
    relevance: Section
    experience: Section
    flow: Section
    paths: Section
    handovers: Section
    unsaid: Section
    method: Section

    def contents(self) -> list[Section]:
        return [section for section in vars(self).values() if section is not None]


def render(analysis: Analysis) -> str:
    """The page, in the analysis's language."""
    language = language_of(analysis.language)
    figures = Figures(analysis, language)
    title, standfirst = headline(analysis, language)
    return (
        _environment(language.code)
        .get_template("report.html")
        .render(
            language=language,
            title=title,
            standfirst=emphasised(standfirst, analysis, language),
            kicker=_kicker(analysis, language),
            overall=overall_figures(figures),
            sections=_sections(figures),
            style=Markup(style_sheet()),  # noqa: S704 - our own style sheet, no value of the analysis in it
            style_source=style_source(),
        )
    )


def _sections(figures: Figures) -> Sections:
    choice = flow_choice(figures.analysis)
    letters = letters_of(figures, choice)
    return Sections(
        ranking=ranking_section(figures),
        changes=change_section(figures),
        read=read_section(figures),
        importance=importance_section(figures),
        cost=cost_section(figures),
        relevance=relevance_section(figures),
        experience=experience_section(figures),
        flow=flow_section(figures, choice, letters),
        paths=path_section(figures, letters),
        handovers=handover_section(figures),
        unsaid=unsaid_section(figures),
        method=method_section(figures),
    )


def emphasised(text: str, analysis: Analysis, language: Language) -> Markup:
    """The standfirst with the names of touchpoints in bold instead of in quotation marks."""
    names = {p.name for p in key_touchpoints(analysis)}
    names |= {change.name for change in analysis.comparison.changes} if analysis.comparison else set()
    html = escape(text)
    for name in sorted(names, key=len, reverse=True):
        html = html.replace(escape(quoted(name, language)), Markup("<strong><bdi>{}</bdi></strong>").format(name))
    return html


def _kicker(analysis: Analysis, language: Language) -> list[str]:
    contacts, ratings = analysis.source.contacts, analysis.source.ratings
    parts = [language.gettext("Report of %s") % language.long_date(analysis.created, analysis.timezone)]
    first, last = (min, max) if contacts or ratings else (None, None)
    moments = [moment for source in (contacts, ratings) if source for moment in (source.first, source.last) if moment]
    if first and last and moments:
        days = language.date(first(moments), analysis.timezone), language.date(last(moments), analysis.timezone)
        parts.append(f"{days[0]} – {days[1]}" if days[0] != days[1] else days[0])
    if contacts:
        text = language.ngettext("%(contacts)s contact", "%(contacts)s contacts", contacts.accepted)
        people = language.ngettext("%(customers)s customer", "%(customers)s customers", contacts.customers)
        parts.append(
            (text + language.gettext(" of ") + people)
            % {"contacts": language.number(contacts.accepted), "customers": language.number(contacts.customers)}
        )
    if ratings:
        text = language.ngettext("%s rating", "%s ratings", ratings.accepted)
        parts.append(text % language.number(ratings.accepted))
    return parts


@cache
def _environment(code: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("tangente.report"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(language_of(code), newstyle=True)  # type: ignore[attr-defined]
    return environment

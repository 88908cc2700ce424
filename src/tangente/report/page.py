"""An Analysis as one self-contained HTML page: no network, no script, one style element."""

import re
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tangente.analysis.model import Analysis
from tangente.analysis.reasons import headline, key_touchpoints, quoted
from tangente.report.closing import change_section, method_section, unsaid_section
from tangente.report.figures import Figures
from tangente.report.journeys import flow_section, handover_section, letters_of, path_section
from tangente.report.outcomes import attribution_section, funnel_section, hazard_section
from tangente.report.pictures import flow_choice
from tangente.report.sections import Section, overall_figures, read_section
from tangente.report.signals import signal_section
from tangente.report.style import style_sheet, style_source
from tangente.report.touchpoints import (
    cost_section,
    experience_section,
    importance_section,
    ranking_section,
    relevance_section,
)
from tangente.translation import Language
from tangente.translation import language as language_of

OPTION = re.compile(r"--[a-z][a-z-]*")


@dataclass(frozen=True)
class Sections:
    """In the order of the page."""

    ranking: Section
    changes: Section | None
    signals: Section
    read: Section
    importance: Section
    cost: Section
    experience: Section
    attribution: Section
    hazard: Section
    funnel: Section
    relevance: Section
    handovers: Section
    flow: Section
    paths: Section
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
    choice = flow_choice(figures)
    letters = letters_of(figures, choice)
    return Sections(
        ranking=ranking_section(figures),
        changes=change_section(figures),
        signals=signal_section(figures),
        read=read_section(figures),
        importance=importance_section(figures),
        cost=cost_section(figures),
        relevance=relevance_section(figures),
        experience=experience_section(figures),
        attribution=attribution_section(figures),
        hazard=hazard_section(figures),
        funnel=funnel_section(figures),
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


def with_options(text: str) -> Markup:
    """Command line options set as code, so that no line ends inside one."""
    plain = str(escape(text))  # as Markup it would escape what is put in
    return Markup(OPTION.sub(r"<code>\g<0></code>", plain))  # noqa: S704 - escaped before


def _kicker(analysis: Analysis, language: Language) -> list[str]:
    contacts, ratings = analysis.source.contacts, analysis.source.ratings
    parts = [language.gettext("Report of %s") % language.long_date(analysis.created, analysis.timezone)]
    moments = [moment for source in (contacts, ratings) if source for moment in (source.first, source.last) if moment]
    if moments:
        days = [language.date(moment, analysis.timezone) for moment in (min(moments), max(moments))]
        parts.append(" – ".join(dict.fromkeys(days)))
    if contacts:
        text = language.ngettext(
            "%(contacts)s contacts of %(customers)s customer",
            "%(contacts)s contacts of %(customers)s customers",
            contacts.customers,
        )
        counts = {"contacts": contacts.held, "customers": contacts.customers}
        parts.append(text % {key: language.number(count) for key, count in counts.items()})
    if ratings:
        text = language.ngettext("%s rating", "%s ratings", ratings.held)
        parts.append(text % language.number(ratings.held))
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
    environment.filters["with_options"] = with_options
    environment.install_gettext_translations(language_of(code), newstyle=True)  # type: ignore[attr-defined]
    return environment

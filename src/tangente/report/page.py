"""An Analysis as one self-contained HTML page: no network, no script, one style element."""

import re
from collections.abc import Callable, Sequence
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
from tangente.report.tables import Table
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
SENTENCE = re.compile(r"(?<=\.)\s+")


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


PARTS = (
    "overall", "ranking", "changes", "signals", "read", "importance", "cost", "experience", "outcomes", "relevance",
    "handovers", "flow", "paths", "closing",
)  # fmt: skip
"""What a page is made of, each a template of its own; they lie in a grid of twelve columns."""

Links = Callable[[str], Sequence[tuple[str, str]]]
"""For the key of a section with a table: label and address of what can be done with it."""


@dataclass(frozen=True)
class Fragments:
    """An Analysis in words, figures and pictures, ready to be laid out on a page; `tables` by the key of their section."""

    title: str
    standfirst: Markup
    kicker: list[str]
    parts: dict[str, Markup]
    tables: dict[str, Table]
    sections: Sections


def render(analysis: Analysis) -> str:
    """The page, in the analysis's language."""
    language = language_of(analysis.language)
    return (
        _environment(language.code, in_folder=True)
        .get_template("report.html")
        .render(
            language=language,
            page=fragments(analysis),
            style=Markup(style_sheet()),  # noqa: S704 - our own style sheet, no value of the analysis in it
            style_source=style_source(),
        )
    )


def fragments(analysis: Analysis, *, in_folder: bool = True, links: Links | None = None) -> Fragments:
    """What a page shows of an Analysis, in its language.

    Args:
        analysis: the whole answer.
        in_folder: whether the page lies beside complete tables and its reader has a command line.
        links: what can be done with a section's table.
    """
    language = language_of(analysis.language)
    figures = Figures(analysis, language, in_folder=in_folder)
    title, standfirst = headline(analysis, language)
    sections = _sections(figures)
    environment = _environment(language.code, in_folder=in_folder)
    shown = {"sections": sections, "overall": overall_figures(figures), "links": links}
    return Fragments(
        title=title,
        standfirst=emphasised(standfirst, analysis, language),
        kicker=_kicker(analysis, language),
        parts={
            name: Markup(environment.get_template(f"{name}.html").render(shown))  # noqa: S704 - the template escapes
            for name in PARTS
        },
        tables={section.key: section.table for section in sections.contents() if section.table and section.table.rows},
        sections=sections,
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


def without_options(text: str) -> str:
    """Without the sentences that name options of the command line."""
    return " ".join(sentence for sentence in SENTENCE.split(text) if not OPTION.search(sentence))


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
def _environment(code: str, *, in_folder: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("tangente.report"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["with_options"] = with_options if in_folder else without_options
    environment.install_gettext_translations(language_of(code), newstyle=True)  # type: ignore[attr-defined]
    return environment

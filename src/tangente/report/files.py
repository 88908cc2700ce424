"""The report in a folder: report.html, and its pictures as files of their own."""

from pathlib import Path

from tangente.analysis.model import Analysis
from tangente.report.figures import Figures
from tangente.report.page import render
from tangente.report.pictures import (
    cost_picture,
    flow_choice,
    flow_picture,
    funnel_picture,
    importance_picture,
    relevance_picture,
)
from tangente.report.style import with_day_colours
from tangente.translation import language


def write_report(analysis: Analysis, folder: Path) -> Path:
    """Write report.html and charts/*.svg into `folder`; the page's path."""
    charts = folder / "charts"
    charts.mkdir(parents=True, exist_ok=True)
    figures = Figures(analysis, language(analysis.language))
    choice = flow_choice(figures)
    pictures = [importance_picture(figures), cost_picture(figures), relevance_picture(figures), funnel_picture(figures)]
    pictures.append(flow_picture(choice, figures) if choice else None)
    for picture in pictures:
        if picture:
            (charts / f"{picture.name}.svg").write_text(with_day_colours(picture.wide.svg()), "utf-8")
    page = folder / "report.html"
    page.write_text(render(analysis), "utf-8")
    return page

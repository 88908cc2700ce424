"""What report and application share looks alike in both: the same tokens with the same values."""

import re
from importlib.resources import files

TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")


def tokens(package: str, *path: str) -> dict[str, str]:
    """The first value of each token; where the page is narrow it may be another."""
    found: dict[str, str] = {}
    for name, value in TOKEN.findall(files(package).joinpath(*path).read_text("utf-8")):
        found.setdefault(name, " ".join(value.split()))
    return found


def test_tokens_of_report_and_application_agree():
    ours, reports = (
        tokens("tangente.web", "static", "tangente", "tokens.css"),
        tokens("tangente.report", "style", "tokens.css"),
    )
    assert {name: value for name, value in reports.items() if ours.get(name) != value} == {}


def test_parts_use_tokens_of_the_application():
    parts = files("tangente.report").joinpath("style", "parts.css").read_text("utf-8")
    assert (
        set(re.findall(r"var\(--([\w-]+)\)", parts)) - tokens("tangente.web", "static", "tangente", "tokens.css").keys()
        == set()
    )

"""Report and application share one style: what it defines is used, and what it uses is defined."""

import re
from pathlib import Path

import tangente

PACKAGE = Path(tangente.__file__).parent
CLASS = re.compile(r"\.([a-z][\w-]*)")
TOKEN = re.compile(r"[{;]\s*--([\w-]+):")
WORD = re.compile(r"[\w*-]+")
LIBRARY = {"htmx-request"}
"""Classes that htmx sets."""


def read(suffix: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob(f"*.{suffix}")))


CSS = re.sub(r"/\*.*?\*/|\".*?\"", "", read("css"), flags=re.DOTALL)
CODE = set(WORD.findall(read("py") + read("js")))


def classes_of_templates() -> set[str]:
    """With `st--*` where the template fills in."""
    html = re.sub(r"{%.*?%}", " ", re.sub(r"{{.*?}}", "*", read("html")))
    return set(WORD.findall(" ".join(re.findall(r'class="([^"]*)"', html))))


def test_every_class_of_the_style_is_used():
    used = classes_of_templates() | CODE
    beginnings = tuple(name.removesuffix("*") for name in used if name.endswith("-*"))
    assert {name for name in CLASS.findall(CSS) if name not in used and not name.startswith(beginnings)} == LIBRARY


def test_every_class_of_a_template_has_a_rule():
    assert {name for name in classes_of_templates() if "*" not in name} - set(CLASS.findall(CSS)) == set()


def test_every_token_of_the_style_is_used():
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS))
    assert set(TOKEN.findall(CSS)) - used - CODE == set()


def test_every_token_in_use_is_defined():
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) - set(TOKEN.findall(CSS)) == set()

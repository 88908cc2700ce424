"""The page's one style element, and the day colours for pictures that leave the page."""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COLOUR = re.compile(r"--([\w-]+):\s*light-dark\((#\w+),")
TOKEN = re.compile(r"var\(--([\w-]+)\)")
SHEETS = ("tokens.css", "page.css", "parts.css", "report.css")  # all but the last are the application's, too
FONT = re.compile(r"--print-(sans|serif):\s*([^;]+);")


@cache
def style_sheet() -> str:
    """Tokens and components, without comments and indentation."""
    texts = [_read(name) for name in SHEETS]
    lines = [line.strip() for text in texts for line in COMMENT.sub("", text).splitlines()]
    return "\n".join(line for line in lines if line)


def style_source() -> str:
    """The hash by which the page's security policy admits its style element and nothing else."""
    digest = hashlib.sha256(style_sheet().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def with_day_colours(svg: str) -> str:
    """A drawing that stands alone: tokens replaced by their day colours and the fonts of paper, readable on white."""
    tokens = _read("tokens.css")
    fonts = {name: faces.replace('"', "'") for name, faces in FONT.findall(tokens)}
    values = dict(COLOUR.findall(tokens)) | fonts
    coloured = TOKEN.sub(lambda token: values[token[1]], svg)
    return coloured.replace('font-size="12"', f'font-size="12" font-family="{fonts["sans"]}"', 1)


def _read(name: str) -> str:
    return files("tangente.report").joinpath("style", name).read_text("utf-8")

"""A report's page as a browser without script would read it: elements with attributes, headings, tables, text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, *tags: str) -> list["Element"]:
        found = [self] if self.tag in tags else []
        return found + [inner for child in self.children for inner in child.all(*tags)]

    @property
    def words(self) -> str:
        return self.text if self.tag == "#text" else "".join(child.words for child in self.children)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("root", {})]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag):
        closed = self.open.pop()
        assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data):
        self.open[-1].children.append(Element("#text", {}, data))


def read_page(html: str) -> Element:
    """The tree of a page; fails where an element is not closed in its place."""
    builder = _Builder()
    builder.feed(html)
    assert len(builder.open) == 1
    return builder.open[0]


def section(page: Element, key: str) -> Element:
    return next(element for element in page.all("section") if element.attributes.get("id") == key)

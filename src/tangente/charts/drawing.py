"""An SVG under construction: geometry in pixels (one unit is one pixel), colours as design tokens, no style attribute."""

from xml.sax.saxutils import escape, quoteattr

Value = str | float


class Drawing:
    """Elements in drawing order; `identity` is unique on its page, `title` says the finding, `description` the structure.

    A mark's `data_row` is the row behind it in the chart's table, by its first cell, or its first two with an arrow between.
    """

    def __init__(self, width: float, height: float, *, identity: str, title: str, description: str) -> None:
        self.width, self.height = width, height
        self.identity, self.title, self.description = identity, title, description
        self.elements: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, **more: Value) -> None:
        self._add("line", "", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, **more: Value) -> None:
        self._add("rect", "", x=x, y=y, width=width, height=height, fill=fill, **more)

    def circle(self, x: float, y: float, radius: float, fill: str, *, tooltip: str = "", **more: Value) -> None:
        self._add("circle", tooltip, cx=x, cy=y, r=radius, fill=fill, **more)

    def path(self, data: str, *, tooltip: str = "", **more: Value) -> None:
        self._add("path", tooltip, d=data, **more)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        fill: str = "ink-2",
        anchor: str = "start",
        bold: bool = False,
        halo: bool = False,
        **more: Value,
    ) -> None:
        if anchor != "start":
            more["text_anchor"] = anchor
        if bold:
            more["font_weight"] = 600
        if halo:  # keeps a label readable where it crosses a line
            more.update(paint_order="stroke", stroke="paper", stroke_width=3, stroke_linejoin="round")
        place: dict[str, Value] = {"x": x, "y": y, "fill": fill}
        self.elements.append(f"<text{_attributes(place | more)}>{escape(text)}</text>")

    def _add(self, tag: str, tooltip: str, /, **attributes: Value) -> None:
        content = f"><title>{escape(tooltip)}</title></{tag}>" if tooltip else "/>"
        self.elements.append(f"<{tag}{_attributes(attributes)}{content}")

    def svg(self) -> str:
        box = f"0 0 {number(self.width)} {number(self.height)}"
        name, structure = f"{self.identity}-title", f"{self.identity}-desc"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{box}" width="{number(self.width)}" '
            f'height="{number(self.height)}" font-size="12" role="img" aria-labelledby="{name} {structure}">'
            f'<title id="{name}">{escape(self.title)}</title><desc id="{structure}">{escape(self.description)}</desc>'
            f"{''.join(self.elements)}</svg>"
        )


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def _attributes(attributes: dict[str, Value]) -> str:
    return "".join(f" {name.replace('_', '-')}={_value(name, value)}" for name, value in attributes.items())


def _value(name: str, value: Value) -> str:
    if not isinstance(value, str):
        return f'"{number(value)}"'
    is_colour = name in ("fill", "stroke") and value != "none"
    return f'"var(--{value})"' if is_colour else quoteattr(value)

"""Touchpoints in a plane of two measures, named directly where a name fits: the skeleton of two charts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tangente.charts.drawing import Drawing
from tangente.charts.labels import Box, Label, place, text_box
from tangente.charts.scale import Scale, digits_between
from tangente.translation import Language

POINT_RADIUS, SMALL_RADIUS = 4.5, 2.5
TRIES = 3  # names tried for each that may stand: in a crowd most find no slot
CROWD = 60  # from here on points are small and only the key ones keep their whisker


@dataclass(frozen=True, kw_only=True)
class Point:
    """One touchpoint: interval on x, where there is one; `is_open` draws it hollow (uncertain)."""

    name: str
    x: float
    y: float
    x_low: float | None = None
    x_high: float | None = None
    is_key: bool = False
    is_open: bool = False
    tooltip: str = ""


@dataclass(frozen=True)
class Frame:
    """The plane inside a drawing, with its two scales and what no label may cover."""

    x: Scale
    y: Scale
    solid: list[Box] = field(default_factory=list)
    soft: list[Box] = field(default_factory=list)

    @property
    def box(self) -> Box:
        return Box(self.x.start, self.y.end, self.x.end, self.y.start)


def frame(
    width: float,
    height: float,
    x_domain: tuple[float, float],
    y_domain: tuple[float, float],
    *,
    is_root: bool = False,
) -> Frame:
    return Frame(Scale(*x_domain, 40, width - 12, is_root), Scale(*y_domain, height - 44, 26, is_root))


def draw_axes(
    drawing: Drawing, plane: Frame, language: Language, x_title: str, y_title: str, x_factor: float = 1
) -> None:
    """Grid and ticks; titles horizontal: the upper one above its axis, the other below, at the right."""
    box = plane.box
    for tick, text in _tick_texts(plane.y, 100, language):
        drawing.line(box.left, plane.y(tick), box.right, plane.y(tick), "grid")
        drawing.text(box.left - 8, plane.y(tick) + 4, text, fill="ink-3", anchor="end")
    for tick, text in _tick_texts(plane.x, x_factor, language):
        drawing.line(plane.x(tick), box.bottom, plane.x(tick), box.bottom + 4, "ink")
        drawing.text(plane.x(tick), box.bottom + 18, text, fill="ink-3", anchor="middle")
    drawing.line(box.left, box.bottom, box.right, box.bottom, "ink")
    drawing.text(8, 12, y_title, fill="ink-3")
    drawing.text(box.right, box.bottom + 38, x_title, fill="ink-3", anchor="end")


def _tick_texts(scale: Scale, factor: float, language: Language) -> list[tuple[float, str]]:
    values = [factor * tick for tick in scale.ticks()]
    digits = digits_between(values)
    texts = [language.number(value, 0 if scale.is_root and value >= 1 else digits) for value in values]
    return list(zip(scale.ticks(), texts, strict=True))


def draw_points(drawing: Drawing, plane: Frame, points: Sequence[Point], most_labels: int) -> None:
    """Whiskers, then points, then as many names as find a free slot, key touchpoints first."""
    is_crowded = len(points) > CROWD
    for point in points:
        if point.is_key or not is_crowded:
            _draw_whisker(drawing, plane, point)
    for point in points:
        _draw_point(drawing, plane, point, SMALL_RADIUS if is_crowded and not point.is_key else POINT_RADIUS)
    for label in _labels(plane, points, most_labels):
        fill = "ink" if label.bold else "ink-2"
        drawing.text(label.x, label.y, label.text, fill=fill, anchor=label.anchor, bold=label.bold, halo=True)


def draw_corner(
    drawing: Drawing,
    plane: Frame,
    points: Sequence[Point],
    text: str,
    anchor: str,
    places: Sequence[tuple[float, float]],
) -> None:
    """The name of a part of the plane, in serif italics, at the place where it covers the fewest points."""
    marks = [_mark(plane, point, POINT_RADIUS) for point in points]

    def covered(place: tuple[float, float]) -> int:
        box = text_box(*place, text, anchor)
        return sum(box.meets(mark) for mark in marks)

    x, y = min(places, key=covered)
    drawing.text(x, y, text, anchor=anchor, halo=True, font_family="var(--serif)", font_style="italic", font_size=13)
    plane.solid.append(text_box(x, y, text, anchor))


def _draw_whisker(drawing: Drawing, plane: Frame, point: Point) -> None:
    if point.x_low is None or point.x_high is None:
        return
    left, right, y = plane.x.clipped(point.x_low), plane.x.clipped(point.x_high), plane.y(point.y)
    drawing.line(left, y, right, y, "whisker", stroke_width=1.25)
    plane.soft.append(Box(left, y - 1, right, y + 1))


def _draw_point(drawing: Drawing, plane: Frame, point: Point, radius: float) -> None:
    rim = 1.25 if radius == POINT_RADIUS else 0.4
    fill, stroke, width = ("paper", "mark", 1.5) if point.is_open else ("mark", "paper", rim)
    x, y, more = plane.x.clipped(point.x), plane.y(point.y), {"tooltip": point.tooltip, "data_row": point.name}
    drawing.circle(x, y, radius, fill, stroke=stroke, stroke_width=width, **more)


def _mark(plane: Frame, point: Point, radius: float) -> Box:
    x, y = plane.x.clipped(point.x), plane.y(point.y)
    return Box(x - radius, y - radius, x + radius, y + radius)


def _labels(plane: Frame, points: Sequence[Point], most: int) -> list[Label]:
    labels: list[Label] = []
    solid = plane.solid + [_mark(plane, point, POINT_RADIUS) for point in points]
    candidates = sorted(points, key=lambda point: not point.is_key)
    for point in candidates[: TRIES * most]:
        if len(labels) == most:
            break
        at = plane.x.clipped(point.x), plane.y(point.y)
        label = place(point.name, *at, bold=point.is_key, frame=plane.box, solid=solid, soft=plane.soft)
        if label:
            labels.append(label)
            solid.append(label.box)
    return labels

"""Text beside marks: how wide it is, where it is cut, and which of a few slots leaves it readable.

Widths come from one table (12 px sans), never from the machine's fonts: a chart is the same picture everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

NARROW, WIDE = frozenset("iljtfrI.,:;!|'()[] -·"), frozenset("mwMW@%€–—")
WIDTHS = {"narrow": 3.9, "wide": 10.2, "capital": 8.1, "plain": 6.9}  # 8 % above Inter's: other faces run wider
BOLD = 1.05
VOWELS = frozenset("aeiouyäöü")
INSEPARABLE = frozenset({"ch", "ck", "ph", "qu", "sh", "th"})
ASCENT, DESCENT = 10.0, 3.0


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: "Box") -> bool:
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    anchor: str
    text: str
    bold: bool

    @property
    def box(self) -> Box:
        return text_box(self.x, self.y, self.text, self.anchor, bold=self.bold)


def text_width(text: str, *, bold: bool = False) -> float:
    width = sum(WIDTHS[_kind(character)] for character in text)
    return width * BOLD if bold else width


def text_box(x: float, y: float, text: str, anchor: str = "start", *, bold: bool = False) -> Box:
    width = text_width(text, bold=bold)
    left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    return Box(left, y - ASCENT, left + width, y + DESCENT)


def cut(text: str, width: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if text_width(text, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip(" :,-·") + "…"


def wrapped(text: str, width: float, lines: int, *, bold: bool = False) -> list[str]:
    """At most `lines` lines broken at spaces, hyphens and slashes; what is left is cut."""
    rows: list[str] = [""]
    for part in [part for word in _words(text) for part in _parts(word, width, bold)]:
        if rows[-1] and text_width((rows[-1] + part).rstrip(), bold=bold) > width and len(rows) < lines:
            rows.append("")
        rows[-1] += part
    return [cut(row.strip(), width, bold=bold) for row in rows]


def place(
    text: str, x: float, y: float, *, bold: bool, frame: Box, solid: Sequence[Box], soft: Sequence[Box]
) -> Label | None:
    """The slot around a point that meets nothing solid and crosses the fewest lines; None where every slot is taken."""
    slots = [Label(x + dx, y + dy, anchor, text, bold) for dx, dy, anchor in SLOTS]
    boxed = [(slot, slot.box) for slot in slots]
    free = [(slot, box) for slot, box in boxed if box.within(frame) and not any(box.meets(other) for other in solid)]
    best = min(free, key=lambda slot: sum(slot[1].meets(line) for line in soft), default=None)
    return best[0] if best else None


SLOTS = (
    (9, -7, "start"), (0, -10, "middle"), (10, 4, "start"), (0, 19, "middle"),
    (-10, 4, "end"), (-9, -7, "end"), (9, 16, "start"), (-9, 16, "end"),
)  # fmt: skip


def _kind(character: str) -> str:
    if character in NARROW:
        return "narrow"
    if character in WIDE or ord(character) > 0x2E7F:  # East Asian scripts are a full square
        return "wide"
    return "capital" if character.isupper() else "plain"


def _parts(word: str, width: float, bold: bool) -> list[str]:
    """A word too long for a line, in two: before a consonant that a vowel follows, as late as fits."""
    if text_width(word, bold=bold) <= width:
        return [word]
    for end in range(len(word) - 3, 2, -1):
        starts_syllable = word[end].lower() not in VOWELS and word[end + 1].lower() in VOWELS
        tears_a_sound = word[end - 1 : end + 1].lower() in INSEPARABLE
        if starts_syllable and not tears_a_sound and text_width(word[:end] + "-", bold=bold) <= width:
            return [word[:end] + "-", word[end:]]
    return [word]


def _words(text: str) -> list[str]:
    words = [""]
    for character in text:
        words[-1] += character
        if character in " -/:":
            words.append("")
    return [word for word in words if word]

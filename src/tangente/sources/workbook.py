"""The parts of an XLSX file around its worksheets: their names, shared strings, and which numbers are dates."""

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.strict_xml import Start, StrictXml, Told
from tangente.sources.xlsx_archive import Archive

TRUE = ("1", "true")
"""How XML spells it."""

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Sheet(NamedTuple):
    """A worksheet, and the part of the archive that holds it."""

    name: str
    part: str


class Relation(NamedTuple):
    """What a part refers to: the last word of its kind, and the part."""

    kind: str
    part: str


def _nothing(_: str) -> None: ...


class Workbook:
    """An opened XLSX file."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.file = archive, archive.path.name
        self._part = next(
            (each.part for each in self._relations("").values() if each.kind == "officeDocument"), "xl/workbook.xml"
        )
        self._related = self._relations(self._part)
        self.epoch = WINDOWS_EPOCH
        self.sheets: list[Sheet] = []
        self._read_workbook()

    def parse(self, part: str, start: Start, end: Told = _nothing, text: Told | None = None) -> Iterator[int]:
        """Read a part as XML, pausing now and then; names come without their namespace."""
        with self.archive.opened(part) as stream:
            yield from StrictXml(
                f"{self.file} ({part})",
                lambda name, given: start(name.rpartition(":")[2], given),
                lambda name: end(name.rpartition(":")[2]),
                text,
            ).chunks(stream)

    def _read(self, part: str, start: Start, end: Told = _nothing, text: Told | None = None) -> None:
        for _ in self.parse(part, start, end, text):
            pass

    def _relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        found: dict[str, Relation] = {}

        def start(name: str, given: dict[str, str]) -> None:
            if name == "Relationship" and given.get("TargetMode") != "External":
                kind, target = given.get("Type", "").rpartition("/")[2], given.get("Target", "")
                found[given.get("Id", "")] = Relation(kind, posixpath.normpath(posixpath.join("/", folder, target))[1:])

        about = posixpath.join(folder, "_rels", f"{name}.rels")
        if about in self.archive.sizes:
            self._read(about, start)
        return found

    def _read_workbook(self) -> None:
        def start(name: str, given: dict[str, str]) -> None:
            if name == "workbookPr" and given.get("date1904") in TRUE:
                self.epoch = MAC_EPOCH
            if name == "sheet":
                id = next((value for key, value in given.items() if key.endswith(":id")), "")
                relation = self._related.get(id)
                if relation and relation.kind == "worksheet":
                    self.sheets.append(Sheet(given.get("name", ""), relation.part))

        self._read(self._part, start)

    @cached_property
    def strings(self) -> list[str]:
        """The texts that cells refer to by number."""
        part = self._related_part("sharedStrings")
        if part is None:
            return []
        found: list[str] = []
        pieces: list[str] = []
        text = TextOf(pieces)

        def start(name: str, given: dict[str, str]) -> None:
            if name == "sst":
                self._check_count(part, given)
            text.start(name)

        def end(name: str) -> None:
            text.end(name)
            if name == "si":
                found.append(unescaped("".join(pieces)))
                pieces.clear()

        self._read(part, start, end, text.add)
        return found

    def _check_count(self, part: str, given: dict[str, str]) -> None:
        """No more strings than the archive has bytes."""
        for key, most in (("uniqueCount", self.archive.sizes[part]), ("count", sum(self.archive.sizes.values()))):
            told = given.get(key, "0")
            if not told.isdigit() or len(told) > len(str(most)) or int(told) > most:
                raise SourceError(
                    Message(
                        "E-ZIP",
                        "{file} ({part}) claims to hold {count} texts, more than there is room for",
                        file=self.file,
                        part=part,
                        count=told,
                    )
                )

    @cached_property
    def date_styles(self) -> dict[int, bool]:
        """The styles of cells that are points in time (False) or durations (True)."""
        formats: dict[str, str] = {}
        styles: list[str] = []
        inside: list[str] = []

        def start(name: str, given: dict[str, str]) -> None:
            inside.append(name)
            if name == "numFmt":
                formats[given.get("numFmtId", "")] = given.get("formatCode", "")
            if inside[-2:] == ["cellXfs", "xf"]:
                styles.append(given.get("numFmtId", "0"))

        def end(_: str) -> None:
            inside.pop()

        part = self._related_part("styles")
        if part is None:
            return {}
        self._read(part, start, end)
        codes = [formats.get(id) or BUILTIN_FORMATS.get(int(id) if id.isdigit() else 0, "") for id in styles]
        return {i: is_timedelta_format(code) for i, code in enumerate(codes) if is_date_format(code)}

    def _related_part(self, kind: str) -> str | None:
        return next((each.part for each in self._related.values() if each.kind == kind), None)


class TextOf:
    """Collects the text of t elements, but not of those that tell how it is pronounced."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces, self._hears, self._phonetic = pieces, False, False

    def start(self, name: str) -> None:
        self._phonetic = self._phonetic or name == "rPh"
        self._hears = name == "t" and not self._phonetic

    def end(self, name: str) -> None:
        self._hears = False
        if name == "rPh":
            self._phonetic = False

    def add(self, text: str) -> None:
        if self._hears:
            self.pieces.append(text)


def unescaped(text: str) -> str:
    """Control characters are written by their numbers.

    >>> unescaped("a_x000A_b_x005F_x")
    'a\\nb_x'
    """
    return _ESCAPED.sub(_sign, text) if "_x" in text else text


def _sign(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)

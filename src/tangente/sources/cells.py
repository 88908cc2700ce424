"""The cells of some records as the fields of the log ask for them: rewritten as the mapping says, then read by kind."""

import pyarrow as pa
import pyarrow.compute as pc

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.limits import within_limits
from tangente.sources.names import names
from tangente.sources.notation import Notation
from tangente.sources.numerals import amounts, durations, thousandths, weights, whole_numbers
from tangente.sources.parsed import Mask, Parsed, as_mask
from tangente.sources.parts import Field, Part
from tangente.sources.records import Places, Records, trimmed
from tangente.sources.times import Clock, times


class Reader:
    """Reads fields in the notation and time zone of one part."""

    def __init__(self, part: Part) -> None:
        settings = part.settings
        self.part, self.missing = part.name, settings.missing
        self.notation = Notation(
            settings.decimal_sign, settings.thousands, asks_in=None if settings.names_signs else part.name
        )
        self.clock = Clock(
            timezone=settings.timezone,
            ambiguous=settings.ambiguous,
            nonexistent=settings.nonexistent,
            part=part.name,
        )
        self.constants = {
            (name, field): self._constant(name, field)
            for row in part.rows
            for name, field in row.fields.items()
            if field.constant is not None
        }

    def _constant(self, name: str, field: Field) -> pa.Scalar:
        parsed = self.parse(name, field, pa.array([field.constant]))
        for _, reason in parsed.problems:
            raise SourceError(
                Message(
                    "E-MAPPING",
                    "the constant '{constant}' for {name} in [{part}]: {reason}",
                    constant=field.constant,
                    name=name,
                    part=self.part,
                    reason=reason,
                )
            )
        return parsed.values[0]

    def parse(self, name: str, field: Field, texts: pa.Array, typed: Mask | None = None) -> Parsed:
        """The texts, some of them `typed` as numbers, as values of the log's column `name`, within its limits."""
        return within_limits(name, field.unit, self._read(name, field, texts, self.notation.of(typed)))

    def _read(self, name: str, field: Field, texts: pa.Array, notation: Notation) -> Parsed:
        match name:
            case "occurred_at":
                return times(texts, None, field.format, self.clock)
            case "sequence":
                return whole_numbers(texts)
            case "cost" | "value":
                return amounts(texts, notation, field.unit)
            case "duration_s":
                return durations(texts, notation, field.unit)
            case "score" | "scale_low" | "scale_high":
                return thousandths(texts, notation)
            case "weight":
                return weights(texts, notation)
        return names(texts)


class Cells:
    """The cells of some records; what several rows of the log share is read once."""

    def __init__(self, records: Records, reader: Reader) -> None:
        self.records, self.reader = records, reader
        self._all: tuple[Cells, Places] | None = None
        self._parsed: dict[tuple[str, Field], Parsed] = {}
        self._texts: dict[Field, pa.Array] = {}

    def __len__(self) -> int:
        return len(self.records)

    def take(self, places: Places) -> "Cells":
        """The cells of some of the records."""
        some = Cells(self.records.take(places), self.reader)
        some._all = self, places
        return some

    def parsed(self, name: str, field: Field) -> Parsed:
        key = (name, field)
        if key not in self._parsed:
            if self._all and key in self._all[0]._parsed:
                self._parsed[key] = self._all[0]._parsed[key].take(self._all[1])
            elif field.constant is not None:
                self._parsed[key] = Parsed(pa.repeat(self.reader.constants[key], len(self)))
            else:
                self._parsed[key] = self._parse(name, field)
        return self._parsed[key]

    def _parse(self, name: str, field: Field) -> Parsed:
        if name != "occurred_at" or len(field.columns) > 1:
            return self.read(name, field, self.texts(field))
        column = self.records.columns[field.columns[0]]
        texts = None if column.is_time else self.texts(field)
        return times(texts, column.at, field.format, self.reader.clock)

    def read(self, name: str, field: Field, texts: pa.Array) -> Parsed:
        """The texts, which are those of the field or some of them, as values of the log's column `name`."""
        numbers = self.records.columns[field.columns[0]].numbers if len(field.columns) == 1 else None
        return self.reader.parse(name, field, texts, None if numbers is None else as_mask(numbers))

    def texts(self, field: Field) -> pa.Array:
        """What the field's cells say after the mapping's replacements; null where that is nothing."""
        if field not in self._texts:
            stated = self._joined(field, (*self.reader.missing, *field.missing))
            self._texts[field] = _prefixed(_replaced(stated, field), field)
        return self._texts[field]

    def raw(self, field: Field) -> pa.Array:
        """What stands in the field's cells, also where the mapping says that it means nothing."""
        return self._joined(field, ())

    def _joined(self, field: Field, missing: tuple[str, ...]) -> pa.Array:
        if field.constant is not None:
            return pa.repeat(pa.scalar(field.constant), len(self))
        columns = [_without(trimmed(self.records.columns[name].texts), missing) for name in field.columns]
        if len(columns) == 1:
            return columns[0]
        return trimmed(pc.binary_join_element_wise(*columns, field.join, null_handling="skip"))


def _without(texts: pa.Array, missing: tuple[str, ...]) -> pa.Array:
    return pc.if_else(pc.is_in(texts, pa.array(missing)), None, texts) if missing else texts


def _replaced(texts: pa.Array, field: Field) -> pa.Array:
    if field.values:
        said, meant = zip(*field.values, strict=True)
        found = pa.array(meant).take(pc.index_in(texts, pa.array(said)))
        texts = found if field.default is not None else pc.coalesce(found, texts)
    if field.default is not None:
        texts = pc.fill_null(texts, field.default)
    return pc.if_else(pc.equal(texts, ""), None, texts) if field.values or field.default is not None else texts


def _prefixed(texts: pa.Array, field: Field) -> pa.Array:
    return pc.binary_join_element_wise(field.prefix, texts, "") if field.prefix else texts

"""Records become ratings: codes become answers, scores keep to their scale, and every answer sheet has a name."""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.cells import Cells
from tangente.sources.draft import Draft
from tangente.sources.occurrences import Occurrences
from tangente.sources.parsed import as_mask
from tangente.sources.parts import FIXED_SCALES, Field, LogRow, Part


class Sheets:
    """Names the answer sheets of an anonymous survey: a hash of the row and its number among equal rows so far."""

    def __init__(self, part: Part) -> None:
        self.fields = list(dict.fromkeys((name, field) for row in part.rows for name, field in row.fields.items()))
        self.seen = Occurrences()

    def names(self, cells: Cells) -> pa.Array:
        texts = [_canonical(cells, name, field) for name, field in self.fields]
        rows = pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="\x1e")
        digests = [blake2b(row.encode(), digest_size=16).digest() for row in rows.to_pylist()]
        halves = np.frombuffer(b"".join(digests), "<u8")[::2]  # two rows of one half would be told apart all the same
        numbers = self.seen.numbers(halves).tolist()
        return pa.array([_name(*each) for each in zip(digests, numbers, strict=True)], pa.string())


def _name(digest: bytes, number: int) -> str:
    return digest.hex() if number == 1 else f"{digest.hex()}#{number}"


def _canonical(cells: Cells, name: str, field: Field) -> pa.Array:
    """The field as text that is the same whatever kind of file it comes from."""
    if name == "occurred_at":
        return pc.cast(pc.cast(cells.parsed(name, field).values, pa.int64()), pa.string())
    return cells.texts(field)


def is_anonymous(row: LogRow) -> bool:
    return row.table == "ratings" and not row.fields.keys() & {"customer_id", "response_id"}


def rating_rows(row: LogRow, cells: Cells, sheets: pa.Array | None) -> Draft:
    """One rating for each record with a score, or for each; `sheets` names the answer sheets where the mapping does not."""
    texts, places = cells.texts(row.fields["score"]), None
    if row.needs_score and texts.null_count:
        places = np.flatnonzero(as_mask(pc.is_valid(texts)))
        cells, texts, sheets = cells.take(places), texts.take(places), None if sheets is None else sheets.take(places)
    draft = Draft(row, cells, places)
    for name in draft.schema.names:
        if name not in ("score", "answer"):
            draft.read(name)
    draft.columns["rater"] = pc.fill_null(draft.columns["rater"], "customer")
    _name_sheets(draft, sheets)
    _fix_scales(draft)
    _answer(draft, texts)
    return draft


def _name_sheets(draft: Draft, sheets: pa.Array | None) -> None:
    """Where the customer is unknown the sheet stands for it, under a name that no customer of any file can have."""
    if sheets is not None:
        draft.columns["response_id"] = sheets
    source, wave, sheet = (draft.columns[name] for name in ("source", "wave", "response_id"))
    origin = (pc.fill_null(source, ""), pc.fill_null(wave, ""))
    stand_in = pc.binary_join_element_wise("sheet", *origin, sheet, "\x1f")
    draft.columns["customer_id"] = pc.coalesce(draft.columns["customer_id"], stand_in)
    empty = as_mask(pc.is_null(draft.columns["customer_id"]))
    mapped = "customer_id" if "customer_id" in draft.row.fields else "response_id"
    draft.refuse(empty, mapped, Message("E-BLANK", "empty; every rating needs its {name}", name=mapped))


def _fix_scales(draft: Draft) -> None:
    metric = draft.columns["metric"]
    for name, ends in FIXED_SCALES.items():
        for column, end in zip(("scale_low", "scale_high"), ends, strict=True):
            draft.columns[column] = pc.if_else(pc.equal(metric, name), end, draft.columns[column])
    low, high = draft.columns["scale_low"], draft.columns["scale_high"]
    named = next((end for end in ("scale_high", "scale_low") if draft.row.fields.get(end, Field()).columns), "score")
    same = Message("E-SCALE", "scale_low and scale_high are the same; a scale needs two ends")
    draft.refuse(as_mask(pc.equal(low, high)), named, same)


def _answer(draft: Draft, texts: pa.Array) -> None:
    never = pc.is_in(texts, pa.array(draft.row.never_used, pa.string()))
    none = pc.or_(pc.is_null(texts), pc.is_in(texts, pa.array(draft.row.not_answered, pa.string())))
    coded = pc.if_else(never, "never_used", pc.if_else(none, "not_answered", "given"))
    score = _score(draft, pc.if_else(pc.or_(never, none), None, texts))
    answer = draft.columns["answer"] = pc.coalesce(draft.read("answer"), coded)
    given, scored = as_mask(pc.equal(answer, "given")), as_mask(pc.is_valid(score))
    draft.refuse(given & ~scored, "score", Message("E-ANSWER", "the answer is given, but there is no score"))
    draft.refuse(~given & scored, "score", Message("E-ANSWER", "there is a score, but the answer is not given"))


def _score(draft: Draft, texts: pa.Array) -> pa.Array:
    field = draft.row.fields["score"]
    parsed = draft.cells.read("score", field, texts)
    for wrong, reason in parsed.problems:
        draft.refuse(wrong, "score", reason)
    score = draft.columns["score"] = parsed.values
    low, high = draft.columns["scale_low"], draft.columns["scale_high"]
    scored = as_mask(pc.is_valid(score))
    no_scale = scored & as_mask(pc.or_(pc.is_null(low), pc.is_null(high)))
    unknown = Message("E-SCALE", "its scale is not given; map scale_low and scale_high")
    draft.refuse(no_scale, "score", unknown)
    within = pc.and_(
        pc.greater_equal(score, pc.min_element_wise(low, high)), pc.less_equal(score, pc.max_element_wise(low, high))
    )
    draft.refuse(scored & ~as_mask(within), "score", _outside(draft))
    return score


def _outside(draft: Draft) -> Message:
    fields = draft.row.fields
    if fields["metric"].constant in FIXED_SCALES:
        low, high = map("{:.0f}".format, FIXED_SCALES[fields["metric"].constant])
    else:
        low, high = (fields[name].constant or "" for name in ("scale_low", "scale_high"))
    if not (low and high):
        return Message("E-SCALE", "outside its scale")
    return Message("E-SCALE", "outside the scale {low} to {high}", low=low, high=high)

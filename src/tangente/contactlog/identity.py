"""Who a row is about and which row it is: pseudonyms, and ids that survive a second delivery of the same row."""

import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.links import joined
from tangente.contactlog.schema import IDS
from tangente.errors import ContactLogError
from tangente.messages import Message
from tangente.method.resampling import GOLDEN_GAMMA, splitmix64

Digests = NDArray[np.uint64]

PSEUDONYM_BYTES = 16
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def key_for(column: str, key: bytes) -> bytes:
    """The key for the people of a column, made from the log's key, which is the customers' own."""
    return key if column == "customer_id" else hmac.digest(key, column.encode(), "sha256")


def pseudonyms(ids: pa.Array, key: bytes) -> pa.Array:
    """HMAC-SHA256 of each distinct id, cut to 128 bits, as 32 hexadecimal digits; null stays null."""
    coded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    digests = [
        hmac.digest(key, name.encode(), "sha256")[:PSEUDONYM_BYTES].hex() for name in coded.dictionary.to_pylist()
    ]
    return pa.array(digests, pa.string()).take(coded.indices)


def row_digests(rows: pa.RecordBatch | pa.Table, columns: Sequence[str]) -> Digests:
    """One 64-bit digest of the content of each row in `columns`: of the set of its names and values that are not null.

    So neither the order of the columns matters nor one that is empty: a column added to the schema later leaves the
    ids of all earlier rows as they are. Ids need to be unique within one customer only, so 64 bits are ample: among
    the 10,000 contacts of an unusually busy customer two different rows meet with a chance of 3 in 10^12.
    """
    digests = np.zeros(rows.num_rows, np.uint64)
    for name in columns:
        column = rows.column(name)
        values = _mix(_value_digests(column) ^ np.uint64(_text_digest(name)))
        digests += np.where(column.is_valid().to_numpy(zero_copy_only=False), values, np.uint64(0))
    return digests


def _value_digests(column: pa.Array | pa.ChunkedArray) -> Digests:
    """A digest of each value, anything where there is none."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        known = np.array([_text_digest(text) for text in coded.dictionary.to_pylist()] + [0], np.uint64)
        digests: Digests = known[coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
        return digests
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    if values.dtype == np.float64:
        values = values + 0.0  # so that -0.0 and 0.0 are the same value
    return _mix(values.view(np.uint64))


def _text_digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix(x: Digests) -> Digests:
    """The output of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    return splitmix64(x + np.uint64(GOLDEN_GAMMA))


def numbered(digests: Digests, customers: NDArray[np.int32]) -> pa.Array:
    """Ids of rows without one of their own: the digest, and from the second equal row of a customer on its number, `#2`.

    Rows must come in the order of their file; so the first of two equal rows keeps its id in every delivery.
    """
    order = np.lexsort((np.arange(len(digests)), digests, customers))
    in_order = digests[order], customers[order]
    starts = np.ones(len(order), bool)
    starts[1:] = (in_order[0][1:] != in_order[0][:-1]) | (in_order[1][1:] != in_order[1][:-1])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - first + 1
    ids = hexadecimal(digests)
    again = pa.array(number > 1)
    suffixed = pc.binary_join_element_wise(ids, pa.array(number).cast(pa.string()), "#")
    return pc.if_else(again, suffixed, ids)


def identified(rows: pa.Table, name: str, content: Sequence[str]) -> pa.Table:
    """Rows of the table `name` with an id each; they must come in the order of their file."""
    if name == "ratings":  # what a customer answers at one moment is one sheet
        moments = pc.cast(pc.cast(rows["occurred_at"], pa.int64()), pa.string())
        rows = _with(rows, "response_id", pc.coalesce(rows["response_id"], moments))
    own = rows[IDS[name]]
    if own.null_count:
        customers = _codes(rows["customer_id"].combine_chunks())
        rows = _with(rows, IDS[name], pc.coalesce(own, numbered(row_digests(rows, content), customers)))
    return rows


def first_of_their_id(rows: pa.Table, name: str, content: Sequence[str], *, file: str) -> NDArray[np.bool_]:
    """Which rows are the first of their customer and id. Raises: ContactLogError if a later one says other things."""
    codes = _codes(joined(rows["customer_id"], rows[IDS[name]]).combine_chunks())
    _, first_places = np.unique(codes, return_index=True)  # by code: codes count up as keys first appear
    first = np.zeros(len(codes), bool)
    first[first_places] = True
    if not first.all():
        digests = row_digests(rows, content)
        differing = np.flatnonzero(digests != digests[first_places[codes]])
        if len(differing):
            raise ContactLogError(_twice(name, rows[IDS[name]][int(differing[0])].as_py(), file))
    return first


def _codes(values: pa.Array) -> NDArray[np.int32]:
    codes: NDArray[np.int32] = values.dictionary_encode().indices.to_numpy()
    return codes


def _with(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def _twice(name: str, identity: str, file: str) -> Message:
    return Message(
        "E-TWICE",
        "{table}: {column} {identity} stands twice in {file} with different content; map another column as {column}, or "
        "none: then rows are told apart by their content",
        table=name,
        column=IDS[name],
        identity=repr(identity),
        file=file,
    )


def hexadecimal(digests: Digests) -> pa.Array:
    """Each digest as 16 hexadecimal digits."""
    digits = digests.astype(">u8").view(np.uint8).reshape(-1, 8)
    text = np.empty((len(digests), 16), np.uint8)
    text[:, 0::2], text[:, 1::2] = _HEX[digits >> 4], _HEX[digits & 15]
    offsets = np.arange(len(digests) + 1, dtype=np.int32) * 16
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), pa.py_buffer(text))

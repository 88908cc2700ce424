"""Who a row is about and which row it is: pseudonyms, and ids that survive a second delivery of the same row."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.coded import codes, whole
from tangente.contactlog.known_ids import KnownIds
from tangente.contactlog.schema import IDS
from tangente.errors import ContactLogError
from tangente.messages import Message
from tangente.method.resampling import GOLDEN_GAMMA, splitmix64

Digests = NDArray[np.uint64]

PSEUDONYM_BYTES, HMAC_BLOCK = 16, 64
MOST_KNOWN, MOST_KNOWN_BYTES = 1_000_000, 64 << 20  # about 130 MiB with all that finds them
BARE = pa.binary(PSEUDONYM_BYTES)
"""Pseudonyms in half the space."""

Bare = NDArray[np.uint64]
"""A pseudonym a row, in two halves."""

Buckets = NDArray[np.int32]

_HEX = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)
"""The two digits of each byte."""


def key_for(column: str, key: bytes) -> bytes:
    """The key for the people of a column, made from the log's key, which is the customers' own."""
    return key if column == "customer_id" else hmac.digest(key, column.encode(), "sha256")


class Pseudonyms:
    """The pseudonyms of ids under one key, of which up to `MOST_KNOWN` are remembered: making one takes much longer.

    With each its bucket is remembered, one of so many.
    """

    def __init__(self, key: bytes, buckets: int = 1) -> None:
        self._key = key
        self._bucket_of = BucketTransform(buckets).pyarrow_transform(StringType())
        self._forget()

    def _forget(self) -> None:
        self._known = KnownIds()
        self._people, self._buckets = np.empty((1, 2), np.uint64), np.empty(1, np.int32)

    def of(self, ids: pa.Array) -> pa.DictionaryArray:
        """HMAC-SHA256 of each id, cut to 128 bits; null stays null."""
        people, _ = self.with_buckets(ids)
        return people

    def with_buckets(self, ids: pa.Array) -> tuple[pa.DictionaryArray, Buckets]:
        """The pseudonyms, and the bucket of each of their dictionary."""
        coded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
        people, buckets = self._made(coded.dictionary)
        bare = pa.FixedSizeBinaryArray.from_buffers(BARE, len(people), [None, pa.py_buffer(people)])
        return pa.DictionaryArray.from_arrays(coded.indices.cast(pa.int32()), bare), buckets

    def _made(self, names: pa.Array) -> tuple[Bare, Buckets]:
        if len(self._known) > MOST_KNOWN or self._known.bytes > MOST_KNOWN_BYTES:
            self._forget()
        numbers, known = self._known.find(names)
        people = self._people.take(numbers, axis=0, mode="clip")  # any for who is not known
        buckets = self._buckets.take(numbers, mode="clip")
        if not known.all():
            unknown = names.filter(pa.array(~known)).dictionary_encode()
            made, in_bucket = self._new(unknown.dictionary)
            which = unknown.indices.to_numpy()
            people[~known], buckets[~known] = made[which], in_bucket[which]
            new = np.zeros(len(made), bool)
            new[which] = numbers[~known] < 0
            self._remember(unknown.dictionary.filter(pa.array(new)), made[new], in_bucket[new])
        return people, buckets

    def _new(self, names: pa.Array) -> tuple[Bare, Buckets]:
        content = np.frombuffer(b"".join(_hmacs(names.to_pylist(), self._key)), np.uint8).reshape(-1, PSEUDONYM_BYTES)
        return content.view(np.uint64), self._bucket_of(_hexadecimal(content)).to_numpy()

    def _remember(self, names: pa.Array, people: Bare, buckets: Buckets) -> None:
        numbers = self._known.add(names)
        if len(self._known) > len(self._people):
            self._people = np.append(self._people, np.empty((len(self._known), 2), np.uint64), axis=0)
            self._buckets = np.append(self._buckets, np.empty(len(self._known), np.int32))
        self._people[numbers], self._buckets[numbers] = people, buckets


def pseudonyms(ids: pa.Array, key: bytes) -> pa.DictionaryArray:
    """The pseudonyms of ids under a key, as the log has them: 32 hexadecimal digits."""
    return in_digits(Pseudonyms(key).of(ids))


def in_digits(people: pa.DictionaryArray) -> pa.DictionaryArray:
    """Pseudonyms as the log has them."""
    bare = people.dictionary
    content = np.frombuffer(bare.buffers()[1], np.uint8).reshape(-1, PSEUDONYM_BYTES)
    return pa.DictionaryArray.from_arrays(people.indices, _hexadecimal(content[bare.offset : bare.offset + len(bare)]))


def _hmacs(names: Iterable[str], key: bytes) -> Iterator[bytes]:
    """As `hmac.digest(key, name, "sha256")[:16]` gives it, in half the time: what depends on the key alone is done once."""
    key = (hashlib.sha256(key).digest() if len(key) > HMAC_BLOCK else key).ljust(HMAC_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))  # RFC 2104
    for name in names:
        one, other = inner.copy(), outer.copy()
        one.update(name.encode())
        other.update(one.digest())
        yield other.digest()[:PSEUDONYM_BYTES]


def row_digests(rows: pa.RecordBatch | pa.Table, columns: Sequence[str]) -> Digests:
    """One 64-bit digest of the content of each row in `columns`: of the set of its names and values that are not null.

    So neither the order of the columns matters nor one that is empty: a column added to the schema later leaves the
    ids of all earlier rows as they are. Ids need to be unique within one customer only, so 64 bits are ample: among
    the 10,000 contacts of an unusually busy customer two different rows meet with a chance of 3 in 10^12.
    """
    digests = np.zeros(rows.num_rows, np.uint64)
    for name in columns:
        column = rows.column(name)
        if column.null_count < rows.num_rows:
            digests += _column_digests(name, whole(column))
    return digests


def _column_digests(name: str, column: pa.Array) -> Digests:
    """A digest of the name and each value, 0 where there is none."""
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
    if pa.types.is_dictionary(column.type):  # each text once
        of_texts = np.append(_mix(_text_digests(column.dictionary.to_pylist()) ^ _text_digests([name])), np.uint64(0))
        digests: Digests = of_texts[column.indices.fill_null(len(of_texts) - 1).to_numpy(zero_copy_only=False)]
        return digests
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    if values.dtype == np.float64:
        values = values + 0.0  # so that -0.0 and 0.0 are the same value
    digests = _mix(_mix(values.view(np.uint64)) ^ _text_digests([name]))
    return np.where(column.is_valid().to_numpy(zero_copy_only=False), digests, np.uint64(0))


def _text_digests(texts: Iterable[str]) -> Digests:
    empty = hashlib.blake2b(digest_size=8)
    digests = bytearray()
    for text in texts:
        one = empty.copy()
        one.update(text.encode())
        digests += one.digest()
    return np.frombuffer(digests, "<u8").astype(np.uint64, copy=False)


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
    """Rows of the table `name` with an id each; their names are coded, and they come in the order of `slices.in_order`.

    Rows that are equal have one customer and one time, so only such need to be looked at as to whether they are.
    """
    if name == "ratings":  # what a customer answers at one moment is one sheet
        moments = pc.cast(pc.cast(rows["occurred_at"], pa.int64()), pa.string())
        rows = _with(rows, "response_id", pc.coalesce(rows["response_id"], moments))
    own = rows[IDS[name]]
    if own.null_count:
        digests, customers = row_digests(rows, content), codes(rows["customer_id"])
        made, tied = hexadecimal(digests), _tied(customers, whole(rows["occurred_at"]).cast(pa.int64()).to_numpy())
        made = pc.replace_with_mask(made, pa.array(tied), numbered(digests[tied], customers[tied]))
        rows = _with(rows, IDS[name], pc.coalesce(own, made))
    return rows


def _tied(*keys: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows agree in all keys with the one before or behind."""
    tied = np.zeros(len(keys[0]), bool)
    same = np.logical_and.reduce([key[1:] == key[:-1] for key in keys])
    tied[1:] |= same
    tied[:-1] |= same
    return tied


def first_of_their_id(rows: pa.Table, name: str, content: Sequence[str], *, file: str) -> NDArray[np.bool_]:
    """Which rows are the first of their customer and id. Raises: ContactLogError if a later one says other things."""
    ids = whole(rows[IDS[name]]).dictionary_encode()
    if len(ids.dictionary) == rows.num_rows:
        return np.ones(rows.num_rows, bool)
    pairs = codes(rows["customer_id"]).astype(np.int64) * len(ids.dictionary) + ids.indices.to_numpy()
    _, first_places, pair_of = np.unique(pairs, return_index=True, return_inverse=True)
    first = np.zeros(rows.num_rows, bool)
    first[first_places] = True
    if not first.all():
        digests = row_digests(rows, content)
        differing = np.flatnonzero(digests != digests[first_places[pair_of]])
        if len(differing):
            raise ContactLogError(_twice(name, rows[IDS[name]][int(differing[0])].as_py(), file))
    return first


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
    return _hexadecimal(digests.astype(">u8").view(np.uint8).reshape(-1, 8))


def _hexadecimal(rows: NDArray[np.uint8]) -> pa.Array:
    """The bytes of each row as hexadecimal digits."""
    count, width = rows.shape
    offsets = np.arange(count + 1, dtype=np.int32) * (2 * width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(_HEX[rows]))

"""Texts and places as 64-bit numbers, to be compared many at a time; equal ones only by a chance of 1 in 10^19."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.method.resampling import GOLDEN_GAMMA, splitmix64

Digests = NDArray[np.uint64]

_WORD = 8  # bytes that are mixed in at once


def mixed(*columns: NDArray[np.integer]) -> Digests:
    """One digest of the values of each row."""
    digests = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        digests = _mix(digests ^ column.astype(np.uint64))
    return digests


def text_digests(texts: pa.ChunkedArray) -> Digests:
    """A digest of each text, the same on every machine; 0 of null."""
    return np.concatenate([np.zeros(0, np.uint64), *map(_text_digests, texts.chunks)])


def _text_digests(texts: pa.Array) -> Digests:
    _, ends, content = texts.buffers()
    ends = np.frombuffer(ends, np.int32, len(texts) + 1, texts.offset * 4)
    starts, lengths = ends[:-1].astype(np.int64), np.diff(ends)
    words = _words(content)
    digests = mixed(lengths)
    for start in range(0, int(lengths.max(initial=0)), _WORD):
        longer = slice(None) if start + _WORD <= lengths.min() else np.flatnonzero(lengths > start)
        missing = np.maximum(_WORD - lengths[longer] + start, 0).astype(np.uint64) * np.uint64(8)
        digests[longer] = _mix(digests[longer] ^ (words[starts[longer] + start] << missing))
    return np.where(texts.is_valid().to_numpy(zero_copy_only=False), np.maximum(digests, np.uint64(1)), np.uint64(0))


def _words(content: pa.Buffer | None) -> Digests:
    """The eight bytes from each byte on."""
    padded = np.zeros((content.size if content else 0) + _WORD, np.uint8)
    padded[: len(padded) - _WORD] = np.frombuffer(content or b"", np.uint8)
    return np.ndarray(len(padded) - _WORD + 1, "<u8", padded, strides=(1,))


def _mix(x: Digests) -> Digests:
    return splitmix64(x + np.uint64(GOLDEN_GAMMA))

"""What a parent and the child process that reads for it say to each other: JSON and bytes, never pickles.

A child that a crafted file has taken over can send what it likes: nothing of it is executed.
"""

import json
import socket
import struct
from numbers import Integral
from typing import Any, Literal, NamedTuple

from tangente.messages import Message

Kind = Literal["request", "value", "bytes", "error", "memory", "broken", "end"]

KINDS: tuple[Kind, ...] = ("request", "value", "bytes", "error", "memory", "broken", "end")
WORK, STOP = b"w", b"s"
"""What the parent tells the program: fork a child with the channel that comes along; end the child."""
HEAD = struct.Struct(">BQ")  # kind and length
LARGEST = 1 << 29  # bytes of one frame
LARGEST_JSON = 1 << 24  # bytes; as Python's values they take many times as much
MESSAGE = {"code", "text", "values"}


class Frame(NamedTuple):
    """request, value and error hold JSON (an error a Message), broken the text of what ended the child."""

    kind: Kind
    content: bytearray


class BadFrame(Exception):
    """What a sound child does not send."""


def send(channel: socket.socket, kind: Kind, content: bytes | memoryview = b"") -> None:
    channel.sendall(HEAD.pack(KINDS.index(kind), len(content)))
    channel.sendall(content)


def receive(channel: socket.socket) -> Frame | None:
    """The next frame; None if the other side has ended."""
    head = _exactly(channel, HEAD.size)
    if head is None:
        return None
    kind, length = HEAD.unpack(head)
    if kind >= len(KINDS) or length > (LARGEST if KINDS[kind] == "bytes" else LARGEST_JSON):
        raise BadFrame(f"a frame of kind {kind} and {length} bytes")
    content = _exactly(channel, length)
    return None if content is None else Frame(KINDS[kind], content)


def _exactly(channel: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        try:
            taken = channel.recv_into(rest)
        except ConnectionError:  # it died with something of ours unread
            taken = 0
        if not taken:
            return None
        rest = rest[taken:]
    return data


def to_json(value: Any) -> bytes:
    """Plain values and Messages."""
    return json.dumps(_plain(value), default=_number_or_text).encode()


def from_json(text: bytes | bytearray) -> Any:
    if len(text) > LARGEST_JSON:
        raise BadFrame(f"{len(text)} bytes of JSON")
    try:
        return json.loads(text, object_hook=_again)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise BadFrame("no JSON of plain values and messages") from error


def _plain(value: Any) -> Any:
    match value:
        case Message():
            return {"code": value.code, "text": value.text, "values": _plain(value.values)}
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value


def _number_or_text(value: object) -> int | str:
    """NumPy's whole numbers as Python's; a path as a text."""
    return int(value) if isinstance(value, Integral) else str(value)


def _again(found: dict[str, Any]) -> Any:
    """A Message for what was one."""
    if found.keys() != MESSAGE:
        return found
    code, text, values = (found[key] for key in ("code", "text", "values"))
    if not isinstance(code, str):
        raise TypeError(f"{code!r} as a code")
    return Message(code, text, **values)


def is_compressed(metadata: bytes) -> bool:
    """Whether an Arrow record batch with such metadata grows when read, without limit; a sound child's does not.

    Arrow has checked the metadata, a FlatBuffer: Message.header (field 2) is a RecordBatch, whose field 3 is compression.
    """
    header = _field(metadata, _pointed(metadata, 0), 2)
    return _field(metadata, _pointed(metadata, header), 3) != 0


def _pointed(buffer: bytes, place: int) -> int:
    return place + int.from_bytes(buffer[place : place + 4], "little")


def _field(buffer: bytes, table: int, number: int) -> int:
    """Where a field of a FlatBuffer's table stands; 0 if it is left out."""
    fields = table - struct.unpack_from("<i", buffer, table)[0]
    size, place = struct.unpack_from("<H", buffer, fields)[0], 4 + 2 * number
    offset = struct.unpack_from("<H", buffer, fields + place)[0] if place < size else 0
    return table + offset if offset else 0

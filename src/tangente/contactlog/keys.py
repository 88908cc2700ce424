"""The key of a log's pseudonyms: a file of its folder, or given by the environment and then stored nowhere."""

import hmac
import os
from pathlib import Path

from tangente.errors import ContactLogError
from tangente.messages import Message

KEY_VARIABLE = "TANGENTE_LOG_KEY"
SHORTEST_KEY = 16  # bytes


def key_of(folder: Path) -> bytes:
    """The key of the log in a folder. Raises: ContactLogError if there is none, or it is none."""
    try:
        return environment_key() or bytes.fromhex((folder / "key").read_text())
    except FileNotFoundError:
        raise ContactLogError(
            Message(
                "E-KEY",
                "{folder} has no file `key`; restore it from a backup, or set {variable}",
                folder=folder,
                variable=KEY_VARIABLE,
            )
        ) from None
    except ValueError:
        raise ContactLogError(
            Message(
                "E-KEY",
                "The key of {folder} is not hexadecimal; restore its file `key` from a backup",
                folder=folder,
            )
        ) from None


def environment_key() -> bytes | None:
    """The key the environment gives, if any. Raises: ContactLogError if it is none, or could be guessed."""
    digits = os.environ.get(KEY_VARIABLE)
    if not digits:
        return None
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        raise ContactLogError(
            Message(
                "E-KEY",
                "{variable} is not hexadecimal; only digits 0 to 9 and a to f are allowed",
                variable=KEY_VARIABLE,
            )
        ) from None
    if len(key) < SHORTEST_KEY:
        raise ContactLogError(
            Message(
                "E-KEY",
                "{variable} has {bytes:,} bytes and could be guessed; give at least {least:,}, as {digits:,} hexadecimal "
                "digits",
                variable=KEY_VARIABLE,
                bytes=len(key),
                least=SHORTEST_KEY,
                digits=2 * SHORTEST_KEY,
            )
        )
    return key


def key_mark(key: bytes) -> str:
    """What tells keys apart but says nothing about them."""
    return hmac.digest(key, b"key of a contact log", "sha256")[:8].hex()

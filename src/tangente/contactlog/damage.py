"""What is said of a record that is not as it was written, whoever finds out."""

from tangente.errors import ContactLogError
from tangente.messages import Message

DATABASE = "catalog.db"
DAMAGED = "E-RECORD"
"""The code of all of it."""


class RecordError(ContactLogError):
    """A file of the record is missing or not as it was written."""

    def __init__(self, path: str) -> None:
        super().__init__(
            Message(
                "E-RECORD",
                "{file} is missing or not as it was written; `tangente log verify` says what it holds and the way out",
                file=path,
            )
        )


def unsound() -> Message:
    """Of the catalog."""
    return Message(
        "E-RECORD",
        "{file} is damaged, and without it nobody knows what the log consists of; restore the whole folder from a backup",
        file=DATABASE,
    )

"""The errors a person can act on: each is one sentence with the value, what is allowed, the way out.

What users of the command line or the web can cause is told by a `Message`, so that it can be said in their language;
`str(error)` is English. Errors of programmers are plain texts.
"""

from tangente.messages import Message


class TangenteError(Exception):
    """Anything Tangente refuses; the command line prints it and exits with code 2."""

    @property
    def code(self) -> str:
        """The stable code of its message, such as "E-DATE"; "" if it has none."""
        said = self.args[0] if self.args else None
        return said.code if isinstance(said, Message) else ""


class SourceError(TangenteError):
    """A file or its mapping cannot be read as it is."""


class ContactLogError(TangenteError):
    """Rows break the contract of the contact log, or a log folder is not what it says."""


class QuestionError(TangenteError):
    """A question cannot be answered as asked."""


class TooManyRefused(SourceError):
    """So many rows of a file are refused that nothing is stored; the refused rows are still named."""

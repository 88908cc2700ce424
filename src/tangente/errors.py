"""The errors a person can act on: each is one sentence with the value, what is allowed, the way out."""


class TangenteError(Exception):
    """Anything Tangente refuses; the command line prints it and exits with code 2."""


class SourceError(TangenteError):
    """A file or its mapping cannot be read as it is."""


class ContactLogError(TangenteError):
    """Rows break the contract of the contact log, or a log folder is not what it says."""


class QuestionError(TangenteError):
    """A question cannot be answered as asked."""


class TooManyRefused(SourceError):
    """So many rows of a file are refused that nothing is stored; the refused rows are still named."""

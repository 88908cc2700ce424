"""What the web application refuses, each as one sentence for the person who can act."""

from tangente.errors import TangenteError


class RuleError(TangenteError):
    """An action that a rule forbids; the sentence is translated already and is shown beside what was asked."""


class SettingError(TangenteError):
    """A setting that cannot be meant; for whoever runs the server."""

"""What the web application refuses, each as one sentence for the person who can act."""

import os

from django.conf import settings

from tangente.errors import TangenteError
from tangente.translation import spoken


class RuleError(TangenteError):
    """An action that a rule forbids; the sentence is translated already and is shown beside what was asked."""


class SettingError(TangenteError):
    """A setting that cannot be meant; for whoever runs the server."""


def told(error: TangenteError) -> str:
    """The sentence for whoever uses the server: where its data folder lies is none of it."""
    return spoken().say(error).replace(f"{settings.DATA}{os.sep}", "")

"""From a command line to Django, set up on a data folder."""

import logging
import os
from importlib.util import find_spec
from pathlib import Path

from tangente.errors import TangenteError

NEEDED = ("django", "granian", "structlog")


def choose(data: Path) -> None:
    """Let what runs in this process, and those it starts, work on a data folder."""
    if any(find_spec(name) is None for name in NEEDED):
        raise TangenteError("The web application is not installed; install it with: pip install 'tangente[web]'")
    os.environ["TANGENTE_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tangente.web.settings")


def begin(data: Path) -> None:
    """Set up Django on a data folder that is there."""
    choose(data)
    from tangente.web.serving.places import check_there  # noqa: PLC0415 - needs what `choose` looks for

    check_there(data)
    set_up()


def set_up() -> None:
    """Let Django read its settings; what goes well is told by the command, not by the log."""
    import django  # noqa: PLC0415 - commands that need no Django run without it

    django.setup()
    logging.disable(logging.INFO)

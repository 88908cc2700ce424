"""The processes that `tangente serve` starts: python -m tangente.web.serving.child PARENT PART [ARGUMENT]..."""
# ruff: noqa: PLC0415  (the one named door: each process loads what its part needs)

import os
import sys
from collections.abc import Callable

from tangente.errors import TangenteError
from tangente.web import logs
from tangente.web.environment import Environment
from tangente.web.serving.lifeline import end_with
from tangente.web.serving.supervisor import REPLACE


def prepare() -> None:
    """Bring database and static files up to date, then end."""
    import django

    django.setup()
    from tangente.web.serving.preparing import prepare

    prepare()


def demo(contacts: str) -> None:
    """Make the demo in a data folder that is prepared, then end."""
    import django

    django.setup()
    from tangente.web.demo.making import make_demo

    make_demo(int(contacts))


def web(host: str, port: str) -> None:
    """Answer requests."""
    from tangente.web.serving.web import run

    run(host, int(port))


def worker() -> None:
    """Do jobs."""
    import django

    django.setup()
    from tangente.web.jobs.worker import main as work

    if work():
        sys.exit(REPLACE)


PARTS: dict[str, Callable[..., None]] = {"prepare": prepare, "demo": demo, "web": web, "worker": worker}


def main() -> None:
    """Run one part."""
    parent, part, *arguments = sys.argv[1:]
    end_with(int(parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tangente.web.settings")
    try:
        logs.configure({"level": Environment().text("TANGENTE_LOG_LEVEL")})
        PARTS[part](*arguments)
    except TangenteError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()

"""Before the first request: bring the database up to date, gather the static files. A process that ends when done."""

import sys

from tangente.web.serving.lifeline import end_with


def prepare() -> None:
    """Migrate, make the cache table, gather static files, make the secret of the first start if it is one.

    Raises: SettingError if the database was used by a newer Tangente.
    """
    from django.conf import settings  # noqa: PLC0415 - only once Django is set up
    from django.core.management import call_command  # noqa: PLC0415

    from tangente.web.people import first  # noqa: PLC0415
    from tangente.web.serving.schema import check_not_newer  # noqa: PLC0415

    check_not_newer()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, clear=False, verbosity=0)
    first.token(settings.DATA)


def main() -> None:
    """Run as a process of its own, whose memory is free again afterwards."""
    end_with(int(sys.argv[1]))

"""Before the first request: bring the database up to date and gather the static files."""

from django.conf import settings
from django.core.management import call_command

from tangente.web.people import first
from tangente.web.serving.schema import check_not_newer


def prepare() -> None:
    """Migrate, make the cache's table, gather static files, make the secret of the first start if it is one.

    Raises: SettingError if the database was used by a newer Tangente.
    """
    check_not_newer()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    first.token(settings.DATA)

"""The only Django app of Tangente."""

from importlib import import_module

from django.apps import AppConfig


class TangenteConfig(AppConfig):
    """Everything below tangente.web; its migrations are one history."""

    name = "tangente.web"
    label = "tangente"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("tangente.web.registered")  # only now: its modules need the tables
        import_module("tangente.web.people.sign_ins").connect()

"""The only Django app of Tangente."""

from django.apps import AppConfig


class TangenteConfig(AppConfig):
    """Everything below tangente.web; its migrations are one history."""

    name = "tangente.web"
    label = "tangente"
    default_auto_field = "django.db.models.BigAutoField"

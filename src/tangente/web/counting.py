"""Where throttles count: Django's cache in the database, but a database that cannot be written to is told as what it is."""

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import transaction


class Counts(DatabaseCache):
    """Django's own takes any error for another process that was faster; a throttle then says "too many attempts"."""

    def _base_set(self, *told: Any) -> bool:
        with transaction.atomic():  # begins and commits outside of what is taken for that
            return bool(super()._base_set(*told))  # type: ignore[misc]

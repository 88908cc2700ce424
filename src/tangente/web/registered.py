"""What features offer to the worker: their jobs and what they deliver; imported so that every process knows them."""

from tangente.web import forgetting
from tangente.web.data import importing
from tangente.web.overview import preparing
from tangente.web.people import mail

__all__ = ["forgetting", "importing", "mail", "preparing"]

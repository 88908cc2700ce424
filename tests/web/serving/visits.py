"""A person at a browser, as seen by a server: cookies, forms, and how long an answer took."""

import time
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

from tangente.web.people import first
from tests.web.factories import PASSWORD
from tests.web.serving.processes import Server


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_told: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    text: str
    seconds: float


class Visitor:
    """Somebody who has signed in."""

    def __init__(self, server: Server, *, language: str = "en") -> None:
        self._home = f"http://127.0.0.1:{server.port}"
        self._cookies = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self._cookies), _Stay)
        self._opener.addheaders = [("Accept-Language", language)]

    @classmethod
    def who_sets_up(cls, server: Server) -> "Visitor":
        """The owner of the first workspace, morgennetz."""
        visitor = cls(server)
        said = {"name": "Anna", "email": "a@example.org", "password": PASSWORD, "workspace": "Morgennetz"}
        url = f"/start/{(server.data / first.FILE).read_text()}/"
        visitor.get(url)
        answer = visitor.post(url, **said, timezone="Europe/Berlin", currency="EUR")
        assert answer.status == 302, answer.text
        return visitor

    def get(self, path: str) -> Answer:
        return self._ask(Request(self._home + path))  # noqa: S310 - our own server

    def post(self, path: str, **said: str) -> Answer:
        token = next(str(cookie.value) for cookie in self._cookies if cookie.name == "csrftoken")
        body = urlencode(said | {"csrfmiddlewaretoken": token}).encode()
        return self._ask(Request(self._home + path, body))  # noqa: S310

    def _ask(self, request: Request) -> Answer:
        start = time.monotonic()
        try:
            with self._opener.open(request, timeout=60) as response:
                status, headers, text = response.status, response.headers, response.read()
        except HTTPError as error:
            with error:
                status, headers, text = error.code, error.headers, error.read()
        return Answer(status, headers, text.decode(), time.monotonic() - start)

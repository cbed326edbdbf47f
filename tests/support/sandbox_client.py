"""Plain HTTP requests, each on its own connection, which do not raise for error statuses."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, NamedTuple

KEY = {"Authorization": "Bearer any"}


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(url: str, headers: dict[str, str] | None = None, *, timeout: float = 20) -> Answer:
    """GET, with a key in the header unless other headers are given."""
    request = urllib.request.Request(url, headers=KEY if headers is None else headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())

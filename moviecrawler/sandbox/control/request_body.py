"""Read the JSON body of a request to the control."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

T = TypeVar("T")


async def json_body(request: web.Request, wanted: type[T]) -> T:
    """The body as a list or object (``wanted``: ``list`` or ``dict``).

    Raises HTTPBadRequest, with the reason as its text, for anything else.

    Raises HTTPUnsupportedMediaType unless the content type is JSON, which no foreign web page can make a browser send.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be sent with Content-Type: application/json\n")
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request(error) from None
    if not isinstance(body, wanted):
        raise bad_request(ValueError(f"the body must be a JSON {'list' if wanted is list else 'object'}"))
    return body


def bad_request(error: Exception) -> web.HTTPBadRequest:
    """A 400 with the reason as its text."""
    return web.HTTPBadRequest(text=f"{error}\n")

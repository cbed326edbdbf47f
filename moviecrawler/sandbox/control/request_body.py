"""What the control reads from the body of a request."""

from __future__ import annotations

from typing import Any

from aiohttp import web


async def json_body(request: web.Request, wanted: type) -> Any:
    """The body as a list or object; raises HTTPBadRequest, with the reason as its text, for anything else.

    HTTPUnsupportedMediaType when it is not sent as JSON: a page of another site can make a browser send all but that.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be sent with Content-Type: application/json\n")
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request(error) from None
    if not isinstance(body, wanted):
        raise bad_request(ValueError(f"the body is no JSON {'list' if wanted is list else 'object'}"))
    return body


def bad_request(error: Exception) -> web.HTTPBadRequest:
    """A 400 that says why."""
    return web.HTTPBadRequest(text=f"{error}\n")

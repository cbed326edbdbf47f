"""The client session of a crawl: aiohttp's, without what it does behind our back."""

from collections.abc import Mapping

import aiohttp


def open_session(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """No cookies, no cap of its own (the gates hold the caps), each request sent once, bodies as they travelled.

    aiohttp would unpack what the header calls packed, in whole chunks: 61 KB become 63 MB before anybody can count.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        auto_decompress=False,
        middlewares=(_once,),
    )


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a GET a second time when its connection breaks: past the budget, and not counted.

    It does so for the two errors below (``ClientSession._request``), not for their common base.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise aiohttp.ClientConnectionError from None

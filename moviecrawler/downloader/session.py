"""The aiohttp session of a crawl, without what aiohttp does unasked."""

from collections.abc import Mapping

import aiohttp


def open_session(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """No cookies, no connection limit (the throttles have theirs), each request sent once, bodies not decompressed.

    aiohttp would decompress whole chunks at once: 61 KB become 63 MB before their size can be checked.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        auto_decompress=False,
        middlewares=(_once,),
    )


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from resending a GET when its connection breaks: that would bypass rate limit and counting.

    It does so for the two errors below (``ClientSession._request``), not for their common base class.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise aiohttp.ClientConnectionError from None

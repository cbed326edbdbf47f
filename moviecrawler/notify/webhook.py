"""A POST of JSON, signed as Standard Webhooks say (https://github.com/standard-webhooks/standard-webhooks)."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import time

import aiohttp

from moviecrawler.notify.failed import HookFailed

TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
"""Before the second try; doubles with each."""

_LATER = frozenset({408, 409, 425, 429})
"""Statuses below 500 after which another try may do."""

_PREFIX = "whsec_"
"""Before a secret that is base64 of the bytes to sign with."""


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: HMAC-SHA256 of ``id.timestamp.body``, in base64.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...     b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = b".".join([id.encode(), str(timestamp).encode(), body])
    return f"v1,{base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass  # then it is a text like any other
    return secret.encode()


async def post(url: str, body: bytes, *, secret: str, id: str, seconds: float) -> None:
    """Send it until it is taken (2xx), at most ``TRIES`` times and for ``seconds``. HookFailed, without the address.

    No redirect is followed: the signed message would go to whom nobody has named. Nothing of an answer is read but its
    status. All tries have one ``webhook-id``, so a receiver can tell a message that it had before.
    """
    failure = "it did not answer"
    try:
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=True) as session,
        ):
            for number in range(TRIES):
                if number:
                    await asyncio.sleep(FIRST_PAUSE_SECONDS * 2 ** (number - 1))
                status, failure = await _try(session, url, body, secret=secret, id=id, seconds=seconds / 2)
                if 200 <= status < 300:
                    return
                if 300 <= status < 500 and status not in _LATER:
                    break
    except TimeoutError:
        raise HookFailed(f"{failure}; given up after {seconds:g} s (NOTIFY_SECONDS)") from None
    raise HookFailed(failure)


async def _try(
    session: aiohttp.ClientSession, url: str, body: bytes, *, secret: str, id: str, seconds: float
) -> tuple[int, str]:
    """The status, 0 without an answer, and what is wrong with it; ``seconds`` for this try."""
    timestamp = int(time.time())
    headers = {"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": str(timestamp)}
    if secret:
        headers["webhook-signature"] = signature(secret, id, timestamp, body)
    limit = aiohttp.ClientTimeout(total=seconds)
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False, timeout=limit) as response:
            status = response.status
            if 300 <= status < 400:
                return status, f"it answered with a redirect ({status}), which is not followed"
            return status, f"it answered with status {status}"
    except TimeoutError:
        return 0, f"it did not answer within {seconds:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        number = getattr(error, "errno", None) or 0  # the text of these errors has the address
        return 0, f"it cannot be reached: {os.strerror(number) if number > 0 else type(error).__name__}"

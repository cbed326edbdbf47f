"""``CDN_PREFER=china``: which image host answers, and how soon, is found out with the first picture of the run."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from moviecrawler.policy.network.host_pool import HostPool
from moviecrawler.policy.network.hosts import Host

logger = logging.getLogger(__name__)

PROBE_TIMEOUT = 3.0  # seconds

ProbeHost = Callable[[Host, str], Awaitable[bool]]
"""Asks a host for an address and reads no more than the head of the answer; whether that is a picture's."""


class CdnProbe:
    """Asks all hosts at the same time for the same picture, and puts those that answer first, the fastest in front.

    Nothing waits for it: until it is known, the order is that of the setting.
    """

    def __init__(self, probe_host: ProbeHost) -> None:
        self._probe_host = probe_host
        self._task: asyncio.Task[None] | None = None

    def begin(self, pool: HostPool, address: Callable[[Host], str]) -> None:
        """Once a run; ``address`` is what to ask a host for."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._reorder(pool, address))

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _reorder(self, pool: HostPool, address: Callable[[Host], str]) -> None:
        hosts = pool.hosts
        took = await asyncio.gather(*(self._time(host, address(host)) for host in hosts))
        seconds = {host: one for host, one in zip(hosts, took, strict=True) if one is not None}
        answered = sorted(seconds, key=lambda host: seconds[host])
        pool.reorder(answered)
        fast = ", ".join(f"{host.origin} ({seconds[host]:.2f} s)" for host in answered) or "nowhere"
        silent = ", ".join(host.origin for host in hosts if host not in seconds)
        logger.info("CDN_PREFER: pictures come from %s%s", fast, silent and f"; no picture from {silent}")

    async def _time(self, host: Host, address: str) -> float | None:
        """Seconds until the head of a picture came, None if none did."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                good = await self._probe_host(host, address)
        except TimeoutError:
            return None
        return time.monotonic() - started if good else None

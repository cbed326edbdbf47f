"""``CDN_PREFER=china``: probes which image hosts answer, and how fast, with the first picture of a run."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from moviecrawler.policy.network.host_pool import HostPool
from moviecrawler.policy.network.hosts import Host

logger = logging.getLogger(__name__)

PROBE_TIMEOUT = 3.0  # seconds

ProbeHost = Callable[[Host, str], Awaitable[bool]]
"""Requests an address from a host and reads only the beginning of the answer; whether that is a picture's."""


class CdnProbe:
    """Requests the same picture from all hosts at once, and moves those that answer to the front, fastest first.

    Nothing waits for it: until the result is known, the order is that of the setting.
    """

    def __init__(self, probe_host: ProbeHost) -> None:
        self._probe_host = probe_host
        self._task: asyncio.Task[None] | None = None

    def begin(self, pool: HostPool, address: Callable[[Host], str]) -> None:
        """Start the probe, once per run; ``address`` gives a host's URL of the picture."""
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
        """Seconds until the beginning of a picture came, None if none did."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                good = await self._probe_host(host, address)
        except TimeoutError:
            return None
        return time.monotonic() - started if good else None

"""The transport: running out of file descriptors is not the host's fault, and pictures are recognised early."""

import asyncio
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from scrapy import Request

from moviecrawler.config import Config
from moviecrawler.downloader.failover import Attempt
from moviecrawler.downloader.transport import NO_FILES, Transport
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.hosts import Hosts
from tests.support.site import Answer, Site, film, picture


@contextmanager
def no_files_left() -> Iterator[list[int]]:
    """All file descriptors that this process may have are in use; the list holds them."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 5, limits[1]))
    taken: list[int] = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield taken
    finally:
        while taken:
            os.close(taken.pop())
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def asked(base: str, **settings: object) -> tuple[Transport, Request, Attempt]:
    config = Config.from_settings({"TMDB_API_KEY": "key", "TMDB_BASE_URL": base, **settings})
    (host,) = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", base)}).hosts
    url = f"{base}/movie/603"
    return Transport(config, "tests"), Request(url), Attempt(host, url, None, time.monotonic())


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_a_request_waits_until_a_file_descriptor_is_free(caplog: pytest.LogCaptureFixture, name: str) -> None:
    with Site(lambda _: film(603)) as site:
        base = site.env["TMDB_BASE_URL"].replace("127.0.0.1", name)
        wire, request, attempt = asked(base)
        with no_files_left() as taken:
            waiting = asyncio.ensure_future(wire.fetch(request, attempt))
            done, _ = await asyncio.wait([waiting], timeout=0.7)
            assert not done
            while taken:
                os.close(taken.pop())
            status, _, _ = await waiting
        await wire.close()
    assert status == 200
    (warning,) = [message for message in caplog.messages if "file descriptors" in message]
    assert "ulimit -n" in warning


async def test_running_out_of_file_descriptors_does_not_count_against_the_host() -> None:
    wire, request, attempt = asked("http://127.0.0.1:9/3", DOWNLOAD_TIMEOUT="0.3")
    with no_files_left(), pytest.raises(AnswerError) as error:
        await wire.fetch(request, attempt)
    await wire.close()
    assert (error.value.kind, error.value.reason) == ("failed", NO_FILES)


PICTURE = picture(8, 12)._replace(headers={"Content-Type": "text/plain"})
NONE = Answer(b"<html>Sorry</html>", 200, {"Content-Type": "image/jpeg"})


@pytest.mark.parametrize(("answer", "good"), [(PICTURE, True), (NONE, False), (PICTURE._replace(status=404), False)])
async def test_a_probe_recognises_a_picture_by_its_first_bytes(answer: Answer, good: bool) -> None:
    with Site(lambda _: answer) as site:
        wire, request, attempt = asked(site.env["TMDB_BASE_URL"])
        assert await wire.probe_host(attempt.host, request.url) is good
        await wire.close()

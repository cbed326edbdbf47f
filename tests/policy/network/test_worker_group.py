"""REDIS_URL and the settings beside it: what is accepted, what is refused, and that no message repeats a password."""

import pytest

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.worker_group import WorkerGroup, password_of


def parse(**settings: str) -> WorkerGroup | None:
    return WorkerGroup.of(Config.from_settings(settings).queue)


@pytest.mark.parametrize(
    ("url", "describe"),
    [
        ("redis://127.0.0.1", "127.0.0.1:6379/0"),
        ("redis://127.0.0.1:6380/2", "127.0.0.1:6380/2"),
        ("  redis://redis.example/ ", "redis.example:6379/0"),
        ("redis://:s3cret@redis.example:6380/1", "redis.example:6380/1"),
        ("redis://crawler:s3%40cret@redis.example", "redis.example:6379/0"),
        ("redis://[::1]:6380/0", "[::1]:6380/0"),
        ("rediss://u:s3cret@redis.example/0?ssl_cert_reqs=none", "redis.example:6379/0"),
    ],
)
def test_an_address_is_shown_without_user_password_and_options(url: str, describe: str) -> None:
    sharing = parse(REDIS_URL=url)
    assert sharing is not None
    assert sharing.describe == describe
    assert sharing.url == url.strip()
    assert "s3" not in repr(sharing)


@pytest.mark.parametrize("nothing", ["", "   "])
def test_without_an_address_a_crawl_works_alone(nothing: str) -> None:
    assert parse(REDIS_URL=nothing) is None


@pytest.mark.parametrize(
    "url",
    [
        *("s3cret", "redis:", "redis://", "redis:///0", "http://:s3cret@redis.example", "unix:///s3cret"),
        *(
            "redis://:s3cret@redis.example:port/0",
            "redis://:s3cret@redis.example:99999",
            "redis://redis.example/s3cret",
        ),
        *("redis://redis.example/-1", "redis://:s3cret", "redis://:s3/cret@redis.example/0", "redis://[::1/s3cret"),
        *("redis://:s3cret@redis.example/0#1", "redis://redis.example/0?password=s3cret", "redis://redis.example?db=3"),
    ],
)
def test_a_wrong_address_is_one_line_that_repeats_nothing(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^REDIS_URL: .*; must be redis://host:port/0") as error:
        parse(REDIS_URL=url)
    assert "\n" not in str(error.value)
    assert "s3" not in str(error.value)
    assert error.value.__context__ is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("QUEUE_LEASE_SECONDS", value) for value in ("", "soon", "0", "1.9", "-60", "nan", "inf")),
        *(("QUEUE_MAX_DELIVERIES", value) for value in ("", "many", "0", "-1", "2.5")),
        *(("WORKER_IDLE_SECONDS", value) for value in ("", "for ever", "-1", "nan", "inf")),
    ],
)
@pytest.mark.parametrize("url", ["", "redis://127.0.0.1"])
def test_a_wrong_number_is_one_line_with_and_without_a_redis(setting: str, value: str, url: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{setting}=.*: must be ") as error:
        parse(REDIS_URL=url, **{setting: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("redis://127.0.0.1:6379/0", ""),
        ("redis://:s3cret@127.0.0.1", "s3cret"),
        ("redis://me:s3cr%40t@127.0.0.1", "s3cr@t"),
        ("redis://me@127.0.0.1", ""),
        ("mongodb://me:a:b@c@db.example,db2.example/films", "a:b@c"),
        ("sqlite:///movies.db", ""),
        ("", ""),
    ],
)
def test_the_password_of_a_server(url: str, password: str) -> None:
    assert password_of(url) == password

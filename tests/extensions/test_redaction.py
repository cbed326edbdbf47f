"""No log handler sees a key, wherever in a record it stands, and no careless log line harms the run."""

import io
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from moviecrawler.config import Config
from moviecrawler.extensions.redaction import Redaction
from moviecrawler.policy.secrets.redaction import Secrets

KEY = "c4n4ry+key/of=mine"


@pytest.fixture
def log() -> Iterator[Any]:
    """A logger whose handler has the filter; ``said`` is what it wrote."""
    settings = {"TMDB_ACCESS_TOKEN": KEY, "REDIS_URL": "redis://me:hidden%40pass@redis.example", "CACHE_URI": None}
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    handler.addFilter(Redaction(Secrets.of(Config.from_settings(settings), {})))
    logger = logging.getLogger("tests.redaction")
    logger.setLevel("DEBUG")
    logger.propagate = False
    logger.addHandler(handler)
    yield SimpleNamespace(logger=logger, said=lambda: handler.stream.getvalue())
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (f"GET https://api.example/3?api_key={KEY}", ()),
        ("GET %s", ("https://api.example/3?api_key=c4n4ry%2Bkey%2Fof%3Dmine",)),
        ("%(headers)s", ({"headers": {"Authorization": f"Bearer {KEY}"}},)),
        ("%r", (ValueError(KEY),)),
    ],
)
def test_messages_and_arguments(log: Any, message: str, arguments: tuple[Any, ...]) -> None:
    log.logger.info(message, *arguments)
    assert "[key]" in log.said()
    assert KEY not in log.said()
    assert "%2B" not in log.said()


@pytest.mark.parametrize("said", ["no way to redis://me:hidden%40pass@redis.example", "AUTH me hidden@pass"])
def test_the_password_of_a_server(log: Any, said: str) -> None:
    log.logger.warning("%s", said)
    assert "[key]" in log.said()
    assert "hidden" not in log.said()


def test_tracebacks_with_all_their_causes(log: Any) -> None:
    try:
        try:
            raise OSError(f"first {KEY}")
        except OSError as error:
            raise RuntimeError(f"then {KEY}") from error
    except RuntimeError:
        log.logger.exception("it failed", stack_info=True)
    assert log.said().count("[key]") == 2
    assert "RuntimeError: then [key]" in log.said()
    assert KEY not in log.said()


def test_a_line_without_a_key_stays_as_it_is(log: Any) -> None:
    log.logger.warning("%d of %s", 3, "many")
    assert log.said() == "tests.redaction WARNING 3 of many\n"


def test_a_log_call_with_wrong_arguments_neither_fails_nor_shows_the_key(
    log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    log.logger.info("%d titles", KEY)
    assert "'%d titles' does not fit" in log.said()
    assert KEY not in log.said() + capsys.readouterr().err


@pytest.mark.parametrize("level", ["warning", "error"])
def test_a_warning_is_one_line_without_control_characters(log: Any, level: str) -> None:
    getattr(log.logger, level)("%s: no film", "\x1b[2J\x1b]0;owned\x07The\nMatrix\x9b31m \u202egnp\x00")
    assert log.said() == f"tests.redaction {level.upper()} The Matrix gnp: no film\n"


def test_a_report_keeps_its_lines_and_a_traceback_too(log: Any) -> None:
    log.logger.info("\n".join(["titles 5", "pictures \x1b[31m6"]))
    try:
        raise ValueError("\x1b[31mred")
    except ValueError:
        log.logger.exception("it failed")
    assert "INFO titles 5\npictures 6\n" in log.said()
    assert "ERROR it failed\nTraceback (most recent call last):\n" in log.said()
    assert "ValueError: red" in log.said()
    assert "\x1b" not in log.said()

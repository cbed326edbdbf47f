"""The project's commands. Scrapy imports all of them at every start, so each imports what it needs in ``run``."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.config import Config
    from moviecrawler.stores.base import Access
    from moviecrawler.stores.checked import CheckedStore


INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell reports it."""


class UsageError(SystemExit):
    """Wrong usage: exit status 2. ``line`` has been printed on stderr."""

    def __init__(self, line: str) -> None:
        super().__init__(2)
        self.line = line


def usage_error(line: str) -> NoReturn:
    """Print one line on stderr and end the command with exit status 2; UsageError."""
    say(line, file=sys.stderr)
    raise UsageError(line)


def say(*lines: str, file: TextIO | None = None) -> None:
    """Print lines at once, also into a pipe; without line breaks and control characters within them."""
    from moviecrawler.policy.printable import printable

    for line in lines:
        print(printable(line), file=file or sys.stdout)
    (file or sys.stdout).flush()


def _make_printable(record: logging.LogRecord) -> bool:
    from moviecrawler.policy.printable import printable

    record.msg, record.args = printable(record.getMessage()), ()
    return True


def with_store(
    name: str,
    settings: BaseSettings,
    act: Callable[[CheckedStore], Awaitable[int]],
    access: Access = "write",
    if_absent: Callable[[], Awaitable[int]] | None = None,
) -> int:
    """Run ``act`` on the opened store: its exit status, or 1 and one line if it (or the store) failed.

    ``if_absent`` is run instead if nothing is stored yet and ``access`` does not make a store. Without it that is a
    failure, whose line says where the sandbox's data are. Damaged rows are left out, with a line each, and the status
    is 1.

    Wrong settings are wrong usage, found before anything is opened. Ctrl-C is 130. Neither a reader that closes the
    pipe (``| head``) nor a title that the terminal cannot encode is an error.
    """
    from moviecrawler.exceptions import StoreAbsent
    from moviecrawler.places import store_of

    async def acted(config: Config) -> int:
        store = store_of(config, access)
        store.on_damage = lambda line: say(f"scrapy {name}: {line}", file=sys.stderr)
        try:
            try:
                await store.open()
            except StoreAbsent:
                if if_absent is None:
                    raise
                return await if_absent()
            status = await act(store)
            return 1 if store.damaged else status
        finally:
            await store.close()

    return with_config(name, settings, acted)


def with_config(name: str, settings: BaseSettings, act: Callable[[Config], Awaitable[int]]) -> int:
    """Run ``act`` with the checked configuration; everything else as for :func:`with_store`."""
    import asyncio

    from moviecrawler.addons import check
    from moviecrawler.exceptions import ConfigurationError, MoviecrawlerError, StoreAbsent

    try:
        config = check(settings)
    except ConfigurationError as error:
        usage_error(str(error))
    stdout().reconfigure(errors="backslashreplace")
    if logging.lastResort:
        logging.lastResort.addFilter(_make_printable)  # warnings of a command that sets up no log
    try:
        status = asyncio.run(_awaited(act, config))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StoreAbsent as error:
        say(f"scrapy {name}: {nothing_stored(error, settings)}", file=sys.stderr)
        return 1
    except MoviecrawlerError as error:
        say(f"scrapy {name}: {error}", file=sys.stderr)
        return 1
    return status


async def _awaited(act: Callable[[Config], Awaitable[int]], config: Config) -> int:
    return await act(config)


def stdout() -> TextIOWrapper:
    """``sys.stdout``, which is a text file over bytes in every process that runs a command."""
    assert isinstance(sys.stdout, TextIOWrapper)
    return sys.stdout


def nothing_stored(error: Exception, settings: BaseSettings) -> str:
    """One line: nothing is stored yet, and where the data of the sandbox are, if it has any."""
    from moviecrawler.config import Config

    folder = Config.from_settings(settings).store.data_dir / "sandbox"
    if (folder / "movies.db").is_file():
        elsewhere = " -s STORE_URI=" if settings["STORE_URI"] else ""
        place = shlex.quote(str(folder))
        return f"{error}; the sandbox's runs have stored their data in {folder}: -s DATA_DIR={place}{elsewhere}"
    return f"{error}; scrapy crawl and scrapy collect fill it"


def parse_title_arg(command: str, text: str) -> tuple[str, int]:
    """Kind and id of the title that the user has named; wrong usage if ``text`` is not one."""
    from moviecrawler.policy.identity import title_ids

    try:
        return title_ids.parse_title_arg(text)
    except ValueError:
        usage_error(f"scrapy {command}: {text!r}: must be a title: movies/603, shows/1396, or the number of a film")


def parse_source_option(command: str, name: str | None) -> list[str]:
    """The source of ``--source``, or all of them without it; wrong usage for an unknown one."""
    from moviecrawler.config.fields import one_of
    from moviecrawler.documents import SOURCES
    from moviecrawler.policy.did_you_mean import did_you_mean

    if name is not None and name not in SOURCES:
        usage_error(f"scrapy {command}: --source={name!r}: must be {one_of(SOURCES)}{did_you_mean(name, SOURCES)}")
    return [source for source in SOURCES if name in (None, source)]


def unavailable_lines(without: Mapping[str, str]) -> list[str]:
    """A line on each source that cannot be asked (``prerequisites.unavailable_sources``), so nothing is due there."""
    return [f"{source} is not available, so nothing counts as due there: {why}" for source, why in without.items()]


def numbered(number: int, one: str) -> str:
    """A number of things.

    >>> numbered(1, "film"), numbered(1204, "film")
    ('1 film', '1,204 films')
    """
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def aligned(rows: list[list[str]]) -> list[str]:
    """Rows as lines: the first column aligned to the left, all others to the right.

    >>> aligned([["", "due"], ["movies", "1,204"]])
    ['          due', 'movies  1,204']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first = f"{{:<{widths[0]}}}"
    rest = "".join(f"  {{:>{width}}}" for width in widths[1:])
    return [(first + rest).format(*row).rstrip() for row in rows]

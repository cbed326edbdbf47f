"""The project's commands. Scrapy imports all of them at every start, so each imports what it needs in ``run``."""

import logging
import os
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TextIO


class UsageError(SystemExit):
    """Wrong usage: exit status 2. ``line`` was said on stderr."""

    def __init__(self, line: str) -> None:
        super().__init__(2)
        self.line = line


def refuse(line: str) -> NoReturn:
    """Wrong usage: one line on stderr, exit status 2."""
    say(line, file=sys.stderr)
    raise UsageError(line)


def say(*lines: str, file: TextIO | None = None) -> None:
    """Print at once, also into a pipe; each stays one line, and the terminal obeys nothing that stands in it."""
    from moviecrawler.policy.printable import printable

    for line in lines:
        print(printable(line), file=file or sys.stdout)
    (file or sys.stdout).flush()


def _heed(record: logging.LogRecord) -> bool:
    from moviecrawler.policy.printable import printable

    record.msg, record.args = printable(record.getMessage()), ()
    return True


def with_store(name: str, settings: Any, act: Callable[[Any], Awaitable[int]], access: str = "write") -> int:
    """Run ``act`` on the opened store; its exit status, or 1 and one line when it (or the store) failed.

    ``access`` is that of ``stores.base``. Where nothing is stored yet, the line says where the sandbox's data are; with
    ``look``, which reads, ``act`` gets None then.
    What is damaged there is left out, with a line each, and the status is 1.

    A wrong setting is refused before anything is opened. Ctrl-C is 130; a reader that has seen enough (``| head``) is
    no error, and neither is a title that the terminal cannot spell.
    """
    import asyncio

    from moviecrawler.addons import check
    from moviecrawler.commands._status import INTERRUPTED
    from moviecrawler.exceptions import ConfigurationError, MoviecrawlerError, StoreAbsent
    from moviecrawler.places import store_of

    async def acted() -> int:
        store = store_of(settings, "read" if access == "look" else access)
        store.tell = lambda line: say(f"scrapy {name}: {line}", file=sys.stderr)
        try:
            try:
                await store.open()
            except StoreAbsent:
                if access != "look":
                    raise
                return await act(None)
            status = await act(store)
            return 1 if store.damaged else status
        finally:
            await store.close()

    try:
        check(settings)
    except ConfigurationError as error:
        refuse(str(error))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if logging.lastResort:
        logging.lastResort.addFilter(_heed)  # warnings of a command that sets up no log
    try:
        status = asyncio.run(acted())
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StoreAbsent as error:
        say(f"scrapy {name}: {absent(error, settings)}", file=sys.stderr)
        return 1
    except MoviecrawlerError as error:
        say(f"scrapy {name}: {error}", file=sys.stderr)
        return 1
    return status


def absent(error: Exception, settings: Any) -> str:
    """Where nothing is stored yet, and where the data of the sandbox are, if it has any."""
    from moviecrawler.places import data_dir

    folder = data_dir(settings) / "sandbox"
    if (folder / "movies.db").is_file():
        elsewhere = " -s STORE_URI=" if settings["STORE_URI"] else ""
        place = shlex.quote(str(folder))
        return f"{error}; what the sandbox's runs have stored is in {folder}: -s DATA_DIR={place}{elsewhere}"
    return f"{error}; scrapy crawl and scrapy collect fill it"


def named(command: str, text: str) -> tuple[str, int]:
    """The kind and id that the user gave; wrong usage where they name no title."""
    from moviecrawler.policy.identity.title_ids import title_key

    try:
        return title_key(text)
    except ValueError:
        refuse(f"scrapy {command}: {text} is no title; allowed: movies/603, shows/1396, or a film's number")


def chosen_sources(command: str, name: str | None) -> list[str]:
    """The source of ``--source``, all without one; wrong usage where there is none of that name."""
    from moviecrawler.policy.did_you_mean import did_you_mean
    from moviecrawler.policy.freshness.refresh import SOURCES

    if name not in (None, *SOURCES):
        refuse(f"scrapy {command}: --source {name}: allowed: {', '.join(SOURCES)}{did_you_mean(name, SOURCES)}")
    return [source for source in SOURCES if name in (None, source)]


def uncounted(without: Mapping[str, str]) -> list[str]:
    """A line on each source that cannot be asked (``prerequisites.unavailable_sources``), so nothing is due there."""
    return [f"{source} is not asked, and not counted as due: {why}" for source, why in without.items()]


def aligned(rows: list[list[str]]) -> list[str]:
    """Rows as lines: the first column to the left, all others to the right.

    >>> aligned([["", "due"], ["movies", "1,204"]])
    ['          due', 'movies  1,204']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first = f"{{:<{widths[0]}}}"
    rest = "".join(f"  {{:>{width}}}" for width in widths[1:])
    return [(first + rest).format(*row).rstrip() for row in rows]

"""The project's commands. Scrapy imports all of them at every start, so each imports what it needs in ``run``."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn


def refuse(line: str) -> NoReturn:
    """Wrong usage: one line on stderr, exit status 2."""
    sys.stderr.write(f"{line}\n")
    sys.exit(2)


def on_store(name: str, settings: Any, act: Callable[[Any], Awaitable[int]]) -> int:
    """Run ``act`` on the opened store; its exit status, or 1 and one line when it (or the store) failed.

    A wrong setting is refused before anything is opened.
    """
    import asyncio

    from moviecrawler.addons import check, store_of
    from moviecrawler.exceptions import ConfigurationError, MoviecrawlerError

    async def acted() -> int:
        store = store_of(settings)
        try:
            await store.open()
            return await act(store)
        finally:
            await store.close()

    try:
        check(settings)
    except ConfigurationError as error:
        refuse(str(error))
    try:
        return asyncio.run(acted())
    except MoviecrawlerError as error:
        print(f"scrapy {name}: {error}", file=sys.stderr)
        return 1


def read_key(text: str) -> tuple[str, int]:
    """``movies/603`` -> kind and id; a bare number is a film. ValueError otherwise.

    >>> read_key("603"), read_key("shows/1396")
    (('movies', 603), ('shows', 1396))
    """
    kind, _, number = text.strip().rpartition("/")
    if kind not in ("", "movies", "shows") or not number.isdecimal() or int(number) < 1:
        raise ValueError(text)
    return kind or "movies", int(number)


def aligned(rows: list[list[str]]) -> list[str]:
    """Rows as lines: the first column to the left, all others to the right.

    >>> aligned([["", "due"], ["movies", "1,204"]])
    ['          due', 'movies  1,204']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first = f"{{:<{widths[0]}}}"
    rest = "".join(f"  {{:>{width}}}" for width in widths[1:])
    return [(first + rest).format(*row).rstrip() for row in rows]

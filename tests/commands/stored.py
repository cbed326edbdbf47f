"""A store, SQLite or MongoDB, that a test fills by itself, and commands that run beside it, in this process."""

import argparse
import asyncio
import contextlib
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.utils.misc import load_object

from moviecrawler.run import project_settings
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from tests.support.crawl import Ended


@dataclass
class Stored:
    """``folder`` has the data, ``uri`` is STORE_URI, ``settings`` are those of all commands."""

    folder: Path
    uri: str
    settings: Mapping[str, str]

    def fill(self, act: Callable[[Store], Awaitable[Any]]) -> None:
        async def filled() -> None:
            store = open_store(self.uri, data_dir=self.folder)
            await store.open()
            try:
                await act(store)
            finally:
                await store.close()

        asyncio.run(filled())

    def scrapy(self, name: str, *words: str, **settings: str) -> Ended:
        """Run a command as Scrapy does."""
        command = load_object(f"moviecrawler.commands.{name}.Command")()
        given = {"DATA_DIR": str(self.folder), "STORE_URI": self.uri, **self.settings, **settings}
        command.settings = project_settings(given)
        stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            try:
                parser = argparse.ArgumentParser(conflict_handler="resolve")
                command.add_options(parser)
                options, arguments = parser.parse_known_args(list(words))
                command.process_options(arguments, options)
                command.run(arguments, options)
                status = command.exitcode
            except SystemExit as error:
                status = error.code
        said = []
        for stream in (stdout, stderr):
            stream.seek(0)
            said.append(stream.read())
        return Ended(status, *said)

    def done(self, *words: str, **settings: str) -> str:
        """What a command says that succeeds, and nothing on stderr."""
        ended = self.scrapy(*words, **settings)
        assert (ended.status, ended.stderr) == (0, ""), ended
        return ended.stdout

    def json(self, *words: str, **settings: str) -> list[Any]:
        return [json.loads(line) for line in self.done(*words, "--json", **settings).splitlines()]

    def refused(self, status: int, *words: str) -> str:
        """The one line of a command that says no."""
        ended = self.scrapy(*words)
        assert (ended.status, ended.stdout, len(ended.lines)) == (status, "", 1), ended
        return ended.lines[0]

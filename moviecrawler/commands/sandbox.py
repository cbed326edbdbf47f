"""``scrapy sandbox``: the offline replica of the sites, by itself or for the time of one command."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import usage_error
from moviecrawler.commands._usage import CheckedOptions


class Command(CheckedOptions, ScrapyCommand):
    """Passes its options to ``moviecrawler.sandbox``, which is imported only when this command runs."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [-- COMMAND ARGS...]"

    def short_desc(self) -> str:
        return "Serve an offline replica of TMDB, its pictures, OMDB and The Numbers, with faults on request"

    def long_desc(self) -> str:
        return (
            "Serve an offline replica of TMDB, of two image CDNs, of OMDB and of The Numbers, and print the settings "
            "that point the crawler at it. With a COMMAND after --, run that command against the replica and end with "
            "its exit status. "
            "Examples: scrapy sandbox -- scrapy crawl tmdb_trending; scrapy sandbox --rate 40 --fault 503:cdn1=0.2"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from moviecrawler.sandbox import options

        super().add_options(parser)
        options.add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        import os

        from scrapy.exceptions import UsageError

        from moviecrawler.config import Config
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.sandbox import cli

        stray, command = cli.split_command(args)
        if stray or (args and not command):
            raise UsageError(f"unknown argument {' '.join(stray) or '--'}; a command to run must follow --")
        try:
            data = Config.from_settings(self.settings).store.data_dir
        except ConfigurationError as error:
            usage_error(str(error))
        # Invented data must not get into the user's own database, wherever .env puts that.
        os.environ.setdefault("DATA_DIR", str(data / "sandbox"))
        os.environ.setdefault("STORE_URI", "")
        os.environ.setdefault("CACHE_URI", "")  # another sandbox gives different answers at the same address
        os.environ.setdefault("IMAGES_STORE", "")
        self.exitcode = cli.run(opts, command)

"""``scrapy collect``: discover and refresh titles at all sources, at the same time, in one process."""

import argparse
import re
import sys

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import usage_error
from moviecrawler.commands._usage import CheckedOptions

_NAMES = ("start_year", "end_year", "max_pages", "min_votes", "refresh_limit", "refresh_only", "pictures", "sources")
"""Options of the command, and arguments of the spider ``collect``, which checks them."""


_INTERRUPTED = 130


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 one of the crawls, or the backup, failed, 2 wrong usage or setting, 130 interrupted."""

    requires_project = True

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Discover films and refresh what is due, at all sources at once"

    def long_desc(self) -> str:
        return (
            "Runs tmdb_discover (with --start-year), tmdb_refresh, omdb and the_numbers together: OMDB starts on the "
            "first films while TMDB is still being read. Then it makes the pictures that titles lack. "
            "After an interruption the same command continues. Examples: "
            "scrapy collect; scrapy collect --start-year 2024 --max-pages 5 --refresh-limit 50; "
            "scrapy collect --refresh-only --sources omdb"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--start-year", metavar="YEAR", help="discover films released from this year on (default: no discovery)")
        add("--end-year", metavar="YEAR", help="to this year (default: the start year)")
        add("--max-pages", metavar="N", help="listing pages of 20 films in all (default: all of them)")
        add("--min-votes", metavar="N", help="discover films with at least this many votes (200)")
        add("--refresh-limit", metavar="N", help="titles to refresh at each source (100); 0: all")
        add("--refresh-only", action="store_true", help="no discovery")
        add("--no-pictures", dest="pictures", action="store_const", const="0", help="no pictures for what lacks them")
        add("--backup", action="store_true", help="then back up what is stored, as scrapy backup does")
        add("--sources", metavar="LIST", help="which of tmdb,omdb,the_numbers (all)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands._crawls import check_start, exit_on_signals, members_of

        exit_on_signals()
        super().process_options(args, opts)
        if args:
            usage_error(f"scrapy collect: takes no arguments, got {' '.join(args)}")
        given = {
            name: str(int(value) if value is True else value)
            for name in _NAMES
            if (value := getattr(opts, name)) not in (None, False)
        }
        spiders = members_of(given, _as_options)
        self._spiders = check_start(self.settings, spiders, "collect", together=True).spiders
        if not self._spiders:
            sys.exit(0)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands import with_config
        from moviecrawler.commands.backup import folder_of, make_and_verify
        from moviecrawler.run import crawl_together, exit_status, hide_component_lists

        assert self.crawler_process
        hide_component_lists(self.settings)
        self.exitcode = max(map(exit_status, crawl_together(self.crawler_process, self._spiders)))
        if opts.backup and self.exitcode < _INTERRUPTED:
            made = with_config(
                "collect", self.settings, lambda config: make_and_verify(config, folder_of(config, None))
            )
            self.exitcode = max(self.exitcode, made)


def _as_options(line: str) -> str:
    """A line on arguments of the spider, with the names of the command's options."""
    return "scrapy " + re.sub(rf"\b({'|'.join(_NAMES)})\b", lambda found: f"--{found[0].replace('_', '-')}", line)

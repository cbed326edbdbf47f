"""``scrapy pictures``: make the pictures that stored titles lack under the settings of today."""

import argparse
import sys

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import usage_error
from moviecrawler.commands._usage import CheckedOptions
from moviecrawler.commands._where import add_where_options, check_where, where_text


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the run failed, is incomplete, or a title is not stored, 2 wrong usage or setting, 130
    interrupted."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] [ID ...]"

    def short_desc(self) -> str:
        return "Make the pictures that stored titles lack, by the settings of today"

    def long_desc(self) -> str:
        return (
            "Compares every stored title (or those named: movies/603, 603, shows/1396, tt0133093) with IMAGES_*, "
            "OVERLAY_* and LANGUAGES, and fetches what it lacks. What is there is not fetched, so after an "
            "interruption the same command continues. Examples: scrapy pictures; scrapy pictures --redraw; "
            'scrapy pictures 603 shows/1396; scrapy pictures --where "missing_picture and votes>1k"'
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_where_options(parser)
        parser.add_argument("--missing", action="store_true", help="only what is not there (the default)")
        parser.add_argument(
            "--redraw", action="store_true", help="also what earlier settings have made: other texts, another format"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands._crawls import check_start, exit_on_signals
        from moviecrawler.policy.identity.title_ids import parse_title_or_imdb_id

        exit_on_signals()
        super().process_options(args, opts)
        if opts.missing and opts.redraw:
            usage_error("scrapy pictures: --redraw makes what is missing, too: give one of them")
        if args and (opts.where is not None or opts.view is not None):
            usage_error("scrapy pictures: name titles, or say by --where or --view which are meant")
        check_where("pictures", opts)
        for arg in args:
            try:
                parse_title_or_imdb_id(arg)
            except ValueError:
                usage_error(f"scrapy pictures: {arg!r}: must be a title: movies/603, shows/1396, tt0133093 or 603")
        where = where_text("pictures", self.settings, opts)
        given = {"redraw": str(int(opts.redraw))} | ({"ids": ",".join(args)} if args else {})
        given |= {} if where is None else {"where": where}
        self._spiders = check_start(self.settings, {"pictures": given}, "pictures").spiders
        if not self._spiders:
            sys.exit(0)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.run import crawl_together, exit_status, hide_component_lists

        assert self.crawler_process
        hide_component_lists(self.settings)
        (crawler,) = crawl_together(self.crawler_process, self._spiders)
        self.exitcode = exit_status(crawler)

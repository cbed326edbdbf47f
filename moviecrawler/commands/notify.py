"""``scrapy notify``: whether the hooks of the NOTIFY_* settings take a message."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error, with_config
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.config import Config


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 every hook took the message, 1 one did not, 2 wrong usage or setting, or no hook is set."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Send a test message to the hooks of the NOTIFY_* settings"

    def long_desc(self) -> str:
        return (
            "Sends one message whose event is test to NOTIFY_URL, NOTIFY_COMMAND and NOTIFY_APPRISE, whichever are "
            "set, whatever NOTIFY_ON says. Examples: scrapy notify; scrapy notify -s NOTIFY_COMMAND='tee last.json'; "
            "scrapy notify --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print the message too, as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy notify: takes no arguments, got {' '.join(args)}")
        self.exitcode = with_config("notify", self.settings, lambda config: _test(config, as_json=opts.json))


async def _test(config: Config, *, as_json: bool) -> int:
    import json

    from moviecrawler.commands._notify import tell, when_and_where
    from moviecrawler.notify.hooks import has_hooks
    from moviecrawler.policy.jobs.notifications import of_test
    from moviecrawler.policy.printable import escaped

    if not has_hooks(config.notify):
        usage_error("scrapy notify: no hook is set: set NOTIFY_URL, NOTIFY_COMMAND or NOTIFY_APPRISE")
    message = of_test(**when_and_where())
    if not await tell("notify", config, message, wanted=True):
        return 1
    say(escaped(json.dumps(message, ensure_ascii=False)) if as_json else "every hook took the message")
    return 0

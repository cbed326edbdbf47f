"""Wrong usage, of options and of commands, is one line that says what was meant, with exit status 2."""

from __future__ import annotations

import argparse
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NoReturn

import scrapy.commands
from scrapy import cmdline

import moviecrawler.commands
from moviecrawler.commands import usage_error

if TYPE_CHECKING:
    from scrapy.commands import ScrapyCommand as _Base
    from scrapy.settings import BaseSettings, Settings
else:
    _Base = object  # Scrapy would take a subclass of ScrapyCommand for a command


class CheckedOptions(_Base):
    """Mixin, before ScrapyCommand among the bases of a command: an unknown option or a wrong value is one line."""

    settings: Settings  # Scrapy sets it before anything is called

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = self._option_error  # type: ignore[method-assign]  # Scrapy makes the parser
        self._parser = parser

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.policy.did_you_mean import did_you_mean

        super().process_options(args, opts)
        own = args[: args.index("--")] if "--" in args else args
        for word in own:
            name = word.partition("=")[0]
            if name.startswith("-") and name.strip("-"):
                known = [option for option in self._parser._option_string_actions if option.startswith("--")]
                self._option_error(f"there is no option {name}{did_you_mean(name, known)}")

    def _option_error(self, message: str) -> NoReturn:
        usage_error(f"scrapy {type(self).__module__.rpartition('.')[2]}: {message}")


def _unknown_command(settings: BaseSettings, cmdname: str, inproject: bool) -> None:
    from moviecrawler.policy.did_you_mean import did_you_mean

    places = (*scrapy.commands.__path__, *moviecrawler.commands.__path__)
    known = sorted({module.name for module in iter_modules(places) if not module.name.startswith("_")})
    usage_error(f"scrapy: no command {cmdname!r}; there are: {', '.join(known)}{did_you_mean(cmdname, known)}")


# Scrapy has no hook for an unknown command.
cmdline._print_unknown_command = _unknown_command

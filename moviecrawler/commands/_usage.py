"""Wrong usage, of options and of commands, is one line that says what was meant, with exit status 2."""

import argparse
from pkgutil import iter_modules
from typing import Any

import scrapy.commands
from scrapy import cmdline

import moviecrawler.commands
from moviecrawler.commands import usage_error


class CheckedOptions:
    """Mixin, before ScrapyCommand among the bases of a command: an unknown option or a wrong value is one line."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        scrapy: Any = super()
        scrapy.add_options(parser)
        parser.error = self._option_error  # type: ignore[method-assign]
        self._parser = parser

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.policy.did_you_mean import did_you_mean

        scrapy: Any = super()
        scrapy.process_options(args, opts)
        own = args[: args.index("--")] if "--" in args else args
        for word in own:
            name = word.partition("=")[0]
            if name.startswith("-") and name.strip("-"):
                known = [option for option in self._parser._option_string_actions if option.startswith("--")]
                self._option_error(f"there is no option {name}{did_you_mean(name, known)}")

    def _option_error(self, line: str) -> Any:
        usage_error(f"scrapy {type(self).__module__.rpartition('.')[2]}: {line}")


def _unknown_command(_settings: Any, name: str, _inproject: bool) -> None:
    from moviecrawler.policy.did_you_mean import did_you_mean

    places = (*scrapy.commands.__path__, *moviecrawler.commands.__path__)
    known = sorted({module.name for module in iter_modules(places) if not module.name.startswith("_")})
    usage_error(f"scrapy: no command {name!r}; there are: {', '.join(known)}{did_you_mean(name, known)}")


# Scrapy has no hook for an unknown command.
cmdline._print_unknown_command = _unknown_command

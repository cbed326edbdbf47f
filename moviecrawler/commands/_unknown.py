"""An unknown command gets one line that says what was meant, as every other misspelt word does."""

from pkgutil import iter_modules
from typing import Any

import scrapy.commands
from scrapy import cmdline

import moviecrawler.commands
from moviecrawler.commands import refuse


def _print_unknown_command(_settings: Any, name: str, _inproject: bool) -> None:
    from moviecrawler.policy.did_you_mean import did_you_mean

    places = (*scrapy.commands.__path__, *moviecrawler.commands.__path__)
    known = sorted({module.name for module in iter_modules(places) if not module.name.startswith("_")})
    refuse(f"scrapy: no command {name!r}; there are: {', '.join(known)}{did_you_mean(name, known)}")


# Scrapy has no place for it, and tells nobody which command it looks for.
cmdline._print_unknown_command = _print_unknown_command

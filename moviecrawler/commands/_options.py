"""What all commands do with their options: an unknown one is refused, and what is wrong is one line."""

import argparse
from typing import Any

from moviecrawler.commands import refuse


class Options:
    """Stands before ScrapyCommand among the bases of a command."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        scrapy: Any = super()
        scrapy.add_options(parser)
        parser.error = self._wrong  # type: ignore[method-assign]
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
                self._wrong(f"there is no option {name}{did_you_mean(name, known)}")

    def _wrong(self, line: str) -> Any:
        refuse(f"scrapy {type(self).__module__.rpartition('.')[2]}: {line}")

"""The project's commands. Scrapy imports all of them at every start, so each imports what it needs in ``run``."""

import sys
from typing import NoReturn


def refuse(line: str) -> NoReturn:
    """Wrong usage: one line on stderr, exit status 2."""
    sys.stderr.write(f"{line}\n")
    sys.exit(2)

"""Files of titles that a person hands over, read a page at a time: memory does not grow with the list."""

import os
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from moviecrawler.config.fields import WrongValue

STDIN = "-"

_MAX_LINE = 65_536  # characters


def checked_path(text: str) -> str:
    """The path of a list that can be read, or ``-`` for standard input; WrongValue for anything else.

    A terminal is no list: nobody would notice that the crawl waits for it.
    """
    if text == STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            raise WrongValue("must be a file, or - with a list piped into it: nothing is")
    elif why := _why_unreadable(text):
        raise WrongValue(f"must be a list that can be read: {why}")
    return text


def _why_unreadable(text: str) -> str:
    """Empty for a file that can be read."""
    path = Path(text)
    if not text:
        return "its name is missing"
    if not path.exists():
        return f"there is no {path.absolute()}"
    return f"{text} is a folder" if path.is_dir() else "" if os.access(path, os.R_OK) else "this user may not read it"


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """The list as text; OSError. UTF-8 with or without a BOM, UTF-16 with one (as PowerShell writes), any line ends."""
    with open(0 if path == STDIN else path, "rb", closefd=path != STDIN) as file:
        if file.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
            yield TextIOWrapper(file, encoding="utf-16", errors="replace", newline=None)
        else:
            yield TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=None)


def lines(file: TextIO) -> Iterator[str]:
    """Each line, up to 65,536 characters of it; one that is not UTF-8 is read as Windows-1252."""
    while line := file.readline(_MAX_LINE):
        whole = line
        while whole and not whole.endswith("\n") and len(whole) == _MAX_LINE:
            whole = file.readline(_MAX_LINE)
        if not line.isascii() and any("\udc80" <= character <= "\udcff" for character in line):
            line = line.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        yield line

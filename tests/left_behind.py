"""Finds words that the project has left behind: ``python -m tests.left_behind``, which `make lint` runs.

The list is ``left_behind.txt``. Exit status 1 and a line for each place where one of them stands.
"""

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from tests.support.pages import PROJECT

LIST = Path(__file__).with_suffix(".txt")
_EXCEPT = "; except in "
_FOLDERS = (".ci", "docs", "moviecrawler", "tests", "tools")


class Word(NamedTuple):
    text: str
    instead: str
    allowed: tuple[str, ...]
    """Patterns of the files in which this one may stand."""

    @property
    def pattern(self) -> "re.Pattern[str]":
        """In small letters: in any case, as a word, a part of a snake_case name, or of a CamelCase one."""
        body = re.escape(self.text).replace(r"\.", "[./]")
        if self.text != self.text.lower():
            return re.compile(rf"(?<![A-Za-z]){body}(?![a-z])")
        inside = body[:1].upper() + body[1:]
        return re.compile(rf"(?:(?<![A-Za-z])(?i:{body})|(?<=[a-z]){inside})(?![a-z])")


def read_words(text: str) -> tuple[list[Word], tuple[str, ...]]:
    """The words, and the patterns of the files in which any may stand. ValueError for a line that is neither.

    >>> read_words("# why\\nallowed: *.csv\\nblot | redact; except in docs/a.md, docs/b.md")
    ([Word(text='blot', instead='redact', allowed=('docs/a.md', 'docs/b.md'))], ('*.csv',))
    """
    words, allowed = [], []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        word, bar, rest = line.partition(" | ")
        if line.startswith("allowed: "):
            allowed.append(line.removeprefix("allowed: "))
        elif bar and word.strip() and rest.strip():
            instead, _, files = rest.partition(_EXCEPT)
            words.append(Word(word, instead, tuple(files.split(", ")) if files else ()))
        else:
            raise ValueError(f"{LIST.name}: {line!r}: must be 'word | what to say' or 'allowed: FILES'")
    return words, tuple(allowed)


def find(words: list[Word], name: str, text: str) -> Iterator[str]:
    """A line for each word in the text, or in the name, of a file.

    >>> list(find([Word("blot", "redact", ())], "a.py", "x = 1\\ndef blot_all(): ..."))
    ["a.py:2: 'blot' is left behind; say: redact"]
    """
    lower = f"{name}\n{text}".lower()
    for word in words:
        likely = word.text.lower().rpartition(".")[2] in lower  # a tenth of the time of the patterns alone
        if not likely or any(fnmatchcase(name, pattern) for pattern in word.allowed):
            continue
        if word.pattern.search(name):
            yield f"{name}: '{word.text}' is left behind; say: {word.instead}"
        for found in word.pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: '{word.text}' is left behind; say: {word.instead}"


def files() -> Iterator[str]:
    """The project's text files, relative to it."""
    folders = (path for name in _FOLDERS for path in (PROJECT / name).rglob("*"))
    for path in sorted((*PROJECT.iterdir(), *folders)):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(PROJECT).as_posix()


def main() -> int:
    words, allowed = read_words(LIST.read_text(encoding="utf-8"))
    found = [
        line
        for name in files()
        if not any(fnmatchcase(name, pattern) for pattern in allowed)
        for line in find(words, name, (PROJECT / name).read_text(encoding="utf-8"))
    ]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

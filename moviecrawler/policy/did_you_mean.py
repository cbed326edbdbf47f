"""Suggestions for misspelt names."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a line about an unknown name: "; did you mean ...?" with the most similar one, or empty.

    >>> did_you_mean("Refresh-limt", ["refresh_limit", "sources"]), did_you_mean("--titel", ["--help", "--set"])
    ('; did you mean refresh_limit?', '')
    """
    by_plain = {_plain(name): name for name in known}
    close = get_close_matches(_plain(word), by_plain, n=1)
    return f"; did you mean {by_plain[close[0]]}?" if close else ""


def _plain(name: str) -> str:
    return name.lower().lstrip("-").replace("-", "_")

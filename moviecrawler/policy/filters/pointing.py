"""Where a filter is wrong, for a terminal."""

from moviecrawler.exceptions import FilterError
from moviecrawler.policy.printable import printable
from moviecrawler.policy.terminal import width

_BEFORE, _AFTER = 50, 25
"""Characters that are shown around the place."""


def pointed(error: FilterError) -> list[str]:
    """The text around the place, and a caret below it; nothing for an error without a place.

    >>> pointed(FilterError("no field 'yaer'", "月 and yaer>3", 6))
    ['  月 and yaer>3', '         ^']
    """
    if not error.text:
        return []
    start = max(0, error.position - _BEFORE)
    before, after = error.text[start : error.position], error.text[error.position : error.position + _AFTER]
    before, after = (printable(part).encode(errors="replace").decode() for part in (before, after))
    return [f"  {before}{after}", f"  {' ' * width(before)}^"]

"""The tables of our settings in ``docs/settings.md``, from the fields of the groups: ``make docs`` writes them.

In the page, a line ``<!-- settings: RetryConfig -->`` stands before the table of a group.
"""

import re
import sys
from pathlib import Path

from pydantic.fields import FieldInfo

from moviecrawler.config import GROUPS
from moviecrawler.config.fields import Group, choices, limits, words_of

_TABLE = re.compile(r"(<!-- settings: (\w+) -->\n\n)(?:\|.*\n)*")
_HEAD = "| setting | default | must be | meaning |\n| --- | --- | --- | --- |\n"


def with_tables(text: str) -> str:
    """The page with each table as the code has it; KeyError for a group that there is not."""
    groups = {model.__name__: model for model in GROUPS.values()}
    return _TABLE.sub(lambda found: f"{found[1]}{table(groups[found[2]])}", text)


def table(group: type[Group]) -> str:
    """One row for each field."""
    rows = (
        f"| `{field.alias}` | {_default(field)} | {allowed(field)} | {field.description} |\n"
        for field in group.model_fields.values()
    )
    return _HEAD + "".join(rows)


def _default(field: FieldInfo) -> str:
    return words_of(field).default or f"`{field.default}`"


def allowed(field: FieldInfo) -> str:
    """What the value must be, in as few words as fit into a cell."""
    if words := words_of(field).allowed:
        return words
    if field.annotation is bool:
        return "`0`, `1`"
    if named := choices(field):
        return ", ".join(f"`{choice}`" for choice in named)
    whole = "whole, " if field.annotation is int else ""
    least, above, most = limits(field)
    if above is not None:
        return f"{whole}more than {above}"
    return f"{whole}{least:g} or more" if most is None else f"{whole}{least:g} to {most}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")

"""Fixtures of The Numbers: ``input.html``, ``expected.json``, and ``arguments.json`` if there are any.

The first word of a fixture's name is the parser; ``broken_X_...`` is a page that X refuses, and what it says then.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from moviecrawler.exceptions import ParseError
from moviecrawler.sources import the_numbers

FOLDER = Path(__file__).with_name("fixtures") / "the_numbers"
URL, AT = "https://www.the-numbers.com/page", "2026-11-21T00:00:00.000Z"


def names(*prefixes: str) -> list[str]:
    """Fixtures whose names begin so."""
    return sorted(path.name for path in FOLDER.iterdir() if path.name.split("_")[0] in prefixes)


def html(name: str) -> str:
    return (FOLDER / name / "input.html").read_text(encoding="utf-8")


def expected(name: str) -> Any:
    return json.loads((FOLDER / name / "expected.json").read_text(encoding="utf-8"))


def parse(name: str, page: str) -> Any:
    """The item that this fixture's parser makes of a page."""
    path = FOLDER / name / "arguments.json"
    arguments = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    match name.removeprefix("broken_").split("_")[0]:
        case "budgets":
            return the_numbers.parse_budgets(page, URL, AT)
        case "chart":
            return the_numbers.parse_chart(page, arguments["kind"], date.fromisoformat(arguments["day"]), URL, AT)
        case "film":
            return the_numbers.parse_film(page, arguments.get("slug", "Night-Ferry-(2019)"))
    raise LookupError(name)


def parsed(name: str) -> Any:
    """What the parser makes of the input, as plain JSON values without what is unset; or the line of its error."""
    try:
        return parse(name, html(name)).model_dump(mode="json", exclude_defaults=True)
    except ParseError as error:
        return {"error": str(error)}

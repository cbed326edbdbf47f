"""What docs/policies.md says is what the code does."""

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.policy.documents.quality import PRIOR_SCORE, PRIOR_VOTES, RECOMMENDED_MEAN, RECOMMENDED_SCORE
from moviecrawler.policy.freshness.refresh import MAX_CACHE_DAYS, Refresh
from moviecrawler.policy.network.answers import OMDB_ERRORS, TMDB_CODES
from moviecrawler.policy.network.redis_errors import _LASTING, _PASSING
from tests.support import pages

PROJECT = Path(__file__).parents[2]
PAGE = pages.read("policies.md")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
DEFAULTS = dict(
    re.findall(r'_setting\("(\w+)", "([^"]*)"\)', (PROJECT / "moviecrawler" / "settings.py").read_text("utf-8"))
)
DOCUMENTED = {row[-1].strip("`"): row[-2] for row in ROWS if row[-1].strip("`") in DEFAULTS}


def test_the_settings_of_all_policies_are_on_the_page() -> None:
    prefixes = ("RETRY_", "TMDB_RATE", "TMDB_BURST", "TMDB_CONCURRENCY", "FILTER_")
    expected = {name for name in DEFAULTS if name.startswith(prefixes)}
    assert expected
    assert expected <= DOCUMENTED.keys()


@pytest.mark.parametrize("setting", sorted(DOCUMENTED))
def test_a_default_on_the_page_is_the_default(setting: str) -> None:
    said = {"on": "1"}.get(DOCUMENTED[setting], DOCUMENTED[setting])
    assert said == DEFAULTS[setting]


def test_the_refresh_table_is_the_one_on_the_page() -> None:
    start = next(index for index, row in enumerate(ROWS) if row[0] == "age since release")
    days = [[int(cell.removesuffix(" days")) for cell in row[1:]] for row in ROWS[start + 2 : start + 6]]
    policy = Refresh()
    assert days == [list(row) for row in zip(policy.tmdb, policy.omdb, policy.the_numbers, strict=True)]
    assert str(MAX_CACHE_DAYS) in PAGE


@pytest.mark.parametrize("kind", ["auth", "gone", "failed"])
def test_the_codes_of_tmdb_are_listed_under_their_kind(kind: str) -> None:
    text = next(row[1] for row in ROWS if row[0] == f"`{kind}`")
    listed = re.search(r"codes ([\d, -]+)", text)
    assert listed
    codes: set[int] = set()
    for part in listed[1].strip(" ,").split(","):
        first, _, last = part.strip().partition("-")
        codes.update(range(int(first), int(last or first) + 1))
    assert codes == {code for code, (named, _) in TMDB_CODES.items() if named == kind}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for text, (kind, _) in OMDB_ERRORS.items()])
def test_the_errors_of_omdb_are_listed_under_their_kind(text: str, kind: str) -> None:
    assert text in next(row[1] for row in ROWS if row[0] == f"`{kind}`").lower()


def test_the_constants_of_the_score_are_the_ones_on_the_page() -> None:
    formula = f"(votes x mean + {PRIOR_VOTES} x {PRIOR_SCORE}) / (votes + {PRIOR_VOTES})"
    assert formula in PAGE
    assert f"a score of {RECOMMENDED_SCORE} or more, a Bayesian mean of {RECOMMENDED_MEAN} or more" in PAGE


# --- Constants --------------------------------------------------------------------------------------------------

_DAY = timedelta(days=1)
_UNITS: dict[str, Any] = {
    "ARRIVAL_JITTER": 0.001,
    "GONE_PAUSE": _DAY,
    "GROWTH": 1 / 60,
    "LONGEST": _DAY.total_seconds(),
    "LONGEST_MARGIN": 0.001,
    "MOST_BYTES": 2**20,
    "RECHECK": timedelta(hours=1),
    "DAYS_PER_TENFOLD": 365,
}
"""What the page counts in, where that is not what the code does."""


def _constants() -> Iterator[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """(names, files, what the page says) of each row whose last cell names constants or settings of one number."""
    for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE):
        for row in pages.rows(pages.section(PAGE, heading)):
            named = pages.names(row[-1])
            names = tuple(name for name in named if re.fullmatch("[A-Z][A-Z_]+", name))
            files = tuple(name for name in (*named, *pages.names(heading)) if name.endswith(".py"))
            if names and re.search(r"\d|a tenth", row[-2]) and not names[0].startswith("REFRESH_T"):
                yield names, files, row[-2]


def _value(name: str, files: tuple[str, ...]) -> float:
    if name in DEFAULTS:
        return float(DEFAULTS[name])
    modules = [import_module("moviecrawler." + file.removesuffix(".py").replace("/", ".")) for file in files]
    value = next(vars(module)[name] for module in modules if name in vars(module))
    return float(value / _UNITS.get(name, 1))


@pytest.mark.parametrize(("names", "files", "said"), [*_constants()], ids=lambda value: value[0])
def test_a_number_on_the_page_is_the_constant_that_is_named_beside_it(
    names: tuple[str, ...], files: tuple[str, ...], said: str
) -> None:
    figures = [float(figure.replace(",", "")) for figure in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", said)]
    figures += [0.1] if said == "a tenth" else []
    assert figures[-len(names) :] == pytest.approx([_value(name, files) for name in names])


def test_the_words_of_redis_are_listed_under_what_follows() -> None:
    rows = pages.rows(pages.section(PAGE, "Errors of Redis: `policy/network/redis_errors.py`"))
    assert set(re.findall(r"[A-Z]{3,}", f"{rows[0][0]} {rows[1][0]}")) == _PASSING.keys()
    assert set(re.findall(r"[A-Z]{3,}", rows[2][0])) == _LASTING.keys()

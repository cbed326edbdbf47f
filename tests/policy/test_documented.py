"""What docs/policies.md says is what the code does."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from moviecrawler.config import GROUPS, Config, all_settings, sources
from moviecrawler.config.fields import MAX_CACHE_DAYS
from moviecrawler.documents import SOURCES
from moviecrawler.documents.facts import BoxOffice
from moviecrawler.policy.documents.content_filter import DROPPED_GENRES
from moviecrawler.policy.documents.quality import (
    PRIOR_SCORE,
    PRIOR_VOTES,
    RECOMMENDED_MEAN,
    RECOMMENDED_SCORE,
    SHORT_MINUTES,
    classify,
    quality,
)
from moviecrawler.policy.network.redis_errors import _LASTING, _PASSING
from moviecrawler.policy.source_names import SOURCE_NAMES
from moviecrawler.sources.omdb.source import ERRORS as OMDB_ERRORS
from moviecrawler.sources.tmdb.source import CODES as TMDB_CODES
from moviecrawler.timestamps import iso, parse
from tests.support import pages
from tests.support.policies import composer, refresh

PROJECT = Path(__file__).parents[2]
PAGE = pages.read("policies.md")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
DEFAULTS = {name: field.default for name, field in all_settings().items() if field.default}
SETTINGS = {*all_settings()}
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
    rules = refresh().rules.values()
    assert days == [list(row) for row in zip(*(rule.row for rule in rules), strict=True)]
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

_NUMBERS = ("policies.md", "settings.md", "CHANGELOG.md")
"""The pages that have the numbers, and what had them once."""

_DAY = timedelta(days=1)
_UNITS: dict[str, Any] = {
    "ARRIVAL_JITTER": 0.001,
    "GONE_PAUSE": _DAY,
    "downloader/body_memory.py:LARGE": 1e6,
    "downloader/body_memory.py:MAX_BYTES": 1e6,
    "GROWTH": 1 / 60,
    "caching/memory.py:MAX_BYTES": 2**20,
    "MAX_LIFETIME": _DAY.total_seconds(),
    "MAX_MARGIN": 0.001,
    "PATTERN_SECONDS": 0.001,
    "RECHECK": timedelta(hours=1),
    "DAYS_PER_TENFOLD": 365,
}
"""What the page counts in, where that is not what the code does: of a name, or of a name in one file."""


OF_SOURCES = {field.alias for source in sources.SOURCES.values() for field in source.model_fields.values()}


class Named(NamedTuple):
    """A row of the page whose last cell names something of the code; ``files``: of that cell, and of the heading."""

    names: list[str]
    files: list[str]
    said: str
    """The cell before."""
    what: str
    """The first cell."""


def _named() -> Iterator[Named]:
    finish_reasons = {"redis_failed", "incomplete"}
    for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE):
        for row in pages.rows(pages.section(PAGE, heading)):
            files = [name for name in pages.names(row[-1]) + pages.names(heading) if name.endswith(".py")]
            names = [name for name in pages.names(row[-1]) if re.fullmatch(r"\w+", name)]
            if names and not finish_reasons & {*names} and (len(row) > 2 or not SETTINGS & {*names}):
                yield Named(names, files, row[-2], row[0])


def _constants() -> Iterator[tuple[list[str], list[str], str]]:
    """The rows in which constants or settings are named that are one number each."""
    for row in _named():
        names = [name for name in row.names if re.fullmatch("[A-Z_]+", name)]
        if names and re.search(r"\d|a tenth", row.said) and not names[0].startswith("REFRESH_T"):
            yield names, row.files, row.said


def _modules(files: list[str]) -> list[tuple[str, Any]]:
    return [(file, import_module("moviecrawler." + file.removesuffix(".py").replace("/", "."))) for file in files]


def _value(name: str, files: list[str]) -> float:
    if name in DEFAULTS:
        return float(DEFAULTS[name])
    file, value = next((file, vars(module)[name]) for file, module in _modules(files) if name in vars(module))
    return float(value / _unit(file, name))


def _unit(file: str, name: str) -> Any:
    return _UNITS.get(f"{file}:{name}", _UNITS.get(name, 1))


@pytest.mark.parametrize(("names", "files", "said"), [*_constants()], ids=lambda value: value[0])
def test_a_number_on_the_page_is_the_constant_that_is_named_beside_it(
    names: list[str], files: list[str], said: str
) -> None:
    figures = [float(figure.replace(",", "")) for figure in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", said)]
    figures += [0.1] if said == "a tenth" else []
    assert figures[-len(names) :] == pytest.approx([_value(name, files) for name in names])


@pytest.mark.parametrize("row", [*_named()], ids=lambda row: row.names[0])
def test_what_a_row_names_is_in_the_file_that_the_row_or_the_heading_names(row: Named) -> None:
    """A constant or function is defined there; the value of a setting is used there, under its name in the config."""
    attributes = {field.alias: name for group in GROUPS.values() for name, field in group.model_fields.items()}
    for name in row.names:
        if name in SETTINGS:
            files = row.files + ["config/sources.py", "sources/rules.py"] * (name in OF_SOURCES)
            assert {attributes[name], *attributes[name].split("_")} & _words(files), name
        else:
            assert any(hasattr(module, name) for _, module in _modules(row.files)), name


def _words(files: list[str]) -> set[str]:
    """What the code of these files names: attributes, parameters, variables, and keys of tables."""
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse((PROJECT / "moviecrawler" / file).read_bytes())):
            match node:
                case ast.Attribute(attr=word) | ast.arg(arg=word) | ast.Name(id=word) | ast.Constant(value=str(word)):
                    found.add(word)
    return found


# --- Numbers that no constant holds ------------------------------------------------------------------------------


def _said(what: str) -> str:
    """The second cell of the row that begins with this."""
    return next(row[1] for row in ROWS if row[0].startswith(what))


def _function(what: str) -> Any:
    """What the row that begins with this names first: in the file of the heading above it."""
    row = next(row for row in _named() if row.what.startswith(what))
    return next(vars(module)[row.names[0]] for _, module in _modules(row.files) if hasattr(module, row.names[0]))


def test_exports_and_the_numbers_have_their_places_in_flight() -> None:
    limits = _function("exports, in flight")(Config.from_settings({}))
    assert _said("exports, in flight") == str(limits["exports"].concurrency)
    assert limits["exports"].rate == 0 == limits["images"].rate
    assert next(row for row in ROWS if row[0].endswith("one in flight, no burst"))
    assert (limits["the_numbers"].concurrency, limits["the_numbers"].burst) == (1, 1)


def test_so_many_reports_of_gone_make_a_tombstone() -> None:
    gone_fields = _function('reports of "gone"')
    slot: dict[str, Any] = {"gone_at": None, "gone_noted_at": None}
    reports = 0
    while not slot["gone_at"]:
        now = datetime(2026, 11, 21, tzinfo=UTC) + reports * _DAY
        slot |= gone_fields("tmdb", slot, iso(now), now)
        reports += 1
    assert _said('reports of "gone"') == str(reports)


def test_the_first_and_the_last_postponement_are_the_ones_on_the_page() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    postponed = _function("days by which a failure postpones")
    first, last = ((parse(postponed(failures, now)) - now) // _DAY for failures in (1, 99))
    assert _said("days by which a failure postpones") == f"{first} to {last}"


def test_the_genres_that_are_dropped_are_the_ones_on_the_page() -> None:
    row = next(row for row in ROWS if row[0].startswith("`genre_talk`"))
    assert dict(zip(map(int, re.findall(r"\d+", row[1])), pages.names(row[0]), strict=True)) == DROPPED_GENRES


_FULL: dict[str, Any] = {
    **dict.fromkeys(("title", "overview", "release_date", "original_language", "imdb_id", "certification"), "x"),
    **{"genres": ["Drama"], "keywords": ["sea"], "runtime": 100, "people": {"cast": ["x"], "directors": ["x"]}},
}


def _score(**changed: Any) -> int:
    score: int = quality(changed)["score"]
    return score


def test_the_weights_of_the_score_are_the_ones_on_the_page() -> None:
    many = {"tmdb": {"score": 10.0, "votes": 10**9}}
    few_points = {"tmdb": {"score": 1.0, "votes": 10**9}}
    weights = {
        "rating": _score(ratings=many) - _score(ratings=few_points),
        "votes": _score(ratings=few_points),
        "popularity": _score(ratings=many, popularity=99) - _score(ratings=many),
        "completeness": _score(ratings=many, **_FULL) - _score(ratings=many),
    }
    assert {name: int(_said(name)) for name in weights} == weights
    assert sum(weights.values()) == 100
    assert "of eleven" in next(row[2] for row in ROWS if row[0] == "completeness")
    assert len(_FULL) - 1 + 2 == 11  # people are two


@pytest.mark.parametrize(
    ("name", "top"),
    [
        ("short", {"runtime": SHORT_MINUTES - 1}),
        ("feature", {"runtime": SHORT_MINUTES}),
        ("concert", {"genre_ids": [10402], "keywords": ["concert film"]}),
        ("tv_movie", {"genre_ids": [10770]}),
        ("documentary", {"genre_ids": [99]}),
        ("animation", {"genre_ids": [16]}),
        ("documentary", {"genre_ids": [99], "episodes": 8}),
        ("animation", {"genre_ids": [16], "episodes": 8}),
    ],
)
def test_the_classes_are_the_ones_on_the_page(name: str, top: dict[str, Any]) -> None:
    rows = pages.rows(pages.section(PAGE, "Class and quality: `policy/documents/quality.py`"))
    cells = next(row for row in rows if ("of a show" in row[0]) == ("episodes" in top) and f"`{name}`" in row[0])
    assert classify(top) == name
    numbers = {int(number) for number in re.findall(r"\d+", cells[1])}
    assert {*top.get("genre_ids", ())} <= numbers
    assert name != "short" or SHORT_MINUTES in numbers


def test_the_order_of_the_sources_is_the_one_on_the_page() -> None:
    by_name = {name: source for source, name in SOURCE_NAMES.items()}
    assert [by_name[name] for name in _said("all but those below").split(", ")] == [*SOURCES]
    for row in ROWS:
        if row[0].startswith("`box_office."):
            fields = [name.removeprefix("box_office").lstrip(".") for name in pages.names(row[0])]
            named = [by_name[name] for name in re.findall("|".join(by_name), row[1])]
            assert named == [source for source in composer().order("box_office") if source in named]
            assert {*fields} <= BoxOffice.__annotations__.keys()
    assert sum(len(pages.names(row[0])) for row in ROWS if row[0].startswith("`box_office.")) == len(
        BoxOffice.__annotations__
    )


# --- Numbers in sentences ----------------------------------------------------------------------------------------

_IN_A_SENTENCE = re.compile(r"(\d[\d.,:]*|five) ((?:[\w/]+ ){1,4})\(`([A-Z][A-Z_]+)`(?:, `([\w/]+\.py)`)?\)")
_SPANS = {"days": _DAY, "hours": timedelta(hours=1), "UTC": timedelta(hours=1), "seconds": timedelta(seconds=1)}
_SENTENCES = [
    (found[3], found[1], found[2].split()[0], [found[4]] if found[4] else pages.names(heading))
    for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    for found in _IN_A_SENTENCE.finditer(" ".join(pages.section(PAGE, heading).split()))
]


@pytest.mark.parametrize(("name", "said", "unit", "files"), _SENTENCES, ids=lambda value: str(value)[:20])
def test_a_number_in_a_sentence_is_the_constant_that_is_named_behind_it(
    name: str, said: str, unit: str, files: list[str]
) -> None:
    number = 5.0 if said == "five" else float(said.partition(":")[0].replace(",", ""))
    values = [(file, vars(module)[name]) for file, module in _modules(files) if hasattr(module, name)]
    (file, value) = values[0]
    assert number == (value / _SPANS[unit] if isinstance(value, timedelta) else value / _unit(file, name))


def test_the_sentences_with_numbers_are_found() -> None:
    assert len(_SENTENCES) >= 9
    assert f"`REDIS_PATIENCE` ({DEFAULTS['REDIS_PATIENCE']} seconds)" in PAGE


def test_the_words_of_redis_are_listed_under_what_follows() -> None:
    rows = pages.rows(pages.section(PAGE, "Errors of Redis: `policy/network/redis_errors.py`"))
    assert set(re.findall(r"[A-Z]{3,}", f"{rows[0][0]} {rows[1][0]}")) == _PASSING.keys()
    assert set(re.findall(r"[A-Z]{3,}", rows[2][0])) == _LASTING.keys()


# --- Once -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in pages.PAGES if page.name not in _NUMBERS], ids=pages.name_of)
def test_a_page_leads_to_a_number_instead_of_repeating_it(page: Path) -> None:
    """``30 s (`FAILOVER_COOL_DOWN`)`` would have to be changed in several places, and nothing says in which."""
    setting = f"`(?:{'|'.join(DEFAULTS)})`"
    repeated = re.findall(rf"[\d.,]+ ?\w* \({setting}\)|{setting} \([\d.,]+ ?\w*\)", page.read_text(encoding="utf-8"))
    assert not repeated, "docs/policies.md and docs/settings.md have the number; link it"

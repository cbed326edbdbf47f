"""The edge cases of real data occur, on the works that docs/sandbox.md names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moviecrawler.sandbox.catalogue import edge_cases
from tests.support.sandbox import ROOT, Sandbox
from tests.support.sandbox_client import fetch

PARTS = "credits,images,release_dates,translations,alternative_titles"


def translation(film: dict, country: str, language: str) -> dict[str, Any] | None:
    found = film["translations"]["translations"]
    return next((t["data"] for t in found if (t["iso_3166_1"], t["iso_639_1"]) == (country, language)), None)


def us_releases(film: dict) -> list[dict]:
    return next(c["release_dates"] for c in film["release_dates"]["results"] if c["iso_3166_1"] == "US")


SHOWS: dict[str, Callable[[dict], Any]] = {
    "imdb_id empty": lambda film: film["imdb_id"] == "",
    "imdb_id null": lambda film: film["imdb_id"] is None,
    "runtime 0": lambda film: film["runtime"] == 0,
    "runtime null": lambda film: film["runtime"] is None,
    "release_date empty": lambda film: film["release_date"] == "" and film["status"] == "Released",
    "homepage empty": lambda film: film["homepage"] == "",
    "budget 7": lambda film: film["budget"] == 7,
    "cast name empty": lambda film: film["credits"]["cast"][0]["name"] == "",
    "character empty": lambda film: film["credits"]["cast"][0]["character"] == "",
    "vote_average int": lambda film: type(film["vote_average"]) is int,
    "video": lambda film: film["video"] is True,
    "unknown key": lambda film: "softcore" in film,
    "en-US title empty": lambda film: translation(film, "US", "en")["title"] == "" and film["title"],
    "zh-CN overview indented": lambda film: translation(film, "CN", "zh")["overview"].startswith("\u3000"),
    "zh-CN only alternative": lambda film: (
        translation(film, "CN", "zh") is None
        and any(title["iso_3166_1"] == "CN" for title in film["alternative_titles"]["titles"])
    ),
    "language xx": lambda film: film["original_language"] == "xx",
    "three zh": lambda film: all(translation(film, country, "zh") for country in ("CN", "TW", "HK")),
    "no pictures": lambda film: (
        film["poster_path"] is None and film["backdrop_path"] is None and not film["images"]["posters"]
    ),
    "festival first": lambda film: (
        [(r["type"], r["certification"]) for r in us_releases(film)][:2] == [(1, ""), (1, "")]
        and us_releases(film)[2]["certification"]
    ),
    "textless xx": lambda film: film["images"]["backdrops"][0]["iso_639_1"] == "xx",
    "long title": lambda film: len(film["title"]) > 120,
    "large crew": lambda film: len(film["credits"]["crew"]) == 561,
    "collection gone": lambda film: film["belongs_to_collection"],  # the 404: test_ways_to_ask.py
    "shared pictures": lambda film: film["poster_path"],  # the bytes: test_pictures.py
}

CASES = [(5_000_000 + n, name) for n, name in edge_cases.TMDB.items()]
CASES += [
    (identity, name)
    for identity, names in edge_cases.REAL.items()
    for name in names
    if name not in (*edge_cases.OMDB.values(), *edge_cases.THE_NUMBERS.values())
]


@pytest.mark.parametrize(("identity", "name"), CASES)
def test_an_edge_case_occurs(sandbox: Sandbox, identity: int, name: str):
    film = fetch(f"{sandbox.api}/movie/{identity}?append_to_response={PARTS}").json
    assert SHOWS[name](film)


@pytest.mark.parametrize("name", sorted({name for _, name in CASES}))
def test_every_edge_case_is_documented(name: str):
    assert f"| {name} |" in (ROOT / "docs" / "sandbox.md").read_text()


def test_cantonese_is_its_own_language(sandbox: Sandbox):
    assert fetch(f"{sandbox.api}/discover/movie?with_original_language=cn").json["total_results"] > 5

"""Listings: every work once, complete totals, and the limits of the API."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch


def all_rows(url: str) -> list[dict]:
    first = fetch(f"{url}&page=1").json
    pages = [first, *(fetch(f"{url}&page={page}").json for page in range(2, first["total_pages"] + 1))]
    assert all(page["total_results"] == first["total_results"] for page in pages)
    rows = [row for page in pages for row in page["results"]]
    assert len(rows) == first["total_results"]
    return rows


def test_discover_names_every_film_once(sandbox: Sandbox):
    rows = all_rows(f"{sandbox.api}/discover/movie?sort_by=popularity.desc")
    assert len({row["id"] for row in rows}) == len(rows) == 600
    popularity = [row["popularity"] for row in rows]
    assert popularity == sorted(popularity, reverse=True)


def test_date_windows_together_contain_every_dated_film(sandbox: Sandbox):
    base = f"{sandbox.api}/discover/movie?sort_by=primary_release_date.asc"
    whole = {row["id"] for row in all_rows(base) if row["release_date"]}
    early = all_rows(f"{base}&primary_release_date.lte=2005-12-31")
    late = all_rows(f"{base}&primary_release_date.gte=2006-01-01")
    assert {row["id"] for row in early} | {row["id"] for row in late} == whole
    assert not {row["id"] for row in early} & {row["id"] for row in late}
    dates = [row["release_date"] for row in early]
    assert dates == sorted(dates)
    assert dates[-1] <= "2005-12-31"


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("vote_count.gte=20000", lambda row: row["vote_count"] >= 20000),
        ("vote_average.gte=8.5", lambda row: row["vote_average"] >= 8.5),
        ("with_original_language=ja", lambda row: row["original_language"] == "ja"),
        ("with_genres=28,12", lambda row: {28, 12} <= set(row["genre_ids"])),
        ("with_genres=99|37", lambda row: {99, 37} & set(row["genre_ids"])),
    ],
)
def test_filters_of_discover(sandbox: Sandbox, query: str, holds):
    everything = all_rows(f"{sandbox.api}/discover/movie?sort_by=vote_count.desc")
    found = all_rows(f"{sandbox.api}/discover/movie?sort_by=vote_count.desc&{query}")
    assert found == [row for row in everything if holds(row)]
    assert 0 < len(found) < len(everything)


def test_a_locale_as_language_finds_nothing(sandbox: Sandbox):
    answer = fetch(f"{sandbox.api}/discover/movie?with_original_language=en-US").json
    assert (answer["results"], answer["total_results"], answer["total_pages"]) == ([], 0, 1)


@pytest.mark.parametrize("page", ["0", "501", "-1", "x", "1.5"])
def test_pages_outside_1_to_500_are_refused(sandbox: Sandbox, page: str):
    answer = fetch(f"{sandbox.api}/discover/movie?page={page}")
    assert (answer.status, answer.json["status_code"]) == (400, 22)


def test_a_year_of_more_than_10000_films_shows_its_true_total():
    with Sandbox("--movies", "50000", "--years", "2024-2025") as sandbox:
        window = "primary_release_date.gte=2024-01-01&primary_release_date.lte=2024-12-31"
        answer = fetch(f"{sandbox.api}/discover/movie?{window}&page=500").json
        assert answer["total_results"] > 20_000
        assert answer["total_pages"] > 1000
        assert len(answer["results"]) == 20
        assert fetch(f"{sandbox.api}/discover/movie?{window}&page=501").json["status_code"] == 22


def test_trending_repeats_one_film_on_the_next_page(sandbox: Sandbox):
    first, second = (fetch(f"{sandbox.api}/trending/movie/day?page={page}").json["results"] for page in (1, 2))
    assert len(first) == len(second) == 20
    assert first[-1]["id"] == second[0]["id"]


def test_trending_all_mixes_films_and_shows(sandbox: Sandbox):
    rows = all_rows(f"{sandbox.api}/trending/all/week?")
    assert {row["media_type"] for row in rows} == {"movie", "tv"}
    assert all(("title" in row) == (row["media_type"] == "movie") for row in rows)
    assert len({(row["media_type"], row["id"]) for row in rows}) == 600 + 141


def test_changes_hold_null_ids_and_refuse_more_than_14_days(sandbox: Sandbox):
    today = dt.datetime.now(dt.UTC).date()
    fortnight = fetch(f"{sandbox.api}/movie/changes?start_date={today - dt.timedelta(days=13)}&end_date={today}").json
    day = fetch(f"{sandbox.api}/movie/changes").json
    assert fortnight["total_results"] > day["total_results"] > 0
    assert len(fortnight["results"]) == 100
    assert {"id": None, "adult": None} in fortnight["results"]
    assert any(row["id"] and row["adult"] is None for row in fortnight["results"])
    late = fetch(f"{sandbox.api}/movie/changes?start_date={today - dt.timedelta(days=20)}&end_date={today}")
    assert (late.status, late.json["status_code"]) == (422, 20)
    assert fetch(f"{sandbox.api}/tv/changes?start_date=yesterday").status == 422


def test_the_daily_export_lists_every_id_without_a_key(sandbox: Sandbox):
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    url = f"{sandbox.host}/p/exports/movie_ids_{day:%m_%d_%Y}.json.gz"
    rows = [json.loads(line) for line in gzip.decompress(fetch(url, headers={}).body).splitlines()]
    assert len({row["id"] for row in rows}) == 600
    assert set(rows[0]) == {"adult", "id", "original_title", "popularity", "video"}
    assert fetch(f"{sandbox.host}/p/exports/movie_ids_01_01_2020.json.gz", headers={}).status == 404


@pytest.mark.parametrize(
    ("kind", "genre"), [("movie", {"id": 28, "name": "Action"}), ("tv", {"id": 35, "name": "Comedy"})]
)
def test_genres_have_the_real_ids(sandbox: Sandbox, kind: str, genre: dict):
    assert genre in fetch(f"{sandbox.api}/genre/{kind}/list").json["genres"]

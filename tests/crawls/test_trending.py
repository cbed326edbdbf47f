"""`scrapy crawl tmdb_trending`: what is asked, what is stored, what is skipped and what is dropped."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.support.crawl import Home, paths, queries
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300", "--shows", "120")


def ranks(home: Home, window: str = "day", media: str = "movie") -> dict[tuple[str, int], int]:
    """(kind, id) -> rank, from the one chart of today."""
    today = datetime.now(UTC).date().isoformat()
    chart = home.records("charts")[f"trending/{media}/{window}/{today}"]
    rows = [row for page in chart["pages"].values() for row in page["rows"]]
    return {(row["kind"], row["id"]): row["rank"] for row in rows}


def test_one_request_per_page_and_one_per_film_and_everything_stored(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_trending", "pages=3")
    assert ended.status == 0, ended.stderr
    films = home.documents()
    log = sandbox.log()
    # The last film of page 1 comes again as the first of page 2: TMDB moves them while we read.
    assert len(films) == 59
    assert Counter(paths(log)) == {"/trending/movie/day": 3, **{f"/movie/{id}": 1 for id in films}}
    assert all(entry["credential"] == "header" for entry in log)
    assert {name: home.stats[name] for name in ("titles/found", "titles/inserted", "item_scraped_count")} == {
        "titles/found": 59,
        "titles/inserted": 59,
        "item_scraped_count": 62,  # and the three pages of the chart
    }
    found = ranks(home)
    assert sorted(found.values()) == [rank for rank in range(1, 61) if rank != 21], "the film that came twice"
    assert found == {("movies", id): film["trending"]["rank"] for id, film in films.items()}
    assert {film["trending"]["window"] for film in films.values()} == {"day"}
    for film in films.values():
        assert film["revision"] == 1
        assert film["title"]
        assert film["sources"]["tmdb"]["next_refresh_at"] > film["sources"]["tmdb"]["fetched_at"]
        assert film["provenance"]["title"] == "tmdb"
    assert "59 found" in ended.stderr
    assert "59 new" in ended.stderr
    assert str(home.database) in ended.stderr
    assert ended.stdout == ""


def test_the_second_run_requests_only_the_listing_and_still_stores_ranks(sandbox: Sandbox, home: Home) -> None:
    home.crawl("tmdb_trending", "pages=2")
    before = home.documents()
    first = next(iter(before))
    sandbox.clear_log()
    sandbox.patch("movie", first, popularity=99_999.0)
    assert home.crawl("tmdb_trending", "pages=2").status == 0
    after = home.documents()
    new = after.keys() - before.keys()
    assert sorted(paths(sandbox.log())) == sorted(["/trending/movie/day"] * 2 + [f"/movie/{id}" for id in new])
    assert home.stats["refresh/skipped/not_due"] == len(before) - len(before.keys() - {id for _, id in ranks(home)})
    assert after[first]["trending"]["rank"] == 1
    assert {key: after[key[1]]["trending"]["rank"] for key in ranks(home)} == ranks(home)
    assert after[first]["sources"] == before[first]["sources"], "skipped: nothing but its rank is new"
    assert "not due" in home.crawl("tmdb_trending", "pages=2").stderr


def test_force_requests_again_and_does_not_count_as_a_refresh_cycle(sandbox: Sandbox, home: Home) -> None:
    home.crawl("tmdb_trending")
    first = min(home.documents())
    sandbox.patch("movie", first, tagline="Another line")
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "force=1").status == 0
    assert len(sandbox.log(path="/3/movie/")) == 20
    assert home.stats["titles/unchanged"] == 19
    assert home.stats["titles/updated"] == 1
    films = home.documents()
    assert all(film["sources"]["tmdb"]["unchanged_cycles"] == 0 for film in films.values())
    assert films[first]["tagline"] == "Another line"
    assert [part["path"] for part in films[first]["last_change"]["diff"]] == ["tagline", "taglines.en-US"]
    changes = home.records("changes")
    assert [(row["kind"], row["id"]) for row in changes.values()] == [("movies", first)]
    assert next(iter(changes)) == f"movies/{first}/{films[first]['revision']}"


def test_shows_and_films_together_by_week(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_trending", "media=all", "window=week", "pages=3").status == 0
    films, shows = home.documents(), home.documents("shows")
    assert films
    assert shows
    assert Counter(paths(sandbox.log())) == {
        "/trending/all/week": 3,
        **{f"/movie/{id}": 1 for id in films},
        **{f"/tv/{id}": 1 for id in shows},
    }
    documents: dict[tuple[str, int], Any] = {("movies", id): film for id, film in films.items()}
    documents |= {("shows", id): show for id, show in shows.items()}
    assert (
        ranks(home, "week", "all").items()
        >= {key: document["trending"]["rank"] for key, document in documents.items()}.items()
    )
    assert {document["trending"]["window"] for document in documents.values()} == {"week"}
    assert all(show["first_air_date"] == show["release_date"] for show in shows.values())


def test_media_shows_requests_only_shows(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_trending", "media=shows").status == 0
    assert len(home.documents("shows")) == home.stats["titles/found"] == 20
    assert home.documents() == {}
    assert set(paths(sandbox.log())) == {"/trending/tv/day", *(f"/tv/{id}" for id in home.documents("shows"))}


def test_limit_overrides_pages_and_counts_titles(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_trending", "limit=30", "pages=1").status == 0
    assert len(home.documents()) == 30
    assert queries(sandbox.log(path="/3/trending"), "page") == ["1", "2"]
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "limit=5", "force=1").status == 0
    assert len(sandbox.log()) == 6
    # The page was read whole: what it says of the other films is known and stays known.
    assert len(ranks(home)) == 39


def test_titles_that_the_filter_drops_are_recorded_and_not_requested_again(sandbox: Sandbox, home: Home) -> None:
    home.crawl("tmdb_trending")
    ids = list(home.documents())
    talk, adult, few_votes, short, pattern = ids[:5]
    sandbox.patch("movie", talk, genre_ids=[10767])
    sandbox.patch("movie", adult, adult=True)
    sandbox.patch("movie", few_votes, vote_count=3)
    sandbox.patch("movie", short, runtime=12)
    sandbox.patch("movie", pattern, keywords={"keywords": [{"id": 1, "name": "A Concert Film"}]})
    reasons = {talk: "genre_talk", adult: "adult", few_votes: "votes", short: "short", pattern: "pattern"}
    sandbox.clear_log()

    other = Home(home.folder.parent / "other", {**home.settings, "FILTER_PATTERNS": "concert"})
    assert other.crawl("tmdb_trending").status == 0
    assert other.documents().keys() == set(ids) - set(reasons)
    dropped = {row["id"]: row["reason"] for row in other.records("dropped").values()}
    assert dropped == reasons
    assert {f"filter/dropped/{reason}" for reason in reasons.values()} <= other.stats.keys()
    assert other.stats["filter/genres/genre_talk/talk"] == 1
    told = json.loads(other.scrapy("stats", "--json").stdout)["movies"]["dropped"]
    assert {reason: facts["titles"] for reason, facts in told.items()} == dict.fromkeys(reasons.values(), 1)
    assert told["genre_talk"]["genres"] == {"talk": 1}
    assert told["short"]["genres"].keys() == {
        name.rpartition("/")[2] for name in other.stats if name.startswith("filter/genres/short/")
    }
    assert "  dropped for genre talk: 1, most of them 1 talk" in other.scrapy("stats").stdout.splitlines()
    asked = {int(path.rpartition("/")[2]) for path in paths(sandbox.log(path="/3/movie"))}
    assert asked == set(ids) - {talk, adult, few_votes}, "the listing shows these three: no request for them"

    sandbox.clear_log()
    ended = other.crawl("tmdb_trending", FILTER_PATTERNS="concert")
    assert sandbox.log(path="/3/movie") == []
    assert other.stats["refresh/skipped/dropped"] == 2
    assert any(line.split() == ["17", "skipped:", "15", "not", "due,", "2", "dropped"] for line in ended.lines)

    other.crawl("tmdb_trending", FILTER_ENABLED="0")
    assert other.documents().keys() == set(ids), "without the filter, all of them"


def test_a_stored_film_is_refreshed_regardless_of_the_filter(sandbox: Sandbox, home: Home) -> None:
    home.crawl("tmdb_trending", FILTER_ENABLED="0")
    listed, detailed = list(home.documents())[:2]
    sandbox.patch("movie", listed, vote_count=2, vote_average=1.0)
    sandbox.patch("movie", detailed, runtime=11)
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "force=1").status == 0
    assert len(sandbox.log(path="/3/movie")) == 20
    assert home.documents()[listed]["ratings"]["tmdb"]["votes"] == 2
    assert home.documents()[detailed]["runtime"] == 11
    assert home.records("dropped") == {}

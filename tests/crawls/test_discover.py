"""`scrapy crawl tmdb_discover`: every film of a range of years, past the 500 pages that TMDB shows of a query."""

from collections import Counter
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tests.support.crawl import Document, Home, paths, queries
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "13000", "--years", "2024-2024", "--shows", "0")


def test_more_films_than_500_pages_by_splitting_the_year(sandbox: Sandbox, home: Home) -> None:
    # Nobody is rated 9.9: all films that anybody voted for are dropped by what the listing shows, so that this test
    # asks for 650 listing pages and hardly any film.
    ended = home.crawl("tmdb_discover", "start_year=2024", "min_votes=1", FILTER_MIN_RATING="9.9")
    assert ended.status == 0, ended.stderr
    stats, log = home.stats, sandbox.log()
    listing = [entry for entry in log if entry["path"] == "/3/discover/movie"]
    assert stats["titles/expected"] > 10_000
    assert stats["titles/found"] == stats["titles/expected"]
    assert len(home.documents()) + len(home.records("dropped")) == stats["titles/found"]
    assert f"{stats['titles/expected']} films expected" in ended.stderr
    assert f"{stats['titles/found']} found\n" in ended.stderr, "all that were expected"

    windows: Counter[tuple[str, str]] = Counter()
    for entry in listing:
        query = parse_qs(entry["query"])
        windows[query["primary_release_date.gte"][0], query["primary_release_date.lte"][0]] += 1
        assert int(query["page"][0]) <= 500
    whole = windows.pop(("2024-01-01", "2024-12-31"))
    assert whole == 1, "one look at the whole year, then its parts"
    assert len(windows) == 2
    (_, first_end), (second_start, _) = sorted(windows)
    assert (first_end, second_start) == ("2024-07-01", "2024-07-02")
    assert len(listing) == 1 + sum(windows.values())
    assert stats["titles/found"] / 20 <= sum(windows.values()) <= stats["titles/found"] / 20 + 2
    assert all(count == 1 for count in Counter(entry["query"] for entry in listing).values())
    assert Counter(paths(log)) == {"/discover/movie": len(listing), **{f"/movie/{id}": 1 for id in home.documents()}}


def test_every_argument_reaches_the_site(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl(
        "tmdb_discover",
        "start_year=2023",
        "end_year=2024",
        "min_votes=20",
        "max_pages=2",
        "region=US",
        "with_original_language=en",
        "genre=horror,53",
        LANGUAGES="de-DE,en-US",
    )
    assert ended.status == 0, ended.stderr
    log = sandbox.log()
    assert parse_qs(log[0]["query"]) == {
        "include_adult": ["false"],
        "language": ["de-DE"],
        "page": ["1"],
        "primary_release_date.gte": ["2023-01-01"],
        "primary_release_date.lte": ["2024-12-31"],
        "region": ["US"],
        "sort_by": ["popularity.desc"],
        "vote_count.gte": ["20"],
        "with_genres": ["27,53"],
        "with_original_language": ["en"],
    }
    assert queries(sandbox.log(path="/3/discover"), "page") == ["1", "2"]
    films = home.documents()
    assert len(films) == home.stats["titles/found"] <= 40
    for film in films.values():
        assert film["original_language"] == "en"
        assert film["ratings"]["tmdb"]["votes"] >= 20
        assert {27, 53} <= set(slot(film)["data"]["genre_ids"])
    assert all(film["trending"] is None for film in films.values())
    assert home.last_run["arguments"]["genre"] == "27,53"


def slot(film: Document) -> Document:
    tmdb: Document = film["sources"]["tmdb"]
    return tmdb


def test_the_years_default_to_this_one_and_the_votes_to_200(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_discover").status == 0
    year = datetime.now(UTC).year
    (entry,) = sandbox.log()
    query = parse_qs(entry["query"])
    assert query["primary_release_date.gte"] == [f"{year}-01-01"]
    assert query["primary_release_date.lte"] == [f"{year}-12-31"]
    assert query["vote_count.gte"] == ["200"]
    assert "region" not in query
    assert home.stats["titles/expected"] == 0


def test_a_second_run_requests_only_listings_and_with_force_all(sandbox: Sandbox, home: Home) -> None:
    arguments = ("start_year=2024", "min_votes=2000", "max_pages=2")
    home.crawl("tmdb_discover", *arguments)
    before = home.documents()
    assert len(before) == 40
    sandbox.clear_log()
    home.crawl("tmdb_discover", *arguments)
    assert set(paths(sandbox.log())) == {"/discover/movie"}
    assert home.documents() == before, "no rank, no change: not even a revision"
    home.crawl("tmdb_discover", *arguments, "force=1")
    assert home.stats["titles/unchanged"] == 40

"""What a person reads about a title, from its document and plan."""

from datetime import UTC, datetime
from typing import Any, cast

from moviecrawler.documents import SOURCES, Document
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT
from moviecrawler.policy.documents.title_page import JUSTWATCH, title_lines, title_page
from moviecrawler.policy.freshness.plan import refresh_plan
from moviecrawler.policy.terminal import COLUMNS, width
from tests.support.policies import refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ASKED = "2026-11-01T08:15:30.123Z"


def matrix(**changes: Any) -> Document:
    slots: dict[str, Any] = {source: dict(EMPTY_SLOT) for source in SOURCES}
    slots["tmdb"] |= {"fetched_at": ASKED, "changed_at": ASKED, "next_refresh_at": "2027-01-30T08:15:30.123Z"}
    slots["tmdb"]["data"] = {"title": "what TMDB said"}
    document = {
        **{"_id": 603, "title": "The Matrix", "year": 1999, "release_date": "1999-03-31", "imdb_id": "tt0133093"},
        **{"images": {}, "same_as": None, "sources": slots, "locks": {}, "last_change": None},
        **{"created_at": ASKED, "updated_at": ASKED, "revision": 2, "provenance": {"title": "tmdb"}},
    }
    return cast("Document", document | changes)


def slots(**tmdb: Any) -> dict[str, Any]:
    document = matrix()
    return {**document["sources"], "tmdb": {**document["sources"]["tmdb"], **tmdb}}


def lines(document: Document) -> list[str]:
    return list(title_lines("movies", document, refresh_plan(refresh(), "movies", document, NOW)))


def text(document: Document) -> str:
    """Without line breaks and runs of spaces."""
    return " ".join(" ".join(lines(document)).split())


def test_a_title_is_shown_with_sources_and_what_is_due() -> None:
    shown = text(matrix())
    assert shown.startswith("movies/603 The Matrix (1999) TMDB https://www.themoviedb.org/movie/603 IMDb")
    assert "stored since 2026-11-01 08:15, last written 2026-11-01 08:15, revision 2" in shown
    assert (
        "tmdb asked 2026-11-01 08:15, last changed 2026-11-01 08:15, due 2027-01-30: every 90 days for a title that "
        "was 10,077 days old when it was asked about omdb due now: never asked the_numbers is not asked: "
        "THE_NUMBERS_ENABLED is 0"
    ) in shown
    assert shown.endswith("locks: none pictures: none last change: none")


def test_other_settings_than_those_of_the_last_write_are_said() -> None:
    stored = matrix(sources=slots(next_refresh_at="2026-12-24T00:00:00.000Z"))
    assert "due 2027-01-30 by these settings, but stored as due 2026-12-24 (scrapy due --recompute)" in text(stored)


def test_a_frozen_title_says_since_when_and_what_that_means() -> None:
    frozen = text(matrix(sources=slots(frozen_at=ASKED)))
    assert "frozen since 2026-11-01 08:15, due 2027-04-30" in frozen
    assert "frozen: it no longer changes, and is asked every 180 days" in frozen


def test_a_tombstone_names_its_heir_and_the_heir_its_tombstone() -> None:
    gone = text(matrix(sources=slots(gone_at=ASKED, next_refresh_at=None), same_as=604))
    assert "gone TMDB does not have it any more, since 2026-11-01 08:15; it is movies/604 now" in gone
    assert "is not asked: it is gone from TMDB" in gone
    assert "was movies/604, until TMDB removed that" in text(matrix(same_as=604))


def test_a_title_that_was_called_gone_once_says_so() -> None:
    noted = slots(gone_noted_at=ASKED, failures=1, failed_at="2026-11-21T09:00:00.000Z")
    shown = text(matrix(sources=noted))
    assert "called gone on 2026-11-01 08:15, failed on 2026-11-21 09:00, due 2026-11-22" in shown
    assert "the source said that it is gone, and is asked again on another day" in shown


def test_locks_pictures_and_the_last_change_are_shown() -> None:
    files = {"w500": {"file": "poster/5f.jpg", "sha256": "9", "width": 500, "height": 750, "bytes": 61_181}}
    gone = {"url": "https://cdn/b.jpg", "at": ASKED}
    diff = [{"path": f"keywords.{number}", "old": None, "new": "x"} for number in range(7)]
    shown = text(
        matrix(
            locks={"runtime": 136, "tagline": None},
            provenance={"runtime": "locked"},
            runtime=136,
            images={
                "poster": {"source_path": "/p", "source_sha256": "5", "file": "poster/5f.jpg", "files": files},
                "backdrop": {"source_path": None, "source_sha256": None, "file": None, "files": {}, "gone": gone},
            },
            last_change={"source": "lock", "at": ASKED, "revision": 2, "diff": diff},
        )
    )
    assert "runtime 136 minutes locked" in shown
    assert "locks runtime 136 minutes tagline unknown, for good" in shown
    assert "poster poster/5f.jpg; w500 500x750, 61 kB" in shown
    assert "backdrop the CDN had no https://cdn/b.jpg on 2026-11-01" in shown
    assert "last change 2026-11-01 08:15 by lock keywords.0: nothing -> x" in shown
    assert shown.endswith("and 2 more: scrapy changes movies/603")


def test_where_to_watch_names_who_says_so() -> None:
    assert JUSTWATCH in text(matrix(watch={"US": {"stream": [{"id": 8, "name": "Netflix"}]}}))
    assert JUSTWATCH not in text(matrix())


def test_every_line_fits_whatever_the_title() -> None:
    long = {"name": "千と千尋の神隠し " * 20, "character": "千" * 100}
    document = matrix(
        title="千と千尋の神隠し" * 30,
        overview="word " * 300,
        homepage="https://example.org/" + "a" * 300,
        people={"directors": [long], "cast": [long] * 30},
        external_ids={"a_name_that_is_much_longer_than_any_other_of_a_field_can_be": "x" * 90},
        provenance={"people.directors": "the_numbers"},
        locks={"overview": "word " * 300},
    )
    assert max(map(width, lines(document))) <= COLUMNS


def test_a_program_gets_the_document_without_what_the_sources_said() -> None:
    document = matrix()
    page = title_page("movies", document, refresh_plan(refresh(), "movies", document, NOW))
    assert (page["kind"], page["id"], page["document"]["title"]) == ("movies", 603, "The Matrix")
    assert page["document"]["sources"]["tmdb"]["fetched_at"] == ASKED
    assert "data" not in page["document"]["sources"]["tmdb"]
    assert document["sources"]["tmdb"]["data"], "the document itself is left alone"
    assert page["plan"]["omdb"] == {"due_at": "2026-11-21T12:00:00.000Z", "is_due": True, "why": "never asked"}

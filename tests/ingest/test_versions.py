"""From the items of a batch to the next versions of documents, and to records."""

from datetime import UTC, datetime

from moviecrawler import timestamps
from moviecrawler.documents import Document, has_changed
from moviecrawler.ingest.rows import record_writes
from moviecrawler.ingest.versions import Versions, items_by_key, next_versions
from moviecrawler.items import Artwork, ChartPage, ChartRow, Dropped, Movie, Reject
from moviecrawler.stores.base import Key
from tests.support.items import movie
from tests.support.policies import composer, refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEAT = ("movies", 949)


def page(*ids: int, number: int = 1) -> ChartPage:
    rows = [ChartRow(rank=rank, kind="movies", id=id) for rank, id in enumerate(ids, start=1)]
    return ChartPage(chart="trending/movie/day", date="2026-11-21", page=number, at=timestamps.iso(NOW), rows=rows)


def picture(id: int = 949) -> Artwork:
    made = Artwork(kind="movies", id=id, role="poster", source_path="/p.jpg", url="https://cdn/p.jpg", body=b"")
    made.context.images = {"poster": {"file": "p.jpg"}}
    return made


def versions(items: list[Movie | ChartPage | Artwork], stored: dict[Key, Document] | None = None) -> Versions:
    now = max([NOW, *(timestamps.parse(item.context.fetched_at) for item in items if isinstance(item, Movie))])
    return next_versions(items_by_key(items), stored or {}, composer=composer(), refresh=refresh(), now=now)


def test_all_items_of_a_document_make_one_write() -> None:
    made = versions([movie(title="Heat"), page(949), picture()])
    (write,) = made.writes
    assert (write.kind, write.id, write.expected_revision) == ("movies", 949, None)
    assert write.document["revision"] == 1
    assert write.document["trending"] == {"window": "day", "rank": 1, "at": timestamps.iso(NOW)}
    assert write.document["images"] == {"poster": {"file": "p.jpg"}}


def test_charts_and_pictures_make_no_new_document() -> None:
    made = versions([page(949, 950), picture(951)])
    assert (made.writes, made.documents) == ([], {})


def test_a_stored_document_is_guarded_by_its_revision() -> None:
    stored = versions([movie(title="Heat")]).documents[HEAT]
    made = versions([page(949)], {HEAT: stored})
    (write,) = made.writes
    assert (write.expected_revision, write.document["revision"]) == (1, 2)
    assert not has_changed(made.documents[HEAT])


def test_a_page_that_is_not_newer_changes_nothing() -> None:
    """It may come out of the cache, or lose a race: the last word on a rank is the newest page's."""
    stored = versions([movie(title="Heat"), page(949)]).documents[HEAT]
    older = page(1, 949).model_copy(update={"at": "2026-11-20T12:00:00.000Z"})
    for seen in (page(949), older):
        assert versions([seen], {HEAT: stored}).writes == []
    newer = page(1, 949).model_copy(update={"at": "2026-11-22T12:00:00.000Z"})
    (write,) = versions([newer], {HEAT: stored}).writes
    assert write.document["trending"]["rank"] == 2


def test_an_older_answer_writes_nothing() -> None:
    stored = versions([movie(title="Heat")]).documents[HEAT]
    made = versions([movie(title="Hitze")], {HEAT: stored})
    assert (made.writes, made.outcomes) == ([], {("tmdb", *HEAT): "older"})


def test_a_change_is_recorded_for_the_history() -> None:
    stored = versions([movie(title="Heat", runtime=170)]).documents[HEAT]
    made = versions([movie(title="Heat", runtime=171, at="2026-11-22T12:00:00.000Z")], {HEAT: stored})
    assert has_changed(made.documents[HEAT])


def test_pages_of_a_day_are_parts_of_one_chart() -> None:
    (chart,) = record_writes([page(1, 2), page(3, number=2)]).patches["charts"].values()
    assert chart["_id"] == "trending/movie/day/2026-11-21"
    assert [row["id"] for row in chart["pages"]["1"]["rows"]] == [1, 2]
    assert [row["id"] for row in chart["pages"]["2"]["rows"]] == [3]


def test_the_last_row_of_a_url_or_title_counts() -> None:
    at = timestamps.iso(NOW)
    rejects = [Reject(url="u", reason=reason, spider="s", at=at) for reason in ("failed", "gone")]
    drops = [Dropped(kind="movies", id=1, reason=reason, at=at) for reason in ("votes", "short")]
    rows = {kind: list(by_id.values()) for kind, by_id in record_writes([*rejects, *drops]).puts.items()}
    assert [(row["_id"], row["reason"]) for row in rows["rejects"]] == [("u", "gone")]
    assert [(row["_id"], row["reason"]) for row in rows["dropped"]] == [("movies/1", "short")]

"""Which fields the answers of a run had."""

from moviecrawler.items import FailedLookup, Movie, Show, TitleTable
from moviecrawler.observability.coverage import CoverageCounter
from moviecrawler.policy.documents.merge import slot_of

AT = "2026-11-21T08:15:30.000Z"


def answered(kind: type[Movie] | type[Show], id: int | None = 1, **fields: object) -> Movie | Show:
    title = kind.model_validate({"source": "tmdb", "source_id": "1", "id": id, **fields})
    title.set_fetch(AT)
    title.context.slot = slot_of(title)
    return title


def test_answers_are_counted_by_kind_and_field() -> None:
    counter = CoverageCounter()
    counter.add(answered(Movie, title="Heat", runtime=170, box_office={"budget": 60_000_000}))
    counter.add(answered(Movie, title="Alien", tagline=""))
    counter.add(answered(Show, title="Dark"))
    counter.add(FailedLookup(source="tmdb", kind="movies", id=1, reason="gone", at=AT))
    assert counter.counts() == {
        "movies": {"titles": 2, "fields": {"box_office.budget": 1, "runtime": 1, "title": 2}},
        "shows": {"titles": 1, "fields": {"title": 1}},
    }


def test_rows_of_a_table_count_where_their_title_was_found() -> None:
    found, nowhere = answered(Movie, title="Heat"), answered(Movie, id=None, title="Heap")
    table = TitleTable.model_construct(
        source="the_numbers", url="u", at=AT, chart=None, date=None, rows=[], titles=[found, nowhere]
    )
    counter = CoverageCounter()
    counter.add(table)
    assert counter.counts() == {"movies": {"titles": 1, "fields": {"title": 1}}}


def test_a_run_without_answers_has_none() -> None:
    assert CoverageCounter().counts() == {}

"""What spiders yield, with the facts that a test is about."""

from collections.abc import Sequence
from typing import Any

from moviecrawler import timestamps
from moviecrawler.documents import Source
from moviecrawler.items import BoxOffice, Movie, Raw, TitleTable, Unmatched
from moviecrawler.policy.documents import merge
from tests.support.answers import later


def movie(id: int = 949, at: str = "2026-11-21T12:00:00.000Z", **fields: Any) -> Movie:
    made = Movie(source="tmdb", source_id=str(id), id=id, **fields)
    made.set_fetch(at)
    made.context.slot = merge.slot_of(made)
    return made


def film(id: int = 949, hour: float = 0, *, source: Source = "tmdb", raw: bytes | None = None, **fields: Any) -> Movie:
    made = Movie(source=source, source_id=str(id), id=id, **fields)
    made.set_fetch(timestamps.iso(later(hour)), raw=Raw(f"https://{source}/{id}", raw) if raw is not None else None)
    return made


def row(id: int | None, slug: str, **amounts: int) -> Movie:
    return Movie(
        source="the_numbers", source_id=slug, part="budgets", id=id, title=slug, box_office=BoxOffice(**amounts)
    )


def table(
    *titles: Movie, hour: float = 0, unmatched: Sequence[Unmatched] = (), found: Sequence[str] = ()
) -> TitleTable:
    made = TitleTable(source="the_numbers", url="u", at=timestamps.iso(later(hour)), titles=list(titles))
    ids = {title.source_id: title.id for title in titles if title.id is not None}
    for title in made.titles:
        title.set_fetch(made.at)
    made.set_matches(ids, list(unmatched), list(found))
    return made

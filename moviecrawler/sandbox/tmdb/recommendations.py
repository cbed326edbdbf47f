"""/movie/{id}/recommendations: popular works of the same kind, and some that no listing has."""

from __future__ import annotations

import json
from collections.abc import Mapping

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, Kind, Work
from moviecrawler.sandbox.tmdb.details import listing_row

PAGE = 20
GONE = 4_999_999
"""The id of a work that is recommended, and 404."""

_POOL = 200  # as on the live site, most recommendations are of well-known works
_COUNT = 40  # two pages
_MOST_ROWS = 4_000  # kept, of all languages


def encode_json(answer: Mapping[str, object]) -> str:
    """As the API writes it, without spaces.

    >>> encode_json({"title": "海", "id": 5})
    '{"title":"海","id":5}'
    """
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


class Recommendations:
    """Recommendations of works. The rows are encoded once and shared, as most of them occur in many answers."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version = -1
        self._popular: dict[Kind, list[int]] = {}
        self._unlisted: dict[Kind, list[int]] = {}
        self._rows: dict[tuple[Kind, int, str], str] = {}

    def encode(self, work: Work, language: str, page: int = 1) -> str:
        """A page of recommendations in JSON; the first one has all that no listing has."""
        self._update()
        ids = [] if "no parts" in work.edge_cases else self._ids(work)
        rows = [self._row(work.kind, identity, language) for identity in ids[(page - 1) * PAGE : page * PAGE]]
        if rows and page == 1 and "recommends gone" in work.edge_cases:
            rows[0] = encode_json(json.loads(rows[0]) | {"id": GONE})
        pages = max(1, -(-len(ids) // PAGE))
        return f'{{"page":{page},"results":[{",".join(rows)}],"total_pages":{pages},"total_results":{len(ids)}}}'

    def _ids(self, work: Work) -> list[int]:
        bits = seeded.bits("recommends", work.kind, work.id)
        # The first of them by half of all works, the second by a third, and so on.
        found = [one for n, one in enumerate(self._unlisted[work.kind]) if (bits >> 4 * n) % (n + 2) == 0]
        pool = self._popular[work.kind]
        start, count = bits % max(1, len(pool)), _COUNT - len(found)
        found += pool[start : start + count]
        found += pool[: max(0, min(start, start + count - len(pool)))]  # from the end of the pool on to its beginning
        return [one for one in found if one != work.id]

    def _update(self) -> None:
        if self._version == self._catalogue.version:
            return
        self._version = self._catalogue.version
        self._rows.clear()
        for kind in KINDS:
            rows = sorted(self._catalogue.rows(kind).values(), key=lambda row: (-row.popularity, row.id))
            self._popular[kind] = [row.id for row in rows[:_POOL]]
            self._unlisted[kind] = self._catalogue.only_recommended(kind)

    def _row(self, kind: Kind, identity: int, language: str) -> str:
        key = kind, identity, language
        if key not in self._rows:
            if len(self._rows) >= _MOST_ROWS:
                self._rows.clear()
            work = self._catalogue.get(kind, identity)
            assert work is not None
            row = self._catalogue.with_patches(kind, listing_row(work, language, kind), row=True)
            self._rows[key] = encode_json(row)
        return self._rows[key]

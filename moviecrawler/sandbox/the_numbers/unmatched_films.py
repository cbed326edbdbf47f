"""Films that are on The Numbers but not on TMDB."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from moviecrawler.sandbox.catalogue import seeded, vocabulary
from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID
from moviecrawler.sandbox.catalogue.invented import Inventor
from moviecrawler.sandbox.catalogue.works import Work

# More than a page of budgets holds; the first RECENT_COUNT were released in the weeks before the sandbox started.
UNMATCHED_COUNT = 120
RECENT_COUNT = 24
_FIRST_NUMBER = 2_000_000  # beyond the size of every catalogue
FIRST_UNMATCHED_ID = FIRST_INVENTED_ID + _FIRST_NUMBER


def unmatched_films(seed: int, today: dt.date) -> Iterator[Work]:
    """All unmatched films, as invented works that are in no catalogue."""
    inventor = Inventor(seed, 1975, 2024)
    for n in range(UNMATCHED_COUNT):
        work = inventor.work("movie", _FIRST_NUMBER + n)
        rng = seeded.generator(seed, "stranger", n)
        first, second = rng.sample(vocabulary.NOUNS, 2)
        date = work.row.date
        if n < RECENT_COUNT:
            date = (today - dt.timedelta(days=3 * n + 2)).isoformat()
        budget, worldwide = rng.randrange(1, 90) * 1_000_000, rng.randrange(2_000_000, 400_000_000)
        yield replace(
            work,
            # No title in the catalogue has this form, so that no film can be matched to them.
            title=f"{first['en']} beyond {second['en']}",
            row=work.row._replace(date=date),
            budget=budget,
            revenue=worldwide,
            edge_cases=frozenset(),
        )

"""Films that The Numbers has and TMDB has not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from moviecrawler.sandbox.catalogue import seeded, vocabulary
from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID
from moviecrawler.sandbox.catalogue.invented import Inventor
from moviecrawler.sandbox.catalogue.works import Title

# More of them than one page of budgets; the first came out in the weeks before the sandbox started.
STRANGERS = 120
RECENT = 24
_FIRST = 2_000_000  # a number that no catalogue reaches
FIRST_STRANGER_ID = FIRST_INVENTED_ID + _FIRST


def strangers(seed: int, today: dt.date) -> Iterator[Title]:
    """All of them, as invented titles of no catalogue."""
    inventor = Inventor(seed, 1975, 2024)
    for n in range(STRANGERS):
        title = inventor.title("movie", _FIRST + n)
        rng = seeded.generator(seed, "stranger", n)
        first, second = rng.sample(vocabulary.NOUNS, 2)
        date = title.row.date
        if n < RECENT:
            date = (today - dt.timedelta(days=3 * n + 2)).isoformat()
        budget, worldwide = rng.randrange(1, 90) * 1_000_000, rng.randrange(2_000_000, 400_000_000)
        yield replace(
            title,
            # No title of the catalogue has this form, so that none of them can be taken for another film.
            title=f"{first['en']} beyond {second['en']}",
            row=title.row._replace(date=date),
            budget=budget,
            revenue=worldwide,
            odd=frozenset(),
        )

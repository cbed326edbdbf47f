"""What a film cost and earned, for OMDB and The Numbers.

What the tables know stays; where they know only one of a film's figures, or none, the others are invented by dice.
"""

from __future__ import annotations

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import Gross, Title


def gross(title: Title) -> Gross:
    """The three figures of a film, 0 where nobody shall know them; domestic never exceeds worldwide."""
    known = title.gross
    worldwide = known.worldwide or _credible(title.revenue)
    share = seeded.bits("domestic", title.kind, title.id) % 600 / 1000 + 0.25
    return Gross(
        budget=known.budget or _credible(title.budget),
        domestic=known.domestic or int(worldwide * min(share, 0.8)),
        worldwide=worldwide,
    )


def _credible(amount: int) -> int:
    # TMDB has amounts that somebody typed in millions.
    return amount if amount >= 1000 else 0

"""Budget and gross of a film, for OMDB and The Numbers.

Figures that the tables contain are kept; missing ones are taken from TMDB's figures or invented reproducibly.
"""

from __future__ import annotations

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import BoxOffice, Work


def complete_box_office(work: Work) -> BoxOffice:
    """The three figures of a film in USD, 0 for unknown ones; domestic never exceeds worldwide."""
    known = work.box_office
    worldwide = known.worldwide or _plausible(work.revenue)
    share = seeded.bits("domestic", work.kind, work.id) % 600 / 1000 + 0.25
    return BoxOffice(
        budget=known.budget or _plausible(work.budget),
        domestic=known.domestic or int(worldwide * min(share, 0.8)),
        worldwide=worldwide,
    )


def _plausible(amount: int) -> int:
    # Some of TMDB's amounts were entered in millions.
    return amount if amount >= 1000 else 0

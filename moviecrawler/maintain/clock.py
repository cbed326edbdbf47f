"""Whether the clock can be believed before anything is removed for its age."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from moviecrawler.documents.records import RUNS
from moviecrawler.stores.base import Store
from moviecrawler.timestamps import day, iso, latest_trusted

LONGEST_PAUSE = timedelta(days=366)
"""Between two runs of a store that is in use."""

DAYS_LOOKED_AT = 3
"""Days with runs: a single day with a wrong clock does not decide."""

_MOST_RUNS = 1000


async def doubt(store: Store, now: datetime) -> str:
    """Why ``now`` may be wrong, one line; empty: it fits the runs of the last days on which there were any."""
    days: list[str] = []
    seen = 0
    async for row in store.records.newest(RUNS):
        seen += 1
        if (of_run := row["started_at"][:10]) not in days:
            days.append(of_run)
        if len(days) == DAYS_LOOKED_AT or seen == _MOST_RUNS:
            break
    return doubted(now, days)


def doubted(now: datetime, days: Sequence[str]) -> str:
    """``days``: those of the last runs. The middle one counts, so a clock can deceive by ``LONGEST_PAUSE`` at most.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 27, tzinfo=UTC)
    >>> doubted(now, ["2026-11-20", "2026-11-19"]), doubted(now, ["2031-01-01", "2026-11-20", "2026-11-19"])
    ('', '')
    >>> doubted(now, ["2019-11-20"])
    'the clock says 2026-11-27, and the last runs are of 2019-11-20'
    """
    if not days:
        return "the store has no record of a run, so nothing shows that the clock is right"
    middle = sorted(days)[(len(days) - 1) // 2]
    if day(now - LONGEST_PAUSE) <= middle <= latest_trusted(now)[:10]:
        return ""
    return f"the clock says {iso(now)[:10]}, and the last runs are of {middle}"

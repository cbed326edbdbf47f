"""The steps of ``scrapy maintain``, as data, in their order: what each does, and when it must not be done.

What else keeps copies of TMDB's content (a search index) gets a step after ``terms``: one file with one function.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from moviecrawler.maintain.cache import prune_cache
from moviecrawler.maintain.file import analyze, check_integrity, vacuum
from moviecrawler.maintain.partial import remove_partial
from moviecrawler.maintain.pictures import remove_unnamed
from moviecrawler.maintain.rejects import prune_rejects
from moviecrawler.maintain.samples import prune_samples
from moviecrawler.maintain.terms import strip_old_content
from moviecrawler.maintain.work import Gain, Work


class Step(NamedTuple):
    """``by_age``: not done where the clock is in doubt. ``alone``: a file waits for the end of all runs.

    ``any_file``: done also where the store's file is damaged.
    """

    id: str
    does: str
    run: Callable[[Work], Awaitable[Gain]]
    by_age: bool = False
    alone: bool = False
    any_file: bool = False


STEPS = (
    Step("integrity", "reads the store's file and looks for damage", check_integrity, any_file=True),
    Step("terms", "removes what TMDB's terms forbid to keep", strip_old_content, by_age=True),
    Step("samples", "removes weekly samples older than SAMPLES_DAYS", prune_samples, by_age=True),
    Step("rejects", "removes old rejects and dropped titles", prune_rejects, by_age=True),
    Step("partial", "removes partial files of killed processes", remove_partial, any_file=True),
    Step("pictures", "removes pictures that no title names", remove_unnamed),
    Step("cache", "removes answers that nothing can use any more", prune_cache, by_age=True, any_file=True),
    Step("analyze", "renews the figures by which queries are planned", analyze),
    Step("vacuum", "gives free space of the store back to the disk", vacuum, alone=True),
)

STEP_IDS = tuple(step.id for step in STEPS)

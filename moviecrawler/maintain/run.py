"""Takes one step after the other; one that fails does not keep the others from being taken."""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from moviecrawler.exceptions import MoviecrawlerError
from moviecrawler.maintain.clock import doubt
from moviecrawler.maintain.steps import Step
from moviecrawler.maintain.work import NotDone, Outcome, Work
from moviecrawler.stores.live import live_runs

TRUST = "; if it is right, give --trust-clock"


class _Later(NotDone):
    """A step waits for a better time."""


async def maintain(
    work: Work,
    steps: Iterable[Step],
    *,
    clock: Callable[[], datetime],
    trust_clock: bool = False,
    on_step: Callable[[Step], object] = lambda step: None,
) -> AsyncIterator[Outcome]:
    """The outcome of each step, as soon as it is known; ``on_step`` is called before.

    ``trust_clock``: the user says that the clock is right.
    """
    clock_doubt = "" if trust_clock else await doubt(work.store, work.now)
    why = f"{clock_doubt}: nothing is removed for its age{TRUST}"
    is_damaged = False
    for step in steps:
        on_step(step)
        try:
            if step.by_age and clock_doubt:
                said, why = why, "the clock is in doubt"  # the whole line once
                raise NotDone(said)
            if is_damaged and not step.any_file:
                raise NotDone("the store is damaged")
            if step.alone and work.store.upkeep and (running := await live_runs(work.store, clock())):
                raise _Later(f"{running[0]['spider']} is running: start it again after the last run")
            gain = await step.run(work)
        except _Later as later:
            yield Outcome(undone=str(later), step=step.id, state="skipped")
        except MoviecrawlerError as error:
            is_damaged |= step.id == "integrity"
            yield Outcome(undone=str(error), step=step.id, state="failed")
        else:
            yield Outcome(**vars(gain), step=step.id, state="failed" if gain.undone else "done")

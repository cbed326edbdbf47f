"""The stages of a run and how long each takes. The stages: ``docs/metrics.md``."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from moviecrawler.policy.histogram import Histogram


class Timing:
    """One histogram per stage. Stage ``a/b`` is a part of ``a``; ``clock`` returns seconds since any point in time.

    Only the event loop records; other threads may read.

    >>> times = iter([10.0, 10.25])
    >>> timing = Timing(lambda: next(times))
    >>> with timing.measure("store/read"):
    ...     pass
    >>> timing.histograms["store/read"].sum
    0.25
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.histograms: dict[str, Histogram] = defaultdict(Histogram)

    def record(self, stage: str, seconds: float) -> None:
        self.histograms[stage].record(seconds)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Record how long the block takes, however it ends."""
        started = self.clock()
        try:
            yield
        finally:
            self.record(stage, self.clock() - started)


class NoTiming(Timing):
    """TIMING_ENABLED=0: records nothing."""

    def record(self, stage: str, seconds: float) -> None:
        pass

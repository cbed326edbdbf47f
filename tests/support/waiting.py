"""How tests wait: for an event, up to a limit that only a hang reaches."""

import os
import time
from collections.abc import Callable

from tests.support.preloaded import Process

PATIENCE = float(os.environ.get("TEST_PATIENCE", "2"))
"""What every limit is multiplied by; more for a machine that has much else to do."""


def patient(seconds: float) -> float:
    """The limit for what takes ``seconds`` at most on an idle machine."""
    return seconds * PATIENCE


def until(holds: Callable[[], object], process: Process | None = None, seconds: float = 30) -> None:
    """Wait for it, as long as the process runs; an AssertionError when it takes more than ``seconds``."""
    deadline = time.monotonic() + patient(seconds)
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        assert process is None or process.poll() is None, "the process ended before"
        time.sleep(0.01)

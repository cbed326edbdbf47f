"""What it costs to take the keys out of a body that is made of escapes, beside what it costs to read as JSON."""

import json
import time
from collections.abc import Callable

import pytest

from moviecrawler.policy.secrets.redaction import Secrets
from tests.policy.secrets.test_escapes import HOSTILE
from tests.policy.secrets.test_redaction import KEYS

pytestmark = pytest.mark.benchmark

SIZE = 1_000_000


def cpu(work: Callable[[bytes], object], body: bytes) -> float:
    def once() -> float:
        start = time.process_time()
        work(body)
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_costs_a_few_readings_of_a_usual_one(unit: str) -> None:
    hostile = (unit * SIZE)[:SIZE].encode()
    usual = json.dumps([{"id": 603, "title": "The Matrix", "genre_ids": [28, 878], "video": False}] * 12_000).encode()
    ratio = cpu(Secrets((KEYS["a JSON web token"], KEYS["hexadecimal"])).redact_bytes, hostile) / SIZE
    ratio /= cpu(json.loads, usual) / len(usual)
    print(f"{ratio:.1f} times json.loads of as many bytes")
    assert ratio < 25

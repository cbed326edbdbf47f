"""What is unusual about a run, by the runs before it."""

import pytest

from moviecrawler.health.history import Figures, unusual

STEADY = [Figures(100, 600, 0.01)] * 9
WILD = [Figures(titles, 600, 0) for titles in (10, 900, 40, 2_000, 100, 5, 1_200)]


@pytest.mark.parametrize(
    ("last", "earlier", "words"),
    [
        (Figures(100, 600, 0.01), STEADY, []),
        (Figures(51, 899, 0.02), STEADY, []),
        (Figures(49, 600, 0.01), STEADY, ["49 titles, 100 are usual"]),
        (Figures(5_000, 600, 0.01), STEADY, []),
        (Figures(100, 901, 0.01), STEADY, ["took 15 m 01 s, 10 m 00 s is usual"]),
        (Figures(100, 6, 0.01), STEADY, []),
        (Figures(100, 600, 0.2), STEADY, ["20% could not be used, 1% is usual"]),
        (Figures(0, 901, 0.2), STEADY, ["0 titles", "took", "20%"]),
        (Figures(0, 600, 0), STEADY[:4], []),
        (Figures(0, 600, 0), WILD, []),
        (Figures(1, 60, 0), [Figures(1, 5, 0)] * 9, []),
    ],
)
def test_unusual(last: Figures, earlier: list[Figures], words: list[str]) -> None:
    found = list(unusual(last, earlier))
    assert len(found) == len(words)
    assert all(line.startswith(start) for line, start in zip(found, words, strict=True))

"""When reports of gone titles are plausible: a few are, a site that lost its titles is not."""

import pytest

from moviecrawler.policy.freshness.gone import is_implausible


@pytest.mark.parametrize(
    ("gone", "answers", "first", "not_believed"),
    [
        pytest.param(0, 0, 0, False, id="nobody asked"),
        pytest.param(1, 1, 1, False, id="one that somebody asked for by id"),
        pytest.param(4, 4, 4, False, id="a few"),
        pytest.param(5, 5, 5, True, id="all of a small store"),
        pytest.param(40, 40, 40, True, id="all of the first ones"),
        pytest.param(10, 1000, 10, True, id="all of the first ones, and then a site that works"),
        pytest.param(9, 1000, 9, False, id="a batch of deleted titles at the beginning"),
        pytest.param(30, 90, 0, True, id="a site that loses its titles in the middle of a run"),
        pytest.param(5, 50, 0, False, id="a tenth"),
        pytest.param(6, 50, 0, True, id="more than a tenth"),
        pytest.param(300, 100_000, 3, False, id="spam that TMDB has tidied up"),
    ],
)
def test_which_reports_of_gone_titles_are_implausible(gone: int, answers: int, first: int, not_believed: bool) -> None:
    assert is_implausible(gone, answers, first) is not_believed

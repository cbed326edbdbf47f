"""A number in a setting is read, or refused in one line that names the setting, its value and what is allowed."""

import pytest

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.setting_values import number, switch, whole_number, within


@pytest.mark.parametrize(("value", "expected"), [("4", 4.0), (" 0.5 ", 0.5), (4, 4.0), ("1e3", 1000.0)])
def test_numbers_are_read_from_text_and_from_numbers(value: object, expected: float) -> None:
    assert number("TMDB_RATE", value) == expected


@pytest.mark.parametrize("value", ["", "four", None, "4,5", [4]])
def test_a_value_that_is_not_a_number_is_an_error(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\ATMDB_RATE=.*: must be a number, .*\Z"):
        number("TMDB_RATE", value)


@pytest.mark.parametrize("value", ["", "4.0", "4.5", None, "nan", 4.5])
def test_a_value_that_is_not_a_whole_number_is_an_error(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\ATMDB_BURST=.*: must be a whole number, .*\Z"):
        whole_number("TMDB_BURST", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        (" True ", True),
        (1, True),
        (True, True),
        ("0", False),
        ("FALSE", False),
        ("yes", True),
        ("On", True),
        ("no", False),
        ("off", False),
    ],
)
def test_a_switch_is_read_from_text_and_from_itself(value: object, expected: bool) -> None:
    assert switch("PROFILE", value) is expected


@pytest.mark.parametrize("value", ["", "maybe", "2", None])
def test_a_value_that_is_not_a_switch_is_an_error(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"\APROFILE=.*: must be 0 or 1\Z"):
        switch("PROFILE", value)


@pytest.mark.parametrize("value", [-0.1, 10.1, float("nan"), float("inf"), float("-inf")])
def test_a_number_out_of_range_is_an_error(value: float) -> None:
    with pytest.raises(ConfigurationError, match=r"\AFILTER_MIN_RATING=.*: must be from 0 to 10\Z"):
        within("FILTER_MIN_RATING", value, 0, 10)


def test_an_open_range_says_so() -> None:
    with pytest.raises(ConfigurationError, match=r"must be 1 or more seconds\Z"):
        within("RETRY_BASE", 0, 1, unit="seconds")

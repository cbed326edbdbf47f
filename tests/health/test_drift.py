"""What a source sends is compared with what it always sent; what it sends now and then is no finding."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from moviecrawler.health.drift import A_DAY, Drift

URL = "https://t/3/movie/7?append_to_response=credits&language=en-US"
Answer = Callable[[int, bool], Any]
"""Made of a number and of whether the source has changed."""


def found(answer: Answer, *, days: int = 6, changed_on: int = 4, each: int = 60, url: str = URL) -> list[str]:
    drift = Drift()
    numbers = [number * 7 % (days * each) for number in range(days * each)]  # answers come in any order
    for number in numbers:
        day = number // each
        row: Any = {"source": "tmdb", "kind": "movies", "url": url, "fetched_at": f"2026-11-{day + 1:02}T08:00:00.000Z"}
        drift.look(row, json.dumps(answer(number, day >= changed_on)).encode())
    return list(drift.findings())


CHANGES: dict[str, tuple[Answer, list[str]]] = {
    "nothing": (lambda n, new: {"id": n, "title": "Heat"}, []),
    "a key is gone": (
        lambda n, new: {"id": n} if new else {"id": n, "title": "Heat"},
        ["tmdb movies: title was in every answer, and is in none since 2026-11-05"],
    ),
    "a key with all below it": (
        lambda n, new: {"id": n} if new else {"id": n, "credits": {"cast": [{"id": 1}], "crew": []}},
        ["tmdb movies: credits was in every answer, and is in none since 2026-11-05"],
    ),
    "a key of some rows": (
        lambda n, new: {"cast": [{"id": 1, "name": "Ida"}, {"id": 2} if new else {"id": 2, "name": "Max"}]},
        [],
    ),
    "a key of each row": (
        lambda n, new: {"cast": [{"id": 1}] if new else [{"id": 1, "name": "Ida"}, {"id": 2, "name": "Max"}]},
        ["tmdb movies: cast[].name was in every answer, and is in none since 2026-11-05"],
    ),
    "a rare key": (lambda n, new: {"id": n} if new or n % 9 else {"id": n, "homepage": "x"}, []),
    "a key that nearly all have": (lambda n, new: {"id": n} if new or not n % 60 else {"id": n, "homepage": ""}, []),
    "a country": (
        lambda n, new: {"providers": {"DE" if new else "US": {"link": "x"}}},
        [],
    ),
    "null": (lambda n, new: {"id": n, "imdb_id": None if new else "tt1"}, []),
    "a type": (
        lambda n, new: {"budget": "7" if new else 7},
        ["tmdb movies: budget is a text since 2026-11-05, not a number"],
    ),
    "a whole number and a fraction": (lambda n, new: {"score": 7.5 if new else 7}, []),
    "a type that is rare": (lambda n, new: {"budget": "7" if new and n % 9 == 0 else 7}, []),
    "no type before": (lambda n, new: {"collection": {"id": 1} if new else None}, []),
    "a value": (
        lambda n, new: {"status": "Shelved" if new else "Released", "original_language": "ko" if new else "en"},
        ["tmdb movies: status is 'Shelved' since 2026-11-05, a value never seen before"],
    ),
    "no object": (lambda n, new: [] if new else {"id": n}, []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed(change: str) -> None:
    answer, lines = CHANGES[change]
    assert found(answer) == lines


def gone(number: int, new: bool) -> Any:
    return {} if new else {"title": "Heat"}


@pytest.mark.parametrize(
    "given",
    [{"days": 5, "each": 19}, {"days": 3, "changed_on": 1, "each": 49}, {"days": 1}, {"changed_on": 9}],
)
def test_few_answers_before_or_after_say_nothing(given: dict[str, int]) -> None:
    assert found(gone, **given) == []


def test_a_source_that_changes_in_the_middle_of_a_day_has_changed_the_day_after() -> None:
    lines = found(lambda number, new: gone(number, new=number >= 150))
    assert lines == ["tmdb movies: title was in every answer, and is in none since 2026-11-04"]


def test_answers_to_another_request_are_not_compared() -> None:
    drift = Drift()
    for number in range(200):
        row: Any = {"source": "tmdb", "kind": "movies", "fetched_at": f"2026-11-{1 + number // 50:02}T08:00:00.000Z"}
        new = number >= 100
        url = URL.replace("credits", "keywords") if new else URL
        drift.look(row | {"url": url}, json.dumps(gone(number, new)).encode())
    assert list(drift.findings()) == []


def test_of_a_day_some_answers_are_read_and_pages_are_passed_over() -> None:
    drift, body = Drift(), b"<html>"
    row: Any = {"source": "the_numbers", "kind": "movies", "url": "https://n", "fetched_at": "2026-11-01T08:00:00.000Z"}
    drift.look(row, body)
    for answer in (b"{", *[b"{}"] * (A_DAY + 7)):
        drift.look(row, answer)
    (answers,) = drift._answers.values()
    assert answers.by_day.total() == A_DAY

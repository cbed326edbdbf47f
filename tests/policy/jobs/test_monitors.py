"""Which monitors a run has broken: and none where there was nothing to do."""

from typing import Any

import pytest

from moviecrawler.config import Config
from moviecrawler.documents.records import RunCoverage
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.jobs.monitors import EndedRun, broken_monitors, check_fields, check_spiders

ALL = {
    "MONITOR_MIN_FOUND": "20,tmdb_list:off",
    "MONITOR_MAX_REJECT_RATE": "0.1",
    "MONITOR_MIN_COVERAGE": "runtime:0.9,seasons:0.9,omdb:ratings.imdb:0.8",
    "MONITOR_MAX_SECONDS": "60,tmdb_catalogue:3600",
}


def coverage(titles: int = 100, **fields: int) -> dict[str, RunCoverage]:
    return {"movies": {"titles": titles, "fields": {name.replace("__", "."): count for name, count in fields.items()}}}


def broken(**changes: Any) -> list[str]:
    facts: dict[str, Any] = {
        **{"spider": "tmdb_discover", "arguments": {"limit": None, "max_pages": None}, "finish_reason": "finished"},
        **{"seconds": 30.0, "stats": {"titles/found": 100, "item_scraped_count": 110}, "reads_listing": True},
        "coverage": coverage(runtime=95),
    }
    config = Config.from_settings({**ALL, **changes.pop("settings", {})})
    return [monitor["line"] for monitor in broken_monitors(EndedRun(**(facts | changes)), config.monitor)]


def test_a_good_run_breaks_none() -> None:
    assert broken() == []


FEW = {"stats": {"titles/found": 19, "item_scraped_count": 20}}
NOTHING = {"stats": {}, "coverage": {}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (FEW, ["19 titles were found, fewer than 20"]),
        ({**FEW, "finish_reason": "incomplete"}, ["19 titles were found, fewer than 20"]),
        (NOTHING, ["0 titles were found, fewer than 20"]),
        ({**NOTHING, "is_alone": False}, []),  # another worker has read the listing
        ({**FEW, "is_alone": False}, ["19 titles were found, fewer than 20"]),
        ({**NOTHING, "reads_listing": False}, []),  # nothing is due
        ({**FEW, "spider": "tmdb_list"}, []),  # switched off
        ({**FEW, "arguments": {"limit": 19}}, []),  # asked for fewer
        ({**FEW, "arguments": {"limit": 0}}, ["19 titles were found, fewer than 20"]),  # no limit
        ({**NOTHING, "arguments": {"limit": 19}}, ["0 titles were found, fewer than 19"]),
        ({**FEW, "arguments": {"max_pages": 1}, "settings": {"MONITOR_MIN_FOUND": "500"}},
         ["19 titles were found, fewer than 20"]),
        ({"stats": {"item_scraped_count": 19}}, ["19 titles were found, fewer than 20"]),  # a spider of one's own
        *(({**FEW, "finish_reason": reason}, []) for reason in ("quota", "wrong_key", "shutdown", "store_failed")),
    ],
)  # fmt: skip
def test_fewer_titles_than_there_must_be(changes: dict[str, Any], expected: list[str]) -> None:
    assert broken(**changes) == expected


@pytest.mark.parametrize(
    ("rejects", "expected"),
    [
        ({"rejects/parse": 11}, []),
        ({"rejects/parse": 11, "rejects/failed": 1}, ["12 of 110 items (11%) could not be used, more than 10%"]),
        ({"rejects/gone": 100}, []),
        ({"rejects/parse": 10, "item_scraped_count": 19}, []),  # of few a share says nothing
    ],
)
def test_more_rejects_than_there_may_be(rejects: dict[str, int], expected: list[str]) -> None:
    assert broken(stats={"titles/found": 100, "item_scraped_count": 110, **rejects}) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"coverage": coverage(runtime=90)}, []),
        ({"coverage": coverage(runtime=89)}, ["runtime is in 89 of 100 answers about movies (89%), fewer than 90%"]),
        ({"coverage": coverage()}, ["runtime is in 0 of 100 answers about movies (0%), fewer than 90%"]),
        ({"coverage": coverage(titles=19)}, []),
        ({"coverage": {"shows": {"titles": 50, "fields": {"runtime": 50}}}},
         ["seasons is in 0 of 50 answers about shows (0%), fewer than 90%"]),  # which films do not have
        ({"spider": "omdb", "coverage": coverage(ratings__imdb=79)},
         ["ratings.imdb is in 79 of 100 answers about movies (79%), fewer than 80%"]),
        ({"spider": "the_numbers_budgets", "coverage": coverage(box_office__budget=100)}, []),
        ({"coverage": {"shows": {"titles": 50, "fields": {}}}, "settings": {"MONITOR_MIN_COVERAGE": "movies/title:1"}},
         []),
        ({"coverage": coverage(), "settings": {"MONITOR_MIN_COVERAGE": "movies/poster_path:1"}},
         ["poster_path is in 0 of 100 answers about movies (0%), fewer than 100%"]),
    ],
)  # fmt: skip
def test_a_field_that_too_few_answers_have(changes: dict[str, Any], expected: list[str]) -> None:
    assert broken(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seconds": 60.0}, []),
        ({"seconds": 90.0}, ["it took 1 m 30 s, more than 1 m 00 s"]),
        ({"seconds": 90.0, "spider": "tmdb_catalogue"}, []),
        ({"seconds": 90.0, "finish_reason": "wrong_key"}, ["it took 1 m 30 s, more than 1 m 00 s"]),
        ({"seconds": 90.0, "finish_reason": "shutdown"}, []),
    ],
)
def test_a_run_that_takes_too_long(changes: dict[str, Any], expected: list[str]) -> None:
    assert broken(**changes) == expected


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"MONITOR_MIN_COVERAGE": "rutnime:1"},
         "MONITOR_MIN_COVERAGE: there is no field 'rutnime'; did you mean runtime?"),
        ({"MONITOR_MIN_COVERAGE": "people.director:1"},
         "MONITOR_MIN_COVERAGE: there is no field 'people.director'; did you mean people.directors?"),
        ({"MONITOR_MIN_COVERAGE": "people:1"},
         "MONITOR_MIN_COVERAGE: 'people' has parts: must be one of them, such as people.creators"),
        ({"NOTIFY_ON": "changed:titel"}, "NOTIFY_ON: there is no field 'titel'; did you mean title?"),
        ({"NOTIFY_ON": "changed:popularity"},
         "NOTIFY_ON: 'popularity' drifts all the time, and is in no history of a title"),
        ({"MONITOR_MIN_FOUND": "tmdb_discovr:5"},
         "MONITOR_MIN_FOUND: there is no spider 'tmdb_discovr'; did you mean tmdb_discover?"),
        ({"MONITOR_MIN_COVERAGE": "omdbb:title:1"},
         "MONITOR_MIN_COVERAGE: there is no spider 'omdbb'; did you mean omdb?"),
        ({"MONITOR_MIN_FOUND": "omdb:5"},
         "MONITOR_MIN_FOUND: omdb asks for what is due or was named, which may be nothing: "
         "must be of spiders that read a listing"),
    ],
)  # fmt: skip
def test_a_name_that_there_is_not_is_one_line(settings: dict[str, str], line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _check(settings, ["omdb", "tmdb_discover"])
    assert str(refused.value) == line


def _check(settings: dict[str, str], spiders: list[str]) -> None:
    config = Config.from_settings(settings)
    check_fields(config.monitor, config.notify)
    check_spiders(config.monitor, spiders, ["omdb"])


def test_names_that_there_are_pass() -> None:
    fields = {"MONITOR_MIN_COVERAGE": "people.cast:1,ratings.imdb:1", "NOTIFY_ON": "changed:people,changed:title"}
    _check({**ALL, **fields}, ["tmdb_list", "tmdb_catalogue"])

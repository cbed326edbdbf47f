"""Weekly samples: the newest answer of a week counts, in whichever order they come, and none stays too long."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.documents.records import SampleRecord
from moviecrawler.items import Movie, Rating
from moviecrawler.policy.documents.samples import FIELDS, Retention, Sample, sample_of, samples_in, table_rows
from moviecrawler.policy.documents.shape import defect

NOW = timestamps.parse("2026-11-21T12:00:00.000Z")  # a Saturday
MONDAY, SUNDAY = "2026-11-16T00:00:00.000Z", "2026-11-22T23:59:59.999Z"
HALF_A_YEAR = Retention()


def said(at: str, popularity: float = 1, source: str = "tmdb", **values: float) -> Sample:
    return Sample(source, at, {"popularity": popularity, **values})


def record(*samples: Sample, now: datetime = NOW, retention: Retention = HALF_A_YEAR) -> SampleRecord | None:
    """The record after these answers, one by one."""
    stored = None
    for sample in samples:
        stored = retention.revised("movies/603", stored, [sample], now)
    return stored


def kept(*samples: Sample, now: datetime = NOW) -> dict[str, float]:
    """Popularity by day and hour."""
    stored = record(*samples, now=now)
    return {one.at[5:13]: one.values["popularity"] for one in samples_in(stored)} if stored else {}


def test_an_answer_s_sample_has_what_drifts_by_its_path_in_a_document() -> None:
    ratings = {"imdb": Rating(score=8.7, votes=2_100_000), "rotten_tomatoes": Rating(score=0)}
    movie = Movie(source="omdb", source_id="tt0133093", popularity=0, ratings=ratings, runtime=136)
    movie.set_fetch(MONDAY)
    assert sample_of(movie) == (
        "omdb",
        MONDAY,
        {
            "popularity": 0,
            "ratings.imdb.score": 8.7,
            "ratings.imdb.votes": 2_100_000,
            "ratings.rotten_tomatoes.score": 0,
        },
    )


def test_an_answer_without_anything_that_drifts_is_no_sample() -> None:
    assert sample_of(Movie(source="the_numbers", source_id="Heat", runtime=170)) is None


def test_a_record_is_one_list_of_times_for_each_source_and_one_of_values_for_each_field() -> None:
    first = Sample("tmdb", "2026-11-02T08:00:00.000Z", {"popularity": 88.1})
    second = Sample("tmdb", "2026-11-10T08:00:00.000Z", {"popularity": 87, "ratings.tmdb.score": 8.2})
    other = Sample("omdb", "2026-11-10T09:00:00.000Z", {"ratings.metacritic.score": 73})
    found = record(first, second, other)
    assert found == {
        "_id": "movies/603",
        "curves": {
            "tmdb": {
                "at": [first.at, second.at],
                "values": {"popularity": [88.1, 87], "ratings.tmdb.score": [None, 8.2]},
            },
            "omdb": {"at": [other.at], "values": {"ratings.metacritic.score": [73]}},
        },
    }
    assert found is not None
    assert defect("samples", found) is None
    assert list(samples_in(found)) == [first, second, other]


NEXT = "2026-11-23T00:00:00.000Z"


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([said(MONDAY, 1)], {"11-16T00": 1}),
        ([said(MONDAY, 1), said(SUNDAY, 2)], {"11-22T23": 2}),
        ([said(SUNDAY, 2), said(MONDAY, 1)], {"11-22T23": 2}),
        ([said(SUNDAY, 2), said(NEXT, 3)], {"11-22T23": 2, "11-23T00": 3}),
        ([said(NEXT, 3), said(SUNDAY, 2)], {"11-22T23": 2, "11-23T00": 3}),
        ([said("2026-11-15T23:59:59.999Z", 0), said(MONDAY, 1)], {"11-15T23": 0, "11-16T00": 1}),
        # the same answer again, parsed by a better parser
        ([said(MONDAY, 1), said(MONDAY, 5)], {"11-16T00": 5}),
        # December 28 to January 3 is one ISO week
        ([said("2026-12-28T00:00:00.000Z", 1), said("2027-01-03T00:00:00.000Z", 2)], {"01-03T00": 2}),
        ([said("2027-01-03T00:00:00.000Z", 2), said("2027-01-04T00:00:00.000Z", 3)], {"01-03T00": 2, "01-04T00": 3}),
    ],
)
def test_the_newest_answer_of_a_week_counts(samples: list[Sample], expected: dict[str, float]) -> None:
    assert kept(*samples, now=timestamps.parse("2027-01-10T00:00:00.000Z")) == expected


def test_each_source_has_a_sample_of_its_own() -> None:
    assert kept(said(MONDAY, 1), said(SUNDAY, 2, "omdb"), now=timestamps.parse(NEXT)) == {"11-16T00": 1, "11-22T23": 2}


@pytest.mark.parametrize(
    ("days", "at", "stays"),
    [
        (180, "2026-05-25T12:00:00.001Z", True),
        (180, "2026-05-25T12:00:00.000Z", False),
        (7, "2026-11-14T12:00:00.001Z", True),
        (7, "2026-11-14T12:00:00.000Z", False),
        (180, "2026-11-21T12:05:00.000Z", True),  # two clocks are never quite the same
        (180, "2026-11-21T12:05:00.001Z", False),
        (180, "2029-01-01T00:00:00.000Z", False),  # nobody knows how old that is
        (0, "2026-11-21T12:00:00.000Z", False),
        (0, "2026-11-21T12:04:00.000Z", False),
    ],
)
def test_what_is_too_old_or_of_a_clock_that_was_ahead_is_not_kept(days: int, at: str, stays: bool) -> None:
    retention = Retention(days)
    assert (record(said(at), retention=retention) is not None) is stays
    old: SampleRecord = {"_id": "movies/603", "curves": {"tmdb": {"at": [at], "values": {"popularity": [1]}}}}
    assert retention.has_expired(old, NOW) is not stays
    assert retention.revised("movies/603", old, [], NOW) is (old if stays else None)


def test_what_came_from_a_clock_that_was_ahead_gives_way_to_what_is_said_now() -> None:
    ahead: SampleRecord = {"_id": "movies/603", "curves": {"tmdb": {"at": [SUNDAY], "values": {"popularity": [9]}}}}
    revised = HALF_A_YEAR.revised("movies/603", ahead, [said(MONDAY, 1)], NOW)
    assert revised == record(said(MONDAY, 1))


def test_old_samples_go_when_new_ones_come() -> None:
    spring = record(said("2026-04-01T00:00:00.000Z"), now=timestamps.parse("2026-04-01T00:00:00.000Z"))
    revised = HALF_A_YEAR.revised("movies/603", spring, [said(MONDAY, 2)], NOW)
    assert revised == record(said(MONDAY, 2))


def test_a_record_that_nothing_changes_is_the_same_object() -> None:
    stored = record(said(SUNDAY, 2), now=timestamps.parse(NEXT))
    assert HALF_A_YEAR.revised("movies/603", stored, [said(MONDAY, 1)], timestamps.parse(NEXT)) is stored
    assert HALF_A_YEAR.revised("movies/603", None, [], NOW) is None


def test_what_a_newer_version_has_written_beside_it_stays() -> None:
    stored: SampleRecord = {**record(said(MONDAY, 1)), "mood": "good"}  # type: ignore[misc,typeddict-item]
    revised = HALF_A_YEAR.revised("movies/603", stored, [said("2026-11-21T00:00:00.000Z", 2)], NOW)
    assert revised is not None
    assert revised["mood"] == "good"  # type: ignore[typeddict-item]


def test_a_table_has_a_row_for_each_sample_and_all_have_the_same_columns() -> None:
    found = record(said(MONDAY, 1), said(MONDAY, 0, "omdb", **{"ratings.imdb.score": 8.7}))
    assert found is not None
    rows = list(table_rows(found))
    assert [(row["_id"], row["source"], row["at"]) for row in rows] == [
        ("movies/603", "tmdb", MONDAY),
        ("movies/603", "omdb", MONDAY),
    ]
    assert [row["ratings.imdb.score"] for row in rows] == [None, 8.7]
    assert {tuple(row) for row in rows} == {("_id", "source", "at", *FIELDS)}


_TIMES = st.integers(-210 * 24, 24).map(lambda hours: timestamps.iso(NOW + timedelta(hours=hours)))
_VALUES = st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 9), min_size=1)
_SAMPLES = st.lists(
    st.builds(Sample, st.sampled_from(["tmdb", "omdb"]), _TIMES, _VALUES),
    unique_by=lambda sample: (sample.source, sample.at),
)


@given(_SAMPLES, st.randoms(), st.integers(0, 180))
def test_the_order_of_the_answers_does_not_matter_nor_how_they_were_batched(
    samples: list[Sample], random: object, days: int
) -> None:
    retention = Retention(days)
    shuffled = list(samples)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    at_once = retention.revised("movies/603", None, samples, NOW)
    assert record(*shuffled, retention=retention) == at_once
    assert record(*shuffled, *samples, retention=retention) == at_once


@given(_SAMPLES)
def test_what_is_kept_is_the_newest_of_each_week_and_nothing_else(samples: list[Sample]) -> None:
    stored = HALF_A_YEAR.revised("movies/603", None, samples, NOW)
    found = list(samples_in(stored)) if stored else []
    known = [sample for sample in samples if "2026-05-25T12:00:00.000Z" < sample.at <= timestamps.latest_trusted(NOW)]

    def week(sample: Sample) -> tuple[object, ...]:
        return sample.source, timestamps.parse(sample.at).isocalendar()[:2]

    newest = {week(sample): sample for sample in sorted(known, key=lambda sample: sample.at)}
    assert sorted(found) == sorted(newest.values())
    assert all(one.at < two.at for one, two in pairwise(found) if one.source == two.source)
    if stored:
        assert defect("samples", stored) is None

"""What a person settled stays settled, and an invalid lock is one error line."""

from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.items import BoxOffice, Rating
from moviecrawler.policy.documents.locks import LockError, checked_value, lock, unlock
from tests.support.answers import COMPOSER, NOW, REFRESH, answer, document_of, later, merged


def locked(document: Document, **values: Any) -> Document:
    """``box_office__budget=1`` locks ``box_office.budget``."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    return lock("movies", document, values=paths, composer=COMPOSER, refresh=REFRESH, now=later(1))


def unlocked(document: Document, *paths: str) -> Document:
    return unlock("movies", document, paths=paths or None, composer=COMPOSER, refresh=REFRESH, now=later(2))


def test_a_lock_overrides_all_sources_with_provenance_and_history() -> None:
    made = locked(document_of(answer(title="Heat", runtime=170)), runtime=188)
    assert (made["runtime"], made["provenance"]["runtime"], made["locks"]) == (188, "locked", {"runtime": 188})
    assert made["last_change"] == {
        "source": "lock",
        "at": timestamps.iso(later(1)),
        "revision": 2,
        "diff": [{"path": "runtime", "old": 170, "new": 188}],
    }
    again = merged(made, answer(at=later(3), title="Heat", runtime=171)).document
    assert (again["runtime"], again["sources"]["tmdb"]["data"]["runtime"]) == (188, 171)


def test_without_the_lock_the_sources_decide_again() -> None:
    stored = document_of(answer(title="Heat", runtime=170))
    made = unlocked(locked(stored, runtime=188))
    assert (made["runtime"], made["provenance"], made["locks"]) == (170, stored["provenance"], {})
    assert made["last_change"]["diff"] == [{"path": "runtime", "old": 188, "new": 170}]


def test_a_lock_that_is_there_changes_nothing() -> None:
    once = locked(document_of(answer(title="Heat")), runtime=188)
    assert locked(once, runtime=188) is once
    bare = document_of(answer(title="Heat"))
    assert unlocked(bare) is bare


def test_locking_the_present_value_is_no_change() -> None:
    made = locked(document_of(answer(runtime=170)), runtime=170)
    assert (made["last_change"], made["provenance"]["runtime"], made["revision"]) == (None, "locked", 2)


def test_null_is_unknown_for_good() -> None:
    made = locked(document_of(answer(tagline="A mistake")), tagline=None)
    assert (made["tagline"], made["provenance"]["tagline"]) == (None, "locked")


def test_an_inner_lock_wins_over_the_outer_one_whatever_came_first() -> None:
    stored = document_of(answer(box_office=BoxOffice(budget=60_000_000, worldwide=187_000_000)))
    outer, inner = {"box_office": {"domestic": 67}}, {"box_office__budget": 61}
    for first, second in ((outer, inner), (inner, outer)):
        made = locked(locked(stored, **first), **second)
        assert made["box_office"] == {
            "budget": 61, "domestic": 67, "international": None, "worldwide": None, "opening_weekend": None
        }  # fmt: skip
        said = {path: who for path, who in made["provenance"].items() if path.startswith("box_office")}
        assert said == {"box_office": "locked", "box_office.budget": "locked"}


def test_a_lock_of_a_rating_leaves_the_slot_alone() -> None:
    stored = document_of(answer(ratings={"tmdb": Rating(score=7.9, votes=7000)}))
    made = locked(stored, ratings__tmdb__score=8.5)
    assert made["ratings"]["tmdb"] == {"score": 8.5, "votes": 7000}
    assert made["sources"]["tmdb"]["data"]["ratings"]["tmdb"]["score"] == 7.9


def test_a_locked_imdb_id_makes_omdb_due() -> None:
    made = locked(document_of(answer(title="Heat")), imdb_id="tt0113277")
    assert made["sources"]["omdb"]["next_refresh_at"] == timestamps.iso(later(1))
    assert unlocked(made)["sources"]["omdb"]["next_refresh_at"] is None


def test_only_what_is_locked_can_be_unlocked() -> None:
    with pytest.raises(LockError, match=r"\Atitle is not locked; locked: runtime\Z"):
        unlocked(locked(document_of(answer()), runtime=188), "title")
    with pytest.raises(LockError, match=r"\Atitle is not locked; locked: nothing\Z"):
        unlocked(document_of(answer()), "title")


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("movies", "title", "Heat"),
        ("movies", "genres", []),
        ("movies", "box_office.domestic", 67_436_818),
        ("movies", "people.cast", [{"name": "Al Pacino", "character": None}]),
        ("movies", "titles.zh-CN", "盗火线"),
        ("movies", "collection", {"id": 1, "name": "Heat", "poster_path": None}),
        ("movies", "collection.name", "Heat"),
        ("movies", "release_date", "1995-12-15"),
        ("movies", "imdb_id", None),
        ("shows", "season_count", 5),
        ("shows", "people.creators", [{"id": 1, "name": "X"}]),
        ("shows", "last_air_date", "2013-09-29"),
    ],
)
def test_valid_locks(kind: str, path: str, value: Any) -> None:
    assert checked_value(kind, path, value) == value


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("titel", "Heat", r"titel cannot be locked: must be one of imdb_id, external_ids, title, .*"),
        ("season_count", 5, r"season_count cannot be locked: must be one of .*"),
        ("sources.tmdb", {}, r"sources.tmdb cannot be locked: must be one of .*"),
        ("_id", 1, r"_id cannot be locked: must be one of .*"),
        ("", 1, r" cannot be locked: must be one of .*"),
        ("box_office.total", 1, r"box_office.total: box_office has no field 'total'"),
        ("people.cast.name", "X", r"people.cast.name: people.cast has no field 'name'"),
        ("titles.", "X", r"titles.: titles has no field ''"),
        ("title.x", "X", r"title.x: title has no field 'x'"),
        ("runtime", "170", r"runtime='170': .* valid integer.*"),
        ("runtime", 2.5, r"runtime=2.5: .*"),
        ("runtime", True, r"runtime=True: .*"),
        ("runtime", 2**63, r"runtime=9223372036854775808: cannot be stored .*"),
        ("popularity", float("nan"), r"popularity=nan: cannot be stored .*"),
        ("title", "\ud83c", r"title='\\ud83c': cannot be stored .*"),
        ("genres", None, r"genres=None: .* valid list"),
        ("genres", ["Crime", 3], r"genres.1=\['Crime', 3\]: .* valid string"),
        ("box_office", {"total": 1}, r"box_office.total=.*: Extra inputs .*"),
        ("release_date", "December 1995", r"release_date='December 1995': must be a day such as 1999-03-31"),
        ("release_date", "19951215", r"release_date='19951215': must be a day .*"),
        ("imdb_id", "113277", r"imdb_id='113277': must be an IMDb id such as tt0133093"),
        ("runtime", -5, r"runtime=-5: must be 1 to 100000"),
        ("runtime", 0, r"runtime=0: must be 1 to 100000"),
        ("year", 3000, r"year=3000: must be 1874 to 2100"),
        ("year", 1, r"year=1: must be 1874 to 2100"),
        ("release_date", "3000-01-01", r"release_date='3000-01-01': must be a day .*"),
        ("title", "", r"title='': must be visible text, or null for 'unknown'"),
        ("title", " \u200b\n", r"title=.*: must be visible text, .*"),
        ("genres", ["Crime", ""], r"genres.1='': must be visible text, .*"),
        ("titles", {"zh-CN": ""}, r"titles.zh-CN='': must be visible text.*"),
        ("ratings.imdb.score", 12, r"ratings.imdb.score=12.0: must be 0 to 10"),
        ("ratings.imdb", {"score": -1}, r"ratings.imdb.score=-1.0: must be 0 to 10"),
        ("ratings", {"metacritic": {"score": 101}}, r"ratings.metacritic.score=101.0: must be 0 to 100"),
        ("ratings.imdb.votes", -1, r"ratings.imdb.votes=-1: must be 0 or more"),
        ("box_office.budget", -1, r"box_office.budget=-1: must be 0 or more"),
        ("popularity", -0.5, r"popularity=-0.5: must be 0 or more"),
        ("collection", {"id": 0, "name": "Heat"}, r"collection.id=0: must be 1 to 2147483647"),
        ("releases", [{"country": "US", "type": 7}], r"releases.0.type=7: must be 1 to 6"),
        ("releases", [{"country": "US", "date": "soon"}], r"releases.0.date='soon': must be a day such .*"),
        ("homepage", "javascript:alert(1)", r"homepage='javascript:.*': must be an address such as .*"),
        ("original_language", "Japanese", r"original_language='Japanese': must be a language such as ja"),
        ("runtim", 5, r"runtim cannot be locked: must be one of .*; did you mean runtime\?"),
        ("box_office.budgt", 5, r"box_office.budgt: box_office has no field 'budgt'; did you mean budget\?"),
        ("overview", list("x" * 99), r"overview.*\.\.\.: .*"),
    ],
)
def test_an_invalid_lock_is_one_error_line(path: str, value: Any, line: str) -> None:
    document = document_of(answer())
    with pytest.raises(LockError, match=rf"\A{line}\Z"):
        lock("movies", document, values={path: value}, composer=COMPOSER, refresh=REFRESH, now=NOW)


@pytest.mark.parametrize(
    ("path", "typed", "locked"),
    [
        ("people.directors", ["A"], [{"name": "A"}]),
        ("studios", ["A", {"id": 2, "name": "B"}], [{"name": "A"}, {"id": 2, "name": "B"}]),
        ("people.cast", ["A"], [{"name": "A"}]),
    ],
)
def test_names_may_be_typed_where_people_and_companies_are_rows(path: str, typed: object, locked: object) -> None:
    assert checked_value("movies", path, typed) == locked

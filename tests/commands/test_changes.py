"""`scrapy changes`, as a user runs it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler.documents.records import CHANGES
from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores.base import Store, Write
from moviecrawler.timestamps import iso
from tests.commands.stored import Stored
from tests.commands.test_show import EVIL, OBEYED
from tests.support.films import film

NOW = datetime.now(UTC)


def change(id: int, revision: int, days: float, *diff: tuple[str, Any, Any], title: str = "Heat") -> Any:
    """A change of so many days ago."""
    return {
        **{"_id": f"movies/{id}/{revision}", "kind": "movies", "id": id, "title": title, "source": "tmdb"},
        "at": iso(NOW - timedelta(days=days)),
        "diff": [{"path": path, "old": old, "new": new} for path, old, new in diff],
    }


ROWS = [
    change(603, 10, 1, ("runtime", 130, 136), ("genres", ["War"], ["Action", "War"])),
    change(603, 9, 9, ("runtime", None, 130)),
    change(603, 2, 30, ("tagline", "a", "b")),
    change(9, 2, 3, ("tagline", None, "word " * 40), title="千と千尋の神隠し" * 9),
]


@pytest.fixture
def history(stored: Stored) -> Stored:
    async def fill(store: Store) -> None:
        await store.records.put(CHANGES, ROWS)
        await store.documents.write([Write("movies", 603, film(603, imdb_id="tt0133093"), None)])

    stored.fill(fill)
    return stored


def ids(rows: list[Any]) -> list[str]:
    return [row["_id"] for row in rows]


def test_the_newest_change_comes_first(history: Stored) -> None:
    assert history.json("changes") == [ROWS[0], ROWS[3], ROWS[1], ROWS[2]]


def test_changes_are_readable(history: Stored) -> None:
    lines = history.done("changes").splitlines()
    assert lines[:3] == [
        f"{ROWS[0]['at'][:16].replace('T', ' ')}  movies/603  Heat, by tmdb",
        "    runtime: 130 minutes -> 136 minutes",
        "    genres: + Action",
    ]
    assert max(map(width, lines)) <= COLUMNS
    assert lines[3].endswith("..., by tmdb")


def test_changes_since_a_time(history: Stored) -> None:
    assert ids(history.json("changes", "--since", "7d")) == ["movies/603/10", "movies/9/2"]
    assert ids(history.json("changes", "--since", (NOW - timedelta(days=10)).date().isoformat())) == [
        "movies/603/10",
        "movies/9/2",
        "movies/603/9",
    ]
    assert "no change is recorded since" in history.done("changes", "--since", "1h")


@pytest.mark.parametrize("name", ["603", "movies/603", "tt0133093", "https://www.themoviedb.org/movie/603"])
def test_changes_of_one_title(name: str, history: Stored) -> None:
    assert ids(history.json("changes", name)) == ["movies/603/10", "movies/603/9", "movies/603/2"]


def test_changes_of_one_title_since_a_time(history: Stored) -> None:
    assert ids(history.json("changes", "603", "--since", "10d")) == ["movies/603/10", "movies/603/9"]
    assert "no change of shows/603 is recorded, in " in history.done("changes", "shows/603")


def test_what_is_left_out_is_said(history: Stored) -> None:
    ended = history.scrapy("changes", "--limit", "1", "--json")
    assert (ended.status, len(ended.stdout.splitlines())) == (0, 1)
    assert ended.lines == ["scrapy changes: there are older ones: --limit 0 shows all, --since 7d a week"]
    assert len(history.json("changes", "--limit", "4")) == 4
    assert len(history.json("changes", "603", "--limit", "3")) == 3


def test_without_a_limit_the_last_fifty_are_shown(stored: Stored) -> None:
    rows = [change(1, revision, 1 + revision / 100, ("year", 1, 2)) for revision in range(60)]
    stored.fill(lambda store: store.records.put(CHANGES, rows))
    ended = stored.scrapy("changes", "--json")
    assert len(ended.stdout.splitlines()) == 50
    assert len(ended.lines) == 1
    for all_of_them in (("--limit", "0"), ("--since", "7d"), ("1",)):
        assert len(stored.json("changes", *all_of_them)) == 60


@pytest.mark.parametrize(
    "words",
    [("--since", "yesterday"), ("--limit", "-1"), ("--limit", "x"), ("603", "604"), ("Heat",)],
)
def test_wrong_usage_is_one_line(words: tuple[str, ...], stored: Stored) -> None:
    assert stored.refused(2, "changes", *words).startswith("scrapy changes: ")


def test_nothing_stored_is_said(stored: Stored) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "changes")


def test_a_change_takes_no_terminal(stored: Stored) -> None:
    rows = [change(1, 2, 1, (EVIL, EVIL, [EVIL]), title=EVIL)]
    stored.fill(lambda store: store.records.put(CHANGES, rows))
    assert not OBEYED.search(stored.done("changes"))
    assert stored.json("changes") == rows

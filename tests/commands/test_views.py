"""`scrapy views`, and `--where` and `--view` of other commands, as a user runs them."""

import pytest

from moviecrawler.stores.base import Store, Write
from tests.commands.stored import Stored
from tests.support.films import film


@pytest.fixture
def films(stored: Stored) -> Stored:
    async def fill(store: Store) -> None:
        await store.documents.write([Write("movies", id_, film(id_), None) for id_ in range(1, 13)])

    stored.fill(fill)
    return stored


def test_view_is_saved_shown_replaced_and_deleted(films: Stored) -> None:
    assert films.done("views").startswith("no view is saved yet")
    saved = films.done("views", "save", "new-ones", "year>=1960", "--sort=-year", "--columns", "title, rating.imdb")
    assert saved == "view new-ones is saved; use it as --view new-ones\n"
    assert films.done("views", "save", "all", "") == "view all is saved; use it as --view all\n"
    assert films.done("views", "list").splitlines() == [
        "all: all titles",
        *("new-ones: year>=1960", "  sorted by -year", "  columns title, rating.imdb"),
    ]
    (view,) = films.json("views", "show", "new-ones")
    assert view.pop("saved_at").startswith("20")
    assert view == {"filter": "year>=1960", "sort": "-year", "columns": ["title", "rating.imdb"]}
    assert "is replaced" in films.done("views", "save", "all", "kind:movies")
    assert films.done("views", "delete", "all") == "view all is deleted\n"
    assert [*films.json("views", "list")[0]] == ["new-ones"]
    assert "no view 'all'; there are new-ones" in films.refused(2, "views", "delete", "all")
    assert "did you mean new-ones?" in films.refused(2, "due", "--view", "new-one")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("save", "a b", "x"), "the name of a view has letters"),
        (("save", "a", "year", ">", "3"), "put the filter in quotes"),
        (("save", "a", "x", "--columns", "titel"), "did you mean title?"),
        (("sav", "a", "x"), "did you mean save?"),
        (("show",), "scrapy views show NAME: got 0 arguments"),
        (("show", "a"), "no view 'a'; scrapy views save makes one"),
    ],
)
def test_wrong_usage_is_one_line(films: Stored, words: tuple[str, ...], said: str) -> None:
    assert said in films.refused(2, "views", *words)


@pytest.mark.parametrize("words", [("views", "save", "a", "月 and yaer>3"), ("due", "--where", "月 and yaer>3")])
def test_wrong_filter_is_shown_with_a_caret_below_its_place(films: Stored, words: tuple[str, ...]) -> None:
    ended = films.scrapy(*words)
    assert (ended.status, ended.stdout) == (2, "")
    why, text, caret = ended.stderr.splitlines()
    assert why.endswith("no field 'yaer'; did you mean year?")
    assert (text, caret) == ("  月 and yaer>3", "         ^")


def test_due_counts_the_titles_of_a_view_that_a_filter_means_too(films: Stored) -> None:
    (everything,) = films.json("due", "--source", "tmdb")
    films.done("views", "save", "late", "year>=1956")
    films.done("views", "save", "all", "")
    assert films.json("due", "--source", "tmdb", "--view", "all") == [everything]
    (found,) = films.json("due", "--source", "tmdb", "--view", "late", "--where", "id<=10")
    assert sorted(row["id"] for row in found["movies"]["tmdb"]["next"]) == [6, 7, 8, 9, 10]
    assert found["movies"]["tmdb"]["ages"] == {"older": 5}


async def test_two_processes_that_save_at_once_lose_no_view(store: Store) -> None:
    from moviecrawler.stores.views import save_view, stored_views

    get, state = store.state.get, store.state

    async def get_then_other(name: str) -> object:
        found = await get(name)
        state.get = get  # type: ignore[method-assign]
        await save_view(store, "other", {"filter": "b", "saved_at": ""})
        return found

    state.get = get_then_other  # type: ignore[method-assign]
    await save_view(store, "mine", {"filter": "a", "saved_at": ""})
    assert [*await stored_views(store)] == ["mine", "other"]

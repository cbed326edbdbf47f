"""The matcher: one case per rule, and properties that hold for all films."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.identity import Match, match, title_keys

Document = dict[str, Any]


def film(id: int, title: str, date: str | None = None, *directors: str, **more: Any) -> Document:
    year = int(date[:4]) if date else None
    people = {"directors": [{"name": name} for name in directors]}
    return {"_id": id, "title": title, "year": year, "release_date": date, "people": people} | more


def said(title: str, when: str | int | None = None, *directors: str, **more: Any) -> Document:
    date = when if isinstance(when, str) else None
    year = int(when[:4]) if isinstance(when, str) else when
    people = {"directors": [{"name": name} for name in directors]}
    return {"title": title, "year": year, "release_date": date, "people": people} | more


SPELT: dict[str, tuple[str, str]] = {
    "part's number here": ("Crank 2: High Voltage", "Crank: High Voltage"),
    "part's number there": ("Jaws: The Revenge", "Jaws 4: The Revenge"),
    "part's number in Roman": ("Underworld III: Rise of the Lycans", "Underworld: Rise of the Lycans"),
    "article inside": ("Prince of Persia: Sands of Time", "Prince of Persia: The Sands of Time"),
    "3D behind": ("Shark Night 3D", "Shark Night"),
    "3-D inside": ("A Very Harold & Kumar 3-D Christmas", "A Very Harold & Kumar Christmas"),
    "3D for 3": ("Step Up 3", "Step Up 3D"),
    "subtitle of one word": ("The Divergent Series: Insurgent", "Insurgent"),
    "an author in front": ("Bram Stoker's Dracula", "Dracula"),
    "Movie in front and behind": ("SpongeBob SquarePants: The Movie", "The SpongeBob SquarePants Movie"),
    "Movie on one side": ("Angry Birds", "The Angry Birds Movie"),
    "series in front and behind": ("Solo: A Star Wars Story", "Star Wars: Solo"),
    "series in front and behind, with its number": ("Knives Out 2: Glass Onion", "Glass Onion: A Knives Out Mystery"),
    "ten times six": ("Gone in 60 Seconds", "Gone in Sixty Seconds"),
    "hundred and one": ("101 Dalmatians", "One Hundred and One Dalmatians"),
    "ordinal": ("The Sixth Day", "The 6th Day"),
    "saint": ("The Widow of St. Pierre", "The Widow of Saint-Pierre"),
    "sergeant": ("Sergeant Bilko", "Sgt. Bilko"),
    "versus": ("Batman vs. Superman: Dawn of Justice", "Batman v Superman: Dawn of Justice"),
    "article before an apostrophe": ("Burbs, The", "The 'burbs"),
    "an ending without its letter": ("Smokin' Aces", "Smoking Aces"),
    "genitive": ("Bridget Jones' Diary", "Bridget Jones's Diary"),
    "read as Latin-1": ("A Dogâ\x80\x99s Purpose", "A Dog's Purpose"),
    "read as Latin-1, with a name in front": ("Dr. Seussâ\x80\x99 The Grinch", "The Grinch"),
    "read as Windows-1252": ("AmÃ©lie", "Amélie"),
}
NOT_SPELT: dict[str, tuple[str, str]] = {
    "another part": ("Crank 2: High Voltage", "Crank 3: High Voltage"),
    "the part for the whole": ("Jaws 3", "Jaws"),
    "two subtitles": ("Paradise: Love", "Paradise: Faith"),
    "a genitive of the title": ("Schindler's List", "The List"),
    "a thing's": ("The Emperor's New Clothes", "New Clothes"),
    "sixty-one": ("Gone in 61 Seconds", "Gone in Sixty Seconds"),
}
US_IN_2005 = [{"country": "US", "type": 3, "date": "2005-03-25"}, {"country": "US", "type": 3, "date": "2023-08-16"}]
GONE = {"sources": {"tmdb": {"gone_at": "2026-11-01T00:00:00.000Z"}}}
TWINS = [film(1, "Alone", "2020-09-18", "John Hyams"), film(2, "Alone", "2020-10-16", "Johnny Martin")]
THING = film(1, "The Thing", "1982-06-25", "John Carpenter")

CASES: dict[str, tuple[Document, Sequence[Document], Match]] = {
    "its TMDB id is known": (said("Anything", id=7), [], Match(7, (7,), "tmdb_id")),
    "the same IMDb id, another title": (
        said("Cosa", 1982, imdb_id="tt0084787"),
        [film(2, "Cosa", "1982-01-01"), {**THING, "imdb_id": "tt0084787"}],
        Match(1, (1,), "imdb_id"),
    ),
    "another IMDb id": (
        said("The Thing", 1982, imdb_id="tt9999999"),
        [{**THING, "imdb_id": "tt0084787"}],
        Match(None, (), "none"),
    ),
    "one IMDb id at two TMDB ids, one of them gone": (
        said("The Thing", 1982, imdb_id="tt0084787"),
        [{**THING, "imdb_id": "tt0084787"}, {**THING, **GONE, "_id": 9, "imdb_id": "tt0084787"}],
        Match(1, (1,), "imdb_id"),
    ),
    "moved article": (said("Thing, The", 1982), [THING], Match(1, (1,), "title")),
    "year off by one, a title of few letters": (said("The Thing", 1983), [THING], Match(None, (1,), "unsure")),
    "year off by one, a long title": (
        said("The Assassination of Jesse James", 1983),
        [film(1, "The Assassination of Jesse James", "1982-06-25")],
        Match(1, (1,), "title"),
    ),
    "the year after a festival of autumn": (
        said("The Hurt Locker", 2009),
        [film(1, "The Hurt Locker", "2008-10-10")],
        Match(1, (1,), "title"),
    ),
    "the year after a festival of spring": (
        said("The Hurt Locker", 2009),
        [film(1, "The Hurt Locker", "2008-03-10")],
        Match(None, (1,), "unsure"),
    ),
    "the year behind the title": (said("The Thing (1982)", 1982), [THING], Match(1, (1,), "title")),
    "three years later": (said("The Thing", 1985), [THING], Match(None, (1,), "unsure")),
    "four years later": (said("The Thing", 1986), [THING], Match(None, (), "none")),
    "two years before": (said("The Thing", 1980), [THING], Match(None, (), "none")),
    "only the year is known": (said("The Thing", "1982-12-31"), [THING], Match(1, (1,), "title")),
    "same year, far dates, a title of few letters": (
        said("The Thing", "1982-12-01"),
        [THING],
        Match(None, (1,), "unsure"),
    ),
    "same year, far dates, another article": (
        said("Bubble Boys", "2006-01-27"),
        [film(1, "The Bubble Boys", "2006-06-06")],
        Match(None, (1,), "unsure"),
    ),
    "same year, another article": (
        said("Godfather", 1972),
        [film(1, "The Godfather", "1972-03-14")],
        Match(1, (1,), "title"),
    ),
    "half a year after the festival": (
        said("Happy-Go-Lucky", "2008-10-10"),
        [film(1, "Happy-Go-Lucky", "2008-02-12")],
        Match(1, (1,), "title"),
    ),
    "over a year after the festival": (
        said("Hard Candy", "2006-04-14"),
        [film(1, "Hard Candy", "2005-01-14")],
        Match(None, (1,), "unsure"),
    ),
    "over a year after the festival, a long title": (
        said("Wristcutters: A Love Story", "2007-10-19"),
        [film(1, "Wristcutters: A Love Story", "2006-01-23")],
        Match(1, (1,), "title"),
    ),
    "half a year after the first American release": (
        said("Happy Hours", "2008-10-10"),
        [film(1, "Happy Hours", "2008-02-12", releases=[{"country": "US", "type": 3, "date": "2008-03-01"}])],
        Match(None, (1,), "unsure"),
    ),
    "a short on another day": (
        said("Flow", "2024-06-01"),
        [film(1, "Flow", "2024-05-22", runtime=9)],
        Match(None, (1,), "unsure"),
    ),
    "a short on the very day": (
        said("Presto", "2008-06-27"),
        [film(1, "Presto", "2008-06-27", runtime=5)],
        Match(1, (1,), "day"),
    ),
    "a short, and the source says so": (
        said("Presto", "2008-07-01", runtime=5),
        [film(1, "Presto", "2008-06-27", runtime=5)],
        Match(1, (1,), "date"),
    ),
    "a short beside the film": (
        said("Flow", "2024-06-01"),
        [film(1, "Flow", "2024-05-22", runtime=9), film(2, "Flow", "2024-07-20", runtime=84)],
        Match(2, (2,), "date"),
    ),
    "a subtitle of one word, a month apart": (
        said("The Divergent Series: Insurgent", "2015-04-20"),
        [film(1, "Insurgent", "2015-03-18")],
        Match(None, (1,), "unsure"),
    ),
    "its director by another name, a day apart": (
        said("Charlie's Angels", "2000-11-03", "Joseph McGinty Nichol"),
        [film(1, "Charlie's Angels", "2000-11-02", "McG")],
        Match(1, (1,), "date"),
    ),
    "released again, decades later": (said("The Thing", "2022-06-19"), [THING], Match(None, (), "none")),
    "the next year, and over 365 days later": (said("The Thing", "1983-07-25"), [THING], Match(None, (1,), "unsure")),
    "first American release two years later": (
        said("Oldboy", "2005-03-25"),
        [film(1, "Oldboy", "2003-11-21", releases=US_IN_2005)],
        Match(1, (1,), "day"),
    ),
    "an American re-release is no first one": (
        said("Oldboy", "2023-08-16"),
        [film(1, "Oldboy", "2003-11-21", releases=US_IN_2005)],
        Match(None, (), "none"),
    ),
    "another director": (said("The Thing", 1982, "Nobody Known"), [THING], Match(None, (), "none")),
    "twins, and only the year": (said("Alone", 2020), TWINS, Match(None, (1, 2), "several")),
    "twins, and the director": (said("Alone", 2020, "Martin, Johnny"), TWINS, Match(2, (2,), "director")),
    "twins, and the day": (said("Alone", "2020-10-16"), TWINS, Match(2, (2,), "day")),
    "twins, both within 60 days": (said("Alone", "2020-10-01"), TWINS, Match(None, (1, 2), "several")),
    "twins, one within 60 days": (said("Alone", "2020-12-10"), TWINS, Match(2, (2,), "date")),
    "two years in a row": (
        said("The Killer", 2024),
        [film(1, "The Killer", "2023-10-25"), film(2, "The Killer", "2024-08-22")],
        Match(2, (2,), "title"),
    ),
    "main title before an alternative one": (
        said("Pinocchio", 2022),
        [
            film(1, "Pinocchio", "2022-09-07"),
            film(2, "Guillermo del Toro's Pinocchio", "2022-11-09", alternative_titles=[{"title": "Pinocchio"}]),
        ],
        Match(1, (1,), "title"),
    ),
    "alternative title": (
        said("Seven", 1995),
        [film(1, "Se7en", "1995-09-22", alternative_titles=[{"title": "Seven"}])],
        Match(1, (1,), "title"),
    ),
    "translation": (
        said("Das Leben der Anderen", 2006),
        [film(1, "The Lives of Others", "2006-03-23", titles={"de-DE": "Das Leben der Anderen"})],
        Match(1, (1,), "title"),
    ),
    "no year": (said("The Thing"), [THING], Match(None, (1,), "unsure")),
    "no year, but the director": (said("The Thing", None, "John Carpenter"), [THING], Match(1, (1,), "director")),
    "a film of unknown year": (said("The Thing", 1982), [film(1, "The Thing")], Match(None, (1,), "unsure")),
    "one of two has no year": (said("The Thing", 1982), [THING, film(2, "The Thing")], Match(None, (1, 2), "several")),
    "a tombstone beside the film": (
        said("The Thing", 1982),
        [THING, {**THING, **GONE, "_id": 9}],
        Match(1, (1,), "title"),
    ),
    "a studio in front": (
        said("Disney's A Christmas Carol", 2009),
        [film(1, "A Christmas Carol", "2009-11-04")],
        Match(1, (1,), "title"),
    ),
    "the director in front": (
        said("John Carpenter's The Thing", 1982),
        [THING],
        Match(1, (1,), "title"),
    ),
    "somebody in front": (
        said("Schindler's List", "1993-12-15"),
        [film(1, "The List", "1993-12-15")],
        Match(None, (), "none"),
    ),
    "or": (
        said("Birdman or (The Unexpected Virtue of Ignorance)", 2014),
        [film(1, "Birdman", "2014-08-27")],
        Match(1, (1,), "title"),
    ),
    "episode": (
        said("Star Wars Ep. VII: The Force Awakens", 2015),
        [film(1, "Star Wars: The Force Awakens", "2015-12-15")],
        Match(1, (1,), "title"),
    ),
    "chapter": (said("John Wick 2", 2017), [film(1, "John Wick: Chapter 2", "2017-02-08")], Match(1, (1,), "title")),
    "number words": (said("Ocean's 11", 2001), [film(1, "Ocean's Eleven", "2001-12-07")], Match(1, (1,), "title")),
    "a number alone is a title": (said("9", "2009-09-09"), [film(1, "Nine", "2009-12-03")], Match(None, (), "none")),
    "subtitle left out, with a date": (
        said("Borat", "2006-11-03"),
        [film(1, "Borat: Cultural Learnings of America", "2006-11-01")],
        Match(1, (1,), "date"),
    ),
    "subtitle left out, without a date": (
        said("Borat", 2006),
        [film(1, "Borat: Cultural Learnings of America", "2006-11-01")],
        Match(None, (), "none"),
    ),
    "the second part is not the whole": (
        said("Nymphomaniac", "2014-04-04"),
        [film(1, "Nymphomaniac: Vol. II", "2014-04-04")],
        Match(None, (), "none"),
    ),
    "two subtitles of one title": (
        said("Paradise: Love", "2012-11-30"),
        [film(1, "Paradise: Faith", "2012-11-30")],
        Match(None, (), "none"),
    ),
    "a title cut short": (
        said(
            "The Lord of the Rings: The Fellowship…",
            2001,
            source_id="Lord-of-the-Rings-The-Fellowship-of-the-Ring-The-(2001)",
        ),
        [film(1, "The Lord of the Rings: The Fellowship of the Ring", "2001-12-18")],
        Match(1, (1,), "title"),
    ),
    "nothing was found": (said("The Thing", 1982), [], Match(None, (), "none")),
}


@pytest.mark.parametrize("case", CASES)
def test_match_rules(case: str) -> None:
    record, candidates, expected = CASES[case]
    assert match(record, candidates) == expected


@pytest.mark.parametrize("kind", SPELT)
def test_one_title_in_two_spellings_a_day_apart_is_one_film(kind: str) -> None:
    here, there = SPELT[kind]
    for one, other in ((here, there), (there, here)):
        assert match(said(one, "2010-05-02"), [film(1, other, "2010-05-01")]).id == 1
        assert set(title_keys(said(one))) & set(title_keys(film(1, other)))


@pytest.mark.parametrize("kind", NOT_SPELT)
def test_titles_that_only_look_alike_are_two_films(kind: str) -> None:
    here, there = NOT_SPELT[kind]
    for one, other in ((here, there), (there, here)):
        assert match(said(one, "2010-05-02"), [film(1, other, "2010-05-01")]).id is None


def test_both_sides_respelt_need_no_date() -> None:
    pelham = film(1, "The Taking of Pelham 1 2 3", "2009-06-11")
    assert match(said("The Taking of Pelham 123", 2009), [pelham]).id == 1


@pytest.mark.parametrize("case", CASES)
def test_films_that_match_by_title_share_a_key(case: str) -> None:
    record, candidates, expected = CASES[case]
    for document in candidates:
        if document["_id"] == expected.id and expected.how not in ("tmdb_id", "imdb_id"):
            assert set(title_keys(record)) & set(title_keys(document))


_TITLES = st.sampled_from(
    ["The Thing", "Thing", "It", "It: Chapter Two", "It Chapter 2", "Marvel's It", "It or: That", "9", "Nine", "…", ""]
) | st.text(max_size=12)
_DATES = st.none() | st.dates(*[dt.date(year, 1, 1) for year in (1999, 2002)]).map(str)
_DIRECTORS = st.lists(st.sampled_from(["Ang Lee", "Spike Lee", "Agnès Varda"]), max_size=2, unique=True)


@st.composite
def films(draw: st.DrawFn) -> list[Document]:
    drawn = draw(st.lists(st.tuples(_TITLES, _DATES, _DIRECTORS), max_size=5))
    return [film(id, title, date, *directors) for id, (title, date, directors) in enumerate(drawn, start=1)]


_RECORDS = st.builds(lambda title, date, directors: said(title, date, *directors), _TITLES, _DATES, _DIRECTORS)


@given(_RECORDS, films(), st.randoms())
def test_the_order_of_candidates_does_not_matter(record: Document, candidates: list[Document], random: Any) -> None:
    shuffled = random.sample(candidates, len(candidates))
    assert match(record, shuffled) == match(record, candidates)


@given(_RECORDS, films())
def test_an_answer_is_one_of_the_candidates(record: Document, candidates: list[Document]) -> None:
    found = match(record, candidates)
    assert set(found.candidates) <= {document["_id"] for document in candidates}
    assert found.id is None or found.candidates == (found.id,)
    assert list(found.candidates) == sorted(found.candidates)


@given(_TITLES.filter(lambda title: title_keys({"title": title}) != []), _DATES.filter(bool), _DIRECTORS)
def test_a_film_matches_its_own_data(title: str, date: str, directors: list[str]) -> None:
    assert match(said(title, date, *directors), [film(1, title, date, *directors)]).id == 1


@given(_RECORDS, films())
def test_a_twin_never_makes_a_match_firm(record: Document, candidates: list[Document]) -> None:
    twins = [{**document, "_id": document["_id"] + 100} for document in candidates]
    assert match(record, [*candidates, *twins]).id is None


@given(_RECORDS, films())
def test_other_films_do_not_change_the_answer(record: Document, candidates: list[Document]) -> None:
    other = film(99, "A Film That Nobody Has Asked For", "2000-05-05")
    assert match(record, [*candidates, other]) == match(record, candidates)


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("L\\'auberge espagnole", "L'Auberge espagnole"),
        ("Antarctic Edge: 70º South", "Antarctic Edge: 70° South"),
        ("Disney Planes", "Planes"),
    ],
)
def test_unusual_spellings_of_a_source_are_matched(source: str, stored: str) -> None:
    record, document = said(source, "2013-08-09"), film(1, stored, "2013-08-07")
    assert set(title_keys(record)) & set(title_keys(document))
    assert match(record, [document]).id == 1


@pytest.mark.parametrize("date", ["1975-01-01", "1975-12-31"])
def test_the_first_and_the_last_day_of_a_year_may_stand_for_the_year(date: str) -> None:
    assert match(said("Barry Lyndon", date), [film(1, "Barry Lyndon", "1975-09-18")]).id == 1
    assert match(said("Barry Lyndon", date), [film(1, "Barry Lyndon", "1973-01-18")]).id is None


def test_a_near_date_with_another_article_does_not_beat_the_exact_title() -> None:
    """Nobody can tell: "Departure" of last year may come to the cinemas now, weeks before "The Departure"."""
    films = [film(1, "Departure", "2016-05-12"), film(2, "The Departure", "2017-04-21")]
    assert match(said("Departure", "2017-03-07"), films) == Match(None, (1, 2), "several")

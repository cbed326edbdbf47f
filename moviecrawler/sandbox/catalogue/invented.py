"""Invented films and shows: number ``n`` of a seed is always the same work, which is made anew when it is needed.

Ids begin at 5,000,000, far beyond TMDB's; both kinds use the same ids, as TMDB's id spaces are separate. Languages,
votes and popularity are distributed as in real data, from common to rare.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import TypedDict

from moviecrawler.sandbox.catalogue import edge_cases, film_collections, seeded, vocabulary
from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID
from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import IndexRow, Kind, Work

_IMDB = 90_000_000  # eight digits, beyond all ids that IMDb has assigned; shows use the odd numbers

_LANGUAGE_OF = (
    ("en",) * 24 + ("zh",) * 7 + ("ja", "ko", "hi") * 5 + ("fr", "es") * 4 + ("de",) * 4 + ("ar",) * 4 + ("cn",) * 2
)
_COUNTRY_OF = {code: (country,) for code, (_, _, country) in LANGUAGES.items()}
_GENRES_OF: dict[Kind, tuple[tuple[int, ...], ...]] = {
    "movie": (
        (18,), (35,), (18, 10749), (28, 53), (35, 10749), (27, 53), (99,), (28, 12, 878), (80, 18), (16, 10751, 12),
        (27,), (53, 9648), (878, 18), (36, 18), (10752, 18), (14, 12), (10402,), (37,), (35, 18), (80, 53),
        (18, 10751), (10770, 18), (28,), (16, 14), (9648, 80), (12, 10751), (878, 53), (99, 36), (27, 9648), (35, 80),
        (),
    ),
    "tv": (
        (18,), (35,), (80, 18), (10759, 10765), (16, 35), (18, 9648), (10762,), (99,), (10764,), (10766, 18), (10767,),
        (10768, 18), (37, 18), (10751, 35), (10763,),
    ),
}  # fmt: skip


class Inventor:
    """Makes the ``n``-th invented work of a kind; years are inclusive."""

    def __init__(self, seed: int, first_year: int, last_year: int) -> None:
        self._seed = seed
        self._first_day = dt.date(first_year, 1, 1).toordinal()
        self._days = dt.date(last_year, 12, 31).toordinal() - self._first_day + 1
        self._date_of = [dt.date.fromordinal(self._first_day + day).isoformat() for day in range(self._days)]

    def row(self, kind: Kind, n: int) -> IndexRow:
        """The row of the index; takes about two microseconds, so that 50,000 rows are no noticeable delay."""
        bits = seeded.bits(self._seed, kind, n)
        language = _LANGUAGE_OF[(bits & 0xFF) % len(_LANGUAGE_OF)]
        fame = (bits >> 8 & 0xFFFF) / 0x10000
        genres = _GENRES_OF[kind]
        row = IndexRow(
            id=FIRST_INVENTED_ID + n,
            date=self._date_of[(bits >> 24 & 0xFFFFFFFF) % self._days],
            popularity=round(0.6 + 60 * fame**6 + fame, 4),
            votes=int(2 ** (13 * fame**1.5)) - 1 + (bits >> 56 & 7),
            average=round(3.2 + (bits >> 60 & 0xFFF) / 0xFFF * 5.6, 3),
            language=language,
            genres=genres[(bits >> 72 & 0xFFFF) % len(genres)],
            countries=_COUNTRY_OF[language],
        )
        # Only TMDB's edge cases affect the row.
        return edge_cases.apply_to_row(row, edge_cases.of_invented(n)) if n % 100 in edge_cases.TMDB else row

    def original_title(self, kind: Kind, n: int) -> str:
        """The original title, for the exports, without making the rest of the work."""
        a, b, pattern = _draw_title_words(seeded.generator(self._seed, kind, n, "details"))
        return _format_title(_written_language(self.row(kind, n)), a, b, pattern)

    def titles(self, kind: Kind, n: int) -> tuple[str, ...]:
        """The titles in all languages, English first, without making the rest of the work."""
        sequel = film_collections.sequel_of(n) if kind == "movie" else None
        words = _draw_title_words(seeded.generator(self._seed, kind, sequel.first if sequel else n, "details"))
        names = {code: _format_title(code, *words) for code in vocabulary.LANGUAGES}
        found = dict.fromkeys((*names.values(), names["zh"].translate(vocabulary.TRADITIONAL)))
        if sequel:
            return tuple(_sequel_title(title, sequel.part) for title in found)
        longer = edge_cases.changed_facts(edge_cases.of_invented(n)).get("title")
        return (longer, *found) if longer else tuple(found)

    def sequel_row(self, n: int) -> IndexRow:
        """The row of the film number ``n``, a sequel: alike that of the first film, each two years later."""
        sequel = film_collections.sequel_of(n)
        assert sequel is not None
        row, first = self.row("movie", n), self.row("movie", sequel.first)
        day = dt.date.fromisoformat(first.date) + dt.timedelta(days=728 * (sequel.part - 1))
        return row._replace(
            date=day.isoformat(), language=first.language, genres=first.genres, countries=first.countries
        )

    def work(self, kind: Kind, n: int) -> Work:
        """The whole work; of a sequel (``film_collections``) with the first film's titles and a numeral."""
        sequel = film_collections.sequel_of(n) if kind == "movie" else None
        if sequel is None:
            return self._work(kind, n)
        first = self._work("movie", sequel.first)
        return replace(
            self._work("movie", n),
            row=self.sequel_row(n),
            title=_sequel_title(first.title, sequel.part),
            original_title=_sequel_title(first.original_title, sequel.part),
            translations=tuple((language, _sequel_title(title, sequel.part)) for language, title in first.translations),
            collection=first.collection,
            collection_id=first.collection_id,
        )

    def _work(self, kind: Kind, n: int) -> Work:
        row = self.row(kind, n)
        cases = edge_cases.of_invented(n)
        rng = seeded.generator(self._seed, kind, n, "details")
        drawn = _draw_title_words(rng)
        names = {code: _format_title(code, *drawn) for code in vocabulary.LANGUAGES}
        written = _written_language(row)
        # The generator is drawn from in the order of the arguments: another order makes other works.
        work = Work(
            kind=kind,
            row=row,
            is_real=False,
            edge_cases=cases,
            title=names["en"],
            original_title=names[written],
            imdb_id=f"tt{_IMDB + 2 * n + (kind == 'tv')}",
            runtime=rng.randint(72, 168) if kind == "movie" else rng.choice((24, 42, 55)),
            budget=rng.randrange(4, 120) * 500_000 if rng.random() < 0.6 else 0,
            revenue=rng.randrange(200_000, 300_000_000) if rng.random() < 0.6 else 0,
            directors=(_person(rng, written),),
            writers=(_person(rng, written), _person(rng, written)),
            cast=tuple((_person(rng, written), rng.choice(vocabulary.CHARACTERS)) for _ in range(rng.randint(4, 14))),
            studios=tuple(rng.sample(vocabulary.STUDIOS, rng.randint(1, 3))),
            keywords=tuple(rng.sample(vocabulary.KEYWORDS, rng.randint(2, 6))),
            translations=_translations(names),
            certification=rng.choice(("G", "PG", "PG-13", "PG-13", "R", "R", "NR")),
        )
        rng.random()  # drawn by earlier versions: without it, the shows would be others
        if kind == "movie" and film_collections.begins_collection(n):
            work = replace(work, collection=f"{names['en']} Collection", collection_id=row.id)
        if kind == "tv":
            work = replace(work, **_broadcast(rng, row, self._date_of[-1]))
        return replace(work, **edge_cases.changed_facts(cases)) if cases else work


def number_of_imdb_id(kind: Kind, imdb_id: str) -> int | None:
    """The number of the invented work with this IMDb id; None if there is none."""
    digits = imdb_id.removeprefix("tt")
    if not digits.isdecimal() or (number := int(digits) - _IMDB) < 0 or number % 2 != (kind == "tv"):
        return None
    return number // 2


def _sequel_title(title: str, part: int) -> str:
    return f"{title} {'I' * part}"


def _written_language(row: IndexRow) -> str:
    return {"cn": "zh", "xx": "en"}.get(row.language, row.language)


def _draw_title_words(rng: random.Random) -> tuple[dict[str, str], dict[str, str], int]:
    """Two nouns, each in all languages, and the number of a title pattern."""
    a, b = rng.sample(vocabulary.NOUNS, 2)
    return a, b, rng.randrange(3)


def _format_title(language: str, a: dict[str, str], b: dict[str, str], pattern: int) -> str:
    return vocabulary.PATTERNS[language][pattern].format(a=a[language], b=b[language])


def _translations(names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    by_region = [(f"{code}-{LANGUAGES[code][2]}", name) for code, name in names.items() if code != "en"]
    traditional = names["zh"].translate(vocabulary.TRADITIONAL)
    return (*by_region, ("zh-TW", traditional), ("zh-HK", traditional))


def _person(rng: random.Random, language: str) -> str:
    given, family, order = vocabulary.NAMES[language]
    return order.format(given=rng.choice(given.split()), family=rng.choice(family.split()))


class _Broadcast(TypedDict):
    seasons: int
    episodes: int
    networks: tuple[str, ...]
    last_date: str
    is_running: bool


def _broadcast(rng: random.Random, row: IndexRow, today: str) -> _Broadcast:
    seasons = rng.randint(1, 6)
    last = (dt.date.fromisoformat(row.date) + dt.timedelta(days=seasons * 330 - 250)).isoformat() if row.date else ""
    return {
        "seasons": seasons,
        "episodes": seasons * rng.choice((8, 10, 22)),
        "networks": (rng.choice(vocabulary.NETWORKS),),
        "last_date": min(last, today),
        "is_running": last > today,
    }

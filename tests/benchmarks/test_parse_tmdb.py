"""Reading a film's answer must cost little beside decoding its JSON."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from moviecrawler.sources import tmdb

LIMIT = 1.3
REGIONS = [first + second for first in "ABCDEFGH" for second in "RSTUVWXY"]


def answer(cast: int, crew: int, translations: int, releases: int, pictures: int) -> dict[str, Any]:
    """A film with everything, in the sizes given; with over 100 pictures also without TMDB's own choice of them."""
    person = {"adult": False, "gender": 2, "id": 1, "known_for_department": "Acting", "popularity": 1.5}
    picture = {"aspect_ratio": 1.778, "height": 1080, "iso_3166_1": "DE", "iso_639_1": "de", "width": 1920}
    jobs = ["Director", "Screenplay", *["Compositor"] * 18]
    return {
        "id": 603,
        "imdb_id": "tt0133093",
        "title": "A Film",
        "original_title": "A Film",
        "original_language": "en",
        "overview": "word " * 60,
        "release_date": "1999-03-31",
        "runtime": 136,
        "poster_path": "/poster.jpg" if pictures <= 100 else None,
        "backdrop_path": "/backdrop.jpg" if pictures <= 100 else None,
        "budget": 63_000_000,
        "revenue": 463_517_383,
        "vote_average": 8.2,
        "vote_count": 27_000,
        "genres": [{"id": n, "name": f"Genre {n}"} for n in range(1, 4)],
        "production_companies": [{"id": n, "name": f"Studio {n}"} for n in range(5)],
        "credits": {
            "cast": [{**person, "name": f"Actor {n}", "character": f"Role {n}", "order": n} for n in range(cast)],
            "crew": [{**person, "name": f"Person {n}", "job": jobs[n % len(jobs)]} for n in range(crew)],
        },
        "keywords": {"keywords": [{"id": n, "name": f"keyword {n}"} for n in range(20)]},
        "images": {
            slot: [{**picture, "file_path": f"/{slot}{n}.jpg", "vote_average": 5.0} for n in range(pictures)]
            for slot in ("backdrops", "posters", "logos")
        },
        "translations": {
            "translations": [
                {
                    "iso_639_1": "aa",
                    "iso_3166_1": region,
                    "data": {"title": f"Título {region}", "overview": "wörd " * 60},
                }
                for region in REGIONS[:translations]
            ]
        },
        "release_dates": {
            "results": [
                {
                    "iso_3166_1": region,
                    "release_dates": [{"certification": "12", "release_date": "1999-06-11T00:00:00.000Z", "type": 3}],
                }
                for region in REGIONS[:releases]
            ]
        },
        "videos": {"results": [{"site": "YouTube", "key": f"k{n}", "type": "Trailer"} for n in range(10)]},
    }


def milliseconds(call: Callable[[], object]) -> float:
    """The best of many short rounds: what the code costs when nobody else runs."""
    best = float("inf")
    for _ in range(100):
        started = time.perf_counter()
        for _ in range(5):
            call()
        best = min(best, (time.perf_counter() - started) / 5)
    return best * 1000


@pytest.mark.benchmark
@pytest.mark.parametrize(
    ("size", "payload"),
    [
        ("typical", answer(cast=40, crew=150, translations=30, releases=40, pictures=50)),
        ("largest", answer(cast=300, crew=600, translations=60, releases=60, pictures=200)),
    ],
)
def test_a_film_is_read_in_about_the_time_that_its_json_takes(size: str, payload: dict[str, Any]) -> None:
    body = json.dumps(payload)
    parse, decode = milliseconds(lambda: tmdb.parse_movie(payload)), milliseconds(lambda: json.loads(body))
    print(
        f"\n{size} film ({len(body) // 1024} KB): parse_movie {parse:.3f} ms, json.loads {decode:.3f} ms,"
        f" ratio {parse / decode:.2f} (at most {LIMIT})"
    )
    assert parse < LIMIT * decode

"""What comes first: details before the next listing page, popular films before others, pictures behind answers."""

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.crawl import FAST, Home, paths, queries
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, json_answer, picture

SANDBOX = ("--movies", "300")


def test_details_of_a_page_come_before_the_next_page(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=20)
    assert home.crawl("tmdb_trending", "pages=3", TMDB_CONCURRENCY="4").status == 0
    asked = paths(sandbox.log())
    pages = [number for number, path in enumerate(asked) if path.startswith("/trending")]
    assert queries(sandbox.log(path="/3/trending"), "page") == ["1", "2", "3"]
    assert pages[0] == 0
    # While its last details are in flight the next page may go, so that the host is never idle.
    assert 20 - 4 < pages[1] <= 21
    assert pages[1] + 19 - 4 < pages[2] <= pages[1] + 20
    first = [int(path.rpartition("/")[2]) for path in asked[1:17]]
    popularity = [home.documents()[id]["popularity"] for id in first]
    ranks = [sorted(popularity, reverse=True).index(one) for one in popularity]
    assert all(abs(place - rank) < 4 for place, rank in enumerate(ranks)), "four on their way may overtake each other"


def test_slow_pictures_hold_up_no_answer_of_the_api(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(
        IMAGES_ENABLED="1",
        IMAGES_TIMEOUT="2",
        IMAGES_CONCURRENCY="40",
        SOURCE_PATIENCE="1",
        TMDB_IMAGE_BASE_URLS=sandbox.cdns[0],
    )
    sandbox.faults([{"kind": "slow", "target": "cdn", "seconds": 30}])
    ended = home.crawl("tmdb_trending")
    assert "no picture from the image hosts" in ended.stderr
    log = sandbox.log()
    answers = [entry["at"] for entry in log if entry["server"] == "api"]
    pictures = [entry["at"] for entry in log if entry["server"] == "cdn1"]
    assert len(home.documents()) == 20
    assert len(pictures) >= 40
    assert answers[-1] - answers[0] < 1.9, "all answers came while the first pictures were still waiting"


def test_answers_come_before_pictures_details_before_the_next_page_and_popular_films_first(tmp_path: Path) -> None:
    """With a long queue of both: six pages of films at 60 requests a second, and a CDN that does four at a time."""
    pages, per_page = 6, 20
    popular = {page: [page * 100 + (7 * n) % per_page for n in range(per_page)] for page in range(1, pages + 1)}

    def lists(asked: Asked) -> Answer:
        if asked.path.endswith("/trending/movie/day"):
            page = int(asked.query["page"])
            rows: list[dict[str, Any]] = [
                {"id": id, "title": f"Film {id}", "media_type": "movie", "vote_count": 500, "popularity": 1000.0 - n}
                for n, id in enumerate(popular[page])
            ]
            return json_answer(
                {"page": page, "results": rows[::-1], "total_pages": pages, "total_results": pages * per_page}
            )
        id = int(asked.path.rpartition("/")[2])
        return film(id, poster_path=f"/{id}.jpg", popularity=5.0)

    all_answered = threading.Event()

    def slow(asked: Asked) -> Answer:
        all_answered.wait(0.5)
        return body

    body = picture(92, 138)
    with Site(lists) as site, Site(slow) as cdn:
        home = Home(
            tmp_path,
            {
                **FAST,
                "IMAGES_ENABLED": "1",
                "IMAGES_POSTER_SIZES": "w92",
                **site.env,
                "TMDB_IMAGE_BASE_URLS": f"{cdn.url}/t/p",
                "TMDB_RATE": "60",
                "TMDB_BURST": "1",
                "TMDB_CONCURRENCY": "1",  # several on their way may overtake each other
                "IMAGES_CONCURRENCY": "4",
            },
        )
        process = home.start_crawl("tmdb_trending", f"pages={pages}")
        while len(site.asked) < pages * (per_page + 1):
            time.sleep(0.02)
            assert process.poll() is None, process.communicate()
        fetched = len(cdn.asked)
        all_answered.set()
        assert home.wait(process).status == 0
        asked = [
            one.path.rpartition("/")[2]
            if "/movie/" in one.path and "trending" not in one.path
            else f"page {one.query['page']}"
            for one in site.asked
        ]
    assert fetched < pages * per_page / 2, "the queue of pictures was long, and held no answer back"
    assert len(cdn.asked) == pages * per_page
    listings = [asked.index(f"page {page}") for page in range(1, pages + 1)]
    assert listings == sorted(listings)
    for page, (start, end) in enumerate(pairwise([*listings, len(asked)]), start=1):
        assert asked[start + 1 : end] == [str(id) for id in popular[page]]

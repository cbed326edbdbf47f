"""What comes first: details before the next listing page, popular films before others, pictures behind answers."""

from collections.abc import Callable

from tests.crawls.run import Home, paths, queries
from tests.sandbox.process import Sandbox

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
    assert popularity == sorted(popularity, reverse=True)


def test_slow_pictures_hold_up_no_answer_of_the_api(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(IMAGES_ENABLED="1", IMAGES_TIMEOUT="2", IMAGES_CONCURRENCY="40", RETRY_TRIES="1")
    sandbox.faults([{"kind": "slow", "target": "cdn", "seconds": 30}])
    ended = home.crawl("tmdb_trending", "pages=2")
    assert ended.status == 0, ended.stderr
    log = sandbox.log()
    answers = [entry["at"] for entry in log if entry["server"] == "api"]
    pictures = [entry["at"] for entry in log if entry["server"] == "cdn1"]
    assert len(home.documents()) == 39
    assert len(pictures) > 40
    assert answers[-1] - answers[0] < 1.9, "all answers came while the first pictures were still waiting"

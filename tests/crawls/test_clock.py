"""A clock of the date that jumps by days in mid-crawl: budget, back-off and breakers do not look at it."""

from collections.abc import Callable

from tests.crawls.test_rate import within_budget
from tests.support.crawl import ROOT, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")

JUMPING = """
import datetime
import itertools
import time

import twisted.python.runtime  # before: Twisted's own timers go by this clock, and at its end a run waits for one

true_time, day = time.time, 86_400.0
jumps = itertools.cycle([0.0, 2 * day, -3 * day, 400 * day, -0.5])


def jumping():
    return true_time() + next(jumps)


class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(jumping(), tz)


time.time = jumping
datetime.datetime = Jumping
"""
"""As ``sitecustomize``, which Python imports before anything else: each look at the clock shows another day."""


def test_a_crawl_does_not_care_what_day_it_is(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(TMDB_RATE="5", TMDB_BURST="5", CACHE_URI="sqlite:", IMAGES_ENABLED="1", RETRY_TRIES="9")
    (home.folder / "sitecustomize.py").write_text(JUMPING)
    jumping = {"PYTHONPATH": f"{home.folder}:{ROOT}", "IMAGES_POSTER_SIZES": "w92", "IMAGES_BACKDROP_SIZES": "w300"}
    sandbox.settings(rate=5, burst=6)  # one more: on a busy machine two may arrive together
    sandbox.faults([{"kind": "500", "target": "cdn1"}, {"kind": "503", "target": "/3/movie", "seconds": 1, "times": 1}])
    ended = home.crawl("tmdb_trending", "limit=8", **jumping)
    assert ended.status == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    films = home.documents().values()
    assert len({film["sources"]["tmdb"]["fetched_at"][:10] for film in films}) > 1, "the clock did jump"
    assert len(films) == 8
    assert home.stats["pictures/fetched"] == home.stats["pictures/wanted"] == 16
    asked = sandbox.log(server="api")
    assert len(asked) == 10
    assert [entry["status"] for entry in asked].count(429) == 0, "a site that enforces the budget has no complaint"
    assert within_budget(asked, 5, 5)
    dead = sandbox.cdns[0].removesuffix("/t/p")
    assert home.stats[f"hosts/{dead}/opened"] == 1, "the breaker opened, and its cool-down lasts"

    sandbox.faults([])
    again = home.crawl("tmdb_trending", "limit=8", "force=1", **jumping)
    assert again.status == 0, again.stderr
    assert "Traceback" not in again.stderr
    assert "rejects/" not in str(home.stats)

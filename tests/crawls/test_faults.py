"""Every fault of a site, at 10 %: the crawl ends by itself, and all that can be had is stored once and whole."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.support.crawl import Home, paths, timeless
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "1500", "--years", "2024-2024", "--shows", "0")

INVENTED = "/3/movie/5000"
FAULTS = {
    # Each has its own share of the invented films, ids 5,000,000 to 5,000,998. A 429 costs a second of everybody's
    # time, so it gets ten films only.
    "500": (f"{INVENTED}1", {}),
    "503": (f"{INVENTED}2", {"seconds": 0.05}),
    "reset": (f"{INVENTED}3", {}),
    "truncate": (f"{INVENTED}4", {}),
    "html": (f"{INVENTED}5", {}),
    "error200": (f"{INVENTED}6", {"code": 11}),
    "slow": (f"{INVENTED}7", {"seconds": 5}),
    "429": (f"{INVENTED}84", {"rate": 0.3}),
}


def test_every_fault_at_ten_percent(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    crawl = ("tmdb_discover", "start_year=2024", "min_votes=0")
    clean, home = make_home("clean", FILTER_ENABLED="0"), make_home("home", FILTER_ENABLED="0", DOWNLOAD_TIMEOUT="0.7")
    assert clean.crawl(*crawl).status == 0
    sandbox.clear_log()

    rules = [{"kind": kind, "target": target, "rate": 0.1, **more} for kind, (target, more) in FAULTS.items()]
    sandbox.faults([*rules, {"kind": "html", "target": "/3/discover", "rate": 0.1}])
    ended = home.crawl(*crawl)
    assert ended.status == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    log, stats = sandbox.log(), home.stats
    struck = Counter(entry["fault"] for entry in log)
    assert all(struck[kind] for kind in FAULTS), struck

    films, rejects = home.documents(), home.records("rejects")
    assert stats["titles/found"] == stats["titles/expected"] > 1000
    assert len(rejects) <= 0.001 * stats["titles/found"]
    assert len(films) + len(rejects) == stats["titles/found"] == stats["titles/inserted"] + len(rejects)
    assert all(film["revision"] == 1 for film in films.values()), "nothing twice"
    wanted = clean.documents()
    assert {id: timeless(film) for id, film in films.items()} == {id: timeless(wanted[id]) for id in films}, (
        "nothing half"
    )

    asked = Counter(paths(sandbox.log(path="/3/movie")))
    assert max(asked.values()) <= 5
    assert stats["retry/count"] == sum(asked.values()) - len(asked) + len(sandbox.log(path="/3/discover")) - len(
        {entry["query"] for entry in sandbox.log(path="/3/discover")}
    )
    assert stats["downloader/request_count"] == len(log)
    assert "of them retried" in ended.stderr


@pytest.mark.parametrize("kind", ["500", "503", "reset", "truncate", "html", "slow"])
def test_a_film_that_never_comes_is_a_reject_after_five_tries(sandbox: Sandbox, home: Home, kind: str) -> None:
    sandbox.faults([{"kind": kind, "target": "/3/movie/5000100", "seconds": 0.05 if kind == "503" else 5}])
    ended = home.crawl("tmdb_titles", "ids=5000100,5000101", DOWNLOAD_TIMEOUT="0.2")
    assert ended.status == 1, ended.stderr
    assert list(home.documents()) == [5000101]
    (reject,) = home.records("rejects").values()
    assert reject["tries"] == 5
    assert reject["reason"] == {"503": "throttled", "truncate": "garbage", "html": "garbage"}.get(kind, "failed")
    assert Counter(paths(sandbox.log())) == {"/movie/5000100": 5, "/movie/5000101": 1}
    assert home.stats["retry/count"] == 4

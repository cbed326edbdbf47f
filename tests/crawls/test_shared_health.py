"""An image host that failed one worker is not tried by those that come after it, on whatever machine."""

from pathlib import Path

from tests.crawls.test_failover import IDS, TITLES, gives_picture, home_for, posters, sites, status
from tests.support.redis_server import RedisServer


def test_all_workers_know_what_one_has_learned(tmp_path: Path, redis: RedisServer) -> None:
    with sites(status(500), gives_picture) as running:
        dead = running[1]
        settings = {"REDIS_URL": redis.uri, "FAILOVER_COOL_DOWN": "600"}
        one, other = (home_for(tmp_path / name, running, **settings) for name in ("one", "other"))
        assert one.crawl("tmdb_titles", TITLES).status == 0
        asked = len(dead.asked)
        assert 3 <= asked <= 20
        assert other.crawl("tmdb_titles", TITLES).status == 0
        assert len(dead.asked) == asked
    assert [posters(home) for home in (one, other)] == [len(IDS)] * 2

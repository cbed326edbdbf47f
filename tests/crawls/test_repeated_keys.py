"""A site repeats the key that it was sent, in its errors, its answers and its headers: it is kept nowhere."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.crawls.leaks import files, leaks
from tests.crawls.run import FAST, Home
from tests.crawls.site import Answer, Asked, Site, film

KEY = "Canary.1f0e/2d3c+4b5a=6978-8796_a5b4"
RELAY = "relay-C4n4ry-0123456789"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda key: quote(key, safe=""),
    "json": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "repr": lambda key: "".join(f"\\x{ord(sign):02x}" for sign in key),
    "html": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "base64": lambda key: base64.urlsafe_b64encode(f"u:{key}".encode()).decode().rstrip("="),
    "wrapped": lambda key: f"{key[:20]}=\r\n{key[20:]}",
    "behind the excerpt": lambda key: "x" * 280 + key,
}


def answer(asked: Asked) -> Answer:
    """Films below 10 are answered with their errors in a spelling each; film 10 has the key in every field."""
    if asked.path.startswith("/t/p"):
        return Answer(f"<p>unknown token {RELAY}".encode(), 403, {"Content-Type": "text/html"})
    if asked.path == "/relay":
        return Answer(f"unknown token {asked.query['token']}".encode(), 401, {"Content-Type": "text/plain"})
    number = int(asked.path.rpartition("/")[2])
    if number < 10:
        spelt = list(SPELLINGS.values())[number - 1](KEY)
        return Answer(f"<h1>401: {spelt} of {asked.headers['Authorization']}</h1>".encode(), 400)
    said = film(
        number,
        title=f"Film of {KEY}",
        overview=f"{quote(KEY)} and {base64.b64encode(KEY.encode()).decode()}",
        poster_path=f"/{KEY.replace('/', '')}{quote(KEY, safe='')}.jpg",
        backdrop_path="/a.jpg",
        genres=[{"id": 1, "name": KEY}],
        homepage=f"http://x/?{quote(KEY, safe='')}",
    )
    return said._replace(headers={"Content-Type": "application/json", "ETag": f'"{KEY}"'})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", {**FAST, "TMDB_ACCESS_TOKEN": KEY, "RETRY_TRIES": "2", "FILTER_ENABLED": "0"})


def test_a_key_that_a_site_repeats_is_kept_nowhere(home: Home) -> None:
    with Site(answer) as site:
        places = {
            "TMDB_BASE_URL": f"{site.url}/3",
            "TMDB_IMAGE_BASE_URLS": f"{site.url}/t/p,{site.url}/relay?token={RELAY}&url={{url}}",
            "CACHE_URI": f"sqlite:///{home.data / 'cache.db'}",
            "IMAGES_ENABLED": "1",
        }
        options = ("-L", "DEBUG", "-s", "STATS_DUMP=1", "-O", "titles.jsonl", "-O", "titles.csv")
        ids = ",".join(map(str, [*range(1, 1 + len(SPELLINGS)), 10]))
        said = [
            home.crawl("tmdb_titles", f"ids={ids}", options=options, **places),
            *(
                home.scrapy("export", kind, "-o", f"{kind}.jsonl", **places)
                for kind in ("rejects", "raw", "runs", "movies")
            ),
            home.scrapy("reparse", **places),
        ]
    assert all(asked.headers["Authorization"] == f"Bearer {KEY}" for asked in site.asked if "/movie/" in asked.path)
    assert any(asked.path == "/relay" for asked in site.asked)
    rejects = home.records("rejects")
    assert sum("[key]" in row["excerpt"] for row in rejects.values()) >= len(SPELLINGS)
    assert home.documents()[10]["title"] == "Film of [key]"
    assert home.documents()[10]["genres"] == ["[key]"]
    assert [value for name, value in home.stats.items() if name.endswith("/repeats_key")] == [9]
    texts = files(home.folder)
    assert any(path.startswith("data/cache.db, ") for path in texts), "answers were cached"
    for number, ended in enumerate(said):
        texts[f"stdout {number}"] = ended.stdout.encode("utf-8", "surrogateescape")
        texts[f"stderr {number}"] = ended.stderr.encode("utf-8", "surrogateescape")
    assert leaks(KEY, texts) == []
    assert leaks(RELAY, texts) == []
    kept = json.dumps([*rejects.values(), *home.documents().values()])
    for spell in SPELLINGS.values():
        assert spell(KEY).lstrip("x")[:12] not in kept
    assert KEY[:12] not in kept

"""A site repeats the key that it was sent, in its errors, its answers and its headers: it is kept nowhere."""

import base64
import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from redis import Redis

from tests.support.crawl import FAST, Home
from tests.support.leaks import files, leaks
from tests.support.redis_server import redis_server
from tests.support.site import Answer, Asked, Site, film

KEY = "Canary.1f0e/2d3c+4b5a=6978-8796_a5b4"
RELAY = "relay-C4n4ry-0123456789"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "small": str.lower,
    "percent": lambda key: quote(key, safe=""),
    "percent twice": lambda key: quote(quote(key, safe=""), safe=""),
    "percent whole": lambda key: "".join(f"%{ord(sign):02x}" for sign in key),
    "json": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "json of json": lambda key: json.dumps(json.dumps(key)).replace("/", "\\/"),
    "repr": lambda key: "".join(f"\\x{ord(sign):02x}" for sign in key),
    "html": html.escape,
    "entities": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "hexadecimal": lambda key: key.encode().hex(),
    "HEXADECIMAL": lambda key: key.encode().hex().upper(),
    **{
        f"{name} after {before}": lambda key, encode=encode, before=before: (
            encode(b"u" * before + key.encode())  # type: ignore[misc]
            .decode()
            .rstrip("=")
        )
        for name, encode in (("base64", base64.b64encode), ("urlsafe base64", base64.urlsafe_b64encode))
        for before in range(3)
    },
    "backwards": lambda key: key[::-1],
    "wrapped": lambda key: f"{key[:20]}=\r\n{key[20:]}",
    "behind the excerpt": lambda key: "x" * 280 + key,
}
SPELT = dict(enumerate(SPELLINGS.values(), 1))
REDIRECTED, FIELDS, FILM = 90, 100, 99
"""Ids: an error that leads elsewhere; films with one spelling each are ``FIELDS`` and more; one has all of it."""


def answer(asked: Asked) -> Answer:
    """An error with the key in each spelling, and films with it in their text."""
    if asked.path.startswith("/t/p"):
        return Answer(f"<p>unknown token {RELAY}".encode(), 403, {"Content-Type": "text/html"})
    if asked.path == "/relay":
        return Answer(f"unknown token {asked.query['token']}".encode(), 401, {"Content-Type": "text/plain"})
    number = int(asked.path.rpartition("/")[2])
    said = asked.headers["Authorization"]
    if number in SPELT:
        return Answer(f"<h1>401: {SPELT[number](KEY)} of {said}</h1>".encode(), 400, {"X-Key": KEY, "WWW": said})
    if number == REDIRECTED:
        return Answer(b"", 302, {"Location": f"/3/login?api_key={quote(KEY, safe='')}", "Set-Cookie": f"key={KEY}"})
    if number >= FIELDS:
        spelt = SPELT[number - FIELDS](KEY)
        return film(number, title=f"Film {number}", overview=f"it says {spelt} to all")
    whole = film(
        number,
        title=f"Film of {KEY}",
        overview=f"{quote(KEY)} and {base64.b64encode(KEY.encode()).decode()}",
        poster_path=f"/{KEY.replace('/', '')}{quote(KEY, safe='')}.jpg",
        backdrop_path="/a.jpg",
        genres=[{"id": 1, "name": KEY}],
        homepage=f"http://x/?{quote(KEY, safe='')}",
    )
    return whole._replace(headers={"Content-Type": "application/json", "ETag": f'"{KEY}"', "Date": KEY})


@contextmanager
def overheard(uri: str) -> Iterator[list[bytes]]:
    """All that anybody says to this Redis."""
    heard: list[bytes] = []
    client = Redis.from_url(uri, socket_timeout=None)
    with client.monitor() as monitor:

        def listen() -> None:
            for said in monitor.listen():
                heard.append(repr(said).encode())
                if "nothing more is said" in said["command"]:
                    return

        thread = Thread(target=listen)
        thread.start()
        try:
            yield heard
        finally:
            client.echo("nothing more is said")
            thread.join()
            client.close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", {**FAST, "TMDB_ACCESS_TOKEN": KEY, "RETRY_TRIES": "2", "FILTER_ENABLED": "0"})


@pytest.mark.parametrize("where", ["alone", "shared"])
def test_a_key_that_a_site_repeats_is_kept_nowhere(home: Home, where: str) -> None:
    with Site(answer) as site, redis_server() as redis, overheard(redis.uri) as heard:
        places = {
            "TMDB_BASE_URL": f"{site.url}/3",
            "TMDB_IMAGE_BASE_URLS": f"{site.url}/t/p,{site.url}/relay?token={RELAY}&url={{url}}",
            "CACHE_URI": f"sqlite:///{home.data / 'cache.db'}",
            "IMAGES_ENABLED": "1",
        }
        if where == "shared":
            places |= {"REDIS_URL": redis.uri, "CACHE_URI": redis.uri}
        options = ("-L", "DEBUG", "-s", "STATS_DUMP=1", "-O", "titles.jsonl", "-O", "titles.csv")
        ids = [*SPELT, REDIRECTED, FILM, *(FIELDS + number for number in SPELT)]
        said = [home.crawl("tmdb_titles", f"ids={','.join(map(str, ids))}", options=options, **places)]
        if where == "alone":
            said += [home.scrapy("export", kind, "-o", f"{kind}.jsonl", **places) for kind in ("rejects", "raw")]
            said.append(home.scrapy("reparse", **places))
        client = Redis.from_url(redis.uri)
        in_redis = {f"redis {key!r}": client.dump(key) or b"" for key in client.scan_iter()}
        client.close()
    assert "Traceback" not in said[0].stderr
    assert all(asked.headers["Authorization"] == f"Bearer {KEY}" for asked in site.asked if "/movie/" in asked.path)
    assert any(asked.path == "/relay" for asked in site.asked)
    rejects, documents = home.records("rejects"), home.documents()
    assert sum("[key]" in row["excerpt"] for row in rejects.values()) >= len(SPELLINGS)
    assert documents[FILM]["title"] == "Film of [key]"
    assert documents[FILM]["genres"] == ["[key]"]
    assert all("[key]" in documents[FIELDS + number]["overview"] for number in SPELT)
    assert [value for name, value in home.stats.items() if name.endswith("/repeats_key")] == [2 * len(SPELT) + 1]
    texts = files(home.folder) | in_redis
    texts["said to Redis"] = b"\n".join(heard)
    assert (where == "shared") == (len(heard) > 10)
    assert any(path.startswith("data/cache.db, ") for path in texts) or in_redis, "answers were cached"
    for number, ended in enumerate(said):
        texts[f"stdout {number}"] = ended.stdout.encode("utf-8", "surrogateescape")
        texts[f"stderr {number}"] = ended.stderr.encode("utf-8", "surrogateescape")
    assert leaks(KEY, texts) == []
    assert leaks(RELAY, texts) == []
    every = "\n".join([json.dumps([*rejects.values(), *documents.values()]), *(end.stderr for end in said)])
    for name, spell in SPELLINGS.items():
        assert spell(KEY).lstrip("x")[:20] not in every, name
        assert json.dumps(spell(KEY).lstrip("x"))[1:20] not in every, name

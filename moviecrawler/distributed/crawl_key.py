"""Which crawl is it: workers with the same spider and arguments share one queue."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import moviecrawler
from moviecrawler.distributed.scripts.pieces import VERSION

PREFIX = "moviecrawler"


def base_key(spider: str, arguments: dict[str, Any]) -> str:
    """The key under which everything of a crawl lies; in braces, so that a cluster holds it in one place.

    >>> base_key("tmdb_discover", {"start_year": 2024})
    'moviecrawler:{tmdb_discover:793be303c1}'
    """
    text = json.dumps(arguments, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return f"{PREFIX}:{{{spider}:{digest}}}"


def facts(spider: Any) -> dict[str, Any]:
    """What all workers of a crawl must agree on: else one would ask other hosts, or fill another database.

    A worker from before there was a version among them looks for ``languages``, misses it, and refuses itself.
    """
    policies = spider.crawler.policies
    hosts: dict[str, str] = {}
    for host in policies.hosts.hosts:
        hosts.setdefault(f"{host.source}/{host.role}", host.place)
    return {
        "version": version(),
        "arguments": {name: str(value) for name, value in spider.arguments.items() if value is not None},
        "hosts": hosts,
        "store": spider.crawler.store.describe.rpartition("/")[2],  # each machine may have its own way there
        "titles in": list(policies.languages.preferred),
    }


@cache
def version() -> str:
    """The project's, the queue's, and a digest of the code that writes and reads what lies in it.

    Whoever has another callback, or another argument of one, cannot do what the others queue.
    """
    package, digest = files(moviecrawler), hashlib.sha256()
    for room in ("scheduling", "spiders", "sources"):
        for code in _code(package / room):
            digest.update(code)
    return f"{moviecrawler.__version__}/{VERSION}/{digest.hexdigest()[:8]}"


def _code(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _code(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_bytes()


def differences(agreed: dict[str, Any], ours: dict[str, Any]) -> str:
    """What does not agree, for a person; "" when all does.

    >>> differences({"store": "movies", "hosts": {}}, {"store": "films", "hosts": {}})
    "store is 'movies' there and 'films' here"
    """
    names = [name for name in ours if agreed.get(name) != ours[name]]
    return "; ".join(f"{name} is {agreed.get(name)!r} there and {ours[name]!r} here" for name in names)

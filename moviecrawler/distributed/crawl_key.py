"""Which workers belong to one crawl: those with the same spider, arguments, settings that matter, and code."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import moviecrawler
from moviecrawler.distributed.lua_scripts import ENTRY_VERSION
from moviecrawler.runtime import Runtime

KEY_PREFIX = "moviecrawler:"
"""Of every key of ours in Redis."""


def base_key(spider: str, arguments: dict[str, Any]) -> str:
    """The prefix of all keys of a crawl. What stands in braces decides on the node of a cluster, so all are on one.

    >>> base_key("tmdb_discover", {"start_year": 2024})
    'moviecrawler:{tmdb_discover:793be303c1}'
    """
    text = json.dumps(arguments, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return f"{KEY_PREFIX}{{{spider}:{digest}}}"


def worker_facts(spider: Any) -> dict[str, Any]:
    """What all workers of a crawl must agree on: else one would ask other hosts, or fill another database.

    A worker of a release without ``version`` looks for ``languages``, does not find it, and refuses to join.
    """
    runtime = Runtime.of(spider.crawler)
    policies = runtime.policies
    hosts: dict[str, str] = {}
    for host in policies.hosts.hosts:
        hosts.setdefault(f"{host.source}/{host.role}", host.public_base)
    return {
        "version": worker_version(),
        "arguments": {name: str(value) for name, value in spider.arguments.items() if value is not None},
        "hosts": hosts,
        "store": runtime.store.describe.rpartition("/")[2],  # each machine may have its own way there
        "titles in": list(policies.languages.preferred),
    }


@cache
def worker_version() -> str:
    """Version of the project, version of the entries, and a digest of the code that writes and reads them.

    A worker with other callbacks, or other arguments of one, cannot process what the others queue.
    """
    package, digest = files(moviecrawler), hashlib.sha256()
    for room in ("distributed", "scheduling", "base_spiders", "spiders", "sources"):
        for code in _code(package / room):
            digest.update(code)
    return f"{moviecrawler.__version__}/{ENTRY_VERSION}/{digest.hexdigest()[:8]}"


def _code(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _code(entry)
        elif entry.name.endswith((".py", ".lua")):
            yield entry.read_bytes()


def describe_differences(agreed: dict[str, Any], ours: dict[str, Any]) -> str:
    """What does not agree, as text for people; "" when all does.

    >>> describe_differences({"store": "movies", "hosts": {}}, {"store": "films", "hosts": {}})
    "store is 'movies' there and 'films' here"
    """
    names = [name for name in ours if agreed.get(name) != ours[name]]
    return "; ".join(f"{name} is {agreed.get(name)!r} there and {ours[name]!r} here" for name in names)

"""The names of sources and of configured hosts as people know them, since an address with a port says nothing."""

from collections.abc import Iterable

from moviecrawler.config import sources
from moviecrawler.policy.network.hosts import Host

SOURCE_NAMES = {name: source.title for name, source in sources.SOURCES.items()}

_PART = {"cdn": "'s pictures", "file": "'s exports"}


def source_name(host: Host) -> str:
    """The name of all hosts that serve the same things as this one.

    >>> source_name(Host("https://image.tmdb.org", "tmdb", "cdn", "https://image.tmdb.org/t/p"))
    'image hosts of TMDB'
    """
    name = SOURCE_NAMES[host.source]
    return {"cdn": f"image hosts of {name}", "file": f"exports of {name}"}.get(host.role, name)


def host_names(hosts: Iterable[Host]) -> dict[str, str]:
    """Origin and base URL of each host -> its name, with the address if several hosts have the same name.

    >>> api = Host("http://127.0.0.1:1", "tmdb", "api", "http://127.0.0.1:1/3")
    >>> cdns = [Host(f"https://{name}", "tmdb", "cdn", f"https://{name}/t/p") for name in ("a.org", "b.org")]
    >>> host_names([api, cdns[0]])
    {'http://127.0.0.1:1': 'TMDB', 'http://127.0.0.1:1/3': 'TMDB', 'https://a.org': "TMDB's pictures", \
'https://a.org/t/p': "TMDB's pictures"}
    >>> host_names(cdns)["https://b.org"]
    "TMDB's pictures at b.org"
    """
    hosts = tuple(hosts)
    names: dict[str, list[str]] = {}
    for host in hosts:
        several = sum((one.source, one.role) == (host.source, host.role) for one in hosts) > 1
        where = f" at {host.origin.partition('://')[2]}" if several else ""
        name = f"{SOURCE_NAMES[host.source]}{_PART.get(host.role, '')}{where}"
        for place in (host.origin, host.public_base):
            names.setdefault(place, []).append(name)
    return {place: _together(list(dict.fromkeys(there))) for place, there in names.items()}


def _together(names: list[str]) -> str:
    """The name of an origin with several roles; just the source if one of the names covers the others."""
    whole = [name for name in names if not any(name != other and name.startswith(other) for other in names)]
    return " and ".join(whole)

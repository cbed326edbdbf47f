"""The proxy of a host, from the environment (``http_proxy``, ``https_proxy``, ``no_proxy``); never for loopback."""

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


@lru_cache(maxsize=64)
def proxy_for(origin: str) -> str | None:
    """The proxy's URL for an origin such as ``https://api.themoviedb.org``, None to go directly."""
    parts = urlsplit(origin)
    name = parts.hostname or ""
    if _is_loopback(name) or proxy_bypass(name):
        return None
    return getproxies().get(parts.scheme)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"

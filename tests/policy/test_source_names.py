"""Hosts are named by what they are to us, and two of one kind are told apart."""

import doctest

import pytest

from moviecrawler.policy import source_names
from moviecrawler.policy.documents import genres
from moviecrawler.policy.network.hosts import Host, origin
from moviecrawler.policy.source_names import host_names


def host(base: str, source: str, role: str) -> Host:
    return Host(origin(base), source, role, base)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        (
            [host("https://api.org/3", "tmdb", "api"), host("https://files.org/p", "tmdb", "file")],
            {"https://api.org": "TMDB", "https://files.org": "TMDB's exports"},
        ),
        (
            [host("http://127.0.0.1:1/3", "tmdb", "api"), host("http://127.0.0.1:1/p", "tmdb", "file")],
            {"http://127.0.0.1:1": "TMDB", "http://127.0.0.1:1/p": "TMDB's exports"},
        ),
        (
            [host("https://proxy.org/tmdb", "tmdb", "api"), host("https://proxy.org/omdb", "omdb", "api")],
            {"https://proxy.org": "TMDB and OMDB", "https://proxy.org/omdb": "OMDB"},
        ),
        (
            [host("https://a.org/t/p", "tmdb", "cdn"), host("https://relay.org/?key=1&url={url}", "tmdb", "cdn")],
            {"https://a.org": "TMDB's pictures at a.org", "https://relay.org": "TMDB's pictures at relay.org"},
        ),
        ([host("https://numbers.org", "the_numbers", "page")], {"https://numbers.org": "The Numbers"}),
    ],
    ids=["each its own", "one origin of one source", "one origin of two sources", "two of a kind", "a page"],
)
def test_hosts_have_names_for_people(hosts: list[Host], names: dict[str, str]) -> None:
    found = host_names(hosts)
    assert {place: found[place] for place in names} == names
    assert not [name for name in found.values() if "key" in name]


@pytest.mark.parametrize("module", [source_names, genres], ids=["source_names", "genres"])
def test_the_examples_in_the_docstrings_run(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted
    assert not found.failed

"""A URL belongs to a configured host, or gets neither a key nor a rate limit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.hosts import Host, Hosts, Role, origin

SETTINGS = {
    "TMDB_BASE_URL": ("tmdb", "api", "https://api.themoviedb.org/3/, https://api.tmdb.org/3"),
    "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://image.tmdb.org/t/p,http://127.0.0.1:8001/t/p"),
    "OMDB_BASE_URL": ("omdb", "api", "http://127.0.0.1:8002"),
}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.themoviedb.org/3/movie/603", "https://api.themoviedb.org"),
        ("HTTPS://API.TheMovieDB.org:443/3", "https://api.themoviedb.org"),
        ("http://example.org:80", "http://example.org"),
        ("http://example.org:443/", "http://example.org:443"),
        ("https://example.org:8443/?a=b#c", "https://example.org:8443"),
        ("http://[::1]:8001/x", "http://[::1]:8001"),
        ("https://api.themoviedb.org@evil.example/3", "https://evil.example"),
    ],
)
def test_a_host_is_scheme_name_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "url", ["", "data:,", "ftp://example.org/", "/3/movie/603", "https://", "http://a:b/", "http://[::1"]
)
def test_a_url_without_a_host_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin(url)


def test_base_urls_keep_their_order_and_lose_their_trailing_slash() -> None:
    hosts = Hosts.build(SETTINGS)
    assert hosts.bases("tmdb", "api") == ("https://api.themoviedb.org/3", "https://api.tmdb.org/3")
    assert hosts.bases("tmdb", "cdn") == ("https://image.tmdb.org/t/p", "http://127.0.0.1:8001/t/p")
    assert hosts.bases("the_numbers", "api") == ()


@pytest.mark.parametrize(
    ("role", "given", "base"),
    [
        ("api", "https://api.themoviedb.org", "https://api.themoviedb.org/3"),
        ("api", "HTTPS://API.TheMovieDB.org:443/", "https://api.themoviedb.org/3"),
        ("api", "http://api.tmdb.org", "http://api.tmdb.org/3"),
        ("api", "https://api.themoviedb.org/4", "https://api.themoviedb.org/4"),
        ("api", "https://proxy.example", "https://proxy.example"),
        ("api", "https://image.tmdb.org", "https://image.tmdb.org"),
        ("cdn", "https://image.tmdb.org//", "https://image.tmdb.org/t/p"),
        ("cdn", "https://media.themoviedb.org", "https://media.themoviedb.org/t/p"),
        ("cdn", "https://cdn.example", "https://cdn.example"),
        ("cdn", "https://image.tmdb.org/?url={url}", "https://image.tmdb.org/?url={url}"),
        ("file", "https://files.tmdb.org", "https://files.tmdb.org/p/exports"),
    ],
)
def test_a_host_of_tmdb_without_a_path_gets_its_base_path(role: Role, given: str, base: str) -> None:
    (host,) = Hosts.build({"SETTING": ("tmdb", role, given)}).hosts
    assert host.base == base


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.themoviedb.org/3/movie/603?language=en", ("tmdb", "api")),
        ("https://API.tmdb.org:443/3/movie/603", ("tmdb", "api")),
        ("http://127.0.0.1:8001/t/p/w500/a.jpg", ("tmdb", "cdn")),
        ("http://127.0.0.1:8002/?i=tt0133093", ("omdb", "api")),
        ("http://127.0.0.1:8003/", None),
        ("http://api.themoviedb.org/3/movie/603", None),
        ("https://api.themoviedb.org.evil.example/3", None),
        ("https://api.themoviedb.org@evil.example/3", None),
        ("https://evil.example/?u=https://api.themoviedb.org/3", None),
        ("nonsense", None),
        ("http://[", None),
    ],
)
def test_a_url_finds_its_host_by_scheme_name_and_port(url: str, found: tuple[str, str] | None) -> None:
    host = Hosts.build(SETTINGS).match(url)
    assert (host and (host.source, host.role)) == found


STRANGE = {
    "another host after the base": "http://api.example@evil.example/movie/603",
    "another host in the path": "http://api.example/3@evil.example/movie/603",
    "a user": "http://me@api.example/3/movie/603",
    "a password": "http://me:pass@api.example/3/movie/603",
    "an empty user": "http://@api.example/3/movie/603",
    "a backslash": "http://api.example\\@evil.example/3/movie/603",
    "a backslash for a slash": "http:\\\\api.example\\3",
    "a tab in the name": "http://api.ex\tample/3/movie/603",
    "a line break": "http://api.example/3/movie/603\nHost: evil.example",
    "a space before": " http://api.example/3/movie/603",
    "another script": "http://ap\u0456.example/3/movie/603",
    "full width": "http://api\uff0eexample/3/movie/603",
    "a dot of another script": "http://api\u3002example/3/movie/603",
    "a dot at the end": "http://api.example./3/movie/603",
    "a name that goes on": "http://api.example.evil.example/3/movie/603",
    "another port": "http://api.example:8080/3/movie/603",
    "another scheme": "https://api.example/3/movie/603",
    "no slashes": "http:api.example/3/movie/603",
    "one slash more": "http:///api.example/3/movie/603",
    "two slashes in front": "//api.example/3/movie/603",
    "no boundary": "http://api.example/33/movie/603",
    "above the base": "http://api.example/",
    "up": "http://api.example/3/../admin",
    "up, encoded": "http://api.example/3/%2e%2E/admin",
    "up to the end": "http://api.example/3/..",
    "a percent sign in the name": "http://api%2eexample/3/movie/603",
    "a port that is no number": "http://api.example:80a/3",
    "digits of another script": "http://api.example:\u0668\u0660/3",
    "an address of IPv6 with a zone": "http://[::1%25evil]/3",
}


@pytest.mark.parametrize("url", STRANGE.values(), ids=STRANGE.keys())
def test_an_unknown_address_belongs_to_no_host(url: str) -> None:
    settings = {"TMDB_BASE_URL": ("tmdb", "api", "http://api.example/3, http://other.example, http://[::1]/3")}
    assert Hosts.build(settings).match(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/3/movie/603",
        "HTTP://API.Example:80/3/movie/603?a=http://x/../@y",
        "http://api.example/3",
        "http://api.example/3?page=1",
        "http://api.example/3/a..b/...c",
        "http://api.example/3//movie",
        "http://other.example",
        "http://other.example/anything@at:all",
        "http://[::1]/3/movie/603",
    ],
)
def test_an_address_below_a_base_belongs_to_that_host(url: str) -> None:
    settings = {"TMDB_BASE_URL": ("tmdb", "api", "http://api.example/3, http://other.example, http://[::1]/3")}
    assert Hosts.build(settings).match(url) is not None


PIECES = ["http:", "https:", "//", "/", "\\", "@", ":", "api.example", "evil.example", "3", "..", "%2e", "?", "#", "80"]
PIECES += ["\t", "[::1]", "API.example", "\uff0f", " ", ";", "&", "movie"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(alphabet="htp:/@.aevil[]\\%?#3 \t"))
def test_the_matched_host_is_the_one_that_an_http_client_would_connect_to(rest: str) -> None:
    """Whatever follows ``http://``, as parsed by the HTTP client; for the other bases, too."""
    settings = {"TMDB_BASE_URL": ("tmdb", "api", "http://api.example/3,http://api.example:80,http://b.example")}
    hosts = Hosts.build(settings)
    for url in (rest, f"http://{rest}", f"http://api.example{rest}", f"http://api.example/3{rest}"):
        if hosts.match(url) is None:
            continue
        for host in hosts.hosts:
            address = URL(hosts.url_at(url, host), encoded=True)
            assert address.user is None
            assert str(address.origin()).lower() == host.origin
            assert host.contains(str(address))


@pytest.mark.parametrize(
    ("base", "exposed"),
    [
        ("http://api.example/3", True),
        ("https://api.example/3", False),
        ("http://192.168.0.5:8080", True),
        ("http://127.0.0.1:8080/3", False),
        ("http://127.9.9.9", False),
        ("http://[::1]:8080", False),
        ("http://[2001:db8::1]", True),
        ("http://localhost:8080", False),
        ("http://api.localhost", False),
        ("http://localhost.example", True),
        ("http://127.0.0.1.example", True),
    ],
)
def test_a_key_is_exposed_without_tls_except_on_loopback(base: str, exposed: bool) -> None:
    (host,) = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", base)}).hosts
    assert host.exposes_key == exposed


def test_pages_of_an_alternative_and_their_robots_txt() -> None:
    settings = {"THE_NUMBERS_BASE_URL": ("the_numbers", "page", "http://a.example/numbers,http://b.example/n")}
    hosts = Hosts.build(settings)
    other = hosts.hosts[1]
    assert hosts.url_at("http://a.example/numbers/movie/Heat?x=1", other) == "http://b.example/n/movie/Heat?x=1"
    assert hosts.url_at("http://a.example/robots.txt", other) == "http://b.example/robots.txt"


def test_behind_one_proxy_the_path_tells_the_api_from_the_pictures() -> None:
    hosts = Hosts.build(
        {
            "TMDB_BASE_URL": ("tmdb", "api", "https://proxy.example/tmdb"),
            "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://proxy.example/tmdb/pictures"),
        }
    )
    roles = {
        "https://proxy.example/tmdb/movie/603": "api",
        "https://proxy.example/tmdb?x=1": "api",
        "https://proxy.example/tmdb/pictures/w500/a.jpg": "cdn",
        "https://PROXY.example:443/tmdb/movie/603": "api",
        "https://proxy.example/tmdb-evil/movie/603": None,
        "https://proxy.example/": None,
    }
    for url, role in roles.items():
        host = hosts.match(url)
        assert (host and host.role) == role, url


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no URL"),
        (" , ", "names no URL"),
        ("api.themoviedb.org/3", "not a base URL"),
        ("ftp://api.themoviedb.org", "not a base URL"),
        ("https://", "not a base URL"),
        ("https://api.themoviedb.org:99999/3", "not a base URL"),
        ("https://api.themoviedb.org:x/3", "not a base URL"),
        ("http://[::1/3", "not a base URL"),
        ("https://api.themoviedb.org/3?api_key=s3cret", "query"),
        ("https://api.themoviedb.org/3#top", "fragment"),
        ("https://api.themoviedb.org /3", "not allowed in URLs"),
        ("https://evil.example\\@api.themoviedb.org/3", "not allowed in URLs"),
        ("https://wsrv.nl/?url={url}", "for pictures"),
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused_in_one_line_that_names_the_setting(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Config.from_settings({"TMDB_BASE_URL": text})
    message = str(error.value)
    assert message.startswith("TMDB_BASE_URL=")
    assert says in message
    assert "must be http:// or https:// URLs" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "https://user:s3cret@api.themoviedb.org/3",
        "https://s3cret@api.themoviedb.org/3",
        "s3cret@api.themoviedb.org",
        "https://api.themoviedb.org/3?api_key=s3cret",
    ],
)
def test_a_secret_in_a_base_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Config.from_settings({"TMDB_BASE_URL": text})
    assert "s3cret" not in str(error.value)
    assert "api.themoviedb.org" in str(error.value)


def test_a_url_that_two_settings_claim_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"OMDB_BASE_URL=.*: also in TMDB_BASE_URL"):
        Config.from_settings({"TMDB_BASE_URL": "http://a/x", "OMDB_BASE_URL": "http://A:80/x/"})


def test_a_url_given_twice_is_one_host() -> None:
    assert Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "http://a/3,http://A:80/3/")}).bases("tmdb", "api") == (
        "http://a/3",
    )


@pytest.mark.parametrize(
    ("source", "role", "has_titles", "rate_limit"),
    [
        ("tmdb", "api", True, "tmdb"),
        ("omdb", "api", True, "omdb"),
        ("the_numbers", "page", True, "the_numbers"),
        ("tmdb", "file", False, "exports"),
        ("tmdb", "cdn", False, "images"),
    ],
)
def test_hosts_with_titles_share_the_rate_limit_of_their_source(
    source: str, role: Any, has_titles: bool, rate_limit: str
) -> None:
    host = Host("https://a.example", source, role, "https://a.example/b")
    assert (host.has_titles, host.rate_limit_name) == (has_titles, rate_limit)


def test_an_export_beside_the_api_is_told_apart_by_its_path() -> None:
    hosts = Hosts.build(
        {
            "TMDB_BASE_URL": ("tmdb", "api", "http://127.0.0.1:8001/3"),
            "TMDB_EXPORT_BASE_URL": ("tmdb", "file", "http://127.0.0.1:8001/p/exports"),
        }
    )
    found = [hosts.match(f"http://127.0.0.1:8001{path}") for path in ("/3/movie/603", "/p/exports/a.gz", "/robots.txt")]
    assert [host and host.role for host in found] == ["api", "file", None]

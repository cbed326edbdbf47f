"""Which URL and headers are sent: a key is only sent to our own API host."""

import pytest
from scrapy import Request

from moviecrawler.config import Config
from moviecrawler.downloader.credentials import Credentials
from moviecrawler.downloader.transport import conditional_headers
from moviecrawler.exceptions import AnswerError, ConfigurationError
from moviecrawler.policy.network.hosts import Host

API = Host("https://api.example", "tmdb", "api", "https://api.example/3")
CDN = Host("https://cdn.example", "tmdb", "cdn", "https://cdn.example/t/p")
OMDB = Host("https://omdb.example", "omdb", "api", "https://omdb.example")
PAGES = Host("https://www.example", "the_numbers", "page", "https://www.example")
FILES = Host("https://files.example", "tmdb", "file", "https://files.example/p/exports")
TOKEN, KEY = "a.v4-token", "k+e/y=1&2%3"


def credentials(token: str, key: str, omdb: str = "") -> Credentials:
    settings = {"TMDB_ACCESS_TOKEN": token, "TMDB_API_KEY": key, "OMDB_API_KEY": omdb}
    return Credentials.of(Config.from_settings(settings))


@pytest.mark.parametrize(
    ("token", "key", "url", "sent", "headers"),
    [
        (TOKEN, KEY, "https://api.example/3/movie/603?a=b", "", {"Authorization": "Bearer a.v4-token"}),
        ("", KEY, "https://api.example/3/movie/603?a=b", "&api_key=k%2Be%2Fy%3D1%262%253", {}),
        ("", KEY, "https://api.example/3/movie/603", "?api_key=k%2Be%2Fy%3D1%262%253", {}),
        ("", "", "https://api.example/3/movie/603", "", {}),
    ],
)
def test_the_api(token: str, key: str, url: str, sent: str, headers: dict[str, str]) -> None:
    assert credentials(token, key).sign(API, url) == (f"{url}{sent}", headers)


def test_omdb_gets_its_own_key_in_the_query_and_never_tmdbs() -> None:
    url = f"{OMDB.base}/?i=tt0133093&plot=full"
    assert credentials(TOKEN, KEY, "o&k").sign(OMDB, url) == (f"{url}&apikey=o%26k", {})
    assert credentials(TOKEN, KEY).sign(OMDB, url) == (url, {})
    assert credentials("", "", "o&k").sign(API, f"{API.base}/movie/603") == (f"{API.base}/movie/603", {})


@pytest.mark.parametrize("host", [CDN, PAGES, FILES])
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_other_hosts_get_no_key(host: Host, token: str) -> None:
    url = f"{host.base}/w500/a.jpg?x=1"
    assert credentials(token, KEY, KEY).sign(host, url) == (url, {})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example@evil.example/3/movie/603",
        "https://evil.example/3/movie/603",
        "http://api.example/3/movie/603",
        "https://api.example:8443/3/movie/603",
        "https://api.example/3@evil.example",
        "https://api.example/4/movie/603",
    ],
)
def test_an_address_that_is_not_the_hosts_own_is_not_signed(url: str) -> None:
    with pytest.raises(AnswerError, match="refused/unknown_host"):
        credentials(TOKEN, KEY).sign(API, url)


def test_no_repr_shows_a_key() -> None:
    assert TOKEN not in repr(credentials(TOKEN, KEY))
    assert KEY not in f"{credentials(TOKEN, KEY)} {vars(Credentials)}"


def test_keys_come_without_the_white_space_of_copying() -> None:
    given = Credentials.of(Config.from_settings({"TMDB_ACCESS_TOKEN": f" {TOKEN}\n", "TMDB_API_KEY": None}))
    assert given.sign(API, API.base) == (API.base, {"Authorization": f"Bearer {TOKEN}"})


def test_a_key_that_cannot_be_sent_is_named_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="TMDB_API_KEY") as error:
        Credentials.of(Config.from_settings({"TMDB_API_KEY": "two words"}))
    assert "two words" not in str(error.value)


def test_only_conditional_headers_of_a_request_are_sent_with_a_key() -> None:
    headers = {"Host": "evil.example", "Cookie": "a=b", "Authorization": "any", "If-None-Match": '"e1"'}
    assert conditional_headers(Request(API.base, headers=headers)) == {"If-None-Match": '"e1"'}

"""Whether a source may be crawled at all: is there a key, and has the user enabled it?"""

from moviecrawler.config import Config
from moviecrawler.config.api_keys import KEY_SETTINGS_OF
from moviecrawler.policy.source_names import SOURCES

_PLACES = {"tmdb": "https://www.themoviedb.org/settings/api", "omdb": "https://www.omdbapi.com/apikey.aspx"}
"""Where to get a key."""

NO_KEY = (
    "No {name} key: set {setting} in .env or the environment (free: {place}), "
    "or try without one, against the bundled sandbox: scrapy sandbox -- scrapy {command}"
)
LEFT_OUT = "{name} is left out, since there is no key: set {setting} in .env or the environment (free: {place})"
WRONG_KEY = "Check {settings}; a key is free: {place}"
SWITCHED_OFF = (
    "The Numbers is not requested: its terms restrict automated use. "
    "Read them on https://www.the-numbers.com, and set THE_NUMBERS_ENABLED=1 if they let you."
)
NO_PICTURES = "No pictures are made: IMAGES_ENABLED=0"


def missing_key_message(source: str, config: Config, command: str) -> str:
    """One line on the key that a source lacks; empty if it has one or needs none.

    >>> missing_key_message("omdb", Config.from_settings({}), "crawl omdb").partition(":")[0]
    'No OMDB key'
    >>> missing_key_message("omdb", Config.from_settings({"OMDB_API_KEY": "0123abcd"}), "crawl omdb")
    ''
    """
    if source not in KEY_SETTINGS_OF or any(config.keys(source)):
        return ""
    return NO_KEY.format(
        name=SOURCES[source], setting=KEY_SETTINGS_OF[source][0], place=_PLACES[source], command=command
    )


def left_out_message(source: str) -> str:
    """One line on a source without a key, while others are crawled all the same.

    >>> left_out_message("omdb").partition(",")[0]
    'OMDB is left out'
    """
    return LEFT_OUT.format(name=SOURCES[source], setting=KEY_SETTINGS_OF[source][0], place=_PLACES[source])


def wrong_key_message(source: str) -> str:
    """What to do about a key that a source rejects; empty if it takes none.

    >>> wrong_key_message("omdb")
    'Check OMDB_API_KEY; a key is free: https://www.omdbapi.com/apikey.aspx'
    """
    if source not in KEY_SETTINGS_OF:
        return ""
    return WRONG_KEY.format(settings=" or ".join(KEY_SETTINGS_OF[source]), place=_PLACES[source])


def unavailable_sources(config: Config) -> dict[str, str]:
    """Source -> what it lacks, for each that cannot be crawled; never TMDB, without which there is nothing.

    >>> unavailable_sources(Config.from_settings({"THE_NUMBERS_ENABLED": "1"}))
    {'omdb': 'OMDB_API_KEY is not set'}
    """
    found = {}
    if missing_key_message("omdb", config, ""):
        found["omdb"] = "OMDB_API_KEY is not set"
    if is_switched_off("the_numbers", config):
        found["the_numbers"] = "THE_NUMBERS_ENABLED is 0"
    return found


def is_switched_off(source: str, config: Config) -> bool:
    """Whether the user has not enabled a source that needs it (The Numbers)."""
    return source == "the_numbers" and not config.the_numbers.enabled

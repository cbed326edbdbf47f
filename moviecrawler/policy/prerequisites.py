"""Whether a source may be crawled at all: is there a key, and has the user enabled it?"""

from moviecrawler.config import Config
from moviecrawler.config.sources import SOURCES

NO_KEY = (
    "No {name} key: set {setting} in .env or the environment (free: {place}), "
    "or try without one, against the bundled sandbox: scrapy sandbox -- scrapy {command}"
)
LEFT_OUT = "{name} is left out, since there is no key: set {setting} in .env or the environment (free: {place})"
WRONG_KEY = "Check {settings}; a key is free: {place}"
SWITCHED_OFF = (
    "{name} is not requested: its terms restrict automated use. "
    "Read them on {place}, and set {setting}=1 if they let you."
)
NO_PICTURES = "No pictures are made: IMAGES_ENABLED=0"


def lacks_key(source: str, config: Config) -> bool:
    """Whether the source takes a key, and has none."""
    keys = config.sources[source].keys
    return bool(keys) and not any(keys)


def missing_key_message(source: str, config: Config, command: str) -> str:
    """One line on the key that a source lacks; empty if it has one or needs none.

    >>> missing_key_message("omdb", Config.from_settings({}), "crawl omdb").partition(":")[0]
    'No OMDB key'
    >>> missing_key_message("omdb", Config.from_settings({"OMDB_API_KEY": "0123abcd"}), "crawl omdb")
    ''
    """
    if not lacks_key(source, config):
        return ""
    group = SOURCES[source]
    return NO_KEY.format(name=group.title, setting=group.key_settings()[0], place=group.key_from, command=command)


def left_out_message(source: str) -> str:
    """One line on a source without a key, while others are crawled all the same.

    >>> left_out_message("omdb").partition(",")[0]
    'OMDB is left out'
    """
    group = SOURCES[source]
    return LEFT_OUT.format(name=group.title, setting=group.key_settings()[0], place=group.key_from)


def wrong_key_message(source: str) -> str:
    """What to do about a key that a source rejects; empty if it takes none.

    >>> wrong_key_message("omdb")
    'Check OMDB_API_KEY; a key is free: https://www.omdbapi.com/apikey.aspx'
    """
    group = SOURCES[source]
    settings = group.key_settings()
    return WRONG_KEY.format(settings=" or ".join(settings), place=group.key_from) if settings else ""


def switched_off_message(source: str, config: Config) -> str:
    """One line on a source that the user has not enabled; empty if it is, or needs no enabling.

    >>> switched_off_message("the_numbers", Config.from_settings({})).partition(":")[0]
    'The Numbers is not requested'
    """
    if config.sources[source].is_enabled:
        return ""
    group = SOURCES[source]
    return SWITCHED_OFF.format(name=group.title, setting=group.switch(), place=group.terms)


def unavailable_sources(config: Config) -> dict[str, str]:
    """Source -> what it lacks, for each that cannot be crawled; never the first, without which there is nothing.

    >>> unavailable_sources(Config.from_settings({"THE_NUMBERS_ENABLED": "1"}))
    {'omdb': 'OMDB_API_KEY is not set'}
    """
    _, *others = SOURCES
    no_key = {name: f"{SOURCES[name].key_settings()[0]} is not set" for name in others if lacks_key(name, config)}
    return no_key | {name: why for name in others if (why := why_switched_off(name, config))}


def why_switched_off(source: str, config: Config) -> str:
    """``THE_NUMBERS_ENABLED is 0``; empty for a source that may be asked."""
    return "" if config.sources[source].is_enabled else f"{SOURCES[source].switch()} is 0"

"""The policies that depend on the sources, with what the sources say of themselves as tables."""

from moviecrawler.config import Config
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.freshness.refresh import Refresh, RefreshRule
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.policy.prerequisites import why_switched_off
from moviecrawler.sources import all_sources


def refresh_of(config: Config) -> Refresh:
    """When each source is asked again."""
    rules = {
        name: RefreshRule(config.sources[name].refresh, source.why_not, why_switched_off(name, config))
        for name, source in all_sources().items()
    }
    return Refresh(config.refresh, rules)


def composer_of(config: Config) -> Composer:
    """What the top level of a document is made of."""
    rules = {name: source.merge for name, source in all_sources().items()}
    return Composer(Languages(config.language.preferred), rules)


def cache_policy_of(config: Config) -> CachePolicy:
    """For how long which answer may be used."""
    endpoints = {name: source.endpoints for name, source in all_sources().items()}
    lifetimes = {name: seconds for source in config.sources.values() for name, seconds in source.lifetimes.items()}
    return CachePolicy(endpoints, lifetimes, config.cache.stale_if_error)

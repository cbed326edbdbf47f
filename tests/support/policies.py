"""The policies of a run with these settings."""

from moviecrawler.config import Config
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.sources.rules import cache_policy_of, composer_of, refresh_of


def refresh(**settings: str) -> Refresh:
    return refresh_of(Config.from_settings(settings))


def composer(languages: str = "en-US") -> Composer:
    return composer_of(Config.from_settings({"LANGUAGES": languages}))


def cache_policy(**settings: str) -> CachePolicy:
    return cache_policy_of(Config.from_settings(settings))

"""The checks of ``scrapy doctor``: each looks at one thing, and returns or yields what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.config import Config
    from moviecrawler.policy.checkup import Finding
    from moviecrawler.sources.descriptor import Source
    from moviecrawler.stores.checked import CheckedStore

T = TypeVar("T")
Check = Callable[[], "Iterable[Finding]"]

ONLINE_SECONDS = 8.0
"""Seconds for one answer of a site."""

MAX_ANSWER = 1_000_000
"""Bytes that are read of it."""


def checks_of(settings: BaseSettings, config: Config | None, *, online: bool) -> dict[str, Check]:
    """Name -> check, in the order in which they are shown; without a configuration only what needs none."""
    from moviecrawler.policy.checkup import key_findings

    _load()
    found: dict[str, Check] = {"settings": partial(_settings, settings, config)}
    if config is not None:
        found |= {
            "keys": partial(key_findings, config),
            "places": partial(_places, config),
            "fonts": partial(_fonts, config),
            "store": lambda: asyncio.run(_store(config)),
            "cache": lambda: asyncio.run(_cache(config)),
            "redis": lambda: asyncio.run(_redis(config)),
            "scrapyd": lambda: asyncio.run(_scrapyd(settings, config)),
        }
    found["versions"] = _versions
    if config is not None:
        found["clock"] = lambda: asyncio.run(_clock(config, online=online))
        if online:
            found["online"] = lambda: asyncio.run(_online(config))
    return found


def _load() -> None:
    """Load what the checks import, before they run in threads: two of these that each load a part of what the other one
    needs would wait for each other.
    """
    from moviecrawler import addons, caching, places, run, stores  # noqa: F401
    from moviecrawler.caching import mongo, redis, sqlite, tier  # noqa: F401
    from moviecrawler.commands import _scrapyd  # noqa: F401
    from moviecrawler.sources import all_sources
    from moviecrawler.stores.mongo import store as of_mongo  # noqa: F401
    from moviecrawler.stores.sqlite import store as of_sqlite  # noqa: F401

    all_sources()


def _settings(settings: BaseSettings, config: Config | None) -> list[Finding]:
    from moviecrawler.addons import check
    from moviecrawler.config import all_settings, defaults
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.checkup import Finding, contradictions
    from moviecrawler.run import misspelt_in_environment

    found = [Finding("settings", "warning", line) for line in misspelt_in_environment()]
    try:
        check(settings)
    except ConfigurationError as error:
        advice = "correct it; the rest was not checked" if config is None else "correct it"
        found.insert(0, Finding("settings", "problem", str(error), advice))
    if config is not None:
        found += [Finding("settings", "warning", *line) for line in (*contradictions(config), *_in_the_clear(config))]
    usual = defaults({})
    changed = sum(str(settings.get(name)) != usual[name] for name in all_settings())
    return found or [Finding("settings", "ok", f"{changed} of {len(usual)} differ from their defaults")]


def _in_the_clear(config: Config) -> Iterator[tuple[str, str]]:
    from moviecrawler.addons import build_policies

    for host in build_policies(config).hosts.hosts:
        if host.exposes_key and any(config.sources[host.source].keys):
            yield f"{host.public_base}: the key is sent unencrypted", "use https://"


# --- Places -----------------------------------------------------------------------------------------------------


def _places(config: Config) -> Iterator[Finding]:
    folders = {"DATA_DIR": config.store.data_dir}
    if config.images.enabled:
        folders["IMAGES_STORE"] = config.images_folder
    for setting, folder in folders.items():
        yield _place(setting, folder)


def _place(setting: str, folder: Path) -> Finding:
    """A folder that is not there yet is made by the first crawl, so its parent counts; looking makes none."""
    import shutil
    from tempfile import TemporaryFile

    from moviecrawler.policy.checkup import Finding, space_finding

    there = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with TemporaryFile(dir=there) as file:
            file.write(b"test")
        return space_finding(setting, str(folder), shutil.disk_usage(there).free)
    except OSError as error:
        what = f"{setting}={folder}: cannot write there: {error.strerror}"
        return Finding("places", "problem", what, "correct its owner or rights, or name another folder")


def _fonts(config: Config) -> Iterator[Finding]:
    from moviecrawler.exceptions import ConfigurationError
    from moviecrawler.policy.checkup import Finding
    from moviecrawler.rendering.fonts import Fonts

    try:
        fonts = Fonts(list(map(str, config.images.fonts)))
    except ConfigurationError as error:
        yield Finding("fonts", "problem", str(error), "correct OVERLAY_FONTS, or leave it out")
        return
    faces, broken = fonts.chain("en"), []
    for face in faces:
        try:
            face.read_coverage()
            fonts.open(face, 20, 400)
        except (OSError, ValueError) as error:
            broken.append(f"{face.path}: {error}")
    for line in broken:
        yield Finding("fonts", "problem", f"a font cannot be read: {line}", "install its package again")
    if not broken:
        yield Finding("fonts", "ok", f"{len(faces)} load, {len(config.images.fonts)} of them from OVERLAY_FONTS")
    if not fonts.shaping:
        advice = "install libfribidi for titles in Indic scripts (docs/dependencies.md)"
        yield Finding("fonts", "warning", "libfribidi is not installed", advice)


async def _store(config: Config) -> list[Finding]:
    from moviecrawler.exceptions import MoviecrawlerError, StoreAbsent
    from moviecrawler.policy.checkup import Finding, size

    async def looked_at(store: CheckedStore) -> Finding:
        films, shows = [await store.documents.count(kind) for kind in ("movies", "shows")]
        usage = await store.usage()
        return Finding(
            "store",
            "ok",
            f"{store.describe}: {films:,} films, {shows:,} shows, {size(usage.bytes)}, schema {usage.schema_version}",
        )

    try:
        return [await _with_store(config, looked_at)]
    except StoreAbsent as error:
        return [Finding("store", "ok", f"{error}; the first crawl makes it")]
    except MoviecrawlerError as error:
        return [Finding("store", "problem", str(error))]


async def _with_store(config: Config, act: Callable[[CheckedStore], Awaitable[T]]) -> T:
    from moviecrawler.places import store_of
    from moviecrawler.stores import opened

    async with opened(store_of(config, "read")) as store:
        return await act(store)


async def _cache(config: Config) -> list[Finding]:
    from moviecrawler.caching.tier import TierError
    from moviecrawler.places import cache_of
    from moviecrawler.policy.checkup import Finding, size

    if (tier := cache_of(config)) is None:
        return [Finding("cache", "ok", "CACHE_URI is empty: no cache")]
    if tier.file and not tier.file.exists():
        return [Finding("cache", "ok", f"{tier.describe}: nothing is cached yet")]
    try:
        if not tier.file:
            await tier.open()
        usage = (await tier.usage()).values()
    except TierError as error:
        return [Finding("cache", "warning", str(error), "crawls go on without it: correct CACHE_URI, or leave it out")]
    finally:
        await tier.close()
    entries, taken = sum(one.entries for one in usage), sum(one.bytes for one in usage)
    return [Finding("cache", "ok", f"{tier.describe}: {entries:,} answers, {size(taken)}")]


# --- Servers ----------------------------------------------------------------------------------------------------


async def _redis(config: Config) -> list[Finding]:
    from moviecrawler.exceptions import ConfigurationError, StoreError
    from moviecrawler.places import redis_facts
    from moviecrawler.policy.checkup import Finding, redis_finding

    try:
        found = await redis_facts(config)
    except (ConfigurationError, StoreError) as error:
        return [Finding("redis", "problem", str(error))]
    if found is None:
        return [Finding("redis", "ok", "REDIS_URL is not set: a crawl works alone")]
    return [redis_finding(*found)]


async def _scrapyd(settings: BaseSettings, config: Config) -> list[Finding]:
    """It counts as configured where a setting or a schedule says something about it."""
    from moviecrawler.commands._scrapyd import Scrapyd, server_of
    from moviecrawler.config import all_settings, project_folder
    from moviecrawler.exceptions import ScrapydError
    from moviecrawler.policy.checkup import Finding

    server = server_of(config)
    by_setting = str(settings.get("SCRAPYD_URL")) != str(all_settings()["SCRAPYD_URL"].default) or server.username
    if not by_setting and not (project_folder() / "schedule.toml").is_file():
        return [Finding("scrapyd", "ok", "neither SCRAPYD_URL nor schedule.toml is there: not used")]
    try:
        async with Scrapyd(server, "moviecrawler") as scrapyd:
            jobs = await scrapyd.running()
    except ScrapydError as error:
        return [Finding("scrapyd", "problem", str(error), "start it, or correct SCRAPYD_URL")]
    return [Finding("scrapyd", "ok", f"{server.url} answers, {jobs} jobs are running")]


async def _online(config: Config) -> list[Finding]:
    """Try the key of each source that has one, at each of its base URLs, all at the same time."""
    from moviecrawler.sources import all_sources

    tries = []
    for name, source in all_sources().items():
        if source.trial_path and any(config.sources[name].keys):
            hosts = config.sources[name].base_urls_by_setting
            bases = [base for served in hosts if served.role == "api" for base in served.urls]
            tries += [_tried(source, config, base, is_only=len(bases) == 1) for base in bases]
    return await asyncio.gather(*tries)


async def _tried(source: Source, config: Config, base: str, *, is_only: bool) -> Finding:
    from urllib.parse import urlsplit

    from moviecrawler.policy.checkup import Finding, answer_finding
    from moviecrawler.policy.network.answers import classify
    from moviecrawler.policy.source_names import SOURCE_NAMES

    group = config.sources[source.name]
    name = SOURCE_NAMES[source.name] + ("" if is_only else f" at {urlsplit(base).netloc.rpartition('@')[2]}")
    try:
        status, body, headers = await _get(*source.sign(group, f"{base}{source.trial_path}"))
    except OSError as error:
        what = getattr(error, "strerror", None) or type(error).__name__
        advice = "is there a connection, a proxy (https_proxy), a firewall?"
        return Finding("online", "problem", f"{name} cannot be reached: {what}", advice)
    answer = classify(
        resource="api",
        status=status,
        headers_get=headers.get,
        body=body,
        now=datetime.now(UTC),
        api=source.answers,
    )
    return answer_finding(source.name, name, answer.kind, answer.reason)


async def _get(url: str, headers: Mapping[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Status, body, and headers by their names in small letters; OSError, which never has the URL, if none comes."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=aiohttp.ClientTimeout(ONLINE_SECONDS)) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(MAX_ANSWER)
            return answer.status, body, {name.lower(): value for name, value in answer.headers.items()}
    except TimeoutError:
        raise OSError(0, f"no answer within {ONLINE_SECONDS:.0f} s") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise OSError(0, getattr(error, "strerror", None) or type(error).__name__) from None


# --- This machine -----------------------------------------------------------------------------------------------


def _versions() -> list[Finding]:
    import platform
    from importlib.metadata import distributions, version

    import moviecrawler
    from moviecrawler.config import project_folder
    from moviecrawler.policy.checkup import not_as_locked, versions_finding

    names = f"moviecrawler {moviecrawler.__version__}, Python {platform.python_version()}, Scrapy {version('scrapy')}"
    lock = project_folder() / "constraints.txt"
    if not lock.is_file():
        return [versions_finding(names, None)]
    installed = {one.name.lower().replace("_", "-").replace(".", "-"): one.version for one in distributions()}
    return [versions_finding(names, not_as_locked(lock.read_text(encoding="utf-8"), installed))]


async def _clock(config: Config, *, online: bool) -> list[Finding]:
    from email.utils import parsedate_to_datetime

    from moviecrawler.exceptions import MoviecrawlerError
    from moviecrawler.policy.checkup import clock_finding, future_finding
    from moviecrawler.timestamps import latest_trusted

    now = datetime.now(UTC)

    async def later(store: CheckedStore) -> str | None:
        for kind in ("movies", "shows"):
            async for ids in store.documents.written_after(kind, latest_trusted(now)):
                return f"{kind}/{ids[0]}"
        return None

    if online:
        try:
            *_, headers = await _get(config.tmdb.base_urls[0], {})
            date = headers.get("date")
            return [clock_finding(now, parsedate_to_datetime(date) if date else None, "TMDB's")]
        except (OSError, ValueError, TypeError):
            pass  # the check of the keys says that it cannot be reached
    try:
        return [future_finding(now, await _with_store(config, later))]
    except MoviecrawlerError:  # the check of the store says why
        return [clock_finding(now, None, "")]

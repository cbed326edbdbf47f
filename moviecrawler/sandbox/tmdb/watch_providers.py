"""/movie/{id}/watch/providers: where a work can be seen, by region. The providers are invented, also for real works."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.images.paths import PictureKey, encode_path

_FIRST_ID = 9001
_NAMES = (
    *("Cloudline", "Harbour Play", "Lantern+", "Ninth Reel Now", "Tidewater Rent", "Kiosk Video", "Grain & Gate TV"),
    *("Meridian Free", "Copper Moth Store", "Paper Screen with Ads"),
)
_PROVIDERS = tuple(
    {
        "logo_path": encode_path(PictureKey("provider", "icon", 0, _FIRST_ID + number)),
        "provider_id": _FIRST_ID + number,
        "provider_name": name,
        "display_priority": number,
    }
    for number, name in enumerate(_NAMES)
)
_REGIONS = ("BR", "CA", "DE", "FR", "GB", "HK", "IN", "JP", "KR", "TW", "US")
_WAYS = ("ads", "buy", "flatrate", "free", "rent")
UNKNOWN_REGION = "ZZ"
"""A code that no country has."""


def _offers(number: int) -> dict[str, list[dict[str, Any]]]:
    """One to three providers for each way that is a bit of ``number``."""
    ways = [(place, way) for place, way in enumerate(_WAYS) if number >> place & 1]
    return {way: list(_PROVIDERS[(number + place) % 8 :][: 1 + (number + place) % 3]) for place, way in ways}


_OFFERS = tuple(map(_offers, range(1 << len(_WAYS))))


def watch_providers(work: Work) -> dict[str, Any]:
    """Providers by region and way; a way without providers is absent, and so is a region without ways."""
    bits = seeded.bits("watch", work.kind, work.id)
    unknown_region = "unknown region" in work.edge_cases
    if {"no providers", "no parts"} & work.edge_cases or (bits >> 120 < 32 and not unknown_region):
        return {"results": {}}
    link = f"https://www.themoviedb.org/{work.kind}/{work.id}/watch?locale="
    found: dict[str, dict[str, Any]] = {}
    for place, region in enumerate(_REGIONS):
        if offers := _OFFERS[bits >> 5 * place & 31]:
            found[region] = {"link": link + region, **offers}
    if unknown_region:
        found[UNKNOWN_REGION] = {"link": link + UNKNOWN_REGION, **_OFFERS[4]}
    return {"results": found}

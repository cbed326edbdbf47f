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


def watch_providers(work: Work) -> dict[str, Any]:
    """Providers by region and way; a way without providers is absent, and so is a region without ways."""
    bits = seeded.bits("watch", work.kind, work.id)
    if bits % 8 == 0 or {"no providers", "no parts"} & work.edge_cases:
        return {"results": {}}
    found = {}
    for region in (*_REGIONS, UNKNOWN_REGION) if "unknown region" in work.edge_cases else _REGIONS:
        bits >>= 5
        ways = [way for number, way in enumerate(_WAYS) if bits >> number & 1]
        if ways or region == UNKNOWN_REGION:
            offers = {way: _offers(bits + number) for number, way in enumerate(ways or ["flatrate"])}
            found[region] = {
                "link": f"https://www.themoviedb.org/{work.kind}/{work.id}/watch?locale={region}",
                **offers,
            }
    return {"results": found}


def _offers(number: int) -> list[dict[str, Any]]:
    """One to three providers, by their display priority."""
    first, count = number % len(_PROVIDERS), 1 + number % 3
    return list(_PROVIDERS[first : first + count])

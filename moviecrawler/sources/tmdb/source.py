"""TMDB to the rest of the project. Its codes: https://developer.themoviedb.org/docs/errors."""

from typing import Any

from moviecrawler.config.sources import TmdbConfig
from moviecrawler.items import Title
from moviecrawler.policy.documents.compose import MergeRule
from moviecrawler.policy.network.answers import ApiAnswers
from moviecrawler.policy.network.bodies import BodyCheck
from moviecrawler.sources.descriptor import KeptAnswer, Signed, Source, with_parameter
from moviecrawler.sources.tmdb.details import parse_movie, parse_show

MIN_CREDIBLE_USD = 1000
"""TMDB's budgets and revenues below this are jokes or lack the "millions"."""

SUCCESS = frozenset({1, 12, 13, 40})
CODES: dict[int, BodyCheck] = {
    **{code: ("auth", str(code)) for code in (3, 7, 10, 14, 16, 17, 30, 31, 32, 33, 35, 36, 45)},
    **{code: ("gone", str(code)) for code in (6, 34, 37)},
    **{code: ("refused", str(code)) for code in (2, 4, 5, 8, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29, 41, 42, 47)},
    # A single private resource, so our key is fine; and an invalid id, although it comes with status 500.
    **{code: ("refused", str(code)) for code in (38, 39, 44)},
    25: ("throttled", "429"),
    9: ("failed", "503"),
    11: ("failed", "500"),
    15: ("failed", "500"),
    24: ("failed", "504"),
    43: ("failed", "502"),
    46: ("failed", "503"),
}
"""By the body's ``status_code``, whatever the HTTP status. The label of a temporary error is its HTTP equivalent."""


def _check(status: int, payload: dict[str, Any]) -> BodyCheck | None:
    if type(code := payload.get("status_code")) is int:
        unknown: BodyCheck | None = ("garbage", "error_body") if 200 <= status < 300 else None
        return None if code in SUCCESS else CODES.get(code, unknown)
    return ("refused", "errors") if isinstance(payload.get("errors"), list) and status < 500 else None


def _sign(settings: TmdbConfig, url: str) -> Signed:
    """The token is preferred: it keeps the key out of URLs altogether."""
    token, key = settings.token_and_key
    return (url, {"Authorization": f"Bearer {token}"}) if token else (with_parameter(url, "api_key", key), {})


def _parse_kept(answer: KeptAnswer) -> Title:
    parse = parse_movie if answer.kind == "movies" else parse_show
    return parse(answer.json(), answer.query.get("language", "en-US"), answer.regions)


SOURCE = Source(
    name="tmdb",
    parse_kept=_parse_kept,
    refresh_spider="tmdb_refresh",
    sign=_sign,
    trial_path="/configuration",
    answers=ApiAnswers(_check),
    closed_lists=frozenset({"status", "type", "videos.results[].type", "videos.results[].site"}),
    endpoints={"trending": "trending", "genre": "genres", "configuration": "genres", "": "api"},
    merge=MergeRule(least_usd=MIN_CREDIBLE_USD),
)

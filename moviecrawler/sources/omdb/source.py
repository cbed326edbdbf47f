"""OMDB to the rest of the project. It says everything in the text of ``Error``, with status 200 or 401."""

from typing import Any

from moviecrawler.config.sources import OmdbConfig
from moviecrawler.documents import Document
from moviecrawler.items import Title
from moviecrawler.policy.network.answers import ApiAnswers
from moviecrawler.policy.network.bodies import BodyCheck
from moviecrawler.sources.descriptor import KeptAnswer, Signed, Source, with_parameter
from moviecrawler.sources.omdb.title import answered_id, parse_title

ERRORS: dict[str, BodyCheck] = {
    "request limit reached": ("quota", "limit"),
    "invalid api key": ("auth", "key"),
    "no api key provided": ("auth", "no_key"),
    "movie not found": ("gone", "not_found"),
    "incorrect imdb id": ("gone", "imdb_id"),
    # OMDB's message for an id that it does not have (yet), says its maintainer in omdbapi/OMDb-API#47 and #74. Another
    # try would cost a request of the daily quota and give the same answer.
    "error getting data": ("gone", "no_data"),
    "something went wrong": ("failed", "wrong"),
    "too many results": ("refused", "too_many"),
}
"""By the text of ``Error`` in lower case, without its full stop or exclamation mark."""


def _check(status: int, payload: dict[str, Any]) -> BodyCheck | None:
    error = str(payload.get("Error")).strip(" .!").lower()
    # "Daily request limit reached!" has been seen, too.
    known: BodyCheck | None = ERRORS.get(error, ("quota", "limit") if "limit reached" in error else None)
    if known is None and 200 <= status < 300 and payload.get("Response") != "True":
        return "garbage", "error_body"
    return known


def _sign(settings: OmdbConfig, url: str) -> Signed:
    return with_parameter(url, "apikey", settings.api_key.get_secret_value()), {}


def _parse_kept(answer: KeptAnswer) -> Title:
    payload = answer.json(mended=True)
    return parse_title(payload, answer.kind, answered_id(payload) or answer.query.get("i", ""))


def _why_not(kind: str, document: Document) -> str:
    return "" if document["imdb_id"] else "it has no IMDb id"


SOURCE = Source(
    name="omdb",
    parse_kept=_parse_kept,
    refresh_spider="omdb",
    sign=_sign,
    trial_path="/?i=tt0133093",  # any film: there is no other way; it counts as one request of the day
    answers=ApiAnswers(_check, mended=True),
    closed_lists=frozenset({"Type", "Response"}),
    endpoints={"": "omdb"},
    why_not=_why_not,
    newest_first=False,
)

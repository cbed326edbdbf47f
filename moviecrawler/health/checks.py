"""The checks of ``scrapy health``, as data: what is asked, how bad it is, and what mends it."""

from typing import Literal, NamedTuple

Severity = Literal["note", "problem"]
"""A ``note`` is worth a look; a ``problem`` means that something is lost, wrong or forbidden."""

Unit = Literal["titles", "records", "files", "runs"]


class Check(NamedTuple):
    """``weight``: the most points that its findings cost; ``unit``: of what its findings are a share.

    ``repair``: what a person does about it. ``full``: only with ``--full``, since it is slow.
    """

    id: str
    question: str
    severity: Severity
    weight: int
    unit: Unit
    repair: str
    full: bool = False


_ASK_AGAIN = "ask the source again: scrapy crawl tmdb_titles -a ids=... -a force=1"
_COMPOSE = "compose them anew from what the sources said: scrapy reparse"

CHECKS = (
    Check("damaged", "Can every row be read?", "problem", 30, "titles", f"restore a backup, or {_ASK_AGAIN}"),
    Check("required", "Has every title what all must have?", "problem", 15, "titles", _ASK_AGAIN),
    Check("references", "Is every title stored that a record names?", "problem", 15, "records", _ASK_AGAIN),
    Check("pictures", "Is every picture there that a title names?", "problem", 15, "files", "scrapy pictures"),
    Check("sha256", "Is every picture as it was made?", "problem", 15, "files", "remove it; scrapy pictures", True),
    Check(
        "unnamed", "Is every picture named by a title?", "note", 3, "files", "nothing needs it: scrapy maintain", True
    ),
    Check(
        "duplicates",
        "Has every title an IMDb id of its own?",
        "note",
        5,
        "titles",
        "look at both: scrapy show; a wrong one is mended by scrapy lock KIND/ID imdb_id=...",
    ),
    Check("same_as", "Does every same_as lead to a title?", "problem", 5, "titles", _ASK_AGAIN),
    Check("provenance", "Did the source say what it is named for?", "problem", 10, "titles", _COMPOSE),
    Check(
        "locks",
        "Does every lock hold a field that there is?",
        "note",
        3,
        "titles",
        "remove it, or lock the field that it is now: scrapy unlock KIND/ID FIELD",
    ),
    Check(
        "index",
        "Does what is searched agree with the documents?",
        "problem",
        10,
        "titles",
        "make them anew: scrapy health --repair, after a backup",
        True,
    ),
    Check(
        "search", "Is the search index whole and up to date?", "note", 1, "titles", "the next scrapy search mends it"
    ),
    Check(
        "future",
        "Is nothing stored with a time to come?",
        "problem",
        10,
        "titles",
        "set the clock; the next crawl makes the titles due",
    ),
    Check(
        "failing",
        "Can the sources be asked about every title?",
        "note",
        5,
        "titles",
        "see why: scrapy export rejects; then the source's spider with -a force=1",
    ),
    Check(
        "terms",
        "Is nothing older than TMDB's terms allow?",
        "problem",
        10,
        "titles",
        "scrapy maintain takes away what must go; ask again about the rest: scrapy crawl tmdb_refresh",
    ),
    Check("rejects", "Could every answer be used?", "note", 3, "titles", "see why: scrapy export rejects"),
    Check(
        "reject_rate",
        "Could the last runs use most answers?",
        "problem",
        10,
        "runs",
        "see why: scrapy runs, scrapy export rejects; then repeat the run",
    ),
    Check("incomplete", "Was the last run of each kind complete?", "problem", 10, "runs", "repeat it; scrapy runs"),
    Check("lost", "Did every run come to its end?", "problem", 10, "runs", "repeat it; scrapy runs"),
    Check(
        "anomalies",
        "Was the last run of each kind as usual?",
        "note",
        5,
        "runs",
        "compare it with the one before: scrapy runs; is the source as it was?",
    ),
    Check(
        "totals",
        "Did the last runs find what the sources counted?",
        "problem",
        10,
        "runs",
        "repeat it; scrapy runs",
    ),
    Check(
        "drift",
        "Do the sources answer in the form that they used to?",
        "problem",
        10,
        "records",
        "look at an answer, and at the release notes of the source; the parser may have to change",
        True,
    ),
    Check("unmatched", "Has a person decided what waits for one?", "note", 3, "records", "decide: scrapy match"),
    Check("charts", "Is every page of every chart there?", "note", 3, "records", "ask again, on the same day"),
)
"""In the order in which they are shown."""

CHECK_IDS = tuple(check.id for check in CHECKS)

"""What became of a run's titles, in lines whose numbers add up, and what to do next."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from moviecrawler.policy.source_names import SOURCE_NAMES

_MOST_DROPPED = 3
_LATER = "what is stored and not due is skipped"

_NEXT = {
    "wrong_key": "correct the key, then run again",
    "store_failed": f"fix the error above, then run again: {_LATER}",
    "images_failed": f"fix the error above, then run again: {_LATER}",
    "blocked": "wait a day, then run again",
    "robots": "try again tomorrow",
    "throttled": f"run again later: {_LATER}",
    "shutdown": f"run again to continue: {_LATER}",
    "incomplete": f"run again: {_LATER}",
    "quota": "run again tomorrow (UTC): what was not requested stays due",
}
"""By finish reason, the most urgent first."""


def titles(stats: Mapping[str, Any], source: str = "") -> Iterator[str]:
    """The lines of one crawl; ``source`` is the one that it requests, whose answers count."""
    found, expected = stats.get("titles/found", 0), stats.get("titles/expected")
    if (checked := stats.get("titles/checked")) is not None:
        yield f"{checked:,} looked at, {stats.get('titles/lacking_pictures', 0):,} with pictures to make"
        return
    yield f"{found} found" + (f" of {expected} expected" if expected not in (None, found) else "")
    own = f"titles/{source}/" if any(name.startswith(f"titles/{source}/") for name in stats) else "titles/"
    words = {"inserted": "new", "updated": "changed", "unchanged": "unchanged", "older": "older"}
    outcomes = {word: stats.get(own + name, 0) for name, word in words.items()}
    yield ", ".join(f"{count} {word}" for word, count in outcomes.items() if count or word != "older")
    of_tables = ("matched", "unmatched", "unsure") if source != "tmdb" else ()  # for tmdb these are of earlier tables
    matched, unmatched, unsure = [stats.get(f"titles/{name}", 0) for name in of_tables] or (0, 0, 0)
    if unmatched:
        yield ", ".join(
            f"{count} {what}"
            for count, what in ((matched, "matched"), (unsure, "ambiguous"), (unmatched - unsure, "unmatched"))
            if count or what == "matched"
        )
    settled = matched + unmatched or sum(outcomes.values())
    fates = (
        ("skipped", "refresh/skipped/"),
        ("dropped", "filter/dropped/"),
        ("without an answer", f"misses/{source}/"),
    )
    for word, prefix in fates:
        for line in sums(stats, prefix):
            count, _, reasons = line.partition(": ")
            settled += int(count)
            yield f"{count} {word}: {reasons}"
            if word == "dropped":
                yield from _most_dropped(stats)
    # Where workers share a queue, one finds the titles and others ask for them.
    if found > settled and "queue/pushed" not in stats:
        yield f"{found - settled} not requested, or not stored, before the end"
    if late := stats.get("reconcile/matched"):
        yield f"{late} of earlier tables matched"
    if lost := stats.get("titles/out_of_reach"):
        yield f"{lost} out of reach: TMDB shows 10,000 films per day"


def source_of(spider: str) -> str:
    """The source that a spider requests.

    >>> source_of("the_numbers_budgets"), source_of("spider")
    ('the_numbers', '')
    """
    return next((source for source in SOURCE_NAMES if spider.startswith(source)), "")


def next_step(reasons: Collection[str], stats: Mapping[str, Any], options: str = "") -> str:
    """One line of advice, from the finish reasons and stats of all crawls. It ends with a command to copy, with
    ``options`` for its data.
    """
    if set(reasons) == {"incomplete"} and _incomplete(stats) == {"lines"}:
        return f"correct the lines that are named above, then run again: {_LATER}"
    if urgent := [advice for reason, advice in _NEXT.items() if reason in reasons]:
        return urgent[0]
    if set(reasons) != {"finished"}:
        return f"fix the error above, then run again: {_LATER}"
    advice = {
        f"match ambiguous films by hand: scrapy match{options}": stats.get("titles/unsure"),
        f"see what was not found, and name it by hand: scrapy match --all{options}": stats.get("misses/tmdb/not_found"),
        f"see what could not be used, and why: scrapy export rejects{options}": any(
            count for name, count in stats.items() if name.startswith("rejects/") and name != "rejects/gone"
        ),
        f"scrapy export movies{options} -o films.jsonl": stats.get("titles/inserted") or stats.get("titles/updated"),
        f"see when titles are due again: scrapy due{options}": True,
    }
    return next(line for line, fits in advice.items() if fits)


def _incomplete(stats: Mapping[str, Any]) -> set[str]:
    return {name.removeprefix("incomplete/") for name in stats if name.startswith("incomplete/")}


def sums(stats: Mapping[str, Any], prefix: str, leave_out: Collection[str] = ()) -> Iterator[str]:
    """``3: 2 failed/500, 1 parse`` for all stats below the prefix; no line if there are none."""
    counts = {name.removeprefix(prefix): count for name, count in stats.items() if name.startswith(prefix)}
    yield from listed({name.replace("_", " "): count for name, count in counts.items() if name not in leave_out})


def listed(counts: Mapping[str, int]) -> Iterator[str]:
    """The sum and its parts, the largest first."""
    parts = sorted(((name, count) for name, count in counts.items() if count), key=lambda part: (-part[1], part[0]))
    if parts:
        yield f"{sum(count for _, count in parts)}: " + ", ".join(f"{count} {name}" for name, count in parts)


def _most_dropped(stats: Mapping[str, Any]) -> Iterator[str]:
    """``most of them documentary (5 votes), drama (3 votes), horror (2 rating)``: a title has several genres."""
    pairs = [
        (count, *name.removeprefix("filter/genres/").split("/", 1))
        for name, count in stats.items()
        if name.startswith("filter/genres/")
    ]
    most = sorted(pairs, key=lambda pair: (-pair[0], *pair[1:]))[:_MOST_DROPPED]
    if most:
        yield "most of them " + ", ".join(
            f"{genre} ({count} {reason.replace('_', ' ')})" for count, reason, genre in most
        )

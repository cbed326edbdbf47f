"""The labelled tables, run through the look-up by names and the matcher."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from moviecrawler.documents import names
from moviecrawler.policy.identity import Match, match, normalise, title_keys

Document = dict[str, Any]
Matcher = Callable[[Document, list[Document]], Match]

HERE = Path(__file__).parent
BLIND = HERE / "blind"
"""Made by somebody who had seen neither the matcher nor the other table, and never tuned on."""
AMBIGUOUS = "ambiguous"


class Pair(NamedTuple):
    record: Document
    expected: int | None
    ambiguous: bool
    held_out: bool

    @property
    def directors(self) -> list[str]:
        return names(self.record["people"]["directors"])


class Result(NamedTuple):
    pair: Pair
    match: Match

    @property
    def miss(self) -> bool:
        return self.match.id != self.pair.expected


class Figures(NamedTuple):
    """``precision``: how many of the ids given are right; ``recall``: how many of the films that are here are found."""

    pairs: int
    given: int
    right: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.given

    @property
    def recall(self) -> float:
        return self.right / self.wanted


def films(folder: Path = HERE) -> list[Document]:
    with (folder / "films.csv").open(encoding="utf-8", newline="") as file:
        return [_document(row) for row in csv.DictReader(file)]


def pairs(folder: Path = HERE) -> list[Pair]:
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return [
            Pair(
                _record(row),
                int(row["is"]) if row["is"].isdigit() else None,
                row["is"] == AMBIGUOUS,
                row["held_out"] == "yes",
            )
            for row in csv.DictReader(file)
        ]


def run(
    matcher: Matcher = match, keys: Callable[[Document], list[str]] = title_keys, folder: Path = HERE
) -> list[Result]:
    looked = zip(pairs(folder), looked_up(matcher, keys, folder), strict=True)
    return [Result(pair, matcher(record, candidates)) for pair, (_, record, candidates) in looked]


def looked_up(
    matcher: Matcher = match, keys: Callable[[Document], list[str]] = title_keys, folder: Path = HERE
) -> list[tuple[Matcher, Document, list[Document]]]:
    """The matcher with its arguments, for each pair."""
    index = defaultdict(list)
    for film in films(folder):
        for key in title_keys(film):
            index[key].append(film)
    return [(matcher, pair.record, _candidates(index, keys(pair.record))) for pair in pairs(folder)]


def naive(record: Document, candidates: list[Document]) -> Match:
    """The baseline: the title and the year are the same, letter by letter."""
    same = [film["_id"] for film in candidates if (film["title"], film["year"]) == (record["title"], record["year"])]
    return Match(same[0], (same[0],), "title") if same else Match(None, (), "none")


def exact_keys(record: Document) -> list[str]:
    return [normalise(record["title"])]


def figures(results: Iterable[Result]) -> Figures:
    results = list(results)
    return Figures(
        pairs=len(results),
        given=sum(result.match.id is not None for result in results),
        right=sum(result.match.id is not None and not result.miss for result in results),
        wanted=sum(result.pair.expected is not None for result in results),
    )


def _candidates(index: dict[str, list[Document]], keys: list[str]) -> list[Document]:
    return list({film["_id"]: film for key in keys for film in index.get(key, ())}.values())


def _document(row: dict[str, str]) -> Document:
    alternatives = [title for title in row["alternative_titles"].split(" | ") if title]
    return {
        "_id": int(row["id"]),
        "title": row["title"],
        "original_title": row["original_title"] or row["title"],
        "alternative_titles": [{"country": None, "title": title} for title in alternatives],
        "year": int(row["year"]),
        "release_date": row["release_date"] or None,
        "releases": [{"country": "US", "type": 3, "date": row["us_date"]}] if row["us_date"] else [],
        "people": {"directors": [{"name": name} for name in row["directors"].split(" | ") if name]},
        "runtime": int(row["runtime"]) if row["runtime"] else None,
    }


def _record(row: dict[str, str]) -> Document:
    return {
        "title": row["title"],
        "year": int(row["year"]) if row["year"] else None,
        "release_date": row["release_date"] or None,
        "people": {"directors": [{"name": row["director"]}] if row["director"] else []},
    }

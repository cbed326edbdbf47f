"""What a thousand films take in the store, and which part takes most, beside the answers that they came from."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from moviecrawler.ingest.raw import raw_body
from tests.benchmarks.crawls import UNLIMITED, ours
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

YEAR = 2024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "1500", "--years", f"{YEAR}-{YEAR}", "--quiet") as sandbox:
        yield sandbox


def test_a_thousand_films_take_less_than_the_answers_that_they_came_from(sandbox: Sandbox, tmp_path: Path) -> None:
    films = ours(tmp_path, sandbox, "tmdb_discover", {"start_year": YEAR, "min_votes": 0}, UNLIMITED).wait().films
    database = tmp_path / "data" / "movies.db"
    connection = sqlite3.connect(database)
    try:
        documents = [text for (text,) in connection.execute("SELECT document FROM documents")]
        kinds = dict(connection.execute("SELECT kind, sum(length(record)) FROM records GROUP BY kind"))
        raw = [json.loads(text) for (text,) in connection.execute("SELECT record FROM records WHERE kind = 'raw'")]
    finally:
        connection.close()
    answers = sum(len(raw_body(row, 10**7)) for row in raw)
    stored = sum(map(len, documents))
    file = sum(path.stat().st_size for path in database.parent.glob("movies.db*"))
    sizes = {"the whole file": file, "documents": stored, **{f"records {kind}": size for kind, size in kinds.items()}}
    print(f"\nMB per 1,000 films, from answers of {answers / films / 1000:.1f} MB:")
    for name, size in sorted(sizes.items(), key=lambda row: -row[1]):
        print(f"  {name:<28} {size / films / 1000:>7.2f}")
    for name, size in _parts(documents).most_common(12):
        print(f"    {name:<26} {size / films / 1000:>7.2f}")
    assert stored < answers


def _parts(documents: list[str]) -> Counter[str]:
    """Characters of each top-level field, and of each field in TMDB's slot, in all documents."""
    found: Counter[str] = Counter()
    for text in documents:
        document = json.loads(text)
        slots = document.pop("sources")
        for place, fields in (("", document), ("sources.tmdb.data.", slots["tmdb"]["data"])):
            for name, value in fields.items():
                found[place + name] += len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return found

"""What weekly samples cost: CPU beside the same batches without them, and bytes.

The titles have next to no facts, so what else a batch does is the least that it can be.
"""

import statistics
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from moviecrawler import timestamps
from moviecrawler.documents.records import SAMPLES, SampleRecord
from moviecrawler.ingest.samples import expire_samples
from moviecrawler.ingest.upsert import Upserter
from moviecrawler.items import Movie, Rating
from moviecrawler.policy.documents.samples import Retention, Sample, sample_of
from moviecrawler.stores import open_store
from moviecrawler.stores.canonical_json import to_text
from tests.support.policies import composer, refresh

pytestmark = pytest.mark.benchmark

TITLES, BATCH, ROUNDS = 2_000, 50, 5
NOW = datetime.now(UTC)
TARGET = 1.35
"""Of the CPU of a batch, for titles that were asked about twice before."""

DAYS = {
    "once": ([1], [1]),
    "old, asked by the table": ([1, 91], [1]),
    "new, asked by the table": (range(1, 60, 5), range(1, 60, 5)),
    "every week": (range(1, 180, 7), range(1, 180, 7)),
}
"""How many days ago TMDB and OMDB were asked."""


def answer(id: int, dice: Random, days: int = 0) -> Movie:
    rating = Rating(score=round(dice.random() * 10, 3), votes=dice.randrange(30_000))
    made = Movie(source="tmdb", source_id=str(id), id=id, title="Heat", popularity=round(dice.random() * 100, 4))
    made.ratings = {"tmdb": rating}
    made.set_fetch(timestamps.iso(NOW - timedelta(days=days)))
    return made


def of_omdb(id: int, dice: Random, days: int) -> Movie:
    scores = {"imdb": Rating(score=8.1, votes=dice.randrange(300_000))}
    scores |= {house: Rating(score=dice.randrange(100)) for house in ("rotten_tomatoes", "metacritic")}
    made = Movie(source="omdb", source_id=f"tt{id:07}", id=id, ratings=scores)
    made.set_fetch(timestamps.iso(NOW - timedelta(days=days)))
    return made


def record(id: int, tmdb: Iterable[int], omdb: Iterable[int]) -> SampleRecord:
    dice = Random(id)
    answers = [*(answer(id, dice, days) for days in tmdb), *(of_omdb(id, dice, days) for days in omdb)]
    samples: list[Sample] = [sample for one in answers if (sample := sample_of(one))]
    made = Retention().revised(f"movies/{id}", None, samples, NOW)
    assert made is not None
    return made


async def microseconds(folder: Path, name: str, retention: Retention) -> tuple[float, float]:
    """CPU a title: of a batch with one answer about each, and of the walk at the end."""
    store = open_store(f"sqlite:///{folder}/movies.db", data_dir=folder)
    await store.open()
    await store.records.put(SAMPLES, [record(id, *DAYS[name]) for id in range(TITLES)])
    writer = Upserter(store, composer=composer(), refresh=refresh(), samples=retention)
    dice, start = Random(1), time.process_time()
    for first in range(0, TITLES, BATCH):
        await writer.write([answer(id, dice) for id in range(first, first + BATCH)])
    written = time.process_time()
    await expire_samples(store, Retention(), NOW, TITLES)
    walked = time.process_time()
    await store.close()
    return (written - start) / TITLES * 1e6, (walked - written) / TITLES * 1e6


@pytest.mark.parametrize("name", ["old, asked by the table", "every week"])
async def test_cpu_of_a_batch_with_samples_beside_one_without(tmp_path: Path, name: str) -> None:
    figures: dict[int, list[tuple[float, float]]] = {0: [], 180: []}
    for number in range(ROUNDS):
        for days, found in figures.items():
            (folder := tmp_path / f"{number}-{days}").mkdir()
            found.append(await microseconds(folder, name, Retention(days)))
    without, with_ = (statistics.median(batch for batch, _ in found) for found in figures.values())
    walk = statistics.median(walked for _, walked in figures[180])
    print(f"{name}: {without:.0f} -> {with_:.0f} microseconds a title, {with_ / without:.2f}; walk {walk:.0f}")
    if name != "every week":
        assert with_ / without < TARGET


def test_bytes_of_a_thousand_titles() -> None:
    for name, days in DAYS.items():
        size = sum(len(to_text(record(id, *days), "")) for id in range(600_000, 601_000))
        print(f"{name}: {size / 1e3:,.0f} KB for 1,000 titles ({sum(map(len, days))} answers each)")
        assert size < 3e6

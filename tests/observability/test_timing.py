"""Where the time of a run went: every stage is counted, and waiting is never taken for work."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.misc import load_object

from moviecrawler.items import Artwork, Dropped
from moviecrawler.observability.summary import summary
from moviecrawler.pipelines.timed import TimedPipelines, stage_of
from moviecrawler.policy.timing import Timing
from moviecrawler.settings import ITEM_PIPELINES
from moviecrawler.spidermiddlewares.timed import TimedCallbacksMiddleware
from tests.support.crawl import Home
from tests.support.crawler import stand_in
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "600")
IDS = "ids=" + ",".join(map(str, range(5_000_000, 5_000_020)))


def stages(stats: dict[str, Any], figure: str) -> dict[str, Any]:
    end = f"/{figure}"
    return {
        name[len("timing/") : -len(end)]: value
        for name, value in stats.items()
        if name.startswith("timing/") and name.endswith(end)
    }


# --- A run ------------------------------------------------------------------------------------------------------


def test_the_record_of_a_run_has_every_stage_with_as_many_cases_as_there_were(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_trending", "limit=4", IMAGES_ENABLED="1").status == 0
    stats, counts = home.stats, stages(home.stats, "count")
    titles, pictures, pages = stats["titles/inserted"], stats["pictures/fetched"], stats["records/charts"]
    api = stats[f"requests/{sandbox.host}"]
    cdn = stats["downloader/request_count"] - api
    assert (titles, pictures) == (4, 8)
    assert counts == {
        "gate/api": api,
        "gate/cdn": cdn,
        "download/api": api,
        "download/cdn": cdn,
        "parse/page": pages,
        "parse/title": titles,
        "parse/artwork": pictures,
        "content": titles,
        "resolve": titles,
        "merge": titles,
        "images": pictures,
        "images/wait": pictures,
        "images/work": pictures,
        "store": titles + pictures + pages,
        "store/flush": stats["store/batches"],
        "store/read": stats["store/reads"],
        "store/write": stats["store/writes"],
    }
    for stage in counts:
        p50, p95, p99 = (stats[f"timing/{stage}/{name}"] for name in ("p50", "p95", "p99"))
        assert 0 < p50 <= p95 <= p99
    sums = stages(stats, "sum")
    assert sums["images/wait"] + sums["images/work"] <= sums["images"]
    assert sums["store/read"] + sums["store/write"] <= sums["store/flush"]


def test_a_slow_site_is_seen_in_the_download_and_nowhere_else(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=900)
    assert home.crawl("tmdb_titles", IDS).status == 0
    assert home.stats["timing/download/api/p50"] > 0.85  # a histogram's figure
    # The first request goes alone, so some of the others waited for its answer; none waited for another's.
    waiting_for_no_site = stages(home.stats, "p50").keys() - {"download/api", "gate/api"}
    assert {stage for stage in waiting_for_no_site if home.stats[f"timing/{stage}/p50"] > 0.8} == set()


def test_waiting_for_the_rate_limit_does_not_count_as_download(home: Home) -> None:
    assert home.crawl("tmdb_titles", IDS, TMDB_RATE="10", TMDB_BURST="1").status == 0
    assert home.stats["timing/gate/api/p95"] > 0.5
    assert home.stats["timing/download/api/p50"] < home.stats["timing/gate/api/p95"]


def test_timing_can_be_switched_off_and_changes_nothing_else(make_home: Callable[..., Home]) -> None:
    timed, untimed = make_home("timed"), make_home("untimed", TIMING_ENABLED="0")
    for home in (timed, untimed):
        assert home.crawl("tmdb_titles", IDS).status == 0
    assert not stages(untimed.stats, "count")
    assert len(untimed.documents()) == len(timed.documents()) == 20


@pytest.mark.parametrize("name", ["TIMING_ENABLED", "PROFILE"])
def test_a_switch_is_on_or_off(home: Home, sandbox: Sandbox, name: str) -> None:
    ended = home.crawl("tmdb_trending", **{name: "maybe"})
    assert (ended.status, ended.lines) == (2, [f"{name}='maybe': must be 0 or 1"])
    assert not sandbox.log()


# --- The item processor -----------------------------------------------------------------------------------------


class Sync:
    def process_item(self, item: Any) -> Any:
        return item


class Coroutine:
    async def process_item(self, item: Any) -> Any:
        return item


class WantsSpider:
    """As pipelines were written for Scrapy before 2.13."""

    def process_item(self, item: Any, spider: Any) -> Any:
        assert spider == "the spider"
        return item


class Refuses:
    async def process_item(self, item: Any) -> Any:
        raise DropItem("no")


class ImagesPipeline(Sync):
    """Named like the pipeline for pictures."""


def processor(*pipelines: type) -> tuple[ItemPipelineManager, Timing]:
    timing = Timing(iter(range(1000)).__next__)  # whatever is done takes a second
    crawler = stand_in(timing=timing, spider="the spider")
    return TimedPipelines(*(pipeline() for pipeline in pipelines), crawler=crawler), timing


@pytest.mark.filterwarnings("ignore:.*requires a spider argument")
async def test_pipelines_of_every_kind_get_the_item_and_are_timed() -> None:
    pipelines, timing = processor(Sync, Coroutine, WantsSpider)
    assert await pipelines.process_item_async("an item") == "an item"
    assert {stage: histogram.sum for stage, histogram in timing.histograms.items()} == {
        "sync": 1,
        "coroutine": 1,
        "wantsspider": 1,
    }


async def test_a_dropped_item_is_timed_and_goes_no_further() -> None:
    pipelines, timing = processor(Refuses, Sync)
    with pytest.raises(DropItem):
        await pipelines.process_item_async("an item")
    assert timing.histograms.keys() == {"refuses"}


async def test_items_that_a_pipeline_ignores_are_not_timed_there() -> None:
    pipelines, timing = processor(ImagesPipeline, Sync)
    dropped = Dropped(kind="movies", id=1, title="A film", reason="votes", at="2026-01-01T00:00:00.000Z")
    picture = Artwork(kind="movies", id=1, role="poster", source_path="/a.jpg", url="http://a.org/a.jpg", body=b"")
    for item in (dropped, picture):
        assert await pipelines.process_item_async(item) is item
    assert {stage: histogram.count for stage, histogram in timing.histograms.items()} == {"images": 1, "sync": 2}


def test_every_pipeline_of_ours_has_its_documented_stage() -> None:
    stages = [stage_of(load_object(path))[0] for path in ITEM_PIPELINES]
    assert sorted(stages) == ["content", "images", "merge", "resolve", "store"]


# --- Callbacks --------------------------------------------------------------------------------------------------


async def test_time_outside_the_callback_is_not_counted() -> None:
    now = 0.0

    async def outputs() -> AsyncIterator[str]:
        nonlocal now
        for output in ("first", "second"):
            now += 1
            yield output
        now += 1

    def parse_title() -> None: ...

    timing = Timing(lambda: now)
    request = Request("http://a.org", callback=parse_title)
    async for _ in TimedCallbacksMiddleware(timing).process_spider_output(
        Response(request.url, request=request), outputs()
    ):
        now += 100
    assert timing.histograms["parse/title"].sum == 3


# --- The summary ------------------------------------------------------------------------------------------------

STATS = {
    **{"timing/download/cdn/sum": 90.0, "timing/download/cdn/p95": 0.4237},
    **{"timing/images/sum": 500.0, "timing/images/p95": 9.0},
    **{"timing/images/wait/sum": 470.0, "timing/images/wait/p95": 8.6},
    **{"timing/images/work/sum": 30.0, "timing/images/work/p95": 0.071395},
    **{"timing/merge/sum": 0.1, "timing/merge/p95": 0.000249},
}


@pytest.mark.parametrize(
    ("stats", "seconds", "expected"),
    [
        (STATS, 10.1, ["  time       images/wait p95 8.6 s, download/cdn p95 424 ms, images/work p95 71.4 ms"]),
        (STATS, 9.9, []),
        ({}, 100.0, []),
    ],
    ids=["parts rather than wholes", "not worth a line", "not timed"],
)
def test_a_long_run_says_which_stages_took_the_most_time(
    stats: dict[str, Any], seconds: float, expected: list[str]
) -> None:
    lines = summary({"a": "finished"}, {"a": stats}, seconds, {})
    assert [line for line in lines if line.startswith("  time")] == expected

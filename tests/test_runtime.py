"""What the components of a crawl share: built once by the add-on; crawlers of one process share part of it."""

from collections.abc import Callable
from typing import Any

import pytest
import scrapy
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.run import check_arguments
from moviecrawler.runtime import Runtime
from moviecrawler.spider_protocol import CrawlSpider, is_foreign, required_sources, spider_of
from moviecrawler.spiders.omdb import Omdb
from moviecrawler.spiders.tmdb_refresh import TmdbRefresh
from tests.support.crawler import stand_in

NewCrawler = Callable[..., Crawler]


class Foreign(scrapy.Spider):
    name = "foreign"


@pytest.fixture
def new_crawler(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> NewCrawler:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    settings.setmodule("moviecrawler.settings", "project")

    def make(spider: type[scrapy.Spider], **given: str) -> Crawler:
        own = settings.copy()
        own.setdict({"CACHE_URI": "", "REDIS_URL": "", **given}, "cmdline")
        return Crawler(spider, own)

    return make


def begun(crawler: Crawler) -> Runtime:
    """The runtime of the crawler, whose spider and add-ons are loaded now."""
    crawler.spider = crawler._create_spider()
    crawler.addons.load_settings(crawler.settings)
    return Runtime.of(crawler)


def test_a_crawler_without_our_add_on_has_no_runtime(new_crawler: NewCrawler) -> None:
    crawler = new_crawler(Foreign)
    assert Runtime.find(crawler) is None
    with pytest.raises(RuntimeError, match=r"addons\.Moviecrawler"):
        Runtime.of(crawler)


def test_crawlers_of_a_group_share_what_they_learn_about_sources_and_nothing_that_ends_a_run(
    new_crawler: NewCrawler,
) -> None:
    crawlers = [new_crawler(TmdbRefresh), new_crawler(Omdb)]
    group = CrawlGroup.form(crawlers)
    one, two = map(begun, crawlers)
    assert one.group is two.group is group
    assert one.breakers is two.breakers
    assert one.block_detector is two.block_detector
    assert one.lifecycle is not two.lifecycle
    assert one.host_pools is not two.host_pools
    alone = begun(new_crawler(Omdb))
    assert alone.breakers is not one.breakers
    assert len(alone.group.crawlers) == 1


def test_a_title_is_claimed_by_one_crawler_of_a_group(new_crawler: NewCrawler) -> None:
    crawlers = [new_crawler(TmdbRefresh), new_crawler(Omdb)]
    CrawlGroup.form(crawlers)
    for crawler in crawlers:
        begun(crawler)
    refresh, omdb = map(spider_of, crawlers)
    assert [refresh.claim(("movies", 603)), omdb.claim(("movies", 603)), omdb.claim(("shows", 603))] == [
        True,
        False,
        True,
    ]


def test_a_part_is_built_once(new_crawler: NewCrawler) -> None:
    runtime = Runtime.of(stand_in())
    assert runtime.find_part(list) is None
    part = runtime.part(list, list)
    assert runtime.part(list, lambda: [1]) is part
    assert runtime.find_part(list) is part


@pytest.mark.parametrize("spider", [TmdbRefresh, Omdb])
def test_our_spiders_answer_all_that_the_project_asks(new_crawler: NewCrawler, spider: type[scrapy.Spider]) -> None:
    crawler = new_crawler(spider)
    begun(crawler)
    assert isinstance(crawler.spider, CrawlSpider)
    assert spider_of(crawler) is crawler.spider
    assert not is_foreign(crawler)


def test_for_a_foreign_spider_there_are_answers_that_change_nothing(new_crawler: NewCrawler) -> None:
    crawler = new_crawler(Foreign)
    runtime = begun(crawler)
    spider = spider_of(crawler)
    assert is_foreign(crawler)
    assert (spider.name, spider.arguments, spider.job, spider.force) == ("foreign", {}, None, False)
    assert spider.content is runtime.policies.content
    assert spider.listed("movies", 603) is None
    assert spider.claim(("movies", 603))
    assert list(spider.artwork_requests("movies", {"_id": 603})) == []


def test_a_foreign_spider_needs_no_key_and_takes_any_argument() -> None:
    assert required_sources(Foreign) == ()
    check_arguments(Foreign, {"anything": "goes"})
    with pytest.raises(ConfigurationError, match="unknown argument anything"):
        check_arguments(Omdb, {"anything": "goes"})


def test_feeds_have_titles_and_what_a_foreign_spider_yields(new_crawler: NewCrawler) -> None:
    for spider, expected in ((Omdb, ["moviecrawler.items.Movie", "moviecrawler.items.Show"]), (Foreign, None)):
        crawler = new_crawler(spider)
        crawler.settings.set("FEEDS", {"out.jsonl": {"format": "jsonlines"}}, "cmdline")
        begun(crawler)
        (options,) = crawler.settings.getdict("FEEDS").values()
        assert options.get("item_classes") == expected

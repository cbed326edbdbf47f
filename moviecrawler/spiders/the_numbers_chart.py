"""The box-office charts of days and weekends: ``scrapy crawl the_numbers_chart -a start=2026-05-01``."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, choice
from moviecrawler.base_spiders.movie_spider import LISTING, fetched_at
from moviecrawler.items import TitleTable
from moviecrawler.sources import the_numbers
from moviecrawler.spiders.the_numbers import TheNumbersSpider, html

_FRIDAY = 4
_DAYS_UNTIL_PUBLISHED = {"daily": 2, "weekend": 4}
"""Days after which the figures of a day, or of the weekend that began on a Friday, are certainly published."""


def parse_day(text: str) -> str:
    """The day as an ISO date; ValueError if it does not exist.

    >>> parse_day("2026-05-01")
    '2026-05-01'
    """
    return date.fromisoformat(text).isoformat()


def days(chart: str, start: date, end: date) -> Iterator[date]:
    """Every day, or every Friday, from ``start`` to ``end``.

    >>> [str(day) for day in days("weekend", date(2026, 5, 1), date(2026, 5, 14))]
    ['2026-05-01', '2026-05-08']
    """
    step = 1 if chart == "daily" else 7
    day = start if chart == "daily" else start + timedelta((_FRIDAY - start.weekday()) % 7)
    while day <= end:
        yield day
        day += timedelta(step)


class TheNumbersChart(TheNumbersSpider):
    """Yields a TitleTable per chart. Paths: ``/box-office-chart/daily/2026/05/01``, ``/box-office-chart/weekend/...``,
    where a weekend is identified by its Friday.
    """

    name = "the_numbers_chart"
    reads_listing = True
    may_lack_pages = True  # of a day without a chart
    accepted_arguments = {
        "chart": choice("daily", "weekend", help="of days or of weekends", old_name="kind"),
        "start": Argument(
            parse_day, "a day such as 2026-05-01", None, "first day; the newest that is certainly published"
        ),
        "end": Argument(parse_day, "a day such as 2026-05-01", None, "last day; start if not given"),
    }
    chart: Literal["daily", "weekend"]

    @classmethod
    def parse_arguments(cls, given: Mapping[str, str]) -> dict[str, Any]:
        values = super().parse_arguments(given)
        newest = datetime.now(UTC).date() - timedelta(_DAYS_UNTIL_PUBLISHED[values["chart"]])
        if values["chart"] == "weekend":
            newest -= timedelta((newest.weekday() - _FRIDAY) % 7)
        values["start"] = values["start"] or newest.isoformat()
        values["end"] = values["end"] or values["start"]
        if not any(days(values["chart"], *(date.fromisoformat(values[name]) for name in ("start", "end")))):
            allowed = "start or later" if values["chart"] == "daily" else "late enough to include a Friday"
            raise ArgumentError(
                f"{cls.name}: argument end={values['end']!r}, start={values['start']!r}: must be {allowed}"
            )
        return values

    async def start(self) -> AsyncIterator[Request]:
        async for request in self.backpressure.limit(self._charts()):
            yield request

    async def _charts(self) -> AsyncIterator[Request]:
        start, end = (date.fromisoformat(self.arguments[name]) for name in ("start", "end"))
        for day in days(self.chart, start, end):
            yield self.request(
                the_numbers.chart_url(self.base, self.chart, day),
                self.parse_chart,
                priority=LISTING,
                cb_kwargs={"day": day.isoformat()},
            )

    def parse_chart(self, response: Response, day: str) -> Iterator[TitleTable]:
        table = the_numbers.parse_chart(
            html(response), self.chart, date.fromisoformat(day), response.url, fetched_at(response)
        )
        self.crawler.stats.inc_value("titles/found", len(table.titles))
        yield table

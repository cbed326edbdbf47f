"""Which fields the answers of a run had: a field that a source no longer sends shows here first."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from moviecrawler.documents.records import RunCoverage
from moviecrawler.items import Title, TitleTable
from moviecrawler.stores.coverage import filled_fields


class CoverageCounter:
    """Counts, by kind, answers about titles that became durable, and those of them in which a field has a value.

    Fields are named as in ``scrapy stats`` (``stores.coverage.filled_fields``).
    """

    def __init__(self) -> None:
        self._titles: Counter[str] = Counter()
        self._fields: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, item: object) -> None:
        """An item that was scraped, which means stored; rows of a table that found no title do not count."""
        for title in _titles(item):
            if (slot := title.context.slot) is not None and title.id is not None:
                self._titles[title.kind] += 1
                self._fields[title.kind].update(filled_fields(slot["data"]))

    def counts(self) -> dict[str, RunCoverage]:
        return {
            kind: {"titles": count, "fields": dict(sorted(self._fields[kind].items()))}
            for kind, count in self._titles.items()
        }


def _titles(item: object) -> Iterable[Title]:
    if isinstance(item, Title):
        return [item]
    return item.titles if isinstance(item, TitleTable) else ()

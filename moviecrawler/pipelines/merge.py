"""Makes a title's slot of its source: once per item, however often the store pipeline has to merge it."""

from moviecrawler.items import Item, Title, TitleTable
from moviecrawler.policy.merge import slot_of


class Merge:
    def process_item(self, item: Item) -> Item:
        if isinstance(item, Title):
            item.prepared(slot_of(item))
        elif isinstance(item, TitleTable):
            for title in item.titles:
                title.seen(item.at, asked=title.asked)
                title.prepared(slot_of(title))
        return item

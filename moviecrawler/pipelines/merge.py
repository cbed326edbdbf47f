"""Makes a title's slot of its source: once per item, however often the store pipeline has to merge it."""

from moviecrawler.items import Item, Title
from moviecrawler.policy.merge import slot_of


class Merge:
    def process_item(self, item: Item) -> Item:
        if isinstance(item, Title):
            item.prepared(slot_of(item))
        return item

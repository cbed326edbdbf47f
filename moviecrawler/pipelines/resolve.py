"""Which document does an item belong to? What TMDB sends says so itself; a title without an id has no place yet."""

from scrapy.exceptions import DropItem

from moviecrawler.items import Item, Title


class Resolve:
    def process_item(self, item: Item) -> Item:
        if isinstance(item, Title) and item.id is None:
            raise DropItem(f"{item.source} {item.source_id}: no TMDB id")
        return item

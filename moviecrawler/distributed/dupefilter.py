"""What a crawl has asked for: keys such as ``tmdb/movies/603``, chosen by the spiders."""

from scrapy import Request
from scrapy_redis.dupefilter import RFPDupeFilter


class DupeFilter(RFPDupeFilter):
    """scrapy-redis's filter, by ``meta["dedup_key"]``. A request without it (a picture, another try) is never seen.

    The queue puts the key into the set and the request into its queue in one step, so nothing is seen and not queued.
    """

    def request_fingerprint(self, request: Request) -> str:
        return str(request.meta.get("dedup_key", ""))

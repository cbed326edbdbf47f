"""Which titles a crawl has requested, by dedup keys such as ``tmdb/movies/603`` that spiders choose."""

from scrapy import Request
from scrapy_redis.dupefilter import RFPDupeFilter


class DupeFilter(RFPDupeFilter):
    """scrapy-redis's filter, by ``meta["dedup_key"]``. A request without it (a picture, a retry) is never filtered.

    ``push.lua`` adds the key to the set and the request to its queue in one step: nothing is seen and not queued.
    """

    def request_fingerprint(self, request: Request) -> str:
        return str(request.meta.get("dedup_key", ""))

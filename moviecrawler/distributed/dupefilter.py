"""Which titles a crawl has requested, by dedup keys such as ``tmdb/movies/603`` that spiders choose."""

from typing import NoReturn

from scrapy import Request
from scrapy_redis.dupefilter import RFPDupeFilter


class DupeFilter(RFPDupeFilter):  # type: ignore[misc]  # scrapy-redis has no types
    """scrapy-redis's filter, by ``meta["dedup_key"]``. A request without it (a picture, a retry) is never filtered.

    ``push.lua`` adds the key to the set and the request to its queue in one step: nothing is seen and not queued.
    """

    def request_fingerprint(self, request: Request) -> str:
        return str(request.meta.get("dedup_key", ""))

    def close(self, reason: str = "") -> None:
        """What has been seen belongs to all workers; the last one that leaves deletes it."""

    @classmethod
    def _refuse(cls, *_: object) -> NoReturn:
        raise NotImplementedError("what has been seen is looked up where a request is queued: LeasedQueue.push_many")

    request_seen = clear = from_settings = from_crawler = from_spider = _refuse

"""The films of a discover query, with all their parts, as one writes it on the first evening."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import scrapy
from scrapy.http import Response

PARTS = "credits,external_ids,images,keywords,release_dates,translations,alternative_titles,videos"


class Films(scrapy.Spider):
    """Spider arguments: ``base``, ``token``, ``year``."""

    name = "films"

    def __init__(self, base: str, token: str, year: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base, self.year = base, year
        self.headers = {"Authorization": f"Bearer {token}"}

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield self.listing(1)

    def listing(self, page: int) -> scrapy.Request:
        query = {
            "include_adult": "false",
            "language": "en-US",
            "page": page,
            "primary_release_date.gte": f"{self.year}-01-01",
            "primary_release_date.lte": f"{self.year}-12-31",
            "sort_by": "popularity.desc",
            "vote_count.gte": 0,
        }
        return scrapy.Request(f"{self.base}/discover/movie?{urlencode(query)}", self.parse, headers=self.headers)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        listing = response.json()
        query = {
            "append_to_response": PARTS,
            "include_image_language": "en,null,xx",
            "include_video_language": "en,null,xx",
            "language": "en-US",
        }
        for row in listing["results"]:
            url = f"{self.base}/movie/{row['id']}?{urlencode(query, safe=',')}"
            yield scrapy.Request(url, self.parse_film, headers=self.headers)
        if listing["page"] < listing["total_pages"]:
            yield self.listing(listing["page"] + 1)

    def parse_film(self, response: Response) -> Iterator[dict[str, Any]]:
        film = response.json()
        yield {
            "id": film["id"],
            "imdb_id": film["imdb_id"],
            "title": film["title"],
            "original_title": film["original_title"],
            "overview": film["overview"],
            "release_date": film["release_date"],
            "runtime": film["runtime"],
            "genres": [genre["name"] for genre in film["genres"]],
            "keywords": [keyword["name"] for keyword in film["keywords"]["keywords"]],
            "cast": [{"name": person["name"], "role": person["character"]} for person in film["credits"]["cast"]],
            "directors": [person["name"] for person in film["credits"]["crew"] if person["job"] == "Director"],
            "score": film["vote_average"],
            "votes": film["vote_count"],
            "popularity": film["popularity"],
            "poster": film["poster_path"],
            "backdrop": film["backdrop_path"],
        }

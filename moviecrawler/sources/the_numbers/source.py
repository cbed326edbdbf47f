"""The Numbers to the rest of the project: pages, films by name, the best box office."""

from urllib.parse import unquote

from moviecrawler.documents import Document
from moviecrawler.items import Title
from moviecrawler.policy.documents.compose import MergeRule
from moviecrawler.policy.network.tolerant_json import decode_text
from moviecrawler.sources.descriptor import KeptAnswer, Source
from moviecrawler.sources.the_numbers.film import parse_film


def _parse_kept(answer: KeptAnswer) -> Title:
    return parse_film(decode_text(answer.body), unquote(answer.path).rpartition("/")[2])


def _why_not(kind: str, document: Document) -> str:
    return "" if kind == "movies" else "The Numbers has films only"


SOURCE = Source(
    name="the_numbers",
    parse_kept=_parse_kept,
    refresh_spider="the_numbers",
    endpoints={"": "the_numbers"},
    why_not=_why_not,
    unasked_first=False,
    knows_ids=False,
    merge=MergeRule(leads=frozenset({"box_office"})),
)

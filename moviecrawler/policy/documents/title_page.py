"""What ``scrapy show`` says of one title: facts with their provenance, sources, locks, pictures, the last change."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

from moviecrawler.documents import Document, ImagePart, SourceSlot, is_gone
from moviecrawler.policy.documents.readable import change_text, facts, text_of
from moviecrawler.policy.freshness.plan import PlannedRefresh
from moviecrawler.policy.terminal import COLUMNS, cut, labelled, padded, width, wrapped

_PAGES = {"movies": "movie", "shows": "tv"}
"""Kind -> its folder at www.themoviedb.org."""

_MOST_CHANGES = 5

_SLOT_FACTS = frozenset({"data", "parts"})
"""What a source said, which the top level says again."""

_NARROWEST = 24
"""Columns that a value has, however long the names of fields are."""

JUSTWATCH = "JustWatch provides what is under watch"
"""The attribution that TMDB's terms ask for."""


class TitlePage(TypedDict):
    """One title for programs: the document without what each source said, and when each is asked again."""

    kind: str
    id: int
    document: dict[str, Any]
    plan: dict[str, dict[str, Any]]


def title_page(kind: str, document: Document, plan: Mapping[str, PlannedRefresh]) -> TitlePage:
    """``plan`` is that of ``policy.freshness.plan``."""
    sources = {
        source: {name: value for name, value in slot.items() if name not in _SLOT_FACTS}
        for source, slot in document["sources"].items()
    }
    return {
        "kind": kind,
        "id": document["_id"],
        "document": {**document, "sources": sources},
        "plan": {source: planned._asdict() for source, planned in plan.items()},
    }


def heading(kind: str, document: Mapping[str, Any]) -> str:
    """One line that names a title.

    >>> heading("movies", {"_id": 603, "title": "The Matrix", "year": 1999})
    'movies/603  The Matrix (1999)'
    """
    name = f"{kind}/{document['_id']}"
    year = f" ({document['year']})" if document.get("year") else ""
    return f"{name}  {cut(document.get('title') or 'without a title', COLUMNS - width(name) - width(year) - 2)}{year}"


def title_lines(kind: str, document: Document, plan: Mapping[str, PlannedRefresh]) -> Iterator[str]:
    """For people, in 80 columns. Times are UTC."""
    yield heading(kind, document)
    yield from labelled(_about(kind, document))
    yield ""
    yield from _fact_lines(document)
    if document.get("watch"):
        yield f"  ({JUSTWATCH})"
    sections = {
        "sources": [(source, _source(document["sources"][source], planned)) for source, planned in plan.items()],
        "locks": [(path, text_of(value, path) or "unknown, for good") for path, value in document["locks"].items()],
        "pictures": [(role, _picture(part)) for role, part in (document["images"] or {}).items()],
        "last change": _last_change(kind, document),
    }
    for name, rows in sections.items():
        yield ""
        yield name if rows else f"{name}: none"
        yield from labelled(rows)


def _about(kind: str, document: Document) -> Iterator[tuple[str, str]]:
    if is_gone(document):
        since = _minute(document["sources"]["tmdb"]["gone_at"])
        heir = f"; it is {kind}/{same} now" if (same := document.get("same_as")) else ""
        yield "gone", f"TMDB does not have it any more, since {since}{heir}; this is what was said of it"
    elif same := document.get("same_as"):
        yield "was", f"{kind}/{same}, until TMDB removed that"
    yield "TMDB", f"https://www.themoviedb.org/{_PAGES[kind]}/{document['_id']}"
    if imdb := document.get("imdb_id"):
        yield "IMDb", f"https://www.imdb.com/title/{imdb}/"
    created = document.get("created_at")
    since = f"since {_minute(created)}, " if created else ""
    yield "stored", f"{since}last written {_minute(document['updated_at'])}, revision {document['revision']}"


def _fact_lines(document: Document) -> Iterator[str]:
    """Three columns: field, value, source. Parts of an object stand below its name."""
    rows = list(_grouped(facts(document)))
    last = max((width(source) for *_, source in rows), default=0)
    first = min(max((width(label) for label, *_ in rows), default=0), COLUMNS - last - _NARROWEST - 6)
    room = COLUMNS - 2 - first - 2 - 2 - last
    for label, text, source in rows:
        column = f"  {cut(label.strip(), first - 2)}" if label.startswith(" ") else cut(label, first)
        for line in wrapped(text, room):
            yield f"  {padded(column, first)}  {padded(line, room)}  {source}".rstrip()
            column = source = ""


def _grouped(rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    above = ""
    for path, text, source in rows:
        group, dot, part = path.partition(".")
        if dot and group != above:
            yield group, "", ""
        above = group
        yield f"  {part}" if dot else path, text, source


def _source(slot: SourceSlot, planned: PlannedRefresh) -> str:
    said = [
        ("asked", slot["fetched_at"]),
        ("last changed", slot.get("changed_at")),
        ("frozen since", slot["frozen_at"]),
        ("gone since", slot["gone_at"]),
        ("called gone on", slot.get("gone_noted_at")),
        ("failed on", slot.get("failed_at") if slot.get("failures") else None),
    ]
    parts = [f"{word} {_minute(timestamp)}" for word, timestamp in said if timestamp]
    when = "is not asked" if planned.due_at is None else "due now" if planned.is_due else f"due {planned.due_at[:10]}"
    stored = slot["next_refresh_at"]
    if planned.due_at and stored and not planned.is_due and stored[:10] != planned.due_at[:10]:
        when += f" by these settings, but stored as due {stored[:10]} (scrapy due --recompute)"
    return f"{', '.join([*parts, when])}: {planned.why}"


def _picture(part: ImagePart) -> str:
    sizes = [
        f"{size} {file['width']}x{file['height']}, {file['bytes'] / 1000:,.0f} kB"
        for size, file in (part["files"] or {}).items()
    ]
    gone = part.get("gone")
    refused = f"the CDN had no {gone['url']} on {gone['at'][:10]}" if gone else ""
    return "; ".join([*([part["file"]] if part["file"] else []), *sizes, *([refused] if refused else [])])


def _last_change(kind: str, document: Document) -> list[tuple[str, str]]:
    if (change := document["last_change"]) is None:
        return []
    shown = [("", change_text(one)) for one in change["diff"][:_MOST_CHANGES]]
    more = len(change["diff"]) - len(shown)
    rest = f"and {more} more: " if more > 0 else "all of them: "
    return [
        ("", f"{_minute(change['at'])} by {change['source']}"),
        *shown,
        ("", f"{rest}scrapy changes {kind}/{document['_id']}"),
    ]


def _minute(timestamp: str | None) -> str:
    """``2026-11-21 08:15``: a stored timestamp as people read it."""
    return (timestamp or "unknown")[:16].replace("T", " ")

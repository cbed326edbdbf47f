"""A title's class and quality score: from the document's top level alone, so that a merge can repeat it.

``score`` (0-100) is the rounded sum of four parts; each is its weight times a share between 0 and 1:

- rating, 50: the Bayesian mean of TMDB's and IMDb's votes, where 3 counts as 0 and 9 as 1;
- votes, 20: ``log10(1 + votes) / 6``, 1 from a million votes on;
- popularity, 10: ``log10(1 + popularity) / 2``, 1 from 99 on;
- completeness, 20: the share of the fields expected for its kind that it has.

The Bayesian mean is ``(votes * mean + 300 * 6.3) / (votes + 300)``: every title starts with 300 votes at 6.3, so
that the three friends of a director do not make a masterpiece. ``recommended``: a score of 60 or more, a Bayesian
mean of 6.5 or more, and a class that is neither short, concert nor television film.
"""

from math import log10

from moviecrawler.documents import Quality, is_show
from moviecrawler.documents.facts import Facts, People, SourceData

PRIOR_VOTES = 300
PRIOR_SCORE = 6.3
SHORT_MINUTES = 40
"""A shorter film is a short."""

RECOMMENDED_SCORE = 60
RECOMMENDED_MEAN = 6.5
RECOMMENDED_CLASSES = frozenset({"feature", "documentary", "animation", "series", "miniseries"})

_WANTED = ("title", "overview", "release_date", "genres", "original_language", "imdb_id", "keywords", "certification")
_CONCERTS = frozenset({"concert", "concert film", "live concert", "live performance"})


def quality(top: SourceData) -> Quality:
    """Of a document's facts, with TMDB's ``genre_ids``.

    >>> quality({"title": "Alien", "runtime": 117, "ratings": {"tmdb": {"score": 8.2, "votes": 15000}}})
    {'score': 61, 'class': 'feature', 'recommended': True}
    """
    votes, mean = _ratings(top)
    share = (
        50 * _within((mean - 3) / 6)
        + 20 * _within(log10(1 + votes) / 6)
        + 10 * _within(log10(1 + max(0.0, top.get("popularity") or 0.0)) / 2)
        + 20 * _completeness(top)
    )
    score, kind = round(share), classify(top)
    recommended = score >= RECOMMENDED_SCORE and mean >= RECOMMENDED_MEAN and kind in RECOMMENDED_CLASSES
    return {"score": score, "class": kind, "recommended": recommended}


def classify(top: SourceData) -> str:
    """feature, short, concert, tv_movie, documentary, animation; for a show miniseries, documentary, animation, series.

    Genres are recognised by TMDB's ids in ``genre_ids``, or by their English names in ``genres``.

    >>> classify({"runtime": 7, "genre_ids": [16]}), classify({"type": "Miniseries", "season_count": 1})
    ('short', 'miniseries')
    """
    genres = {*(top.get("genre_ids") or ()), *(top.get("genres") or ())}
    is_documentary = not genres.isdisjoint((99, "Documentary"))
    is_animation = not genres.isdisjoint((16, "Animation"))
    if is_show(top):
        if top.get("type") == "Miniseries":
            return "miniseries"
        if is_documentary or top.get("type") == "Documentary":
            return "documentary"
        return "animation" if is_animation else "series"
    if 0 < (top.get("runtime") or 0) < SHORT_MINUTES:
        return "short"
    if not genres.isdisjoint((10402, "Music")) and not _CONCERTS.isdisjoint(top.get("keywords") or ()):
        return "concert"
    if not genres.isdisjoint((10770, "TV Movie")):
        return "tv_movie"
    if is_documentary:
        return "documentary"
    return "animation" if is_animation else "feature"


def _ratings(top: Facts) -> tuple[int, float]:
    """(votes, Bayesian mean) of the sites that count votes on a scale of 0-10."""
    votes, points = 0, 0.0
    for house in ("tmdb", "imdb"):
        rating = (top.get("ratings") or {}).get(house)
        count = max(0, (rating.get("votes") if rating else 0) or 0)
        votes += count
        points += count * ((rating["score"] if rating else None) or 0.0)
    return votes, (points + PRIOR_VOTES * PRIOR_SCORE) / (votes + PRIOR_VOTES)


def _completeness(top: Facts) -> float:
    people = top.get("people") or People()
    has = [bool(top.get(field)) for field in _WANTED]
    has.append(bool(people.get("cast")))
    if is_show(top):
        has += [bool(top.get("episode_count")), bool(top.get("networks"))]
    else:
        has += [bool(top.get("runtime")), bool(people.get("directors"))]
    return sum(has) / len(has)


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))

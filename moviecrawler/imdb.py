"""IMDb's ids, however somebody wrote them down: the one reader of arguments, settings, locks and answers."""

import re

_ID = re.compile(
    r"(?:(?:https?:)?(?://)?(?:[a-z]+\.)*imdb\.com/(?:[a-z-]{2,5}/)?title/|/?title/)?(?:tt)?([0-9]{7,20})(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_USUAL = re.compile(r"tt(?:(?!0000000)[0-9]{7}|[1-9][0-9]{7,9})")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def imdb_id(value: object) -> str | None:
    r"""``tt`` and 7 to 10 digits, zero-padded to 7; None for anything that is no title's id.

    Read are spaces and controls about it, upper case, surplus zeros, an address at IMDb, and bare digits. An id with
    less than 7 digits has lost some, and nobody knows which.

    >>> imdb_id("tt0133093\r"), imdb_id("TT000133093"), imdb_id("https://www.imdb.com/title/tt0133093/?ref_=x")
    ('tt0133093', 'tt0133093', 'tt0133093')
    >>> imdb_id("0133093"), imdb_id(10872600), imdb_id("tt133093"), imdb_id("nm0000206"), imdb_id("tt0000000")
    ('tt0133093', 'tt10872600', None, None, None)
    """
    if isinstance(value, str) and _USUAL.fullmatch(value):
        return value
    if type(value) is int and value < 10**10:
        value = str(value)
    if not isinstance(value, str) or len(value) > 1_000:
        return None
    found = _ID.fullmatch(_UNSEEN.sub("", value))
    number = found[1].lstrip("0") if found else ""
    return f"tt{number:0>7}" if 0 < len(number) <= 10 else None

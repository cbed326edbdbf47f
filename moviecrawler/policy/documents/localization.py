"""Which title and overview to show to a reader of certain languages.

``data`` is what one source says about a title (``Title.model_dump()``). Language tags are TMDB's: ``zh-CN``, ``en``.
``cn`` is its code for Cantonese, treated as a language of its own here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from moviecrawler.config.fields import language_tags
from moviecrawler.documents.facts import Facts, SourceData
from moviecrawler.documents.rows import AlternativeTitle
from moviecrawler.policy.documents.writing_systems import written_in

# Regions preferred for a bare language; other languages take the first region that the source has.
_REGIONS = {
    "zh": ("CN", "SG", "TW", "HK"),
    "en": ("US", "GB"),
    "es": ("ES", "MX"),
    "fr": ("FR", "CA"),
    "pt": ("PT", "BR"),
    "de": ("DE", "AT", "CH"),
}

# Countries whose alternative titles replace a missing translation. Taiwan and Hong Kong use traditional characters.
_CHINESE_TITLES = {
    "zh": ("CN", "SG", "HK", "TW"),
    "zh-CN": ("CN", "SG", "HK", "TW"),
    "zh-SG": ("SG", "CN", "HK", "TW"),
    "zh-TW": ("TW", "HK"),
    "zh-HK": ("HK", "TW"),
}


@dataclass(frozen=True)
class Languages:
    """Language tags, most preferred first."""

    preferred: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> Self:
        """From tags separated by commas; a ValueError (``WrongValue``) for one that is none.

        >>> Languages.parse("zh-CN, zh-tw,zh,en_US").preferred
        ('zh-CN', 'zh-TW', 'zh', 'en-US')
        """
        return cls(language_tags(value))

    @property
    def first(self) -> str:
        """The language of requests."""
        return self.preferred[0]

    @cached_property
    def widened(self) -> tuple[str, ...]:
        """The tags, with the bare language after the last region of each language: any region is better than none.

        Chinese comes after all others: its script depends on the region.

        >>> Languages.parse("zh-CN,en-GB,fr").widened
        ('zh-CN', 'en-GB', 'en', 'fr', 'zh')
        """
        last = {_language(tag): tag for tag in self.preferred}
        behind = {tag: language for language, tag in last.items() if language not in ("zh", *self.preferred)}
        widened = [one for tag in self.preferred for one in (tag, behind.get(tag)) if one]
        return tuple(dict.fromkeys([*widened, "zh"] if "zh" in last else widened))

    def image_languages(self) -> tuple[str, ...]:
        """Languages of the pictures to request from TMDB; "null" and "xx" are pictures without text.

        >>> Languages.parse("zh-CN,zh-TW,zh,en-US").image_languages()
        ('zh', 'en', 'null', 'xx')
        """
        return tuple(dict.fromkeys([*map(_language, self.preferred), "en", "null", "xx"]))


def best_title(data: Facts, languages: Languages) -> str | None:
    """The title in the first preferred language that has one; else the title the source gave, else the original.

    >>> languages = Languages.parse("zh-CN,en-US")
    >>> inception = {"original_title": "Inception", "original_language": "en", "titles": {"zh-CN": "Inception"}}
    >>> best_title(inception, languages)
    'Inception'
    >>> best_title(inception | {"alternative_titles": [{"country": "CN", "title": "盗梦空间"}]}, languages)
    '盗梦空间'
    """
    return next(_titles(data, languages), None) or data.get("title") or data.get("original_title") or None


def best_overview(data: SourceData, languages: Languages) -> str | None:
    """The overview in the first preferred language that has one, else the one that the source gave.

    >>> film = {"overview": "Ein Dieb.", "overviews": {"de-DE": "Ein Dieb.", "zh-TW": "小偷"}}
    >>> best_overview(film, Languages.parse("zh-CN,zh,de-DE")), best_overview(film, Languages.parse("fr-FR"))
    ('小偷', 'Ein Dieb.')
    """
    return _best(data.get("overviews") or {}, languages) or data.get("overview") or None


def best_tagline(data: SourceData, languages: Languages) -> str | None:
    """The tagline in the first preferred language that has one, else the one that the source gave."""
    return _best(data.get("taglines") or {}, languages) or data.get("tagline") or None


def _best(texts: Mapping[str, str], languages: Languages) -> str | None:
    return next((text for tag in languages.widened for text in _translations(texts, tag)), None)


def _titles(data: Facts, languages: Languages) -> Iterator[str]:
    """The title for each preferred tag that has one."""
    original, original_language = data.get("original_title"), data.get("original_language")
    for tag in languages.widened:
        language = _language(tag)
        candidates = list(_translations(data.get("titles") or {}, tag))
        if language == original_language:  # aliases of a Chinese film are pinyin or nicknames
            candidates += [original] if original else []
        else:
            candidates = [title for title in candidates if not _is_untranslated(title, original, language)]
            candidates += _chinese_titles(data.get("alternative_titles") or [], tag)
        if candidates:
            yield candidates[0]


def _translations(texts: Mapping[str, str], tag: str) -> Iterator[str]:
    """The texts for a tag, best first: the exact tag; for a bare language then all its regions."""
    if texts.get(tag):
        yield texts[tag]
    yield from (texts[known] for region in _REGIONS.get(tag, ()) if texts.get(known := f"{tag}-{region}"))
    yield from (text for known, text in texts.items() if known.startswith(f"{tag}-") and text)


def _is_untranslated(title: str, original: str | None, language: str) -> bool:
    """An untranslated copy of the original: the same text in letters that the language is not written in.

    "Inception" is the German title too, and "1917" the Chinese one, but "Inception" is not Chinese.
    """
    return _same(title, original) and not written_in(title, language)


def _chinese_titles(alternatives: list[AlternativeTitle], tag: str) -> Iterator[str]:
    for country in _CHINESE_TITLES.get(tag, ()):
        for row in alternatives:
            if row.get("country") == country and (title := row["title"]) and written_in(title, "zh"):
                yield title


def _same(title: str, other: str | None) -> bool:
    return other is not None and title.casefold() == other.casefold()


def _language(tag: str) -> str:
    return tag.partition("-")[0]

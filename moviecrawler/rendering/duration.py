"""A runtime in hours and minutes, with the unit symbols of a language."""

from typing import Final

# (hours, minutes, separator) by language or tag. All others get the SI symbols, which are understood everywhere.
_NEUTRAL: Final = ("{} h", "{} min", " ")
_UNITS: Final = {
    "ar": ("{} س", "{} د", " "),
    "bg": ("{} ч", "{} мин", " "),
    "cn": ("{}小時", "{}分鐘", ""),
    "da": ("{} t", "{} min", " "),
    "de": ("{} Std.", "{} Min.", " "),
    "el": ("{} ώ", "{} λ", " "),
    "en": ("{}h", "{}m", " "),
    "et": ("{} t", "{} min", " "),
    "fa": ("{} ساعت", "{} دقیقه", " "),
    "fi": ("{} t", "{} min", " "),
    "he": ("{} שע׳", "{} דק׳", " "),
    "hi": ("{} घंटे", "{} मिनट", " "),
    "hu": ("{} ó", "{} p", " "),
    "id": ("{} jam", "{} mnt", " "),
    "ja": ("{}時間", "{}分", ""),
    "ka": ("{} სთ", "{} წთ", " "),
    "ko": ("{}시간", "{}분", " "),
    "lt": ("{} val.", "{} min.", " "),
    "ms": ("{} jam", "{} min", " "),
    "nb": ("{} t", "{} min", " "),
    "nl": ("{} u", "{} min", " "),
    "no": ("{} t", "{} min", " "),
    "pl": ("{} godz.", "{} min", " "),
    "ru": ("{} ч", "{} мин", " "),
    "sv": ("{} tim", "{} min", " "),
    "th": ("{} ชม.", "{} นาที", " "),
    "tr": ("{} sa", "{} dk", " "),
    "uk": ("{} год", "{} хв", " "),
    "vi": ("{} giờ", "{} phút", " "),
    "zh": ("{}小时", "{}分钟", ""),
    "zh-HK": ("{}小時", "{}分鐘", ""),
    "zh-TW": ("{}小時", "{}分鐘", ""),
}


def format_duration(minutes: int, language: str) -> str:
    """``language``: a BCP 47 tag; an unknown or empty one gives "2 h 16 min".

    >>> format_duration(148, "en-US"), format_duration(120, "en"), format_duration(45, "en")
    ('2h 28m', '2h', '45m')
    >>> format_duration(136, "ja"), format_duration(136, "zh-TW"), format_duration(136, "")
    ('2時間16分', '2小時16分鐘', '2 h 16 min')
    """
    hour, minute, separator = _UNITS.get(language) or _UNITS.get(language.partition("-")[0], _NEUTRAL)
    hours, rest = divmod(minutes, 60)
    return separator.join([hour.format(hours)] * bool(hours) + [minute.format(rest)] * bool(rest))

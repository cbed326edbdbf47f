"""A runtime in hours and minutes, with the unit symbols of a language."""

from typing import Final

# (hours, minutes, separator) by language or tag. All others get the SI symbols, which are understood everywhere.
_NEUTRAL: Final = ("{} h", "{} min", " ")
_UNITS: Final = {
    "am": ("{} ሰዓት", "{} ደቂቃ", " "),
    "ar": ("{} س", "{} د", " "),
    "bg": ("{} ч", "{} мин", " "),
    "bn": ("{} ঘন্টা", "{} মিনিট", " "),
    "cn": ("{}小時", "{}分鐘", ""),
    "da": ("{} t", "{} min", " "),
    "de": ("{} Std.", "{} Min.", " "),
    "el": ("{} ώ", "{} λ", " "),
    "en": ("{}h", "{}m", " "),
    "et": ("{} t", "{} min", " "),
    "fa": ("{} ساعت", "{} دقیقه", " "),
    "fi": ("{} t", "{} min", " "),
    "gu": ("{} કલાક", "{} મિનિટ", " "),
    "he": ("{} שע׳", "{} דק׳", " "),
    "hi": ("{} घंटे", "{} मिनट", " "),
    "hu": ("{} ó", "{} p", " "),
    "hy": ("{} ժ", "{} ր", " "),
    "id": ("{} jam", "{} mnt", " "),
    "ja": ("{}時間", "{}分", ""),
    "ka": ("{} სთ", "{} წთ", " "),
    "km": ("{} ម៉ោង", "{} នាទី", " "),
    "kn": ("{} ಗಂಟೆ", "{} ನಿಮಿಷ", " "),
    "ko": ("{}시간", "{}분", " "),
    "lo": ("{} ຊມ.", "{} ນທ.", " "),
    "lt": ("{} val.", "{} min.", " "),
    "lv": ("{} st.", "{} min", " "),
    "ml": ("{} മണിക്കൂർ", "{} മിനിറ്റ്", " "),
    "mr": ("{} तास", "{} मिनिटे", " "),
    "ms": ("{} jam", "{} min", " "),
    "nb": ("{} t", "{} min", " "),
    "nl": ("{} u", "{} min", " "),
    "no": ("{} t", "{} min", " "),
    "pa": ("{} ਘੰਟੇ", "{} ਮਿੰਟ", " "),
    "pl": ("{} godz.", "{} min", " "),
    "ru": ("{} ч", "{} мин", " "),
    "si": ("පැය {}", "මිනිත්තු {}", " "),
    "sv": ("{} tim", "{} min", " "),
    "ta": ("{} மணி", "{} நிமிடம்", " "),
    "te": ("{} గం.", "{} నిమి.", " "),
    "th": ("{} ชม.", "{} นาที", " "),
    "tr": ("{} sa", "{} dk", " "),
    "uk": ("{} год", "{} хв", " "),
    "ur": ("{} گھنٹے", "{} منٹ", " "),
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

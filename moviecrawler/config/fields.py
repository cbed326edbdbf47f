"""What a field of a group is made of: name, default, constraints, and the words for the page and for a wrong value."""

import logging
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

SWITCH = {**dict.fromkeys(("0", "false", "no", "off"), False), **dict.fromkeys(("1", "true", "yes", "on"), True)}
"""Words for off and on, in lower case."""

_NUMBER = "must be a number, such as 4 or 0.5"
_WHOLE_NUMBER = "must be a whole number, such as 10"
_LARGEST = 1e12
"""No number may be larger: beyond it, timers and products overflow."""


class WrongValue(ValueError):
    """The end of a line about a setting: "must be ...". ``shown`` stands in for a value that may hold a secret."""

    def __init__(self, must: str, *, shown: str | None = None, setting: str = "") -> None:
        super().__init__(must)
        self.shown = shown
        self.setting = setting
        """Which setting is wrong, where several of them do not fit together."""


class Group(BaseModel):
    """Settings that belong together. Fields are read by their own names; as settings they have the alias."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,  # defaults are text, as in .env
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,  # `scrapy list` needs names and defaults only
    )


@dataclass(frozen=True)
class Words:
    """What a person reads about a setting."""

    allowed: str = ""
    """The cell "allowed" of docs/settings.md, where the constraints alone do not say it."""
    unit: str = ""
    default: str = ""
    """The cell "default", where the default is empty."""
    must: str = ""
    """The whole end of the line about a wrong value."""
    may_be_empty: bool = False
    """Whether an empty value in .env or the environment is a value: elsewhere it counts as not set."""


def setting(name: str, default: str, meaning: str, words: Words | None = None, **constraints: Any) -> Any:
    """A field of a group; ``constraints`` are those of pydantic: ``ge``, ``gt``, ``le``."""
    extra = asdict(words or Words())
    return Field(default=default, alias=name, description=meaning, json_schema_extra=extra, **constraints)


def words_of(field: FieldInfo) -> Words:
    """The words that :func:`setting` was given."""
    extra: Any = field.json_schema_extra
    return Words(**extra)


# --- Types ------------------------------------------------------------------------------------------------------


def _switch(value: object) -> bool:
    try:
        return SWITCH[str(value).strip().lower()]
    except KeyError:
        raise WrongValue("must be 0 or 1") from None


def plain_text(value: object) -> str:
    """Text without white space around it; empty for None."""
    return "" if value is None else (value.get_secret_value() if isinstance(value, SecretStr) else str(value)).strip()


def _path(value: object, info: ValidationInfo) -> Path | None:
    """Absolute: a relative path is below the folder of the project, ``~`` is the user's home."""
    text = plain_text(value)
    if not text:
        return None
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise WrongValue("must be a path; there is no home of this user") from None
    if "\0" in text:
        raise WrongValue("must be a path; it has a character that no path can have")
    return _base(info) / path


def _base(info: ValidationInfo) -> Path:
    """What relative paths are relative to."""
    folder: Path | None = info.context
    return folder or Path.cwd()


def _folder(value: object, info: ValidationInfo) -> Path:
    path = _path(value, info)
    if path is None:
        raise WrongValue("must be a folder")
    return path


def _paths(value: object, info: ValidationInfo) -> tuple[Path, ...]:
    return tuple(path for part in plain_text(value).split(",") if (path := _path(part, info)))


def _server_uri(value: object, info: ValidationInfo) -> str:
    """The URI of a store or cache, with a relative SQLite path made absolute."""
    uri = plain_text(value)
    scheme, slashes, path = uri.partition(":///")
    if scheme.lower() != "sqlite" or not path or path.startswith(("/", ":memory:")):
        return uri
    return f"{scheme}{slashes}{_base(info) / path}"


def _log_level(value: object) -> str:
    if value not in logging.getLevelNamesMapping():
        raise WrongValue(f"must be {one_of(('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'))}")
    return str(value)


_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?")


def language_tags(value: object) -> tuple[str, ...]:
    """Tags separated by commas, in their canonical form, each once.

    >>> language_tags("zh-CN, zh-tw,zh,en_US")
    ('zh-CN', 'zh-TW', 'zh', 'en-US')
    """
    tags = [tag.strip().replace("_", "-") for tag in plain_text(value).split(",")]
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise WrongValue(
                f"must be a language such as en or en-US, several separated by commas; {tag[:40]!r} is none"
            )
    parts = (tag.partition("-") for tag in tags)
    return tuple(dict.fromkeys(f"{language.lower()}{dash}{region.upper()}" for language, dash, region in parts))


_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
"""
_REGIONS = frozenset(_ISO_3166.split())
"""ISO 3166-1, and Kosovo's code, which TMDB has."""


def _regions(value: object) -> tuple[str, ...]:
    """Codes separated by commas, each once.

    >>> _regions("us, CN,US"), _regions("")
    (('US', 'CN'), ())
    """
    regions = tuple(dict.fromkeys(part.strip().upper() for part in plain_text(value).split(",") if part.strip()))
    for region in regions:
        if region not in _REGIONS:
            instead = "; the United Kingdom is GB" if region == "UK" else ""
            raise WrongValue(
                f"must be countries of ISO 3166-1 such as US, separated by commas; {region[:40]!r} is none{instead}"
            )
    return regions


_SIZE = re.compile(r"[wh][1-9][0-9]{0,4}|original")


def _sizes(value: object) -> tuple[str, ...]:
    sizes = tuple(dict.fromkeys(part.strip().lower() for part in plain_text(value).split(",")))
    for size in sizes:
        if not _SIZE.fullmatch(size):
            raise WrongValue(
                f"must be sizes such as w500, h632 or original, separated by commas; {size[:40]!r} is none"
            )
    return sizes


def _optional_sizes(value: object) -> tuple[str, ...]:
    return _sizes(value) if plain_text(value) else ()


HOUSES = {"tmdb": "tmdb", "imdb": "imdb", "rt": "rotten_tomatoes", "metacritic": "metacritic"}
"""Words of OVERLAY_RATINGS -> the houses in a document's ``ratings``."""


def _houses(value: object) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(part.strip().lower() for part in plain_text(value).split(",")))
    if words == ("off",):
        return ()
    for word in words:
        if word not in HOUSES:
            raise WrongValue(f"must be some of {', '.join(HOUSES)}, separated by commas, or off; {word[:40]!r} is none")
    return tuple(HOUSES[word] for word in words)


MAX_CACHE_DAYS = 180
"""Days; the longest that TMDB's terms allow its content to be kept without fetching it again."""

Row = tuple[int, int, int, int]


def _row(value: object) -> tuple[int, ...]:
    parts = value if isinstance(value, tuple) else plain_text(value).split(",")
    try:
        row = tuple(int(days) for days in parts)
    except ValueError:
        raise WrongValue(_WHOLE_NUMBER) from None
    if len(row) != 4 or list(row) != sorted(row) or not 1 <= row[0] <= row[-1] <= MAX_CACHE_DAYS:
        raise WrongValue(f"must be four whole numbers of days, 1 to {MAX_CACHE_DAYS}, none smaller than the one before")
    return row


_BETWEEN_PATTERNS = re.compile(r"\n|,(?!\d*\})")
"""A comma in a quantifier, ``\\d{1,3}``, belongs to the pattern."""


_QUANTIFIER = re.compile(r"\{(\d*),?(\d*)\}")
_MOST_REPEATED = 10_000
"""Of all quantifiers of a pattern, multiplied: each repetition takes some 2 KB when it is compiled."""


def _repetitions(pattern: str) -> int:
    return math.prod(max(int(most or 1), int(least or 1), 1) for least, most in _QUANTIFIER.findall(pattern))


def _patterns(value: object) -> tuple[str, ...]:
    """Regular expressions, separated by commas or newlines."""
    texts = value if isinstance(value, tuple) else _BETWEEN_PATTERNS.split(plain_text(value))
    patterns = tuple(text.strip() for text in texts if text.strip())
    if not patterns:
        return ()
    import regex  # not for those who filter by no pattern

    for pattern in patterns:
        if _repetitions(pattern) > _MOST_REPEATED:
            raise WrongValue(f"must not repeat anything more than {_MOST_REPEATED} times", shown=repr(pattern))
        try:
            matches_all = regex.compile(pattern, regex.IGNORECASE).search("", timeout=1)
        except (regex.error, TimeoutError, OverflowError, RecursionError) as error:
            must = f"must be regular expressions of Python, separated by commas ({error})"
            raise WrongValue(must, shown=repr(pattern)) from None
        if matches_all:
            raise WrongValue("must not match the empty text, and so every title", shown=repr(pattern))
    return patterns


Switch = Annotated[bool, BeforeValidator(_switch)]
Text = Annotated[str, BeforeValidator(plain_text)]
Lower = BeforeValidator(lambda value: plain_text(value).lower())
Upper = BeforeValidator(lambda value: plain_text(value).upper())
Folder = Annotated[Path, BeforeValidator(_folder)]
OptionalFolder = Annotated[Path | None, BeforeValidator(_path)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]
ServerUri = Annotated[SecretStr, BeforeValidator(_server_uri)]
"""It may hold a password."""
Port = Annotated[int | None, BeforeValidator(lambda value: None if value == "" else value)]
LogLevel = Annotated[str, BeforeValidator(_log_level)]
LanguageTags = Annotated[tuple[str, ...], BeforeValidator(language_tags)]
Regions = Annotated[tuple[str, ...], BeforeValidator(_regions)]
Sizes = Annotated[tuple[str, ...], BeforeValidator(_sizes)]
OptionalSizes = Annotated[tuple[str, ...], BeforeValidator(_optional_sizes)]
Houses = Annotated[tuple[str, ...], BeforeValidator(_houses)]
"""Houses in ``ratings``."""
RefreshRow = Annotated[Row, BeforeValidator(_row)]
Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns)]
Password = Annotated[SecretStr, BeforeValidator(plain_text)]
"""Never printed: not by ``repr``, ``str`` or ``model_dump``, and no message repeats it."""


# --- Words ------------------------------------------------------------------------------------------------------


def one_of(values: Iterable[str]) -> str:
    """The values as the end of the sentence "must be ...".

    >>> one_of(["movies", "shows", "all"]), one_of(["0", "1"]), one_of(["omdb"])
    ('movies, shows or all', '0 or 1', 'omdb')
    """
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr


def may_hold_secret(field: FieldInfo) -> bool:
    """Whether it is a secret, or as the template of a relay has a part that may be one."""
    return is_secret(field) or bool(field.exclude)


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The words that the field allows; empty if it allows more than words."""
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def limits(field: FieldInfo) -> tuple[Any, Any, Any]:
    """(at least, more than, at most); None where there is no limit."""

    def limit(name: str) -> Any:
        return next((getattr(one, name) for one in field.metadata if hasattr(one, name)), None)

    return limit("ge"), limit("gt"), limit("le")


def too_large(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) > _LARGEST


TOO_LARGE = f"must be at most {_LARGEST:.0f}"


def must_be(field: FieldInfo, error: ErrorDetails) -> str:
    """What the value must be, by the error that pydantic found."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, WrongValue):
        return str(cause)
    kind, words = error["type"], words_of(field)
    if words.must:
        return words.must
    if kind == "literal_error":
        named = [choice for choice in choices(field) if choice]
        return f"must be {one_of((*named, 'empty'))}" if "" in choices(field) else f"must be one of {', '.join(named)}"
    if kind.startswith("int_"):
        return _WHOLE_NUMBER
    if kind.startswith("float_"):
        return _NUMBER
    least, above, most = limits(field)
    if above is not None:
        limit = f"more than {above}"
    elif most is not None:
        limit = f"from {least} to {most}"
    else:
        limit = f"{least} or more"
    return f"must be {limit}{words.unit and ' ' + words.unit}"

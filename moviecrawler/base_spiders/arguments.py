"""Spider arguments: text from the command line, Scrapyd or schedule.toml, parsed before the first request.

A wrong one raises :class:`ArgumentError`: one line with the argument, its value and what it must be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from moviecrawler.config.fields import SWITCH, WrongValue, one_of
from moviecrawler.exceptions import ConfigurationError, FilterError
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.filters import grammar
from moviecrawler.policy.filters.expressions import Expression


class ArgumentError(ConfigurationError):
    """A spider argument is wrong; raised when a spider is created or its arguments are checked."""


@dataclass(frozen=True)
class Argument:
    """``parse`` turns the text into a value, or raises ValueError or KeyError; a WrongValue says itself what must be.

    ``allowed`` ends the sentence "must be ..."; ``help`` is for people. ``old_name`` is an earlier name of the
    argument, which is still understood.
    """

    parse: Callable[[str], Any]
    allowed: str
    default: Any
    help: str
    required: bool = False
    old_name: str = ""


def choice(
    default: str,
    *others: str,
    help: str,
    old_name: str = "",
    old_values: Mapping[str, str] = MappingProxyType({}),
) -> Argument:
    """One of these words; ``old_values`` maps earlier words, still understood, to those of today."""
    values = (default, *others)

    def parse(text: str) -> str:
        value = old_values.get(text, text)
        if value not in values:
            raise WrongValue(f"must be {one_of(values)}{did_you_mean(text, values)}")
        return value

    return Argument(parse, one_of(values), default, help, old_name=old_name)


def media(default: str, *others: str, help: str, old_name: str = "") -> Argument:
    """``movies``, ``shows`` or ``all``, as far as the spider takes them; TMDB's own words are understood, too."""
    return choice(default, *others, help=help, old_name=old_name, old_values={"movie": "movies", "tv": "shows"})


def whole_number(default: int | None, *, least: int = 1, most: int = 10**9, help: str) -> Argument:
    def parse(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    allowed = f"a whole number from {least} to {most}" if most < 10**9 else f"a whole number, {least} or more"
    return Argument(parse, allowed, default, help)


def flag(*, default: bool = False, help: str) -> Argument:
    return Argument(lambda text: SWITCH[text.strip().lower()], one_of(("0", "1")), default, help)


def matching_text(allowed: str, matches: Callable[[str], object], *, help: str) -> Argument:
    """Text for which ``matches`` returns something true; not given, it is None."""

    def parse(text: str) -> str:
        if not matches(text):
            raise ValueError(text)
        return text

    return Argument(parse, allowed, None, help)


def title_filter(*, help: str) -> Argument:
    """Which titles are meant (``docs/filters.md``); not given, it is None."""

    def parse(text: str) -> Expression:
        try:
            return grammar.parse(text)
        except FilterError as error:
            raise WrongValue(f"is no filter, at character {error.position + 1}: {error}") from None

    return Argument(parse, 'a filter such as "year>=2020"', None, help)


def parse_arguments(spider: str, accepted: Mapping[str, Argument], given: Mapping[str, str]) -> dict[str, Any]:
    """The values of all accepted arguments, by their names of today.

    ArgumentError for an unknown name, a wrong value, a missing one, or the same argument by its old and its new name.
    """
    values = {name: argument.default for name, argument in accepted.items()}
    new_names = {argument.old_name: name for name, argument in accepted.items() if argument.old_name}
    for given_name, text in given.items():
        name = given_name if given_name in accepted else new_names.get(given_name, given_name)
        if name not in accepted:
            known = ", ".join(sorted(accepted)) or "none"
            hint = did_you_mean(given_name, accepted)
            raise ArgumentError(f"{spider}: unknown argument {given_name}={text!r}; there are: {known}{hint}")
        if name != given_name and name in given:
            raise ArgumentError(f"{spider}: {given_name} is the old name of {name}; give only {name}")
        try:
            values[name] = accepted[name].parse(str(text).strip())
        except (ValueError, KeyError) as error:
            must = str(error) if isinstance(error, WrongValue) else f"must be {accepted[name].allowed}"
            raise ArgumentError(f"{spider}: argument {given_name}={text!r}: {must}") from None
    for name, argument in accepted.items():
        if argument.required and name not in given:
            raise ArgumentError(f"{spider}: argument {name} is missing: must be {argument.allowed}")
    return values

"""Spider arguments: strings from the command line or Scrapyd, checked before the first request.

A wrong one is an :class:`ArgumentError`: one line with the argument, its value and what is allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.did_you_mean import meant
from moviecrawler.policy.setting_values import SWITCH


class ArgumentError(ConfigurationError):
    """A spider argument is wrong; raised when a spider is made or its arguments are checked."""


@dataclass(frozen=True)
class Argument:
    """``read`` turns the text into a value or raises ValueError; ``allowed`` and ``help`` are for people."""

    read: Callable[[str], Any]
    allowed: str
    default: Any
    help: str
    required: bool = False


def choice(default: str, *others: str, help: str) -> Argument:
    values = (default, *others)

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(text)
        return text

    return Argument(read, ", ".join(values), default, help)


def whole(default: int | None, *, least: int = 1, most: int = 10**9, help: str) -> Argument:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    allowed = f"a whole number from {least} to {most}" if most < 10**9 else f"a whole number, {least} or more"
    return Argument(read, allowed, default, help)


def flag(*, default: bool = False, help: str) -> Argument:
    return Argument(lambda value: SWITCH[value.strip().lower()], "0, 1", default, help)


def text(pattern_says: str, matches: Callable[[str], object], *, help: str) -> Argument:
    def read(value: str) -> str:
        if not matches(value):
            raise ValueError(value)
        return value

    return Argument(read, pattern_says, None, help)


def read_arguments(spider: str, declared: Mapping[str, Argument], given: Mapping[str, str]) -> dict[str, Any]:
    """The values of all declared arguments; ArgumentError for an unknown name or a wrong value."""
    values = {name: argument.default for name, argument in declared.items()}
    for name, value in given.items():
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise ArgumentError(f"{spider}: unknown argument {name}={value!r}; allowed: {known}{meant(name, declared)}")
        try:
            values[name] = declared[name].read(str(value).strip())
        except (ValueError, KeyError):
            raise ArgumentError(f"{spider}: argument {name}={value!r}; allowed: {declared[name].allowed}") from None
    for name, argument in declared.items():
        if argument.required and name not in given:
            raise ArgumentError(f"{spider}: argument {name} is missing; allowed: {argument.allowed}")
    return values

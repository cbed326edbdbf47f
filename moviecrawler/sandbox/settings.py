"""Settings of a sandbox: chosen at the start, and changed at run time by ``PUT /_sandbox/settings``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

LAYOUTS = ("2019", "2026")
ROBOTS = """\
User-agent: *
Disallow: /search
Disallow: /custom-search
"""


@dataclass(slots=True)
class Settings:
    """Settings that the control can change.

    ``latency``: milliseconds; ``rate``: requests per second on the API (0: no limit); a key of "" accepts any key;
    ``omdb_quota``: answers of OMDB per day (UTC; 0: no limit); ``layout``: the generation of The Numbers' pages;
    ``stale_seconds``: how long the API keeps serving the old body of a film that was patched.
    """

    latency: float = 0.0
    rate: float = 0.0
    burst: int = 10
    key: str = ""
    retry_after: bool = True
    slow_seconds: float = 30.0
    stale_seconds: float = 0.0
    omdb_key: str = ""
    omdb_quota: int = 1000
    layout: str = "2026"
    robots: str = ROBOTS

    def update(self, changes: Mapping[str, object]) -> None:
        """Set the given fields, or none of them: ValueError for an unknown field or a wrong type or value."""
        types: dict[str, type] = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in types:
                raise ValueError(f"unknown setting {name!r}: must be one of {', '.join(types)}")
            number = types[name] in (int, float) and not isinstance(value, bool)
            if name == "layout" and value not in LAYOUTS:
                raise ValueError(f"setting layout={value!r}: must be one of {', '.join(LAYOUTS)}")
            if not (isinstance(value, int | float) and value >= 0 if number else type(value) is types[name]):
                raise ValueError(f"setting {name}={value!r}: must be {_describe(types[name])}")
        for name, value in changes.items():
            setattr(self, name, types[name](value))

    def to_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


def _describe(type_: type) -> str:
    return {bool: "true or false", str: "a text"}.get(type_, "a number from 0 up")

"""What can be set when the sandbox starts, and changed while it runs (``PUT /_sandbox/settings``)."""

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
    """What the control can change.

    ``latency`` is in milliseconds, ``rate`` in requests a second on the API (0 = no limit), a key of "" takes any key;
    ``omdb_quota`` is what OMDB answers a day (UTC; 0 = no limit), ``layout`` the generation of The Numbers' pages, and
    ``stale_seconds`` for how long the API still shows what a film was before it was patched.
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

    def update(self, changes: Mapping[str, Any]) -> None:
        """Take over the given fields; raises ValueError for one that does not exist or has another type."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in kinds:
                raise ValueError(f"there is no setting {name!r}; there are {', '.join(kinds)}")
            number = kinds[name] in (int, float) and not isinstance(value, bool)
            if name == "layout" and value not in LAYOUTS:
                raise ValueError(f"setting 'layout' cannot be {value!r}; there are {', '.join(LAYOUTS)}")
            if not (isinstance(value, int | float) and value >= 0 if number else type(value) is kinds[name]):
                raise ValueError(f"setting {name!r} cannot be {value!r}")
        for name, value in changes.items():
            setattr(self, name, kinds[name](value))

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)

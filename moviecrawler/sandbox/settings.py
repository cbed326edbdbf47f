"""What can be set when the sandbox starts, and changed while it runs (``PUT /_sandbox/settings``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Settings:
    """``latency`` in milliseconds; ``rate`` in requests a second on the API (0 = no limit); ``key`` "" = any key."""

    latency: float = 0.0
    rate: float = 0.0
    burst: int = 10
    key: str = ""
    retry_after: bool = True
    slow_seconds: float = 30.0

    def update(self, changes: Mapping[str, Any]) -> None:
        """Take over the given fields; raises ValueError for one that does not exist or has another type."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in changes.items():
            if name not in kinds:
                raise ValueError(f"there is no setting {name!r}; there are {', '.join(kinds)}")
            number = kinds[name] in (int, float) and not isinstance(value, bool)
            if not (isinstance(value, int | float) and value >= 0 if number else type(value) is kinds[name]):
                raise ValueError(f"setting {name!r} cannot be {value!r}")
        for name, value in changes.items():
            setattr(self, name, kinds[name](value))

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)

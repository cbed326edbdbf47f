"""Keys in every spelling in which they could turn up in a text."""

import base64
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

_SHORTEST = 6
"""A shorter "key" is somebody's placeholder, and blotting it out would garble ordinary words."""


@dataclass(frozen=True, repr=False)
class Secrets:
    """The keys of a run; ``repr`` shows none."""

    keys: tuple[str, ...]
    _forms: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        forms = {form for key in self.keys if len(key) >= _SHORTEST for form in _spellings(key)}
        object.__setattr__(self, "_forms", tuple(sorted(forms, key=len, reverse=True)))

    def blot(self, text: str) -> str:
        """The text with ``[key]`` in place of every key.

        >>> Secrets(("s3cr&t-key",)).blot("GET /3?api_key=s3cr%26t-key")
        'GET /3?api_key=[key]'
        """
        for form in self._forms:
            if form in text:
                text = text.replace(form, "[key]")
        return text


def _spellings(key: str) -> set[str]:
    encoded = base64.b64encode(key.encode()).decode()
    return {key, quote(key, safe=""), quote_plus(key), encoded, encoded.rstrip("=")}

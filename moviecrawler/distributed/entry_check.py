"""What a queued request may say: who can write to Redis must not choose how we ask, nor make a callback stumble."""

import inspect
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

_PARTS = frozenset(
    {"url", "callback", "errback", "headers", "meta", "encoding", "priority", "dont_filter", "cb_kwargs"}
)
"""Of a request; we only ever ask (GET, without a body), and never with a cookie."""

_LONGEST_URL = 8_000

_QUESTIONS = frozenset({"If-None-Match", "If-Modified-Since"})
"""The headers that the cache asks with."""

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

_Count = Annotated[int, Field(ge=0, le=10**9)]
_Seconds = Annotated[float, Field(ge=0, le=10**11)]


class _Target(BaseModel):
    model_config = _STRICT

    source: Literal["tmdb", "omdb", "the_numbers"]
    kind: Literal["movies", "shows"]
    id: Annotated[int, Field(ge=1)]
    discovered: bool = False


class _Meta(BaseModel):
    model_config = _STRICT

    target: _Target | None = None
    retry_longer: bool = False
    local: Literal[False] = False
    dont_cache: bool = False
    cache_revalidate: bool = False
    stale_usable: bool = False
    autothrottle_dont_adjust_delay: bool = False
    retry_times: _Count = 0
    breaker_mark: tuple[str, _Count, _Count] = ("", 0, 0)
    history: list[str] = []
    download_latency: _Seconds = 0
    cache_latency: _Seconds = 0
    cache_timestamp: _Seconds = 0


def check(parts: Mapping[str, Any], spider: type) -> None:
    """ValueError, of one line, for parts of a request that none of ours has; ``parts`` as the serializer reads them."""
    if strange := sorted(parts.keys() - _PARTS):
        raise ValueError(f"a queued request has no {', '.join(map(repr, strange))}")
    url = parts["url"]
    if not (url.startswith(("http://", "https://")) and url.isprintable() and len(url) <= _LONGEST_URL):
        raise ValueError("a queued request is for a web address")
    if type(parts.get("dont_filter", False)) is not bool:
        raise ValueError("dont_filter is true or false")
    if parts.get("encoding", "utf-8") != "utf-8":
        raise ValueError("a queued request is encoded as utf-8")
    for name, values in parts.get("headers", {}).items():
        if name not in _QUESTIONS:
            raise ValueError(f"a queued request may not send {name!r}")
        if not all(isinstance(value, bytes) and value.decode("latin-1").isprintable() for value in values):
            raise ValueError(f"{name}: a header is printable bytes")
    for what, facts, model in (
        ("meta", parts.get("meta", {}), _Meta),
        ("cb_kwargs", parts.get("cb_kwargs", {}), _arguments(spider, parts["callback"])),
    ):
        try:
            model.model_validate_json(json.dumps(facts))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = "".join(f"[{part!r}]" for part in first["loc"])
            raise ValueError(f"{what}{place}: {first['msg']}") from None


@lru_cache(maxsize=64)
def _arguments(spider: type, callback: str) -> type[BaseModel]:
    """What the callback takes beside the spider and the response."""
    _, _, *taken = inspect.signature(getattr(spider, callback), eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        one.name: (one.annotation, ... if one.default is one.empty else one.default)
        for one in taken
        if one.kind is not one.VAR_KEYWORD
    }
    rest = any(one.kind is one.VAR_KEYWORD for one in taken)
    config = ConfigDict(**{**_STRICT, "extra": "allow" if rest else "forbid"})
    return create_model(callback, __config__=config, **fields)

"""What a queued request may contain: whoever can write to Redis must not control what is sent, nor break a callback."""

import inspect
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from moviecrawler.documents import Kind, Source

_PARTS = frozenset(
    {"url", "callback", "errback", "headers", "meta", "encoding", "priority", "dont_filter", "cb_kwargs"}
)
"""Of a request. All of ours are GET, without a body and without cookies."""

_MAX_URL_LENGTH = 8_000

_CONDITIONAL_HEADERS = frozenset({"If-None-Match", "If-Modified-Since"})
"""The headers with which the cache revalidates an answer."""

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

_Count = Annotated[int, Field(ge=0, le=10**9)]
_Seconds = Annotated[float, Field(ge=0, le=10**11)]


class _Target(BaseModel):
    """As ``request_meta.Target``."""

    model_config = _STRICT

    source: Source
    kind: Kind
    id: Annotated[int, Field(ge=1)]
    listed: bool = False


class _Meta(BaseModel):
    """What of ``request_meta.RequestMeta`` may stand in the queue."""

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
    """ValueError, one line, for what no request of ours contains. ``parts``: the request as a dict."""
    if unknown := sorted(parts.keys() - _PARTS):
        raise ValueError(f"a queued request has no {', '.join(map(repr, unknown))}")
    url = parts["url"]
    if not (url.startswith(("http://", "https://")) and url.isprintable() and len(url) <= _MAX_URL_LENGTH):
        raise ValueError("url: must be an http(s) address")
    if type(parts.get("dont_filter", False)) is not bool:
        raise ValueError("dont_filter: must be true or false")
    if parts.get("encoding", "utf-8") != "utf-8":
        raise ValueError("encoding: must be utf-8")
    for name, values in parts.get("headers", {}).items():
        if name not in _CONDITIONAL_HEADERS:
            raise ValueError(f"a queued request may not send {name!r}")
        if not all(isinstance(value, bytes) and value.decode("latin-1").isprintable() for value in values):
            raise ValueError(f"{name}: must be printable bytes")
    for name, values, model in (
        ("meta", parts.get("meta", {}), _Meta),
        ("cb_kwargs", parts.get("cb_kwargs", {}), _arguments(spider, parts["callback"])),
    ):
        try:
            model.model_validate_json(json.dumps(values))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = "".join(f"[{part!r}]" for part in first["loc"])
            raise ValueError(f"{name}{place}: {first['msg']}") from None


@lru_cache(maxsize=64)
def _arguments(spider: type, callback: str) -> type[BaseModel]:
    """A model of the arguments that a callback takes after the spider and the response."""
    _, _, *parameters = inspect.signature(getattr(spider, callback), eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        one.name: (one.annotation, ... if one.default is one.empty else one.default)
        for one in parameters
        if one.kind is not one.VAR_KEYWORD
    }
    takes_more = any(one.kind is one.VAR_KEYWORD for one in parameters)
    config = ConfigDict(**{**_STRICT, "extra": "allow" if takes_more else "forbid"})
    return create_model(callback, __config__=config, **fields)

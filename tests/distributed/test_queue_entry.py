"""What can be queued: requests that are JSON, and nothing that a site would get together with its key."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from moviecrawler.distributed import entry_check, serializer
from tests.distributed.conftest import NewWorker, film


@pytest.mark.parametrize(
    ("meta", "says"),
    [
        ({"filter_verdict": object()}, r"request\['meta'\]\['filter_verdict'\]: object cannot be queued as JSON"),
        ({"a": {"b": [1, {2}]}}, r"\['a'\]\['b'\]\[1\]: set cannot"),
        ({"ids": {603: 1}}, "the key 603 cannot"),
        ({"x": float("nan")}, "not JSON compliant"),
        ({"$bytes": "aGk="}, r"the key '\$bytes' cannot"),
        ({"proxy": "http://x"}, r"meta\['proxy'\]: Extra inputs"),
    ],
)
def test_a_request_that_is_not_json_is_refused_with_the_place(
    worker: NewWorker, meta: dict[str, object], says: str
) -> None:
    request = film(1)
    request.meta.update(meta)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=says):
        worker().prepare(request)


def test_a_request_with_a_cookie_or_another_method_is_not_queued(worker: NewWorker) -> None:
    with pytest.raises(ValueError, match="may not send 'Cookie'"):
        worker().prepare(film(1).replace(headers={"Cookie": "a=b"}))
    with pytest.raises(ValueError, match="has no 'method'"):
        worker().prepare(film(1).replace(method="POST"))


def _callbacks() -> list[tuple[type, str]]:
    spiders = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["moviecrawler.spiders"]}))
    return [
        (spider, name)
        for spider in map(spiders.load, sorted(spiders.list()))
        for name in dir(spider)
        if name.startswith("parse_") and "response" in inspect.signature(getattr(spider, name)).parameters
    ]


@pytest.mark.parametrize(("spider", "callback"), _callbacks(), ids=lambda value: getattr(value, "__name__", value))
def test_the_arguments_of_every_callback_can_be_checked(spider: type, callback: str) -> None:
    assert entry_check._arguments(spider, callback).model_fields is not None


def test_a_callback_must_be_a_method_of_the_spider(worker: NewWorker) -> None:
    with pytest.raises(ValueError, match="not an instance method"):
        worker().prepare(film(1).replace(callback=lambda response: None))
    with pytest.raises(ValueError, match="only a plain Request"):
        worker().prepare(film(1).replace(callback=None))


KEYS = st.text().filter(lambda key: key != serializer.BYTES)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-serializer.MAX_INTEGER, serializer.MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.dictionaries(KEYS, JSON | st.binary()))
def test_json_is_loaded_as_it_was_dumped(value: dict[str, object]) -> None:
    assert serializer.loads(serializer.dumps(value)) == value

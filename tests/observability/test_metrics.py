"""METRICS_PORT: what Prometheus is told while a run goes on, and what if the port or the library is not to be had."""

import ast
import re
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from moviecrawler.observability.metrics import GAUGES, RunCollector, _matches
from moviecrawler.policy.timing import Timing
from tests.support import pages
from tests.support.crawl import ROOT, Home
from tests.support.crawler import Stats
from tests.support.sandbox import Sandbox
from tests.support.source_code import covered, nodes

SANDBOX = ("--movies", "600", "--key", "a-key-that-nobody-may-see")

Scrape = Callable[[], str]


@contextmanager
def scraped(home: Home, *words: str, **settings: str) -> Iterator[tuple[Scrape, "subprocess.Popen[str]"]]:
    """A crawl with METRICS_PORT=0, and what gets its metrics: text, or ConnectionError when it has ended."""
    process = home.start_crawl(*words, METRICS_PORT="0", **settings)
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"metrics: (http://127\.0\.0\.1:\d+/metrics)", line):
            break
    else:
        raise AssertionError("".join(said))
    # Or the crawl would stop at a full pipe.
    threading.Thread(target=process.stderr.read, daemon=True).start()

    def scrape() -> str:
        try:
            with urllib.request.urlopen(found[1], timeout=10) as response:
                return str(response.read().decode())
        except urllib.error.URLError as error:
            raise ConnectionError from error

    try:
        yield scrape, process
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe
            pipe.close()


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return samples(text).get((f"moviecrawler_{name}", frozenset(labels.items())), 0)


# --- A run ------------------------------------------------------------------------------------------------------


def test_metrics_can_be_scraped_and_agree_with_the_final_stats(sandbox: Sandbox, home: Home) -> None:
    """One picture is late: until it comes, all films are stored, and their figures are final."""
    sandbox.settings(slow_seconds=6)
    sandbox.faults([{"kind": "slow", "target": "cdn1", "times": 1}])
    only_host = {"IMAGES_ENABLED": "1", "TMDB_IMAGE_BASE_URLS": sandbox.cdns[0]}
    with scraped(home, "tmdb_titles", "ids=5000000,5000001,5000002", **only_host) as (scrape, process):
        text = scrape()
        while value(text, "titles_inserted_total") < 3 or value(text, "pictures_fetched_total") < 5:
            text = scrape()
        assert process.poll() is None, "the run goes on"
    assert process.returncode == 0
    stats, api = home.stats, sandbox.host
    assert value(text, "pictures_wanted_total") == stats["pictures/wanted"] == 6
    assert value(text, "titles_found_total") == stats["titles/found"] == 3
    assert value(text, "titles_inserted_total") == stats["titles/inserted"] == 3
    assert value(text, "requests_total", host=api) == stats[f"requests/{api}"] == 3
    assert value(text, "answers_total", host=api, kind="ok") == stats[f"answers/{api}/ok"] == 3
    for stage in ("gate/api", "download/api", "parse/title", "content", "merge"):
        assert value(text, "stage_seconds_count", stage=stage) == stats[f"timing/{stage}/count"] == 3
        assert value(text, "stage_seconds_sum", stage=stage) == pytest.approx(stats[f"timing/{stage}/sum"], abs=1e-6)
    assert "a-key-that-nobody-may-see" not in text


def test_only_this_machine_can_ask_and_the_port_closes_with_the_run(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=500)
    with scraped(home, "tmdb_titles", "ids=5000000,5000001") as (scrape, process):
        scrape()
        listening = [
            connection.laddr.ip
            for connection in psutil.Process(process.pid).net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]
    assert process.returncode == 0
    with pytest.raises(ConnectionError):
        scrape()


def test_a_port_that_is_taken_ends_the_run_before_anything_is_asked(sandbox: Sandbox, home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = home.crawl("tmdb_titles", "ids=5000000", METRICS_PORT=port)
    assert ended.status == 1
    (line,) = (line for line in ended.lines if "ERROR" in line)
    assert f"METRICS_PORT={port}: cannot serve metrics there: Address already in use" in line
    assert "Traceback" not in ended.stderr
    assert home.last_run["finish_reason"] == "metrics_failed"
    assert not sandbox.log()


@pytest.mark.parametrize("port", ["http", "65536", "-1", "9410.5"])
def test_an_invalid_port_stops_the_start(sandbox: Sandbox, home: Home, port: str) -> None:
    ended = home.crawl("tmdb_titles", "ids=5000000", METRICS_PORT=port)
    assert ended.status == 2
    (line,) = ended.lines
    assert "METRICS_PORT=" in line
    assert port in line
    assert not sandbox.log()


@pytest.fixture
def without_library(tmp_path: Path) -> dict[str, str]:
    """An environment in which prometheus-client is not installed."""
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["prometheus_client"] = None\n')
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


def test_a_library_that_is_missing_stops_the_start(
    sandbox: Sandbox, home: Home, without_library: dict[str, str]
) -> None:
    ended = home.crawl("tmdb_titles", "ids=5000000", METRICS_PORT="0", **without_library)
    line = "METRICS_PORT is set, but its library is missing: pip install prometheus-client"
    assert (ended.status, ended.lines) == (2, [line])
    assert not sandbox.log()


def test_without_metrics_the_library_is_not_needed(home: Home, without_library: dict[str, str]) -> None:
    assert home.crawl("tmdb_titles", "ids=5000000", **without_library).status == 0
    assert len(home.documents()) == 1


# --- Names, types and labels ------------------------------------------------------------------------------------


def collector(stats: dict[str, Any], timing: Timing | None = None) -> RunCollector:
    collected: Any = Stats(stats)
    return RunCollector(collected, timing or Timing(lambda: 0.0))


def exposed(stats: dict[str, Any]) -> list[Metric]:
    registry = CollectorRegistry()
    registry.register(collector(stats))
    return list(text_string_to_metric_families(generate_latest(registry).decode()))


@pytest.mark.parametrize(
    ("stat", "kind", "name", "labels"),
    [
        ("titles/inserted", "counter", "titles_inserted_total", {}),
        ("titles/expected", "gauge", "titles_expected", {}),
        ("memusage/max", "gauge", "memusage_max", {}),
        ("quota/omdb/left", "gauge", "quota_left", {"source": "omdb"}),
        ("quota/omdb/used", "counter", "quota_used_total", {"source": "omdb"}),
        ("requests/https://a.org:8443", "counter", "requests_total", {"host": "https://a.org:8443"}),
        ("answers/https://a.org/ok", "counter", "answers_total", {"host": "https://a.org", "kind": "ok"}),
        ("retry/failed/timeout", "counter", "retry_total", {"reason": "failed/timeout"}),
        ("retry/count", "counter", "retry_count_total", {}),
        ('filter/dropped/pattern:a "b"\\\n', "counter", "filter_dropped_total", {"reason": 'pattern:a "b"\\\n'}),
        ("log_count/ERROR", "counter", "log_count_total", {"level": "ERROR"}),
        ("hosts/https://a.org/latency_p95", "gauge", "hosts_latency_p95", {"host": "https://a.org"}),
        (
            "hosts/https://a.org/failures/failed/500",
            "gauge",
            "hosts_failures",
            {"host": "https://a.org", "reason": "failed/500"},
        ),
    ],
)
def test_a_stat_becomes_a_metric(stat: str, kind: str, name: str, labels: dict[str, str]) -> None:
    family, *_ = exposed({stat: 7})
    (sample,) = family.samples
    assert (family.type, sample.name, sample.labels, sample.value) == (kind, f"moviecrawler_{name}", labels, 7)


_FILLED_IN = [
    name
    for row in pages.rows(pages.section(pages.read("stats.md"), "Ours"))
    for name in pages.names(row[0])
    if "<" in name and not name.startswith(("hosts/", "timing/"))  # figures with names of their own
]


@pytest.mark.parametrize("stat", _FILLED_IN)
def test_placeholders_of_stats_md_become_labels(stat: str) -> None:
    names = re.findall(r"<(\w+)>", stat)
    family, *_ = exposed({re.sub(r"<(\w+)>", r"one-\1", stat): 7})
    (sample,) = family.samples
    assert sample.labels == {name: f"one-{name}" for name in names}
    assert family.name == "moviecrawler_" + re.sub(r"/<\w+>", "", stat).replace("/", "_")


@pytest.mark.parametrize(
    ("stat", "value"), [("finish_reason", "finished"), ("start_time", object()), ("timing/merge/p50", 0.1)]
)
def test_stats_without_a_number_or_with_a_histogram_are_left_out(stat: str, value: object) -> None:
    assert [family.name for family in exposed({stat: value})] == ["moviecrawler_stage_seconds"]


def test_buckets_are_cumulative_and_end_with_all(sandbox: Sandbox) -> None:
    timing = Timing(lambda: 0.0)
    for seconds in (0.001, 0.002, 0.5, 99_999):
        timing.record("merge", seconds)
    registry = CollectorRegistry()
    registry.register(collector({}, timing))
    text = generate_latest(registry).decode()
    below = {le: value(text, "stage_seconds_bucket", stage="merge", le=le) for le in ("0.001", "0.01", "1.0", "+Inf")}
    assert below == {"0.001": 1, "0.01": 2, "1.0": 3, "+Inf": 4}
    assert value(text, "stage_seconds_count", stage="merge") == 4


class Growing(dict[str, Any]):
    """The crawl goes on: whoever goes through it step by step meets a dictionary that changes its size."""

    def items(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        for item in super().items():
            self[f"more/{len(self)}"] = self[item[0]]
            yield item


def test_a_scrape_survives_stats_and_stages_that_come_up_meanwhile() -> None:
    timing = Timing(lambda: 0.0)
    timing.record("merge", 0.1)
    timing.histograms = Growing(timing.histograms)
    families = list(collector(Growing({"titles/found": 1}), timing).collect())
    assert [family.name for family in families] == ["moviecrawler_titles_found", "moviecrawler_stage_seconds"]


# --- All stats that there are -----------------------------------------------------------------------------------


def documented() -> dict[str, int]:
    """The stats of the reference page, filled in as a run would."""
    text = pages.read("stats.md")
    names = {name for row in pages.rows(pages.section(text, "Ours")) for name in pages.names(row[0])}
    names |= {name for row in pages.rows(pages.section(text, "Scrapy's own")) for name in pages.names(row[0])}
    facts = {"<host>": "https://a.org:1", "<fact>": "requests", "<figure>": "p50"}
    return {re.sub(r"<\w+>", lambda found: facts.get(found[0], "run/time"), name): 1 for name in names}


def test_every_stat_of_the_reference_has_a_name_of_its_own_without_what_a_run_fills_in() -> None:
    names = [family.name for family in exposed(documented())]
    assert len(names) > 40
    assert len(names) == len(set(names))
    assert not [name for name in names if "a_org" in name or "run_time" in name]


def test_stats_that_the_code_sets_are_gauges() -> None:
    set_somewhere = {
        re.sub(r"\{[^}]*\}", "x", ast.unparse(node.args[0]).strip("f'\""))
        for _, node in nodes(ast.Call)
        if isinstance(node.func, ast.Attribute)
        if node.func.attr in ("set_value", "max_value", "min_value")
    }
    assert "titles/expected" in set_somewhere
    no_number = {"pictures/changed/x", "profile/file", "timing/x/x"}
    assert not {stat for stat in set_somewhere - no_number if not _matches(stat, GAUGES)}
    assert covered("memusage/max", set(GAUGES)), "Scrapy's own"

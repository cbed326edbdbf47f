"""docs/spidermon.md: Spidermon beside our monitors, in a real crawl that has both."""

import re

from tests.support import pages
from tests.support.crawl import ROOT, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "120")


def test_spidermon_sees_our_stats_and_its_action_makes_the_exit_status(home: Home, sandbox: Sandbox) -> None:
    for code in pages.code_blocks(pages.read("spidermon.md"), "python"):
        file = home.folder / code.splitlines()[0].removeprefix("# ")
        file.parent.mkdir(exist_ok=True)
        file.write_text(code.replace("monitors = [Found]", "monitors = [Heartbeats, Found]"), encoding="utf-8")
    ended = home.crawl(
        "tmdb_trending",
        "limit=3",
        options=("-s", "LARGEST_SHARE=1"),
        SCRAPY_SETTINGS_MODULE="mine.settings",
        PYTHONPATH=f"{home.folder}:{ROOT}",
        MONITOR_MIN_FOUND="2",
    )
    run, found = home.last_run, home.stats["titles/found"]
    assert re.search(r"\[Spidermon\] Heartbeats/.*OK", ended.stderr), ended.stderr
    assert f"Expecting 'titles/found' to be '>=' to '100.0'. Current value: '{found:.1f}'" in ended.stderr
    assert (run["finish_reason"], run["monitors"]) == ("finished", [])
    assert ended.status == 1

"""``scrapy doctor``: keys, settings, places, servers, versions and the clock, a line each."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, stdout, usage_error
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.commands._checks import Check
    from moviecrawler.policy.checkup import Finding

CHECK_SECONDS = 20.0
"""Seconds for all checks, which run at the same time; one that takes longer hangs."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 all is well, or there are only warnings, 1 there is a problem, 2 wrong usage."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Check keys, settings, places, store, servers, versions and the clock"

    def long_desc(self) -> str:
        return (
            "One line for each thing, with ok, warning or problem, and what to do. Nothing is changed and nothing is "
            "asked for, unless --online: then TMDB and OMDB are asked whether they take the keys, "
            "and the clock is compared. Examples: scrapy doctor; scrapy doctor --online; scrapy doctor --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--online", action="store_true", help="also ask TMDB and OMDB, one request for each base URL"
        )
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        import json
        from urllib.request import getproxies

        from moviecrawler.commands._checks import checks_of
        from moviecrawler.config import Config
        from moviecrawler.config.sources import KEY_SETTINGS
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.policy.checkup import finding_lines, worst
        from moviecrawler.policy.printable import escaped
        from moviecrawler.policy.secrets.redaction import Secrets

        if args:
            usage_error(f"scrapy doctor: takes no arguments, got {' '.join(args)}")
        stdout().reconfigure(errors="backslashreplace")
        try:
            config = Config.from_settings(self.settings)
            secrets = Secrets.of(config, getproxies())
        except ConfigurationError:  # the check of the settings says what is wrong
            config, secrets = None, Secrets(tuple(str(self.settings.get(name) or "") for name in KEY_SETTINGS))
        running = _start(checks_of(self.settings, config, online=opts.online))
        findings: list[Finding] = []
        try:
            for finding in _findings(running):
                text, advice = secrets.redact(finding.text), secrets.redact(finding.advice)
                findings.append(finding._replace(text=text, advice=advice))
                if not opts.json:
                    say(*finding_lines(findings[-1]))
            level = worst(findings)
            if opts.json:
                found = {"level": level, "findings": [finding._asdict() for finding in findings]}
                say(escaped(json.dumps(found, ensure_ascii=False)))
            status = 1 if level == "problem" else 0
        except KeyboardInterrupt:
            status = 130
        except BrokenPipeError:  # the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 0
        self._end(running, status)

    def _end(self, running: Mapping[str, _Running], status: int) -> None:
        self.exitcode = status
        if any(check.thread.is_alive() for check in running.values()):
            sys.stdout.flush()
            os._exit(status)  # what hangs would hold up the end of the process


class _Running:
    """A check in a thread of its own, so that one that hangs or fails holds up no other."""

    def __init__(self, name: str, check: Check) -> None:
        self._name, self._check = name, check
        self._findings: list[Finding] = []
        self.thread = threading.Thread(target=self._run, name=f"check-{name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        from moviecrawler.policy.checkup import Finding

        try:
            self._findings = list(self._check())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
            what = " ".join(f"{type(error).__name__}: {error}".split())
            self._findings = [Finding(self._name, "problem", f"the check failed: {what[:300]}", "please report it")]

    def findings(self, deadline: float) -> Iterable[Finding]:
        from moviecrawler.policy.checkup import Finding

        self.thread.join(max(deadline - time.monotonic(), 0))
        if self.thread.is_alive():
            return [
                Finding(self._name, "problem", f"no answer within {CHECK_SECONDS:.0f} s", "is a disk or server away?")
            ]
        return self._findings


def _start(checks: Mapping[str, Check]) -> dict[str, _Running]:
    return {name: _Running(name, check) for name, check in checks.items()}


def _findings(running: Mapping[str, _Running]) -> Iterator[Finding]:
    deadline = time.monotonic() + CHECK_SECONDS
    for check in running.values():
        yield from check.findings(deadline)

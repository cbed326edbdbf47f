"""The score falls with each finding, and with how many there are; and the page about it says what the code does."""

import re

import pytest

from moviecrawler.health.checks import CHECKS, Check
from moviecrawler.health.findings import Finding, Findings, score
from tests.support import pages


def one(check: Check, count: int = 1) -> Finding:
    return Finding(check.id, check.severity, count, [], check.repair)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_single_finding_among_many_rows_costs_half_of_the_weight_and_a_twentieth_all_of_it(check: Check) -> None:
    looked_at = {check.unit: 1_000_000}
    few, some, many = (100 - score([one(check, count)], looked_at) for count in (1, 50_000, 1_000_000))
    assert 0 < few <= check.weight / 2 + 1
    assert some == many == check.weight


def test_the_score_is_never_below_nothing_nor_100_with_a_finding() -> None:
    assert score([one(check, 10**6) for check in CHECKS], {}) == 0
    assert (
        max(score([one(check)], dict.fromkeys(("titles", "records", "files", "runs"), 10**9)) for check in CHECKS) < 100
    )


def test_what_was_not_asked_for_is_not_found() -> None:
    findings = Findings(CHECKS[:1])
    findings.add(CHECKS[1].id, "movies/603")
    assert findings.health().score == 100


def test_the_page_has_every_check_with_its_severity_and_weight() -> None:
    rows = pages.rows(pages.section(pages.read("health.md"), "The checks"))
    said = {pages.names(row[0])[0]: row for row in rows}
    assert list(said) == [check.id for check in CHECKS]
    for check in CHECKS:
        assert said[check.id][1:3] == [check.severity, str(check.weight)]
        assert ("with `--full`:" in said[check.id][3]) == check.full


def test_what_mends_is_a_command_that_there_is() -> None:
    commands = set(re.findall(r"^## scrapy (.*)$", pages.read("commands.md"), re.MULTILINE))
    for check in CHECKS:
        assert set(re.findall(r"scrapy (\w+)", check.repair)) <= commands

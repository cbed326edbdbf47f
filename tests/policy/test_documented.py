"""What docs/policies.md says is what the code does."""

import re
from pathlib import Path

import pytest

from moviecrawler.policy.answers import OMDB_ERRORS, TMDB_CODES
from moviecrawler.policy.quality import PRIOR_SCORE, PRIOR_VOTES, RECOMMENDED_MEAN, RECOMMENDED_SCORE
from moviecrawler.policy.refresh import SIX_MONTHS, Refresh

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "policies.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
DEFAULTS = dict(
    re.findall(r'_setting\("(\w+)", "([^"]*)"\)', (PROJECT / "moviecrawler" / "settings.py").read_text("utf-8"))
)
DOCUMENTED = {row[-1].strip("`"): row[-2] for row in ROWS if row[-1].strip("`") in DEFAULTS}


def test_the_settings_of_all_policies_are_on_the_page() -> None:
    prefixes = ("RETRY_", "TMDB_RATE", "TMDB_BURST", "TMDB_CONCURRENCY", "FILTER_")
    expected = {name for name in DEFAULTS if name.startswith(prefixes)}
    assert expected
    assert expected <= DOCUMENTED.keys()


@pytest.mark.parametrize("setting", sorted(DOCUMENTED))
def test_a_default_on_the_page_is_the_default(setting: str) -> None:
    said = {"on": "1"}.get(DOCUMENTED[setting], DOCUMENTED[setting])
    assert said == DEFAULTS[setting]


def test_the_refresh_table_is_the_one_on_the_page() -> None:
    start = next(index for index, row in enumerate(ROWS) if row[0] == "age since release")
    days = [[int(cell.removesuffix(" days")) for cell in row[1:]] for row in ROWS[start + 2 : start + 6]]
    policy = Refresh()
    assert days == [list(row) for row in zip(policy.tmdb, policy.omdb, policy.the_numbers, strict=True)]
    assert str(SIX_MONTHS) in PAGE


@pytest.mark.parametrize("kind", ["auth", "gone", "failed"])
def test_the_codes_of_tmdb_are_listed_under_their_kind(kind: str) -> None:
    text = next(row[1] for row in ROWS if row[0] == f"`{kind}`")
    listed = re.search(r"codes ([\d, -]+)", text)
    assert listed
    codes: set[int] = set()
    for part in listed[1].strip(" ,").split(","):
        first, _, last = part.strip().partition("-")
        codes.update(range(int(first), int(last or first) + 1))
    assert codes == {code for code, (named, _) in TMDB_CODES.items() if named == kind}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for text, (kind, _) in OMDB_ERRORS.items()])
def test_the_errors_of_omdb_are_listed_under_their_kind(text: str, kind: str) -> None:
    assert text in next(row[1] for row in ROWS if row[0] == f"`{kind}`").lower()


def test_the_constants_of_the_score_are_the_ones_on_the_page() -> None:
    formula = f"(votes x mean + {PRIOR_VOTES} x {PRIOR_SCORE}) / (votes + {PRIOR_VOTES})"
    assert formula in PAGE
    assert f"a score of {RECOMMENDED_SCORE} or more, a Bayesian mean of {RECOMMENDED_MEAN} or more" in PAGE

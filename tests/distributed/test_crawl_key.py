"""Which workers may work on one crawl."""

import re

import moviecrawler
from moviecrawler.distributed.crawl_key import differences, version
from moviecrawler.distributed.scripts.pieces import ENTRY, VERSION


def test_the_version_names_project_entries_and_code() -> None:
    assert re.fullmatch(rf"{re.escape(moviecrawler.__version__)}/{VERSION}/[0-9a-f]{{8}}", version())
    assert f"'^{VERSION} " in ENTRY


def test_a_crawl_from_before_there_was_a_version_is_another_one() -> None:
    ours = {"version": "0.1.0/m1/0123abcd", "store": "movies"}
    assert differences({"store": "movies"}, ours) == "version is None there and '0.1.0/m1/0123abcd' here"


def test_who_does_not_know_of_a_version_refuses_what_is_agreed_on_with_one() -> None:
    agreed = {"version": "0.1.0/m1/0123abcd", "store": "movies", "titles in": ["en-US"]}
    assert differences(agreed, {"store": "movies", "languages": ["en-US"]}).startswith("languages is None there")

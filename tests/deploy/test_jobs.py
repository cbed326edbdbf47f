"""Jobs of a real Scrapyd that run the egg: films, pictures, logs, and the same job twice."""

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.support.crawl import Home, timeless
from tests.support.pages import PROJECT
from tests.support.sandbox import Sandbox
from tests.support.scrapyd import KEY, PASSWORD, Scrapyd, deploy, running

PICTURES = {"IMAGES_ENABLED": "1", "TMDB_CONCURRENCY": "4"}


@pytest.fixture(scope="module")
def first(scrapyd: Scrapyd) -> str:
    """The log of a job with an argument and two settings."""
    return scrapyd.run("tmdb_trending", "first", PICTURES, limit="3")


def test_a_job_stores_films_and_draws_their_pictures_as_its_arguments_and_settings_say(first: str, home: Home) -> None:
    assert "Spider closed (finished)" in first
    documents = home.documents()
    assert len(documents) == 3
    for document in documents.values():
        drawn = document["images"]["title_backdrop"]["file"]
        assert (home.data / "images" / drawn).stat().st_size > 10_000


def test_the_log_of_a_correct_job_has_no_warnings(first: str) -> None:
    assert "WARNING" not in first
    assert "ERROR" not in first


def test_the_same_job_twice_changes_nothing(first: str, scrapyd: Scrapyd, home: Home) -> None:
    before = home.documents()
    log = scrapyd.run("tmdb_trending", "again", PICTURES, limit="3")
    assert "0 new, 0 changed" in log
    after = home.documents()
    assert timeless(after) == timeless(before)
    assert home.last_run["arguments"]["limit"] == 3


def test_a_job_that_cannot_start_says_why_in_its_own_log(scrapyd: Scrapyd) -> None:
    log = scrapyd.run("tmdb_trending", "wrong", limit="many")
    assert log.splitlines() == ["tmdb_trending: argument limit='many': must be a whole number from 1 to 10000"]
    assert "exitstatus=2" in scrapyd.said


def test_a_source_that_is_switched_off_is_named_in_the_log_of_the_job(scrapyd: Scrapyd) -> None:
    assert "THE_NUMBERS_ENABLED=1" in scrapyd.run("the_numbers", "off", limit="1")


def test_neither_key_nor_password_is_in_a_log(first: str, scrapyd: Scrapyd) -> None:
    said = scrapyd.said + first
    assert "first" in said
    assert not [secret for secret in (KEY, PASSWORD) if secret in said]


def test_an_egg_that_cannot_be_loaded_is_refused_with_status_error_and_the_old_one_stays(
    scrapyd: Scrapyd, tmp_path: Path
) -> None:
    """scrapyd-deploy ends with 0 all the same: its answer is what counts (docs/scheduling.md)."""
    broken = tmp_path / "broken.egg"
    with zipfile.ZipFile(broken, "w") as egg:
        egg.writestr("EGG-INFO/PKG-INFO", "Name: broken\nVersion: 1\n")
    shutil.copy(PROJECT / "scrapy.cfg", tmp_path)
    ran = deploy(tmp_path, "elsewhere", "-p", "other", "--egg", str(broken), **scrapyd.credentials)
    assert '"status": "error"' in ran.stdout
    assert len(scrapyd.ask("listspiders.json?project=moviecrawler")["spiders"]) >= 9


def test_wrong_credentials_deploy_nothing(scrapyd: Scrapyd, project: Path, egg: Path) -> None:
    ran = deploy(project, "elsewhere", "--egg", str(egg), **{**scrapyd.credentials, "SCRAPYD_PASSWORD": "wrong"})
    assert ran.returncode == 1
    assert "401" in ran.stderr


def test_a_relative_data_dir_and_code_that_shadows_the_egg_are_warned_about(
    sandbox: Sandbox, egg: Path, project: Path, tmp_path: Path
) -> None:
    """Scrapyd started where moviecrawler can be imported, without a DATA_DIR of its own."""
    settings = {**sandbox.env, "CACHE_URI": "", "IMAGES_ENABLED": "0", "PYTHONPATH": str(project)}
    with running(tmp_path / "scrapyd", settings) as scrapyd:
        deploy(project, "elsewhere", "--egg", str(egg), **scrapyd.credentials)
        log = scrapyd.run("tmdb_trending", "lost", limit="1")
    warned = [line for line in log.splitlines() if "WARNING" in line]
    assert len(warned) == 2
    assert str(scrapyd.folder / "data") in warned[0]
    assert str(project) in warned[1]
    assert (scrapyd.folder / "data" / "movies.db").exists()

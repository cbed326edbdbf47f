"""docs/adding-a-source.md: a fourth source of three files, added to a copy of the project, and crawled there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import pages
from tests.support.crawl import FAST, ROOT, Home
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, json_answer

SANDBOX = ("--movies", "300")
TITLES = "ids=13,278,550,680,shows/1396"
NAME = "festivals"


def answer(asked: Asked) -> Answer:
    """Prizes for all but Fight Club, which has none, and Forrest Gump, about which the site talks nonsense."""
    imdb_id = Path(asked.path).stem
    if imdb_id == "tt0137523":
        return Answer(b"<h1>Not Found</h1>", 404, {"Content-Type": "text/html"})
    if imdb_id == "tt0109830":
        return json_answer({"prizes": []})
    return json_answer({"imdb": imdb_id, "prizes": [{"festival": "Cannes", "year": 1994, "prize": "Palme d'Or"}]})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the three files of the page."""
    folder = pages.copy_of_the_project(tmp_path_factory.mktemp("copy") / "project", "tests")
    text = pages.section(pages.read("adding-a-source.md"), "A small source, whole")
    (diff,) = pages.code_blocks(text, "diff")
    changed = pages.apply_diff(diff, folder)
    parser, spider = pages.code_blocks(text, "python")
    files = {f"moviecrawler/sources/{NAME}.py": parser, f"moviecrawler/spiders/{NAME}.py": spider}
    for name, code in files.items():
        assert name in text
        (folder / name).write_text(code, encoding="utf-8")
    assert len({*changed, *files}) == 3
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(answer) as running:
        yield running


@pytest.fixture
def stocked(tmp_path: Path, sandbox: Sandbox) -> Home:
    """A store of this project, which does not know the source, with four films and a show."""
    home = Home(tmp_path / "home", {**FAST, **sandbox.env})
    assert home.crawl("tmdb_titles", TITLES).status == 0
    return home


@pytest.fixture
def grown(stocked: Home, project: Path, site: Site) -> Home:
    """The same folder, used by the project with the source."""
    settings = {"PYTHONPATH": str(project), "FESTIVALS_BASE_URL": site.url, "FESTIVALS_RATE": "0"}
    return replace(stocked, settings={**stocked.settings, **settings})


def test_stored_titles_are_asked_about_and_every_part_of_the_project_knows_it(grown: Home, site: Site) -> None:
    assert NAME in grown.scrapy("list").stdout.split()
    assert grown.scrapy("due", "--recompute").status == 0
    assert f"movies {NAME}" in grown.scrapy("due", "--source", NAME).stdout
    ended = grown.crawl(NAME)
    assert ended.status == 0, ended.stderr
    films = grown.documents()
    pulp = films[680]
    assert pulp["awards"] == "Palme d'Or (Cannes 1994)"
    assert pulp["provenance"]["awards"] == NAME
    assert pulp["sources"][NAME]["source_id"] == pulp["imdb_id"] == "tt0110912"
    assert grown.documents("shows")[1396]["provenance"]["awards"] == NAME
    assert films[550]["sources"][NAME]["failures"] == 1
    reasons = {Path(row["url"]).stem: row["reason"] for row in grown.records("rejects").values()}
    assert reasons == {"tt0137523": "gone", "tt0109830": "parse"}
    assert len(site.asked) == 5
    site.asked.clear()
    assert grown.crawl(NAME).status == 0
    assert site.asked == [], "what was asked is not due"
    assert grown.scrapy("reparse", "--source", NAME).status == 0
    assert NAME in grown.scrapy("stats").stdout
    ended = grown.scrapy("collect", "--refresh-only", "--sources", NAME)
    assert ended.status == 0, ended.stderr


def test_its_settings_are_checked_like_all_others(grown: Home) -> None:
    for name, value in (("FESTIVALS_RATE", "fast"), ("REFRESH_FESTIVALS", "9,1"), ("FESTIVALS_BASE_URL", "x")):
        ended = grown.crawl(NAME, options=("-s", f"{name}={value}"))
        assert (ended.status, len(ended.lines)) == (2, 1)
        assert ended.stderr.startswith(f"{name}=")
    assert "did you mean FESTIVALS_RATE?" in grown.crawl(NAME, options=("-s", "FESTIVALS_RATES=1")).stderr


def test_a_title_of_tmdb_has_a_slot_for_it_from_the_insert_on_and_comes_out_the_same(
    grown: Home, stocked: Home
) -> None:
    assert grown.crawl("tmdb_titles", "ids=603").status == 0
    slot = grown.documents()[603]["sources"][NAME]
    assert slot["fetched_at"] is None
    assert slot["next_refresh_at"], "it is due at once"
    # A project that has not got the source reads what the other one wrote.
    assert stocked.crawl("tmdb_titles", "ids=603,13").status == 0
    assert stocked.documents()[603]["sources"][NAME] == slot
    assert str(ROOT) != grown.settings["PYTHONPATH"]

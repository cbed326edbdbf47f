"""`scrapy pictures`: what stored titles lack, what earlier settings have made, and what a run says about both."""

import json
import signal
import sqlite3
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.support.crawl import FAST, Ended, Home, paths
from tests.support.redis_server import redis_server
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, picture
from tests.support.waiting import until

SANDBOX = ("--movies", "300", "--shows", "20")
IDS = "ids=603,129,550,shows/1396"


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Home:
    """Four titles without pictures, in a store whose next runs make some."""
    home = Home(tmp_path, {**FAST, **sandbox.env, "IMAGES_ENABLED": "1"})
    assert home.crawl("tmdb_titles", IDS, IMAGES_ENABLED="0").status == 0
    sandbox.clear_log()
    return home


def images(home: Home) -> dict[str, set[str]]:
    """The roles of which there are pictures, by title."""
    return {
        f"{kind}/{id}": {role for role, part in document["images"].items() if part["file"]}
        for kind in ("movies", "shows")
        for id, document in home.documents(kind).items()
    }


def said(ended: Ended) -> list[str]:
    """What the summary says of pictures and settings."""
    return [line.strip() for line in ended.lines if "scrapy pictures" in line and "up to" in line]


ALL = {"poster", "backdrop", "title_backdrop"}


def test_what_is_missing_is_made_and_no_title_is_requested(home: Home, sandbox: Sandbox) -> None:
    ended = home.scrapy("pictures", TMDB_ACCESS_TOKEN="", TMDB_API_KEY="")
    assert ended.status == 0, ended.stderr
    assert set(map(frozenset, images(home).values())) == {frozenset(ALL)}
    assert {entry["server"] for entry in sandbox.log()} == {"cdn1"}
    assert len(sandbox.log()) == 8, "a poster and a backdrop each"
    assert "4 looked at, 4 with pictures to make" in ended.stderr
    assert home.stats["pictures/made"] == 12

    sandbox.clear_log()
    again = home.scrapy("pictures", "--redraw")
    assert (again.status, sandbox.log()) == (0, [])
    assert "4 looked at, 0 with pictures to make" in again.stderr

    lost = home.documents()[603]["images"]["poster"]["file"]
    (home.data / "images" / lost).unlink()
    assert home.scrapy("pictures", "--missing").status == 0
    assert (home.data / "images" / lost).exists()
    assert len(sandbox.log()) == 1


def test_only_the_titles_that_are_named(home: Home, sandbox: Sandbox) -> None:
    imdb = home.documents()[129]["imdb_id"]
    assert home.scrapy("pictures", "603", "shows/1396", imdb).status == 0
    assert {title for title, roles in images(home).items() if roles} == {"movies/603", "movies/129", "shows/1396"}
    ended = home.scrapy("pictures", "movies/4711", "tt99999999", "550")
    assert ended.status == 1
    assert sorted(line.rpartition("make: ")[2] for line in ended.lines if "ERROR" in line) == ["tt99999999"]
    assert home.stats["incomplete/unknown"] == 2
    assert images(home)["movies/550"] == ALL, "the one that is stored has its pictures all the same"


def test_only_the_titles_that_a_view_and_a_filter_mean(home: Home, sandbox: Sandbox) -> None:
    assert home.scrapy("views", "save", "films", "kind:movies").status == 0
    ended = home.scrapy("pictures", "--view", "films", "--where", "missing_picture and id in (603, 1396)")
    assert ended.status == 0, ended.stderr
    assert {title for title, roles in images(home).items() if roles} == {"movies/603"}


def test_wrong_usage_is_one_line(home: Home, sandbox: Sandbox) -> None:
    for words, line in (
        (["six"], "'six': must be a title"),
        (["persons/3"], "'persons/3': must be a title"),
        (["603", "tt12x"], "'tt12x': must be a title"),
        (["--missing", "--redraw"], "give one of them"),
        (["603", "--where", "year>1999"], "name titles, or say by --where or --view which are meant"),
        (["--redaw"], "there is no option --redaw; did you mean --redraw?"),
        (["-s", "OVERLAY_RATINGS=tmdb,rotten"], "OVERLAY_RATINGS='tmdb,rotten': must be some of tmdb, imdb, rt"),
        (["-s", "IMAGES_LOGO_SIZES=500"], "IMAGES_LOGO_SIZES='500': must be sizes such as w500"),
    ):
        ended = home.scrapy("pictures", *words)
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert line in ended.lines[0]
    ended = home.scrapy("pictures", IMAGES_ENABLED="0")
    assert (ended.status, ended.lines) == (0, ["No pictures are made: IMAGES_ENABLED=0"])
    assert sandbox.log() == []


def test_another_language_is_noticed_and_redraw_mends_it(home: Home, sandbox: Sandbox) -> None:
    assert home.scrapy("pictures").status == 0
    sandbox.clear_log()
    german = {"LANGUAGES": "de-DE,en-US"}
    ended = home.crawl("tmdb_trending", "limit=1", IMAGES_ENABLED="1", **german)
    (line,) = said(ended)
    assert "up to 4 titles may show pictures by earlier settings (LANGUAGES): scrapy pictures --redraw" in line or (
        "up to 5 titles" in line
    )
    sandbox.clear_log()
    ended = home.scrapy("pictures", **german)
    assert said(ended), "what is there is left as it is"
    assert sandbox.log(server="cdn1") == []
    ended = home.scrapy("pictures", "--redraw", **german)
    assert ended.status == 0, ended.stderr
    assert said(ended) == []
    assert set(paths(sandbox.log(server="cdn1"))), "the backdrops"
    assert all("/original/" in path for path in paths(sandbox.log(server="cdn1")))
    says = home.documents()[603]["images"]["title_backdrop"]["says"]
    assert (says[4], says[6]) == (["Action", "Science Fiction"], "de-DE")
    assert says[3] == home.documents()[603]["runtime"]
    assert said(home.crawl("tmdb_titles", "ids=603", **german)) == []


def test_another_size_is_noticed_until_the_pictures_are_made(home: Home) -> None:
    assert home.scrapy("pictures").status == 0
    sizes = {"IMAGES_POSTER_SIZES": "w500,w92"}
    ended = home.crawl("tmdb_titles", "ids=603", **sizes)
    (line,) = said(ended)
    assert "up to 4 titles may lack pictures, since IMAGES_POSTER_SIZES changed: scrapy pictures" in line
    assert home.stats["pictures/concerned/lacking"] == 4
    assert "IMAGES_POSTER_SIZES" in said(home.crawl("tmdb_titles", "ids=550"))[0], "some have been made by each"
    ended = home.scrapy("pictures", **sizes)
    assert (ended.status, said(ended)) == (0, [])
    assert all(list(document["images"]["poster"]["files"]) == ["w500", "w92"] for document in home.documents().values())
    assert said(home.crawl("tmdb_titles", "ids=603", **sizes)) == []
    assert said(home.crawl("tmdb_titles", "ids=603")) == [], "fewer sizes: their files stay"


def test_pictures_switched_on_again_are_noticed(home: Home) -> None:
    assert said(home.crawl("tmdb_titles", "ids=603", IMAGES_ENABLED="0")) == []
    ended = home.crawl("tmdb_titles", "ids=603")
    assert "up to 3 titles may lack pictures, since IMAGES_ENABLED changed: scrapy pictures" in said(ended)[0]
    assert said(home.scrapy("pictures", "550")), "not for one title"
    assert said(home.scrapy("pictures")) == []


def test_a_new_store_has_nothing_to_mend(tmp_path: Path, sandbox: Sandbox) -> None:
    home = Home(tmp_path, {**FAST, **sandbox.env, "IMAGES_ENABLED": "1", "OVERLAY_RATINGS": "tmdb,imdb"})
    assert said(home.crawl("tmdb_titles", "ids=603")) == []
    assert home.select_state("pictures")["settings"]["OVERLAY_RATINGS"] == "tmdb,imdb"
    assert home.documents()[603]["images"]["title_backdrop"]["says"][7] == ["ratings tmdb"]
    assert home.crawl("omdb").status == 0
    assert home.documents()[603]["images"]["title_backdrop"]["says"][7] == ["ratings tmdb imdb"], "once it is known"


def test_image_hosts_that_fail_for_an_hour_lose_nothing(home: Home, sandbox: Sandbox) -> None:
    down = [{"kind": "503", "target": target} for target in ("cdn1", "cdn2")]
    sandbox.faults(down)
    ended = home.scrapy("pictures", SOURCE_PATIENCE="0.2", RETRY_TRIES="2", FAILOVER_COOL_DOWN="0.05")
    assert ended.status == 1
    assert home.last_run["finish_reason"] == "incomplete"
    assert not any(images(home).values())
    sandbox.faults([])
    assert home.scrapy("pictures").status == 0
    assert all(roles == ALL for roles in images(home).values())


def test_a_killed_run_is_continued(home: Home, sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "slow", "target": "/t/p/original", "seconds": 3}])
    run = home.start("pictures")
    until(lambda: sum("poster" in roles for roles in images(home).values()) == 4)
    run.send_signal(signal.SIGKILL)
    Home.wait(run)
    sandbox.faults([])
    sandbox.clear_log()
    assert home.scrapy("pictures").status == 0
    assert all(roles == ALL for roles in images(home).values())
    assert len(sandbox.log(server="cdn1")) == 4, "the posters are there"


def test_collect_makes_them_at_last(home: Home, sandbox: Sandbox) -> None:
    # What is fetched anyway brings its pictures along; of these titles nothing is due after this.
    assert home.scrapy("collect", "--refresh-only", IMAGES_ENABLED="0").status == 0
    assert home.scrapy("collect", "--refresh-only", "--no-pictures").status == 0
    assert not any(images(home).values())
    ended = home.scrapy("collect", "--refresh-only")
    assert ended.status == 0, ended.stderr
    assert all(roles == ALL for roles in images(home).values())
    assert {run["spider"] for run in home.records("runs").values()} >= {"tmdb_refresh", "omdb", "pictures"}
    # From now on only titles that were written since are looked at, by an index.
    checked_until = home.select_state("pictures")["checked_until"]
    assert checked_until
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE documents SET updated_at = '2020-01-01T00:00:00.000Z' WHERE id = 603")
    connection.close()
    assert home.crawl("pictures", "recent=1").status == 0
    assert home.stats["titles/checked"] == 3
    assert home.crawl("pictures", "recent=1", IMAGES_POSTER_SIZES="w92").status == 0
    assert home.stats["titles/checked"] == 4, "another size: all of them"


def test_workers_share_the_queue(home: Home, sandbox: Sandbox) -> None:
    with redis_server() as redis:
        with sandbox.suspended():
            running = [home.start("pictures", REDIS_URL=redis.uri) for _ in range(2)]
        for ended in map(Home.wait, running):
            assert ended.status == 0, ended.stderr
    assert all(roles == ALL for roles in images(home).values())
    assert set(Counter(paths(sandbox.log(server="cdn1"))).values()) == {1}


# --- Logos and portraits: what TMDB's answer says of them is put into the store here ------------------------------


def edit(home: Home, id: int, **fields: Any) -> None:
    with sqlite3.connect(home.database) as connection:
        (text,) = connection.execute("SELECT document FROM documents WHERE id = ?", (id,)).fetchone()
        document = json.dumps({**json.loads(text), **fields})
        connection.execute("UPDATE documents SET document = ? WHERE id = ?", (document, id))
    connection.close()


def logo(colour: str) -> Answer:
    image = Image.new("RGBA", (800, 240))
    draw = ImageDraw.Draw(image)
    for left in range(20, 760, 60):
        draw.rectangle((left, 20, left + 36, 220), fill=colour)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return Answer(buffer.getvalue(), 200, {"Content-Type": "image/png"})


LOGOS = [
    {"path": "/french.png", "language": "fr", "width": 800, "height": 240},
    {"path": "/light.png", "language": "en", "width": 800, "height": 240},
]
CAST = [
    {"id": 1, "name": "Al Pacino", "profile_path": "/alPacino.jpg", "character": "Hanna", "order": 0},
    {"id": 2, "name": "Michael Mann", "profile_path": "/mann.jpg", "character": None, "order": 1},
]


def answer(asked: Asked) -> Answer:
    name = asked.path.rpartition("/")[2]
    files = {"light.png": logo("#f0f0ff"), "dark.png": logo("#080a12"), "alPacino.jpg": picture(300, 450)}
    if name in files:
        return files[name]
    if name in ("gone.png", "mann.jpg"):
        return Answer(b"", 404)
    if asked.path.startswith("/t/p"):
        return picture(1920, 1080)
    return film(int(name), poster_path="/poster.jpg", backdrop_path=f"/backdrop{name}.jpg")


def downloads(site: Site) -> list[str]:
    found = sorted(path.partition("/t/p/")[2] for path in site.paths() if path.startswith("/t/p"))
    site.asked.clear()
    return found


def test_logos_and_portraits_are_made_where_settings_have_sizes_for_them(tmp_path: Path) -> None:
    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})
        assert home.crawl("tmdb_titles", "ids=1,2").status == 0
        for id in (1, 2):
            edit(home, id, logos=LOGOS, people={"cast": CAST})
        downloads(site)
        assert home.scrapy("pictures").status == 0
        assert downloads(site) == []
        sizes = {"IMAGES_LOGO_SIZES": "w185,w92", "IMAGES_PROFILE_SIZES": "w45,h100"}
        ended = home.scrapy("pictures", **sizes)
        assert ended.status == 0, ended.stderr
        assert downloads(site) == ["original/alPacino.jpg", "original/mann.jpg", "w185/light.png"]
        part = home.documents()[2]["images"]["logo"]
        assert part["source_path"] == "/light.png"
        with Image.open(home.data / "images" / part["files"]["w185"]["file"]) as opened:
            assert (opened.format, opened.mode, opened.size) == ("PNG", "RGBA", (185, 56))
        assert sorted(path.name for path in (home.data / "images" / "profile").rglob("*.jpg")) == [
            "alPacino-h100.jpg",
            "alPacino-w45.jpg",
        ]
        assert home.scrapy("pictures", **sizes).status == 0
        assert downloads(site) == ["original/mann.jpg"], "what a CDN does not have of a person is noted nowhere"


def test_a_title_backdrop_with_its_logo(tmp_path: Path) -> None:
    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})
        assert home.crawl("tmdb_titles", "ids=1,2,3,4").status == 0
        dark, gone = ([{**LOGOS[1], "path": path}] for path in ("/dark.png", "/gone.png"))
        for id, logos in ((1, LOGOS), (2, dark), (3, gone)):
            edit(home, id, logos=logos)
        downloads(site)
        overlay = {"OVERLAY_LOGO": "1", "IMAGES_LOGO_SIZES": "w92"}
        ended = home.scrapy("pictures", "--redraw", **overlay)
        assert ended.status == 0, ended.stderr
        originals = [path for path in downloads(site) if path.startswith("original/")]
        assert originals == [
            *("original/backdrop1.jpg", "original/backdrop2.jpg", "original/backdrop3.jpg"),
            *("original/dark.png", "original/gone.png", "original/light.png"),
        ], "each once, for files and title backdrop"
        says = {id: document["images"]["title_backdrop"]["says"][7:] for id, document in home.documents().items()}
        assert says == {1: [["logo /light.png"]], 2: [["logo /dark.png"]], 3: [["logo /gone.png"]], 4: []}
        assert (home.stats["pictures/logo_shown"], home.stats["pictures/logo_refused"]) == (1, 1)
        assert home.documents()[1]["images"]["logo"]["files"].keys() == {"w92"}
        home.scrapy("pictures", "--redraw", **overlay)
        assert downloads(site) == ["w92/gone.png"]
        home.scrapy("pictures", "--redraw", **overlay)
        assert downloads(site) == [], "noted as gone"

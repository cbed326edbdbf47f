"""Pictures: which are asked for, what lies on the disk, what is shared, and what is no picture."""

import hashlib
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from tests.support.crawl import FAST, Document, Home, paths
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, json_answer, picture

SANDBOX = ("--movies", "300", "--shows", "20")


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Home:
    return Home(tmp_path, {**FAST, **sandbox.env, "IMAGES_ENABLED": "1"})


def whole(home: Home, document: Document) -> None:
    """Every file that the document names is there, a progressive JPEG of the size and sum that the document says."""
    for role, image in document["images"].items():
        assert image["file"] == next(iter(image["files"].values()))["file"]
        assert image["source_path"] == document["sources"]["tmdb"]["data"][f"{role.removeprefix('title_')}_path"]
        for size, file in image["files"].items():
            path = home.data / "images" / file["file"]
            assert path.stat().st_size == file["bytes"]
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
            with Image.open(path) as opened:
                opened.load()
                assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (file["width"], file["height"]))
                assert opened.info["progressive"]
            if size.startswith("w"):
                assert file["width"] == int(size[1:])


def test_poster_backdrop_and_title_backdrop_in_the_sizes_of_the_settings(sandbox: Sandbox, home: Home) -> None:
    sizes = {"IMAGES_POSTER_SIZES": "w342,w92", "IMAGES_BACKDROP_SIZES": "w780,h300"}
    ended = home.crawl("tmdb_titles", "ids=603,129,shows/1396", **sizes)
    assert ended.status == 0, ended.stderr
    documents = {**home.documents(), **home.documents("shows")}
    assert len(documents) == 3
    for document in documents.values():
        assert {role: list(image["files"]) for role, image in document["images"].items()} == {
            "poster": ["w342", "w92"],
            "backdrop": ["w780", "h300"],
            "title_backdrop": ["w1920"],
        }
        whole(home, document)
        title = document["images"]["title_backdrop"]
        assert (title["files"]["w1920"]["width"], title["files"]["w1920"]["height"]) == (1920, 1080)
        assert title["says"][0] == document["title"]
        assert document["images"]["backdrop"]["files"]["h300"]["height"] == 300
    assert home.stats["pictures/wanted"] == home.stats["pictures/fetched"] == 6
    assert home.stats["pictures/made"] == 9
    asked = sandbox.log(server="cdn1")
    # One download for all sizes: the smallest of TMDB's that is large enough.
    assert Counter(path.split("/")[3] for path in paths(asked)) == {"w342": 3, "original": 3}
    assert all(entry["credential"] is None for entry in asked)
    assert {(path.parts[-3], path.name) for path in home.data.glob("images/title_backdrop/*/*")} == {
        ("title_backdrop", "603.jpg"),
        ("title_backdrop", "129.jpg"),
        ("title_backdrop", "1396.jpg"),
    }

    sandbox.clear_log()
    left_over = home.data / "images" / "poster" / ".half.jpg.0123abcd.part"
    left_over.touch()
    os.utime(left_over, (0, 0))
    assert home.crawl("tmdb_titles", "ids=603", **sizes).status == 0
    assert sandbox.log(server="cdn1") == [], "what is there is not asked for again"
    assert not left_over.exists(), "a run that was killed years ago left it"
    missing = home.data / "images" / documents[603]["images"]["poster"]["file"]
    missing.unlink()
    assert home.crawl("tmdb_titles", "ids=603", **{**sizes, "IMAGES_BACKDROP_SIZES": "w300"}).status == 0
    assert missing.exists(), "a file that is gone is made again"
    assert list(home.documents()[603]["images"]["backdrop"]["files"]) == ["w300"], "another size in the settings"
    whole(home, home.documents()[603])


def test_another_title_makes_another_title_backdrop_and_a_drifting_rating_does_not(
    sandbox: Sandbox, home: Home
) -> None:
    home.crawl("tmdb_titles", "ids=550")
    before = home.documents()[550]["images"]
    sandbox.patch("movie", 550, vote_average=1.2, popularity=3.4)
    sandbox.clear_log()
    home.crawl("tmdb_titles", "ids=550")
    assert sandbox.log(server="cdn1") == []
    sandbox.patch("movie", 550, runtime=111)
    home.crawl("tmdb_titles", "ids=550")
    after = home.documents()[550]["images"]
    assert len(sandbox.log(server="cdn1")) == 1, "the backdrop only"
    assert after["poster"] == before["poster"]
    assert after["title_backdrop"]["says"] != before["title_backdrop"]["says"]
    whole(home, home.documents()[550])


def test_another_format_or_second_line_in_the_settings_makes_pictures_anew_once(sandbox: Sandbox, home: Home) -> None:
    home.crawl("tmdb_titles", "ids=129")
    assert home.documents()[129]["images"]["title_backdrop"]["says"][5:] == ["千と千尋の神隠し", "en-US"]
    webp = {"IMAGES_FORMAT": "webp"}
    assert home.crawl("tmdb_titles", "ids=129", **webp).status == 0
    images = home.documents()[129]["images"]
    assert images["title_backdrop"]["file"] == "title_backdrop/movies/129.webp"
    for image in images.values():
        with Image.open(home.data / "images" / image["file"]) as opened:
            assert opened.format == "WEBP"
    sandbox.clear_log()
    home.crawl("tmdb_titles", "ids=129", **webp)
    home.crawl("tmdb_titles", "ids=129", IMAGES_FORMAT="auto")
    assert sandbox.log(server="cdn1") == [], "auto takes what is there in one of its formats"
    home.crawl("tmdb_titles", "ids=129", OVERLAY_SUBTITLE="off", **webp)
    assert home.documents()[129]["images"]["title_backdrop"]["says"][5:] == [None, "en-US"]
    assert len(sandbox.log(server="cdn1")) == 1, "the backdrop only"


def test_films_with_the_same_bytes_share_files(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=120,121").status == 0
    one, other = home.documents().values()
    for role in ("poster", "backdrop"):
        assert one["images"][role]["source_sha256"] == other["images"][role]["source_sha256"]
        assert one["images"][role]["files"] == other["images"][role]["files"]
    assert one["images"]["title_backdrop"]["file"] != other["images"]["title_backdrop"]["file"]
    for document in (one, other):
        whole(home, document)
    assert len([path for path in (home.data / "images").rglob("*") if path.is_file()]) == 4
    ended = home.crawl("tmdb_titles", "ids=120,121")
    assert home.stats["pictures/hit"] == 4
    assert "4 pictures already there" in ended.stderr


def test_films_with_the_same_paths_download_once(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        if name.endswith(".jpg"):
            time.sleep(0.5)  # meanwhile all three films are stored, and want it
            return picture(1920, 1080)
        return film(int(name), poster_path="/poster.jpg", backdrop_path="/backdrop.jpg")

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})
        assert home.crawl("tmdb_titles", "ids=1,2,3").status == 0
    assert sorted(path for path in site.paths() if path.startswith("/t/p")) == [
        "/t/p/original/backdrop.jpg",
        "/t/p/w500/poster.jpg",
    ]
    assert (home.stats["pictures/wanted"], home.stats["pictures/joined"]) == (6, 4)
    titles = set()
    for document in home.documents().values():
        whole(home, document)
        titles.add(document["images"]["title_backdrop"]["file"])
    assert len(titles) == 3, "each has its own title on it"


def test_a_picture_that_is_gone_is_not_requested_in_every_run(tmp_path: Path) -> None:
    posters = {"1": "/old.jpg", "2": "/old.jpg"}

    def answer(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        if name == "day":
            rows = [{"id": id, "title": f"Film {id}", "media_type": "movie", "vote_count": 500} for id in (1, 2)]
            return json_answer({"page": 1, "results": rows, "total_pages": 1, "total_results": 2})
        if name == "new.jpg":
            return picture(500, 750)
        return film(int(name), poster_path=posters[name]) if name in posters else Answer(b"", 404)

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})

        def pictures_asked_for(*arguments: str) -> list[str]:
            site.asked.clear()
            assert home.crawl("tmdb_trending", *arguments).status == 0
            return sorted(path.rpartition("/")[2] for path in site.paths() if path.startswith("/t/p"))

        assert set(pictures_asked_for()) == {"old.jpg"}
        assert {reject["reason"] for reject in home.records("rejects").values()} == {"gone"}
        assert pictures_asked_for() == []
        assert home.stats["pictures/gone"] == 2
        assert [document["images"]["poster"]["file"] for document in home.documents().values()] == [None, None]
        posters["1"] = "/new.jpg"
        assert pictures_asked_for("force=1") == ["new.jpg", "old.jpg"]
        one, two = home.documents().values()
        whole(home, one)
        assert "gone" not in one["images"]["poster"]
        assert two["images"]["poster"]["gone"]["url"].endswith("/old.jpg")


def test_a_cdn_that_has_no_picture_at_all_is_not_believed(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        if asked.path.startswith("/3/"):
            return film(int(name), poster_path=f"/{name}.jpg")
        return picture(500, 750) if asked.path.startswith("/t/p/") else Answer(b"", 404)

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})
        ended = home.crawl("tmdb_titles", "ids=1,2,3,4,5,6", TMDB_IMAGE_BASE_URLS=site.url)
        assert ended.status == 1
        (line,) = [line for line in ended.lines if "ERROR" in line]
        assert f"{site.url} reports 6 of 6 pictures as missing, which is not plausible" in line
        assert all(not document["images"] for document in home.documents().values())
        assert home.crawl("tmdb_titles", "ids=1,2,3,4,5,6").status == 0
    for document in home.documents().values():
        whole(home, document)


def test_a_body_that_is_no_picture_is_a_reject_and_the_film_stays(tmp_path: Path) -> None:
    html = Answer(b"<html>Sorry</html>", 200, {"Content-Type": "text/html"})
    good = picture(500, 750)
    bodies = {
        "html.jpg": html,
        "lies.jpg": html._replace(headers={"Content-Type": "image/jpeg"}),
        "empty.jpg": Answer(b"", 200, {"Content-Type": "image/jpeg"}),
        "half.jpg": good._replace(body=good.body[: len(good.body) // 2]),
        "broken.jpg": good._replace(body=good.body[:3] + b"\0" * 500 + good.body[503:]),
        "gone.jpg": Answer(b"", 404, {"Content-Type": "text/html"}),
        "forbidden.jpg": Answer(b"", 403, {"Content-Type": "text/html"}),
        "unauthorised.jpg": Answer(b'{"status_code": 7}', 401),
        "huge.jpg": picture(9000, 6000),
        "good.jpg": good,
    }

    def answer(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        return bodies[name] if name in bodies else film(int(name), poster_path=f"/{list(bodies)[int(name) - 1]}")

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1"})
        ended = home.crawl("tmdb_titles", f"ids={','.join(str(id + 1) for id in range(len(bodies)))}")
    assert ended.status == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    films = home.documents()
    assert len(films) == len(bodies)
    assert [id for id, document in films.items() if document["images"].get("poster", {}).get("file")] == [len(bodies)]
    rejects = {row["url"].rpartition("/")[2]: (row["reason"], row["tries"]) for row in home.records("rejects").values()}
    assert rejects == {
        "html.jpg": ("garbage", 5),
        "lies.jpg": ("garbage", 5),
        "empty.jpg": ("garbage", 5),
        "half.jpg": ("garbage", 5),
        "broken.jpg": ("picture", 1),
        "gone.jpg": ("gone", 1),
        "forbidden.jpg": ("blocked", 2),
        "unauthorised.jpg": ("refused", 1),
        "huge.jpg": ("picture", 1),
    }
    keys = [asked for asked in site.asked if asked.path.startswith("/t/p") and "Authorization" in asked.headers]
    assert keys == [], "the same origin, but not the API: no key"


def test_pictures_switched_off(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=603", IMAGES_ENABLED="0").status == 0
    assert sandbox.log(server="cdn1") == []
    assert home.documents()[603]["images"] == {}
    assert not (home.data / "images").exists()

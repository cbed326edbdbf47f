"""The egg that scrapyd-deploy builds is complete, and everything in it can be read while it is a zip."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from moviecrawler.distributed.lua_scripts import queue_script
from tests.support.pages import PROJECT
from tests.support.scrapyd import checkout
from tests.support.waiting import patient


def test_the_egg_has_every_file_of_the_package(egg: Path) -> None:
    package = PROJECT / "moviecrawler"
    wanted = {
        path.relative_to(PROJECT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.parts)
    }
    assert len(wanted) > 100
    assert not wanted - set(zipfile.ZipFile(egg).namelist())


def test_the_egg_has_nothing_else(egg: Path) -> None:
    """No tests, and above all no ``.env``."""
    assert {name.partition("/")[0] for name in zipfile.ZipFile(egg).namelist()} == {"moviecrawler", "EGG-INFO"}


def test_what_the_egg_requires_is_what_requirements_txt_names_without_its_options(egg: Path, tmp_path: Path) -> None:
    required = zipfile.ZipFile(egg).read("EGG-INFO/requires.txt").decode()
    names = [line for line in (PROJECT / "requirements.txt").read_text().splitlines() if line and line[0] not in "#-"]
    assert required.partition("\n\n")[0].splitlines() == names
    project = checkout(tmp_path / "checkout")
    with (project / "requirements.txt").open("a") as file:
        file.write("-c constraints.txt\n--only-binary :all:\n-r requirements-more.txt\n")
    subprocess.run([sys.executable, "setup.py", "--quiet", "egg_info"], cwd=project, check=True, timeout=patient(60))
    assert (project / "moviecrawler.egg-info" / "requires.txt").read_text() == required


def test_the_data_of_the_package_are_read_out_of_the_zip(egg: Path, tmp_path: Path) -> None:
    """The sandbox needs them all, its tables and its photographs: it is served from the egg here."""
    environment = {**os.environ, "PYTHONPATH": str(egg)}
    served = subprocess.run(
        [sys.executable, "-m", "moviecrawler.sandbox", "--quiet", "--", sys.executable, "-c", _CRAWL],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=patient(60),
    )
    assert served.returncode == 0, served.stderr
    where, *kinds = served.stdout.split()
    assert where.startswith(str(egg))
    assert kinds == ["image/jpeg", "image/jpeg"]


def test_lua_scripts_are_loaded_out_of_the_zip(egg: Path, tmp_path: Path) -> None:
    code = "from moviecrawler.distributed import lua_scripts as s; print(s.__file__); print(s.queue_script('renew'))"
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(egg)},
        capture_output=True,
        text=True,
        timeout=patient(60),
    )
    assert loaded.returncode == 0, loaded.stderr
    where, code = loaded.stdout.split("\n", 1)
    assert where.startswith(str(egg))
    assert code.strip() == queue_script("renew").strip()


_CRAWL = """
import json, os, urllib.request, moviecrawler

def get(url):
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["TMDB_ACCESS_TOKEN"]})
    return urllib.request.urlopen(request)

film = json.load(get(os.environ["TMDB_BASE_URL"] + "/trending/movie/day"))["results"][0]
print(moviecrawler.__file__)
for name in ("poster_path", "backdrop_path"):
    print(get(os.environ["TMDB_IMAGE_BASE_URLS"].split(",")[0] + "/original" + film[name]).headers["Content-Type"])
"""

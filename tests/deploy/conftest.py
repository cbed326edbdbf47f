"""One egg, one sandbox and one Scrapyd with the egg on it, for all tests of the room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Home
from tests.support.sandbox import Sandbox
from tests.support.scrapyd import KEY, Scrapyd, checkout, deploy, running


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("deploy") / "checkout")


@pytest.fixture(scope="session")
def egg(project: Path) -> Path:
    built = deploy(project, "--build-egg", "moviecrawler.egg")
    assert built.returncode == 0, built.stderr
    return project / "moviecrawler.egg"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--quiet", "--movies", "300") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Home:
    """Where the jobs of Scrapyd put their data, and where commands look at them."""
    return Home(tmp_path_factory.mktemp("deploy") / "home", {**FAST, **sandbox.env})


@pytest.fixture(scope="session")
def scrapyd(
    tmp_path_factory: pytest.TempPathFactory, egg: Path, project: Path, sandbox: Sandbox, home: Home
) -> Iterator[Scrapyd]:
    """With the egg; the keys and DATA_DIR are in its environment."""
    settings = {**FAST, **sandbox.env, "CACHE_URI": "", "TMDB_ACCESS_TOKEN": KEY, "DATA_DIR": str(home.data)}
    with running(tmp_path_factory.mktemp("deploy") / "scrapyd", settings) as server:
        deployed = deploy(project, "elsewhere", "--egg", str(egg), **server.credentials)
        assert '"status": "ok"' in deployed.stdout, deployed.stdout + deployed.stderr + server.said
        yield server

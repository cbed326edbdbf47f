"""The files of docs/deploy: their syntax, and that every setting, spider, command, file and unit in them exists."""

import re
import shlex
from collections.abc import Iterator
from configparser import ConfigParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapyd.config import Config

from moviecrawler.config import all_settings
from tests.support.pages import DOCS, PROJECT

FOLDER = DOCS / "deploy"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".service", ".timer"))
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

_SCRAPYDS_OWN = {"SCRAPYD_BIND_ADDRESS"}
_SERVERS_OWN = {"REDISCLI_AUTH", "MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"}
_PASSWORDS = {"REDIS_PASSWORD", "MONGODB_PASSWORD"}
"""What only the compose file reads."""


def _settings() -> set[str]:
    return all_settings().keys() | _SCRAPYDS_OWN


def _can_be_run(line: str) -> None:
    """A line that begins with ``scrapy``: its command exists, and a spider takes its arguments."""
    words = shlex.split(line)
    assert words[0].rpartition("/")[2] == "scrapy"
    assert (PROJECT / "moviecrawler" / "commands" / f"{words[1]}.py").is_file()
    if words[1] == "crawl":
        spider = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["moviecrawler.spiders"]})).load(words[2])
        spider.parse_arguments(dict(pair.split("=", 1) for option, pair in pairwise(words) if option == "-a"))


# --- Compose ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_whole(name: str) -> None:
    service = SERVICES[name]
    assert "image" in service
    assert set(service.get("environment", {})) <= _settings() | _SERVERS_OWN
    assert set(service.get("depends_on", {})) <= SERVICES.keys()
    for waited, how in service.get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[waited]
    for volume in service["volumes"]:
        source = volume.partition(":")[0]
        assert (PROJECT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]


def test_the_stack_has_all_its_parts() -> None:
    assert {"redis", "mongodb", "scrapyd", "worker", "schedule", "deploy"} == SERVICES.keys()


@pytest.mark.parametrize("name", [name for name in SERVICES if "build" in SERVICES[name]])
def test_a_service_of_ours_is_built_and_keeps_its_data_in_one_place(name: str) -> None:
    service = SERVICES[name]
    assert (PROJECT / service["build"]["dockerfile"]).is_file()
    assert Path(service["environment"]["DATA_DIR"]).is_absolute()
    assert any(volume.partition(":")[2] == service["environment"]["DATA_DIR"] for volume in service["volumes"])


@pytest.mark.parametrize("name", ["schedule", "worker"])
def test_the_command_of_a_service_exists(name: str) -> None:
    _can_be_run(SERVICES[name]["command"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_cannot_take_all_memory(name: str) -> None:
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


def test_every_server_asks_for_a_password_that_the_workers_have() -> None:
    told = SERVICES["worker"]["environment"]
    assert "${MONGODB_PASSWORD:?" in told["STORE_URI"]
    assert SERVICES["mongodb"]["environment"]["MONGO_INITDB_ROOT_PASSWORD"] == "${MONGODB_PASSWORD}"
    assert "${REDIS_PASSWORD:?" in told["CACHE_URI"]
    assert "${REDIS_PASSWORD}" in told["REDIS_URL"]
    assert SERVICES["redis"]["environment"]["REDISCLI_AUTH"] == "${REDIS_PASSWORD}"
    assert '--requirepass "$$REDISCLI_AUTH"' in SERVICES["redis"]["command"][2]


def test_nothing_but_scrapyd_is_open_and_that_only_to_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"scrapyd": ["127.0.0.1:6800:6800"]}


def test_the_dockerfile_copies_what_is_there_and_installs_what_the_tests_use() -> None:
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    instructions = re.findall(r"^([A-Z]+) ", text.replace("\\\n", " "), re.MULTILINE)
    assert set(instructions) <= {"FROM", "RUN", "WORKDIR", "COPY", "USER", "CMD"}
    for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE):
        assert all((PROJECT / source).exists() for source in line.split()[:-1]), line
    tested = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    for name in ("scrapyd", "scrapyd-client", "setuptools"):
        pinned = next(line for line in tested if re.split(r"[=~><]", line)[0] == name)
        assert pinned in text


# --- systemd ----------------------------------------------------------------------------------------------------


def _unit(path: Path) -> ConfigParser:
    unit = ConfigParser(strict=False, interpolation=None, delimiters="=", comment_prefixes=("#", ";"))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_what_it_needs(path: Path) -> None:
    unit = _unit(path)
    kind = {".service": "Service", ".timer": "Timer"}[path.suffix]
    assert set(unit.sections()) <= {"Unit", kind, "Install"}
    assert unit["Unit"]["Description"]
    assert path.read_text(encoding="utf-8").startswith(f"# /etc/systemd/system/{path.name}")
    if kind == "Timer":
        assert unit["Timer"]["OnCalendar"]
        assert (FOLDER / unit["Timer"]["Unit"]).is_file()
    else:
        service = unit["Service"]
        assert service["User"] != "root"
        assert service["ExecStart"].startswith("/")
        assert Path(service["WorkingDirectory"]).is_absolute()
        assert service["EnvironmentFile"] == "/etc/moviecrawler.env"


@pytest.mark.parametrize(
    "path", [path for path in UNITS if path.suffix == ".service" and path.stem != "scrapyd"], ids=lambda path: path.name
)
def test_the_command_of_a_unit_exists(path: Path) -> None:
    _can_be_run(_unit(path)["Service"]["ExecStart"])


def _named_settings(path: Path) -> Iterator[str]:
    """Words that look like one of our settings, in comments too."""
    yield from re.findall(r"\b(?:[A-Z]+_)+[A-Z]+\b", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_setting_that_a_file_names_exists(path: Path) -> None:
    assert set(_named_settings(path)) <= _settings() | _SERVERS_OWN | _PASSWORDS


# --- Scrapyd ----------------------------------------------------------------------------------------------------


def test_scrapyd_conf_has_only_options_that_scrapyd_knows() -> None:
    ours = ConfigParser()
    ours.read(FOLDER / "scrapyd.conf", encoding="utf-8")
    defaults = Config().cp  # of the version that is installed
    assert ours.sections() == ["scrapyd"]
    assert set(ours["scrapyd"]) <= set(defaults["scrapyd"])
    assert ours["scrapyd"]["bind_address"] == "127.0.0.1"
    assert ours["scrapyd"]["jobstorage"] == "scrapyd.jobstorage.SqliteJobStorage"

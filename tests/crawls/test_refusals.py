"""Wrong arguments, settings and keys: one line that says what is allowed, before anything is asked."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.cmdline import execute
from scrapy.settings import Settings

from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "30")
Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs ``scrapy`` in this process (a table of fifty wrong words is no work for fifty processes).

    Returns the one line with which it has to end.
    """
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = moviecrawler.settings\n")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        settings = Settings()
        settings.setmodule("moviecrawler.settings", priority="project")
        with pytest.raises(SystemExit) as end:
            execute(["scrapy", words[0], "-s", "TMDB_ACCESS_TOKEN=any", *words[1:]], settings=settings)
        said = capsys.readouterr()
        assert (end.value.code, said.out) == (2, "")
        (line,) = said.err.splitlines()
        return line

    return run


@pytest.mark.parametrize(
    ("spider", "argument", "allowed"),
    [
        ("tmdb_trending", "media=film", "movies, shows or all"),
        ("tmdb_trending", "window=month", "day or week"),
        ("tmdb_trending", "pages=0", "from 1 to 500"),
        ("tmdb_trending", "pages=501", "from 1 to 500"),
        ("tmdb_trending", "limit=many", "from 1 to 10000"),
        ("tmdb_trending", "force=maybe", "0 or 1"),
        ("tmdb_trending", "page=1", "force, limit, media, pages, window"),
        ("tmdb_discover", "start_year=MMXX", "from 1874 to 2100"),
        ("tmdb_discover", "start_year=2024.5", "from 1874 to 2100"),
        ("tmdb_discover", "end_year=1066", "from 1874 to 2100"),
        ("tmdb_discover", "min_votes=-1", "0 or more"),
        ("tmdb_discover", "max_pages=", "1 or more"),
        ("tmdb_discover", "region=usa", "US"),
        ("tmdb_discover", "with_original_language=English", "en"),
        ("tmdb_discover", "genre=splatter", "horror"),
        ("tmdb_titles", "ids=603,abc", "603,movies/550,shows/1396"),
        ("tmdb_titles", "ids=", "603,movies/550,shows/1396"),
        ("tmdb_titles", "ids=people/3", "603,movies/550,shows/1396"),
    ],
)
def test_a_wrong_argument_is_one_line(refused: Refused, spider: str, argument: str, allowed: str) -> None:
    line = refused("crawl", spider, "-a", argument)
    name, _, value = argument.partition("=")
    assert f"{name}={value!r}" in line
    assert allowed in line


def test_a_missing_argument_an_unknown_spider_and_years_in_the_wrong_order(refused: Refused) -> None:
    assert "ids is missing" in refused("crawl", "tmdb_titles")
    assert "tmdb_titles, tmdb_trending" in refused("crawl", "tmdb_trendy")
    years = ("-a", "start_year=2024", "-a", "end_year=2020")
    assert "end_year=2020" in refused("crawl", "tmdb_discover", *years)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("exprot movies", "scrapy: no command 'exprot'; there are: .*; did you mean export\\?"),
        ("xyz", "scrapy: no command 'xyz'; there are: .*, collect, crawl, doctor, due, .*"),
        ("crawl tmdb_trending -a pagse=2", "unknown argument pagse='2'; .*; did you mean pages\\?"),
        ("crawl tmdb_trending -a Force=1", "unknown argument Force='1'; .*; did you mean force\\?"),
        ("crawl tmdb_discover -a max-pages=2", ".*; did you mean max_pages\\?"),
        ("crawl tmdb_trendin", "no spider 'tmdb_trendin'; .*; did you mean tmdb_trending\\?"),
        ("crawl discover", "no spider 'discover'; .*; did you mean tmdb_discover\\?"),
        ("crawl xyz", "no spider 'xyz'; there are: .*tmdb_trending"),
        ("crawl", "scrapy crawl: name one spider: collect, omdb, .*"),
        ("crawl tmdb_trending limit=3", "scrapy crawl: a spider argument must follow -a: -a limit=3"),
        ("crawl omdb the_numbers", "scrapy crawl: name one spider: .*"),
        ("crawl collect -O films.jsonl", "scrapy crawl collect: writes no feed; .*"),
        ("crawl collect -a max_pages=1", "collect: max_pages is for discovery, which needs start_year"),
        ("crawl omdb -a limit", "scrapy crawl: Invalid -a value, use -a NAME=VALUE"),
        ("crawl omdb --overwrite-outptu x", ".* no option --overwrite-outptu; did you mean --overwrite-output\\?"),
        ("collect --refresh-limt=3", ".* there is no option --refresh-limt; did you mean --refresh-limit\\?"),
        ("collect --refresh-limit", "scrapy collect: argument --refresh-limit: expected one argument"),
        ("collect --sources tmbd", "scrapy collect: argument --sources='tmbd': must be some of tmdb, omdb, .*"),
        ("due --recompte", "scrapy due: there is no option --recompte; did you mean --recompute\\?"),
        ("due --source tmbd", ".*; did you mean tmdb\\?"),
        ("stats --jsno", "scrapy stats: there is no option --jsno; did you mean --json\\?"),
        ("stats -x", "scrapy stats: there is no option -x"),
        ("match --acept the_numbers/x 603", "scrapy match: there is no option --acept; did you mean --accept\\?"),
        ("lock 603 --titel=x", "scrapy lock: there is no option --titel"),
        ("lock 603 runtme=5", ".*; did you mean runtime\\?"),
        ("unlock 603 --al1", "scrapy unlock: there is no option --al1; did you mean --all\\?"),
        ("reparse --sorce omdb", "scrapy reparse: there is no option --sorce; did you mean --source\\?"),
        ("export movie", "scrapy export: name one kind: .*; did you mean movies\\?"),
        ("cache stat", "scrapy cache: name one of .*; did you mean stats\\?"),
        ("cache stats --endpoint tredning", ".*; did you mean trending\\?"),
        ("queue --retry-ded", "scrapy queue: there is no option --retry-ded; did you mean --retry-dead\\?"),
        ("schedule --onec", "scrapy schedule: there is no option --onec; did you mean --once\\?"),
        ("sandbox --flaut x -- scrapy list", "scrapy sandbox: there is no option --flaut; did you mean --fault\\?"),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_one_line_with_a_suggestion(refused: Refused, words: str, line: str) -> None:
    said = refused(*words.split())
    assert re.fullmatch(f"(.*: )?{line}", said), said


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("TMDB_RATE", "fast", "a number"),
        ("TMDB_RATE", "-1", "0 or more"),
        ("TMDB_BURST", "0", "1 or more"),
        ("TMDB_CONCURRENCY", "2.5", "a whole number"),
        ("TMDB_BASE_URL", "api.themoviedb.org", "http"),
        ("TMDB_IMAGE_BASE_URLS", " , ", "http"),
        ("TMDB_EXPORT_BASE_URL", "ftp://files.tmdb.org", "http"),
        ("OMDB_API_KEY", "two words", "letters, digits and signs"),
        ("OMDB_BASE_URL", "www.omdbapi.com", "http"),
        ("OMDB_RATE", "-1", "0 or more"),
        ("OMDB_BURST", "none", "a whole number"),
        ("OMDB_CONCURRENCY", "0", "1 or more"),
        ("OMDB_DAILY_QUOTA", "-1", "0: no quota"),
        ("OMDB_DAILY_QUOTA", "many", "a whole number"),
        ("THE_NUMBERS_ENABLED", "please", "0 or 1"),
        ("THE_NUMBERS_DELAY", "-1", "seconds"),
        ("THE_NUMBERS_DELAY", "nan", "seconds"),
        ("THE_NUMBERS_BASE_URL", "https://api.themoviedb.org/3", "must be in one of them only"),
        ("REFRESH_TMDB", "5,15,30", "four whole numbers"),
        ("REFRESH_OMDB", "5,30,90,181", "1 to 180"),
        ("REFRESH_THE_NUMBERS", "weekly", "a whole number"),
        ("REFRESH_FREEZE_AFTER", "0", "1 or more"),
        ("REFRESH_ORDER", "oldest", "newest, popular, score"),
        ("STORE_URI", "mysql://localhost/films", "sqlite:///"),
        ("STORE_URI", "sqlite://films.db", "sqlite:///"),
        ("STORE_SYNCHRONOUS", "MAYBE", "OFF, NORMAL, FULL"),
        ("STORE_PATIENCE", "long", "a number"),
        ("LANGUAGES", "english", "en-US"),
        ("FILTER_ENABLED", "maybe", "0 or 1"),
        ("FILTER_MIN_VOTES", "ten", "a whole number"),
        ("FILTER_MIN_RATING", "11", "0 to 10"),
        ("FILTER_PATTERNS", "(concert", "regular expressions of Python"),
        ("IMAGES_ENABLED", "maybe", "0 or 1"),
        ("IMAGES_FORMAT", "gif", "jpeg, webp, avif, auto"),
        ("IMAGES_QUALITY", "best", "high, medium, low"),
        ("IMAGES_POSTER_SIZES", "big", "w500"),
        ("IMAGES_MAX_FILE_MB", "0", "above 0"),
        ("IMAGES_CONCURRENCY", "none", "a whole number"),
        ("OVERLAY_FONTS", "/no/such/font.ttf", "/no/such/font.ttf"),
        ("OVERLAY_SUBTITLE", "yes", "auto, original, languages, off"),
        ("CONNECT_TIMEOUT", "0", "more than 0"),
        ("DOWNLOAD_TIMEOUT", "soon", "a number"),
        ("DOWNLOAD_MAXSIZE", "abc", "a whole number"),
        ("RETRY_TRIES", "0", "1 or more"),
        ("RETRY_BASE", "x", "a number"),
        ("PROGRESS_SECONDS", "never", "a number"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("REDIS_URL", "localhost:6379", "redis://host:port/0"),
        ("QUEUE_LEASE_SECONDS", "1", "2.0 or more seconds"),
        ("QUEUE_MAX_DELIVERIES", "0", "1 or more"),
        ("WORKER_IDLE_SECONDS", "-1", "0 or more seconds"),
        ("CSV_DEFUSED", "perhaps", "must be 0 or 1"),
    ],
)
def test_a_wrong_setting_is_one_line(refused: Refused, setting: str, value: str, allowed: str) -> None:
    line = refused("crawl", "tmdb_trending", "-s", f"{setting}={value}")
    assert setting in line
    assert allowed in line


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TMDB_RATES", "TMDB_RATE"),
        ("OMDB_KEY", "OMDB_API_KEY"),
        ("IMAGE_FORMAT", "IMAGES_FORMAT"),
        ("tmdb_rate", "TMDB_RATE"),
    ],
)
@pytest.mark.parametrize("command", ["crawl tmdb_trending", "collect", "due", "stats", "export movies", "cache stats"])
def test_a_misspelt_setting_is_one_line_with_a_suggestion(
    refused: Refused, command: str, name: str, meant: str
) -> None:
    line = refused(*command.split(), "-s", f"{name}=1")
    assert line == f"-s {name}: there is no such setting; did you mean {meant}?"


def test_a_misspelt_setting_is_refused_in_the_env_file_and_a_line_in_the_environment(
    sandbox: Sandbox, home: Home
) -> None:
    (env := home.folder / ".env").write_text("TMDB_RAT=5\n")
    ended = home.crawl("tmdb_titles", "ids=550")
    assert (ended.status, ended.lines) == (2, [".env: TMDB_RAT: there is no such setting; did you mean TMDB_RATE?"])
    assert sandbox.log() == []
    env.write_text("REDIS_PASSWORD=of-compose\nHTTP_TIMEOUT=5\n")
    ended = home.crawl(
        "tmdb_titles", "ids=550", TMDB_RAT="5", REDIS_PORT_6379_TCP="tcp://x", TMDB_PORT_80_TCP_PROTO="tcp"
    )
    assert ended.status == 0
    assert [line for line in ended.lines if "no such setting" in line] == [
        "TMDB_RAT in the environment: there is no such setting; did you mean TMDB_RATE?"
    ]


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("tmdb_trending", "media=film"), {}, "media='film'"),
        (("tmdb_titles", "ids=603"), {"TMDB_RATE": "fast"}, "TMDB_RATE='fast'"),
        (
            ("tmdb_trending",),
            {"REDIS_URL": "redis://:s3cret@127.0.0.1:1/0"},
            "Redis 127.0.0.1:1/0: no connection; start it, cor",
        ),
        (("tmdb_trending",), {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL='LOUD'"),
        (("tmdb_trending",), {"SCRAPYD_USERNAME": "me"}, "SCRAPYD_PASSWORD: must be set together with"),
        (("tmdb_trending",), {"FILTER_PATTERNS": "(a{999}){999}"}, "must not repeat anything more than 10000 times"),
    ],
)
def test_wrong_usage_requests_and_writes_nothing(
    sandbox: Sandbox, home: Home, arguments: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    ended = home.crawl(*arguments, **settings)
    assert (ended.status, len(ended.lines), ended.stdout) == (2, 1, "")
    assert says in ended.stderr
    assert sandbox.log() == []
    assert not home.database.exists()


def test_without_a_key_nothing_is_requested_and_the_line_says_what_to_do(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_trending", TMDB_ACCESS_TOKEN="", TMDB_API_KEY="")
    assert (ended.status, len(ended.lines)) == (2, 1)
    for hint in ("TMDB_ACCESS_TOKEN", "https://www.themoviedb.org/settings/api", "scrapy sandbox --"):
        assert hint in ended.stderr
    assert sandbox.log() == []


@pytest.mark.parametrize("spider", [("tmdb_trending",), ("tmdb_titles", "ids=11,12,13,14,15,16,17,18,19,20,21")])
@pytest.mark.parametrize("name", ["TMDB_ACCESS_TOKEN", "TMDB_API_KEY"])
def test_a_wrong_key_costs_one_request_and_one_line(
    sandbox: Sandbox, home: Home, spider: tuple[str, ...], name: str
) -> None:
    sandbox.settings(key="the-right-key")
    keys = {"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": "", name: "a-wrong-key"}
    ended = home.crawl(*spider, **keys)
    assert ended.status == 1
    assert len(sandbox.log()) == 1
    (line,) = [line for line in ended.lines if "refused the key" in line]
    assert "https://www.themoviedb.org/settings/api" in line
    assert "Traceback" not in ended.stderr
    assert "ERROR" not in ended.stderr.replace(line, "")
    assert "a-wrong-key" not in ended.stderr
    assert home.last_run["finish_reason"] == "wrong_key"
    assert home.records("rejects") == {}


def test_a_key_of_either_setting_is_sent(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(key="the-right-key")
    assert home.crawl("tmdb_titles", "ids=550", TMDB_ACCESS_TOKEN="", TMDB_API_KEY="the-right-key").status == 0
    assert home.crawl("tmdb_titles", "ids=550", TMDB_ACCESS_TOKEN="the-right-key", TMDB_API_KEY="wrong").status == 0
    assert home.crawl("tmdb_titles", "ids=550", TMDB_ACCESS_TOKEN=" the-right-key\n", TMDB_API_KEY="").status == 0
    assert [(entry["credential"], entry["status"]) for entry in sandbox.log()] == [
        ("query", 200),
        ("header", 200),
        ("header", 200),
    ]


def test_an_unencrypted_key_is_one_warning(sandbox: Sandbox, home: Home) -> None:
    bases = f"{sandbox.env['TMDB_BASE_URL']},http://api.invalid/3"
    ended = home.crawl("tmdb_titles", "ids=550", TMDB_BASE_URL=bases, TMDB_ACCESS_TOKEN="any")
    warnings = [line for line in ended.lines if "WARNING" in line]
    assert len(warnings) == 1
    assert warnings[0].endswith("http://api.invalid/3: the key is sent unencrypted; use https://")


@pytest.mark.parametrize("key", ["two words", "schlüssel", "zero\u200bwidth"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(sandbox: Sandbox, home: Home, key: str) -> None:
    ended = home.crawl("tmdb_titles", "ids=550", TMDB_ACCESS_TOKEN=key)
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert "TMDB_ACCESS_TOKEN" in ended.stderr
    assert key not in ended.stderr
    assert sandbox.log() == []


def test_env_file_environment_and_command_line_in_rising_order(
    sandbox: Sandbox, make_home: Callable[..., Home]
) -> None:
    home = make_home()
    del home.settings["TMDB_RATE"]  # type: ignore[attr-defined]
    (home.folder / ".env").write_text("DATA_DIR=of-env-file\nTMDB_BURST=7\nTMDB_ACCESS_TOKEN=of-the-file\n")
    assert home.crawl("tmdb_titles", "ids=550").status == 0
    assert (home.folder / "of-env-file" / "movies.db").exists()
    assert home.crawl("tmdb_titles", "ids=550", DATA_DIR="of-environment").status == 0
    assert (home.folder / "of-environment" / "movies.db").exists()
    ended = home.crawl("tmdb_titles", "ids=550", options=("-s", "DATA_DIR=of-s"), DATA_DIR="of-environment-2")
    assert ended.status == 0, ended.stderr
    assert (home.folder / "of-s" / "movies.db").exists()
    assert not (home.folder / "of-environment-2").exists()
    assert home.crawl("tmdb_titles", "ids=550", options=("-s", "TMDB_BURST=none")).status == 2
    assert home.crawl("tmdb_titles", "ids=550", TMDB_BURST="none").status == 2
    assert home.crawl("tmdb_titles", "ids=550", options=("-s", "TMDB_BURST=9"), TMDB_BURST="none").status == 0

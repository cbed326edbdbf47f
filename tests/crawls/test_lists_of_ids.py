"""`scrapy crawl tmdb_titles`: ids of every form, and lists of them as people keep them."""

import asyncio
import subprocess
import sys
from collections import Counter

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Write
from tests.support.ageing import age
from tests.support.crawl import ROOT, Home, paths
from tests.support.films import film
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")

LETTERBOXD = """\
Letterboxd list export v7
Date,Name,Tags,URL,Description
2026-01-01,Watched twice,,https://boxd.it/aaaa,"Two lines,
of a description"

Position,Name,Year,URL,Description
1,The Matrix,1999,https://boxd.it/bbbb,"It says ""whoa"",
on two lines"
2,Spirited Away,2001,https://boxd.it/cccc,
"""
IMDB = """\
Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,Year
1,tt0133093,2026-01-01,2026-01-01,,The Matrix,The Matrix,https://www.imdb.com/title/tt0133093,Movie,8.7,1999
2,tt0903747,2026-01-01,2026-01-01,,Breaking Bad,Breaking Bad,https://www.imdb.com/title/tt0903747,TV Series,9.5,2008
3,nm0000206,2026-01-01,2026-01-01,,Keanu Reeves,,https://www.imdb.com/name/nm0000206,,,
"""


def write(home: Home, text: str, name: str = "list.csv") -> str:
    (home.folder / name).write_bytes(text.encode())
    return f"ids=@{name}"


def test_every_form_of_an_id_and_find_only_for_what_is_not_stored(sandbox: Sandbox, home: Home) -> None:
    forms = (
        "https://www.themoviedb.org/movie/603-the-matrix",
        "https://www.themoviedb.org/tv/1396-breaking-bad?language=de",
        "550",
        "https://www.imdb.com/title/tt0245429/",
        "tt9999998",
    )
    ended = home.crawl("tmdb_titles", f"ids={','.join(forms)}")
    assert ended.status == 0, ended.stderr
    found = {"/find/tt0245429": 1, "/find/tt9999998": 1, "/movie/129": 1}
    assert Counter(paths(sandbox.log())) == {"/movie/603": 1, "/tv/1396": 1, "/movie/550": 1, **found}
    assert (home.documents().keys(), home.documents("shows").keys()) == ({129, 550, 603}, {1396})
    assert "TMDB knows no film or show with the IMDb id tt9999998" in ended.stderr
    assert (home.stats["titles/found"], home.stats["misses/tmdb/unknown"]) == (5, 1)
    assert any(line.split() == ["1", "without", "an", "answer:", "1", "unknown"] for line in ended.lines)
    assert "not requested" not in ended.stderr

    sandbox.clear_log()
    assert home.crawl("tmdb_titles", "ids=tt0245429,tt0133093,603,movies/129").status == 0
    assert Counter(paths(sandbox.log())) == {"/movie/129": 1, "/movie/603": 1}, "stored: no find; due or not"
    assert (home.stats["titles/found"], home.stats["refresh/skipped/asked_already"]) == (4, 2)


def test_a_list_asks_for_what_is_due_and_force_for_all(sandbox: Sandbox, home: Home) -> None:
    ids = write(home, "\ufeff603\r\n\r\ntt0133093\r\nshows/1396\r\n603\r\n", "ids.txt")
    assert home.crawl("tmdb_titles", ids).status == 0
    assert Counter(paths(sandbox.log())) == {"/find/tt0133093": 1, "/movie/603": 1, "/tv/1396": 1}
    sandbox.clear_log()
    assert home.crawl("tmdb_titles", ids).status == 0
    assert sandbox.log() == []
    assert (home.stats["titles/found"], home.stats["refresh/skipped/not_due"]) == (3, 2)
    age(home, 100, [603])
    assert home.crawl("tmdb_titles", ids).status == 0
    assert paths(sandbox.log()) == ["/movie/603"]
    sandbox.clear_log()
    assert home.crawl("tmdb_titles", ids, "force=1").status == 0
    assert Counter(paths(sandbox.log())) == {"/movie/603": 1, "/tv/1396": 1}


def test_what_a_list_names_is_not_filtered_and_a_tombstone_stays_one(sandbox: Sandbox, home: Home) -> None:
    sandbox.patch("movie", 603, adult=True, vote_count=1)
    assert home.crawl("tmdb_titles", write(home, "603\n680\n", "ids.txt")).status == 0
    assert home.documents().keys() == {603, 680}
    sandbox.remove("movie", 680)
    for _ in range(2):
        age(home, 200)
        assert home.crawl("tmdb_titles", "ids=680").status == 0
    assert home.documents()[680]["sources"]["tmdb"]["gone_at"]
    sandbox.clear_log()
    assert home.crawl("tmdb_titles", "ids=@ids.txt").status == 0
    assert paths(sandbox.log()) == ["/movie/603"]
    assert home.stats["refresh/skipped/gone"] == 1


def test_lists_of_imdb_and_letterboxd(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_titles", write(home, IMDB))
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete"), "a person is no title"
    assert "list.csv, line 4: '3,nm0000206" in ended.stderr
    assert "list.csv: 1 line is no title and was left out" in ended.stderr
    assert (home.documents().keys(), home.documents("shows").keys()) == ({603}, {1396})
    sandbox.clear_log()
    ended = home.crawl("tmdb_titles", write(home, LETTERBOXD))
    assert ended.status == 0, ended.stderr
    assert home.documents().keys() == {603, 129}
    assert Counter(paths(sandbox.log())) == {"/search/movie": 2, "/movie/129": 1}, "Letterboxd has no ids"


def test_what_cannot_be_read_is_named_with_its_line_and_the_rest_goes_on(sandbox: Sandbox, home: Home) -> None:
    wrong = "".join(f"nonsense {number}\n" for number in range(30))
    ended = home.crawl("tmdb_titles", write(home, f"603\n{wrong}\x1b[31mtt1\n0\n99999999999\n550\n", "ids.txt"))
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete")
    assert home.documents().keys() == {603, 550}
    assert (home.stats["list/unread"], home.stats["incomplete/lines"]) == (33, 1)
    assert [line.partition("line ")[2] for line in ended.lines if "is no title" in line] == [
        f"{number + 2}: 'nonsense {number}' is no title" for number in range(10)
    ]
    assert "ids.txt: 33 lines are no title and were left out; correct this, then run again" in ended.stderr
    assert "\x1b" not in ended.stderr


def test_a_list_from_a_pipe(sandbox: Sandbox, home: Home) -> None:
    command = [sys.executable, "-m", "scrapy", "crawl", "tmdb_titles", "-a", "ids=@-"]
    environment = {**home.settings, "PYTHONPATH": str(ROOT), "CACHE_URI": "", "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(command, cwd=home.folder, env=environment, input=b"603\n", capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert home.documents().keys() == {603}


def test_a_list_that_is_not_there_is_one_line(home: Home) -> None:
    for ids, why in (
        ("@nowhere.csv", f"there is no {home.folder / 'nowhere.csv'}"),
        ("@.", ". is a folder"),
        ("@", "its name is missing"),
    ):
        ended = home.crawl("tmdb_titles", f"ids={ids}")
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert f"argument ids='{ids}': must be a list that can be read: {why}" in ended.stderr


async def fill(home: Home, many: int) -> None:
    """Store as many invented films that are not due."""
    store = open_store(f"sqlite:///{home.database}", data_dir=home.data, synchronous="OFF")
    await store.open()
    try:
        for first in range(1, many + 1, 1000):
            films = [film(id) for id in range(first, first + 1000)]
            for one in films:
                one["sources"]["tmdb"]["next_refresh_at"] = "2100-01-01T00:00:00.000Z"
            await store.documents.write([Write("movies", one["_id"], one, None) for one in films])
    finally:
        await store.close()


def memory_of(home: Home, ids: str) -> int:
    """Bytes that a crawl of the list has needed, at most."""
    program = (
        "import resource, sys; from moviecrawler.run import crawl; "
        "result = crawl('tmdb_titles', ids=sys.argv[1], settings={'LOG_ENABLED': False}); "
        "print(result.exit_status, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    environment = {**home.settings, "PYTHONPATH": str(ROOT), "CACHE_URI": "", "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(
        [sys.executable, "-c", program, ids],
        cwd=home.folder,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    status, size = ended.stdout.split()
    assert status == "0", ended.stderr
    return int(size)


def test_ten_thousand_stored_imdb_ids_cost_no_request_and_hardly_any_memory(sandbox: Sandbox, home: Home) -> None:
    home.data.mkdir()
    asyncio.run(fill(home, 10_000))
    for name, many in (("few.txt", 100), ("all.txt", 10_000)):
        (home.folder / name).write_text("".join(f"tt{id:07}\n" for id in range(1, many + 1)))
    few, all_of_them = memory_of(home, "@few.txt"), memory_of(home, "@all.txt")
    assert sandbox.log() == []
    assert home.stats["titles/found"] == home.stats["refresh/skipped/not_due"] == 10_000
    assert all_of_them - few < 20_000_000, f"{few / 1e6:.0f} MB for 100 ids, {all_of_them / 1e6:.0f} MB for 10,000"


def test_two_hundred_thousand_rows_that_are_not_due_or_wrong(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=603,550").status == 0
    sandbox.clear_log()
    rows = "".join(
        f'{n},"The ""Matrix"", {n}",1999,603\r\n' if n % 100 else f'{n},"Stray,1999,x\r\n' for n in range(200_000)
    )
    (home.folder / "long.csv").write_text(f"\ufeffPosition,Title,Year,tmdbID\r\n{rows}200000,Fight Club,1999,550\r\n")
    ended = home.crawl("tmdb_titles", "ids=@long.csv", seconds=120)
    assert (ended.status, sandbox.log()) == (1, [])
    assert home.stats["list/unread"] == 2_000
    assert (home.stats["titles/found"], home.stats["refresh/skipped/not_due"]) == (2, 2)
    assert "line 2: '0,\"Stray,1999,x' is no title" in ended.stderr

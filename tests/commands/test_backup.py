"""`scrapy backup` and `scrapy restore`, as a user runs them, beside either kind of store."""

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.policy.terminal import COLUMNS, width
from moviecrawler.stores import open_store
from tests.backup.filled import all_of, fill
from tests.backup.test_backup import altered
from tests.commands.stored import Stored


@pytest.fixture
def full(stored: Stored) -> Stored:
    stored.fill(fill)
    return stored


def rows(uri: str) -> Any:
    return asyncio.run(all_of(open_store(uri, access="read")))


def names(stored: Stored) -> list[str]:
    folder = stored.folder / "backups"
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_a_backup_says_what_it_has_and_how_to_bring_it_back(full: Stored) -> None:
    lines = full.done("backup").splitlines()
    (name,) = names(full)
    assert lines[0].startswith("250 films, 1 show and 5 records of ")
    assert lines[1].startswith(f"{full.folder / 'backups' / name}: ")
    assert lines[1].endswith("MB, verified")
    assert lines[-1] == f"to bring it back: scrapy restore {name}"
    (found,) = full.json("backup", "--list")
    (one,) = found["backups"]
    assert one["at_one_moment"] or full.uri.startswith("mongodb")
    assert one["rows"] == {"movies": 250, "shows": 1, "changes": 3, "raw": 1, "runs": 1, "state": 2}


def test_a_backup_is_restored_into_a_file(full: Stored, tmp_path: Path) -> None:
    full.done("backup")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    said = full.done("restore", "latest", STORE_URI=other)
    assert said.startswith("250 films, 1 show and 5 records, as of ")
    assert rows(other) == rows(full.uri)


def test_a_store_with_rows_is_replaced_with_force_only(full: Stored) -> None:
    full.done("backup")
    before = rows(full.uri)
    full.fill(lambda store: store.state.set("later", 1))
    assert "--force replaces all of them" in full.refused(1, "restore", "latest")
    assert "in place of what was there" in full.done("restore", names(full)[0][:10], "--force")
    assert rows(full.uri) == before


def test_json_of_a_backup_and_of_a_restore(full: Stored) -> None:
    (made,) = full.json("backup")
    assert made["name"] == names(full)[0]
    assert made["verified_at"] > made["began_at"]
    assert (made["damaged"], made["removed"]) == ([], [])
    (done,) = full.json("restore", made["name"], "--force")
    assert done == {
        **{"name": made["name"], "store": made["store"], "replaced": True},
        "rows": made["rows"],
        "pictures": 0,
    }


def test_the_list_has_the_newest_first_and_fits(full: Stored) -> None:
    for _ in range(2):
        full.done("backup")
    lines = full.done("backup", "--list").splitlines()
    assert [line.split()[0] for line in lines[1:]] == names(full)[::-1]
    assert lines[1].split()[1:4] == ["250", "1", "5"]
    assert max(map(width, lines)) <= COLUMNS


def copies_of(full: Stored, *days: str) -> list[str]:
    """The only backup, as it would be if it had been made on these days; in its place."""
    folder, (made,) = full.folder / "backups", names(full)
    old = [f"{day}T08-15-30Z" for day in days]
    for name in old:
        shutil.copytree(folder / made, folder / name)
        altered(folder / name, lambda found: found.update(began_at=f"{name[:10]}T08:15:30.000Z"))  # noqa: B023
    shutil.rmtree(folder / made)
    return old


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_rotation_removes_what_is_too_old(full: Stored) -> None:
    full.done("backup")
    today = datetime.now(UTC)
    old = copies_of(full, *(f"{today - timedelta(days=day):%Y-%m-%d}" for day in range(9, 4, -1)))
    (made,) = full.json("backup", "--rotate", "3,0,0")
    assert made["removed"] == old[-3::-1]
    assert names(full) == [*old[-2:], made["name"]]


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_what_tmdbs_terms_do_not_allow_to_keep_is_stripped(full: Stored) -> None:
    full.done("backup")
    (old,) = copies_of(full, "2024-11-01")
    said = full.done("backup", "--rotate")
    assert f"older than TMDB's terms allow, now without its content: {old}\n" in said
    assert names(full)[0] == f"{old}-002"
    assert full.done("backup", "--list").splitlines()[-1].endswith(f"are in: {old}-002")
    (found,) = full.json("backup", "--list")
    assert [one["stripped_at"] is None for one in found["backups"]] == [True, False]
    assert found["backups"][1]["rows"] == {"movies": 250, "runs": 1, "shows": 1}
    assert full.json("backup", "--rotate")[0]["stripped"] == []


@pytest.mark.parametrize("stored", ["sqlite"], indirect=True)
def test_pictures_are_copied_when_somebody_asks_for_them_and_put_back(full: Stored) -> None:
    path = full.folder / "images" / "poster" / "x.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 1000)
    assert "; new: " not in full.done("backup")
    assert "\n1 picture, 0.0 MB; new: 1\n" in full.done("backup", "--pictures")
    (made,) = full.json("backup", "--pictures")
    assert made["pictures"] == {"files": 1, "bytes": 1000}
    path.unlink()
    assert "1 picture that had been missing is back" in full.done("restore", "latest", "--force")
    assert path.read_bytes() == b"x" * 1000
    path.unlink()
    in_pool = next(found for found in (full.folder / "backups" / "pictures").rglob("*") if found.is_file())
    in_pool.write_bytes(b"y" * 1000)
    ended = full.scrapy("backup", "--verify", "latest")
    assert (ended.status, ended.stdout) == (1, f"{made['name']}  damaged\n")
    assert "it was altered: its sha256 is not its name" in ended.stderr
    ended = full.scrapy("restore", "latest", "--force")
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert ended.stderr.endswith("it is not put back\n")


def test_nothing_is_removed_beside_a_backup_that_is_not_verified(full: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    full.done("backup")
    before = names(full)
    shutil.copytree(full.folder / "backups" / before[0], full.folder / "backups" / "2024-11-01T08-15-30Z")
    monkeypatch.setattr("moviecrawler.backup.verify.problems", lambda *_, **__: ["it is damaged"])
    ended = full.scrapy("backup", "--rotate", "1,0,0")
    assert (ended.status, ended.lines[-1]) == (1, "scrapy backup: it is damaged")
    assert "NOT verified" in ended.stdout
    assert len(names(full)) == 3


def test_verify_names_what_is_wrong(full: Stored) -> None:
    for _ in range(2):
        full.done("backup")
    first, second = names(full)
    part = max((full.folder / "backups" / first).glob("*.jsonl.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[100] ^= 1
    part.write_bytes(content)
    ended = full.scrapy("backup", "--verify")
    assert (ended.status, ended.stdout.splitlines()) == (1, [f"{second}  verified", f"{first}  damaged"])
    assert part.name in ended.stderr
    assert full.done("backup", "--verify", "latest") == f"{second}  verified\n"
    ended = full.scrapy("backup", "--verify", first, "--json")
    assert part.name in json.loads(ended.stdout)["backups"][0]["wrong"][0]
    (found,) = full.json("backup", "--list")
    assert [one["verified_at"] is None for one in found["backups"]] == [False, True]
    assert part.name in full.refused(1, "restore", first, "--force")


def test_another_folder(full: Stored, tmp_path: Path) -> None:
    folder = tmp_path / "a b" / "backups"
    full.done("backup", "--to", str(folder))
    assert "there is no backup" in full.refused(1, "restore", "latest", "--force")
    full.done("restore", "latest", "--from", str(folder), "--force")
    assert len(full.json("backup", "--list", "--to", str(folder))[0]["backups"]) == 1


def test_a_folder_that_cannot_be_made_is_one_line(full: Stored, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "not a directory" in full.refused(1, "backup", "--to", str(tmp_path / "file" / "backups"))


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "x"),
        ("backup", "--to", ""),
        ("backup", "--rotate", "7"),
        ("backup", "--rotate", "0,4,5"),
        ("backup", "--list", "--verify"),
        ("backup", "--list", "--rotate"),
        ("backup", "--list", "--pictures"),
        ("backup", "--verify", "--pictures"),
        ("backup", "--verfy"),
        ("restore",),
        ("restore", "a", "b"),
        ("restore", ""),
        ("restore", "../x"),
        ("restore", "/etc/passwd"),
        ("restore", "latest", "--from", ""),
    ],
)
def test_wrong_usage_is_one_line(words: tuple[str, ...], stored: Stored) -> None:
    assert stored.refused(2, *words).startswith(f"scrapy {words[0]}: ")


def test_nothing_stored_is_said(stored: Stored) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "backup")
    assert "there is no backup" in stored.refused(1, "restore", "latest")
    assert "there is no backup" in stored.refused(1, "backup", "--verify")
    assert stored.done("backup", "--list").startswith("no backup is in ")
    assert stored.json("backup", "--list")[0]["backups"] == []


def test_a_name_that_is_none_or_several_is_said(full: Stored) -> None:
    for _ in range(2):
        full.done("backup")
    assert "there is no backup '1999'" in full.refused(1, "restore", "1999")
    assert "2 backups begin with 20" in full.refused(1, "restore", "20")

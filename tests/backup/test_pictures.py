"""Pictures in backups: copied once, read back, put back where they are missing; no link is followed."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.backup import picture_copy
from moviecrawler.backup.folder import backups, remove_backup
from moviecrawler.backup.make import Made, make_backup
from moviecrawler.backup.manifest import read_manifest
from moviecrawler.backup.pictures import POOL, in_pool, read_pictures, remove_unused_pictures
from moviecrawler.backup.restore import Restored, restore
from moviecrawler.backup.verify import problems
from moviecrawler.exceptions import BackupError
from moviecrawler.stores import opened
from moviecrawler.stores.base import Store
from tests.backup.filled import NOW
from tests.backup.test_backup import files_of_at_most, quiet

CONTENTS = {
    "poster/6d/6d3a-w500.jpg": b"poster" * 100,
    "poster/6d-x.jpg": b"sorts between",
    "poster/6d/6d3a-w780.jpg": b"larger" * 200,
    "title_backdrop/movies/603.jpg": b"backdrop" * 300,
    "title_backdrop/shows/603.jpg": b"backdrop" * 300,
    "a\nb \x1b[31m é.jpg": b"hostile",
}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for file, content in CONTENTS.items():
        path = tmp_path / "images" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "images"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


async def backed_up(store: Store, folder: Path, images: Path) -> Made:
    return await make_backup(store, folder, lambda: NOW, quiet, images=images)


async def restored(path: Path, store: Store, images: Path) -> Restored:
    return await restore(path, store, NOW, quiet, force=True, images=images)


def contents(images: Path) -> dict[str, bytes]:
    return {str(path.relative_to(images)): path.read_bytes() for path in images.rglob("*") if path.is_file()}


def listed(made: Made) -> list[str]:
    return [picture.file for picture in read_pictures(made.path, made.manifest)]


def pool(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / POOL).rglob("*") if path.is_file())


@pytest.mark.parametrize("links", [True, False])
async def test_each_content_is_there_once_and_is_put_back_where_it_is_missing(
    links: bool, source: Store, absent: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(picture_copy, "_linked", lambda *_: False)
    made = await backed_up(source, folder, images)
    assert made.manifest.pictures
    assert (made.manifest.pictures.files, made.new_pictures, made.manifest.damaged) == (6, 5, [])
    assert listed(made) == sorted(CONTENTS)
    assert len(pool(folder)) == 5
    assert in_pool(folder, pool(folder)[0].name).samefile(pool(folder)[0])
    assert {path.stat().st_nlink for path in pool(folder)} == ({2} if links else {1})
    assert problems(made.path, quiet) == []
    changed, missing, *_ = CONTENTS
    (images / missing).unlink()
    (images / changed).unlink()
    (images / changed).write_bytes(b"newer")
    again = await restored(made.path, absent, images)
    assert (again.pictures, again.wrong) == (1, [])
    assert contents(images) == {**CONTENTS, changed: b"newer"}
    elsewhere = images.with_name("elsewhere")
    assert (await restored(made.path, absent, elsewhere)).pictures == 6
    assert contents(elsewhere) == CONTENTS


async def test_only_what_is_new_is_read(
    source: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backed_up(source, folder, images)
    (images / "new.jpg").write_bytes(b"new")
    reads: list[int] = []
    digest = picture_copy._digest
    monkeypatch.setattr(picture_copy, "_digest", lambda opened: reads.append(1) or digest(opened))
    made = await backed_up(source, folder, images)
    assert (made.new_pictures, len(listed(made)), len(reads)) == (1, 7, 2)
    pool(folder)[0].unlink()
    assert (await backed_up(source, folder, images)).new_pictures == 1
    assert all(problems(one.path, quiet) == [] for one in backups(folder))


async def test_links_and_what_is_no_file_are_named_and_not_followed(
    source: Store, images: Path, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.jpg").write_bytes(b"secret")
    (images / "linked.jpg").symlink_to(tmp_path / "secret" / "key.jpg")
    (images / "linked").symlink_to(tmp_path / "secret")
    os.mkfifo(images / "pipe.jpg")
    (Path(os.fsencode(images).decode()) / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
    (images / ".603.jpg.0123abcd.part").write_bytes(b"half")
    made = await backed_up(source, folder, images)
    assert made.manifest.damaged == [
        "pictures/linked: it is a symbolic link, which is not followed",
        "pictures/linked.jpg: it is a symbolic link, which is not followed",
        "pictures/pipe.jpg: it is no file",
        "pictures/\\udcff.jpg: its name is not UTF-8",
    ]
    assert listed(made) == sorted(CONTENTS)
    assert b"secret" not in [path.read_bytes() for path in pool(folder)]


async def test_nothing_is_put_back_through_a_link(
    source: Store, absent: Store, images: Path, folder: Path, tmp_path: Path
) -> None:
    made = await backed_up(source, folder, images)
    outside = tmp_path / "outside"
    outside.mkdir()
    (images / "poster").rename(tmp_path / "away")
    (images / "poster").symlink_to(outside)
    found = await restored(made.path, absent, images)
    assert (found.pictures, len(found.wrong)) == (0, 3)
    assert found.wrong[0].endswith("poster is no folder; links are not followed")
    assert list(outside.iterdir()) == []


async def test_the_backups_are_not_in_themselves(source: Store, images: Path) -> None:
    for _ in range(2):
        made = await backed_up(source, images / "backups", images)
        assert listed(made) == sorted(CONTENTS)


@pytest.mark.parametrize("moment", ["before it is read", "after it was read"])
async def test_a_picture_that_vanishes_is_left_out_and_one_that_changes_is_read_again(
    moment: str, source: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, once = picture_copy._digest, iter([True])
    gone = {"poster/6d-x.jpg", "title_backdrop/shows/603.jpg"}

    def change() -> None:
        for file in gone:
            (images / file).unlink()
        with (images / sorted(CONTENTS)[0]).open("ab") as file_:
            file_.write(b"more")

    def meanwhile(opened: int) -> str:
        first = next(once, False)
        if first and moment == "before it is read":
            change()
        found = digest(opened)
        if first and moment == "after it was read":
            change()
        return found

    monkeypatch.setattr(picture_copy, "_digest", meanwhile)
    made = await backed_up(source, folder, images)
    assert made.manifest.damaged == []
    assert listed(made) == sorted(CONTENTS.keys() - gone)
    assert problems(made.path, quiet) == []


async def test_a_picture_that_never_rests_is_named(
    source: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = images / "poster/6d-x.jpg"
    digest = picture_copy._digest

    def meanwhile(opened: int) -> str:
        with path.open("ab") as file:
            file.write(b"more")
        return digest(opened)

    monkeypatch.setattr(picture_copy, "_digest", meanwhile)
    made = await backed_up(source, folder, images)
    assert made.manifest.damaged == ["pictures/poster/6d-x.jpg: it changes while it is read"]
    assert path.name not in listed(made)
    assert [one.name for one in (folder / POOL).iterdir() if one.is_file()] == []


@pytest.mark.parametrize("links", [True, False])
async def test_a_full_disk_leaves_no_backup_and_no_picture_of_it(
    links: bool, source: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await backed_up(source, folder, images)
    kept = pool(folder)
    (images / "new.jpg").write_bytes(os.urandom(50_000))
    (images / "small.jpg").write_bytes(b"small")

    def full(*_: Any) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    if links:
        monkeypatch.setattr(picture_copy, "_linked", full)
        with pytest.raises(BackupError, match="no space left on device; free some space and try again"):
            await backed_up(source, folder, images)
    else:
        monkeypatch.setattr(picture_copy, "_linked", lambda *_: False)
        async with opened(source):
            with files_of_at_most(40_000), pytest.raises(BackupError, match="file too large; free some space"):
                await backed_up(source, folder, images)
    assert [one.path for one in backups(folder)] == [whole.path]
    assert pool(folder) == kept


async def test_a_full_disk_puts_nothing_half_back(source: Store, absent: Store, images: Path, folder: Path) -> None:
    (images / "large.jpg").write_bytes(os.urandom(500_000))
    made = await backed_up(source, folder, images)
    elsewhere = images.with_name("elsewhere")
    with files_of_at_most(100_000), pytest.raises(BackupError, match="file too large; free some space"):
        await restored(made.path, absent, elsewhere)
    assert contents(elsewhere).items() <= CONTENTS.items()
    assert not Path(absent.describe.removeprefix("SQLite ")).exists()


async def test_what_is_wrong_with_a_picture_is_found_and_it_is_not_put_back(
    source: Store, absent: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_copy, "_linked", lambda *_: False)
    made = await backed_up(source, folder, images)
    altered, missing, shorter, *_ = pool(folder)
    content = bytearray(altered.read_bytes())
    content[0] ^= 1
    altered.write_bytes(content)
    missing.unlink()
    shorter.write_bytes(b"")
    said = "\n".join(problems(made.path, quiet))
    for path, why in ((altered, "it was altered"), (missing, "it is not there"), (shorter, "it has 0 bytes")):
        assert path.name in said
        assert why in said
    assert altered.name not in "\n".join(problems(made.path, quiet, read_pictures=False))
    found = await restored(made.path, absent, images.with_name("elsewhere"))
    assert found.pictures + len(found.wrong) == 6
    assert len(found.wrong) in (3, 4)


async def test_what_no_backup_lists_is_removed(source: Store, images: Path, folder: Path) -> None:
    first = await backed_up(source, folder, images)
    (images / "poster/6d-x.jpg").unlink()
    second = await backed_up(source, folder, images)
    assert remove_unused_pictures(folder) == 0
    remove_backup(first.path)
    assert remove_unused_pictures(folder) == 1
    assert problems(second.path, quiet) == []
    remove_backup(second.path)
    assert remove_unused_pictures(folder) == 4
    assert not (folder / POOL).exists()


async def test_nothing_is_removed_while_a_list_cannot_be_read(source: Store, images: Path, folder: Path) -> None:
    made = await backed_up(source, folder, images)
    (made.path / read_manifest(made.path).pictures.parts[0].file).unlink()  # type: ignore[union-attr]
    assert remove_unused_pictures(folder) == 0
    assert len(pool(folder)) == 5


@pytest.mark.parametrize("file", ["../x.jpg", "/etc/x.jpg", "a/../../x.jpg", "", ".", "a//b.jpg", "x\0.jpg"])
async def test_a_list_with_a_hostile_name_is_refused(
    file: str, source: Store, absent: Store, images: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = picture_copy.PictureList.add
    monkeypatch.setattr(picture_copy.PictureList, "add", lambda self, picture: kept(self, picture._replace(file=file)))
    made = await backed_up(source, folder, images)
    assert problems(made.path, quiet)[0].endswith("a line of it is no picture")
    with pytest.raises(BackupError, match="a line of it is no picture"):
        await restored(made.path, absent, images)


async def test_pictures_that_are_not_there_yet_are_none(source: Store, folder: Path, tmp_path: Path) -> None:
    made = await backed_up(source, folder, tmp_path / "absent")
    assert made.manifest.pictures
    assert (made.manifest.pictures.files, made.manifest.pictures.parts) == (0, [])
    assert problems(made.path, quiet) == []


def test_a_link_in_the_place_of_a_file_is_no_hard_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    parent = os.open(tmp_path, os.O_RDONLY)
    try:
        assert not picture_copy._linked("b", parent, tmp_path / "c", os.stat(tmp_path / "a"))
        assert not (tmp_path / "c").is_symlink()
        assert picture_copy._linked("a", parent, tmp_path / "c", os.stat(tmp_path / "a"))
        assert stat.S_ISREG((tmp_path / "c").lstat().st_mode)
    finally:
        os.close(parent)

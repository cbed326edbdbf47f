"""Which files in IMAGES_STORE `scrapy maintain` removes: ours that no title names, and nothing else."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents.records import RUNS
from moviecrawler.timestamps import iso
from tests.commands.stored import Stored
from tests.health.healthy import change, picture, put, run
from tests.maintain.test_terms import gained

HOUR = 3600
NAMED = "poster/5f/5f1c-w500.jpg"


def written(path: Path, hours: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    os.utime(path, (time.time() - hours * HOUR,) * 2)
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def test_only_pictures_of_ours_that_nobody_names_go(sqlite_store: Stored, images: Path) -> None:
    unnamed = [
        written(images / name, 30)
        for name in ("poster/aa/aa01-w500.jpg", "backdrop/bb/bb-original.webp", "title_backdrop/shows/7.avif")
    ]
    partial = [
        written(images / "logo/cc/.cc-w300.png.0123abcd.part", 30),
        written(sqlite_store.folder / "exports/.movie_ids_11_21_2026.json.gz.0123abcd.part", 30),
    ]
    elsewhere = written(images.parent / "elsewhere/aa/aa02-w500.jpg", 30)
    kept = [
        images / NAMED,
        elsewhere,
        written(images / "poster/aa/aa03-w500.jpg", 0.9),  # about to be named
        *(
            written(images / name, 30)
            for name in (
                *("poster/aa/notes.txt", "poster/aa/bb04-w500.jpg", "poster/aa/aa05-w500.jpg.bak", "aa06-w500.jpg"),
                *("poster/aa/aa-w500.jpg\n", "poster/aa/\x1b[2J\udcff.jpg", "profile/8q/8q-w185.jpg", "x.part"),
            )
        ),
    ]
    links = [images / "poster/aa/aa07-w500.jpg", images / "poster/ab", images / "logo/cc/.dd-w300.png.0123abcd.part"]
    for link in links:
        link.symlink_to(elsewhere.parent if link.suffix == "" else elsewhere)
    (images / "backdrop/ef").symlink_to(elsewhere.parent.parent)
    would = gained(sqlite_store, "--dry-run")
    assert all(path.exists() for path in [*unnamed, *partial])
    did = gained(sqlite_store)
    assert [would[step] for step in ("partial", "pictures")] == [did[step] for step in ("partial", "pictures")]
    assert [(did[step]["files"], did[step]["bytes"]) for step in ("partial", "pictures")] == [(2, 10), (3, 15)]
    assert not any(path.exists() for path in [*unnamed, *partial])
    assert all(path.exists() for path in kept)
    assert all(link.is_symlink() for link in links)
    assert gained(sqlite_store, "--only", "pictures")["pictures"]["files"] == 0


def test_a_folder_that_is_a_link_is_left_alone(sqlite_store: Stored, images: Path) -> None:
    elsewhere = written(images.parent / "elsewhere/aa/aa02-w500.jpg", 30)
    (images / "backdrop").symlink_to(elsewhere.parents[1])
    assert gained(sqlite_store, "--only", "pictures")["pictures"]["files"] == 0
    assert elsewhere.exists()


def test_beside_a_run_nothing_goes_that_was_made_since_its_start(sqlite_store: Stored, images: Path) -> None:
    """Though it looks old, as after a clock has jumped ahead."""
    sqlite_store.fill(
        lambda store: put(store, RUNS, run("pictures", 1, None, finished_at=None, beat_at=iso(datetime.now(UTC))))
    )
    made, older = written(images / "poster/aa/aa-w500.jpg", 23), written(images / "poster/aa/aa-w92.jpg", 26)
    assert gained(sqlite_store, "--only", "pictures")["pictures"]["files"] == 1
    assert (made.exists(), older.exists()) == (True, False)


def test_a_damaged_document_may_name_every_picture(sqlite_store: Stored, images: Path) -> None:
    sqlite_store.fill(lambda store: change(store, ("movies", 7), locks=7))
    unnamed = written(images / "poster/aa/aa-w500.jpg", 30)
    ended = sqlite_store.scrapy("maintain", "--only", "pictures")
    assert ended.status == 1
    assert "not done: movies/7 is damaged and may name pictures" in ended.stdout
    assert unnamed.exists()


def test_pictures_of_another_store_are_left(sqlite_store: Stored, images: Path) -> None:
    picture(images, "poster/aa/aa-w500.jpg")
    (images / NAMED).unlink()
    ended = sqlite_store.scrapy("maintain", "--only", "pictures")
    assert ended.status == 1
    assert "no title names any picture in" in ended.stdout
    assert (images / "poster/aa/aa-w500.jpg").exists()


def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    sqlite_store: Stored, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [written(images / f"poster/aa/aa{n}-w500.jpg", 30) for n in range(3)]
    unlink = os.unlink

    def refused(path: Any, **where: Any) -> None:
        if path == "aa1-w500.jpg":
            raise PermissionError(13, "Permission denied")
        unlink(path, **where)

    monkeypatch.setattr(os, "unlink", refused)
    ended = sqlite_store.scrapy("maintain", "--only", "pictures")
    assert ended.status == 1
    assert "pictures   2 files, 10 bytes\n           not done:" in ended.stdout
    assert [file.exists() for file in files] == [False, True, False]

"""A file is whole or absent, and no link leads the writer elsewhere."""

import errno
import os
import stat
from pathlib import Path

import pytest

from moviecrawler.exceptions import ExportError
from moviecrawler.exporters.whole_file import whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    with whole_file(path) as file:
        file.write(b"new")
        (partial,) = tmp_path.iterdir()
        assert partial.suffix == ".part"
    assert (names(tmp_path), path.read_bytes()) == (["films.csv"], b"new")


def test_an_older_file_gives_its_place_and_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with whole_file(path) as file:
        file.write(b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError, OSError(errno.ENOSPC, "No space left on device")])
def test_nothing_is_left_after_an_exception(tmp_path: Path, raised: BaseException) -> None:
    path = tmp_path / "films.csv"
    path.write_bytes(b"old")

    def write() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise raised

    with pytest.raises((KeyboardInterrupt, RuntimeError, ExportError)) as told:
        write()
    assert (names(tmp_path), path.read_bytes()) == (["films.csv"], b"old")
    if isinstance(raised, OSError):
        assert str(told.value) == f"{path}: no space left on device; free some space and try again"


@pytest.mark.parametrize(
    ("kind", "says"), [("link", "a link"), ("dead", "a link"), ("folder", "a folder"), ("fifo", "no plain file")]
)
@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "meanwhile"])
def test_what_is_no_plain_file_is_left_alone(tmp_path: Path, kind: str, says: str, meanwhile: bool) -> None:
    other, path = tmp_path / "other", tmp_path / "films.csv"
    other.write_bytes(b"somebody's")

    def put() -> None:
        if kind == "folder":
            path.mkdir()
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            path.symlink_to(other if kind == "link" else tmp_path / "nowhere")

    def write() -> None:
        with whole_file(path) as file:
            file.write(b"new")
            put()

    if not meanwhile:
        put()
    with pytest.raises(ExportError, match=f"it is {says}, and is left alone"):
        write()
    assert names(tmp_path) == ["films.csv", "other"]
    assert other.read_bytes() == b"somebody's"


def test_a_folder_that_is_exchanged_meanwhile_does_not_lead_it_elsewhere(tmp_path: Path) -> None:
    (folder := tmp_path / "mine").mkdir()
    (elsewhere := tmp_path / "elsewhere").mkdir()
    with whole_file(folder / "films.csv") as file:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(elsewhere)
        file.write(b"new")
    assert names(elsewhere) == []
    assert (tmp_path / "moved" / "films.csv").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["nowhere/films.csv", "file/films.csv"])
def test_a_folder_that_is_none_is_one_line(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ExportError, match=r"films\.csv: (no such file or directory|not a directory)"),
        whole_file(tmp_path / path),
    ):
        pass

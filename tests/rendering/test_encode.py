"""A picture is saved completely or not at all, and never over the limit."""

import errno
import hashlib
import multiprocessing
import os
import random
import resource
import signal
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat, features

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError, PictureError
from moviecrawler.policy.documents.images import MAX_WEBP_SIDE
from moviecrawler.rendering import encode
from moviecrawler.rendering.encode import PARTIAL_FILE_MAX_AGE, Quality, remove_partial_files, save
from moviecrawler.rendering.formats import JPEG, WEBP, formats_for_size, formats_of
from tests.rendering.conftest import photo


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def test_the_reported_file_is_the_one_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "movies" / "603" / "poster-w500.jpg"
    saved = save(photo(500, 750), path, Quality("medium", 10), root=tmp_path)
    assert saved.file == "movies/603/poster-w500.jpg"
    assert (saved.width, saved.height, saved.bytes) == (500, 750, path.stat().st_size)
    assert saved.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with Image.open(path) as image:
        assert (image.format, image.size, image.info.get("progressive")) == ("JPEG", (500, 750), 1)
    assert [file.name for file in path.parent.iterdir()] == ["poster-w500.jpg"]


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif"])
def test_each_format_has_its_suffix_and_reports_the_file_on_disk(tmp_path: Path, format: str) -> None:
    saved = save(photo(500, 750), tmp_path / "603", Quality("medium", 10), formats_of(format))
    assert saved.file == {"jpeg": "603.jpg", "webp": "603.webp", "avif": "603.avif"}[format]
    content = (tmp_path / saved.file).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (saved.bytes, saved.sha256)
    with Image.open(tmp_path / saved.file) as image:
        assert (image.format, image.size) == (format.upper(), (500, 750))


def test_a_preset_looks_alike_in_every_format(tmp_path: Path) -> None:
    picture = Image.blend(photo(320, 240), noise(320, 240), 0.1)

    def error(format: str, preset: str) -> float:
        saved = save(picture, tmp_path / preset, Quality(preset, 10), formats_of(format))
        with Image.open(tmp_path / saved.file) as image:
            return sum(ImageStat.Stat(ImageChops.difference(picture, image.convert("RGB"))).rms)

    for preset in ("high", "medium", "low"):
        jpeg, *others = (error(format, preset) for format in ("jpeg", "webp", "avif"))
        assert others == pytest.approx([jpeg, jpeg], rel=0.35)


def test_auto_keeps_only_the_smallest_file(tmp_path: Path) -> None:
    picture = photo(400, 300)
    single = [save(picture, tmp_path / "single", Quality("medium", 10), [format]) for format in formats_of("auto")]
    saved = save(picture, tmp_path / "auto" / "603", Quality("medium", 10), formats_of("auto"))
    assert saved.bytes == min(each.bytes for each in single)
    assert [file.name for file in (tmp_path / "auto").iterdir()] == [saved.file]


def test_a_picture_too_long_for_its_format_is_saved_as_jpeg() -> None:
    assert formats_for_size(formats_of("webp"), 16_383, 1000) == (WEBP,)
    assert formats_for_size(formats_of("webp"), 1000, 16_384) == (JPEG,)
    assert WEBP not in formats_for_size(formats_of("auto"), 1000, 16_384)
    assert WEBP.max_side == MAX_WEBP_SIDE


@pytest.mark.parametrize("value", ["", "gif", "jpg", "webp,avif"])
def test_a_wrong_format_names_the_setting(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"IMAGES_FORMAT=.*jpeg, webp, avif, auto"):
        Config.from_settings({"IMAGES_FORMAT": value})


def test_without_avif_in_pillow_avif_is_an_error_and_auto_skips_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    with pytest.raises(ConfigurationError, match=r"IMAGES_FORMAT='avif': this Pillow cannot write AVIF"):
        formats_of("avif")
    assert formats_of("auto") == (JPEG, WEBP)


def test_without_a_root_the_file_is_relative_to_its_folder(tmp_path: Path) -> None:
    assert save(photo(40, 60), tmp_path / "a.jpg", Quality("medium", 10)).file == "a.jpg"


def test_a_better_preset_gives_a_larger_file(tmp_path: Path) -> None:
    sizes = [
        save(photo(400, 300), tmp_path / "a.jpg", Quality(preset, 10)).bytes for preset in ("high", "medium", "low")
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_quality_is_lowered_until_the_file_is_small_enough(tmp_path: Path) -> None:
    image = noise(400, 300)
    free = save(image, tmp_path / "free.jpg", Quality("high", 10))
    limit = free.bytes / 1e6 / 2
    tight = save(image, tmp_path / "tight.jpg", Quality("high", limit))
    assert tight.bytes <= limit * 1e6 < free.bytes


def test_a_picture_that_cannot_be_made_small_enough_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"400x300 needs .* IMAGES_MAX_FILE_MB=0.001"):
        save(noise(400, 300), tmp_path / "a.jpg", Quality("low", 0.001))
    assert not list(tmp_path.iterdir())


def test_a_large_grainy_picture_fits_the_encoders_buffer(tmp_path: Path) -> None:
    assert save(noise(1500, 1500), tmp_path / "a.jpg", Quality("high", 50)).bytes > 1e6


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif", "auto"])
def test_a_disk_that_fills_up_during_a_write_raises_and_leaves_no_file(tmp_path: Path, format: str) -> None:
    """The system writes only what still fits and returns its length, which Pillow ignores."""
    picture, formats = noise(640, 360), formats_of(format)
    whole = save(picture, tmp_path / "old", Quality("high", 10), formats)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.bytes // 2, limits[1]))
    try:
        with pytest.raises(OSError, match=r"No space left on device|File too large"):
            save(picture, tmp_path / "new", Quality("high", 10), formats)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == [whole.file]


@pytest.mark.parametrize("where", ["save", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"old")

    def full(self: object, partial: Path, *args: object, **options: object) -> None:
        Path(partial).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    def no_replace(*paths: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "save":
        monkeypatch.setattr(Image.Image, "save", full)
    else:
        monkeypatch.setattr(encode.os, "replace", no_replace)
    with pytest.raises(OSError, match="No space left"):
        save(photo(40, 60), path, Quality("medium", 10))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("preset", "megabytes", "setting"),
    [
        ("best", "10", "IMAGES_QUALITY"),
        ("", "10", "IMAGES_QUALITY"),
        ("high", "ten", "IMAGES_MAX_FILE_MB"),
        ("high", "", "IMAGES_MAX_FILE_MB"),
        ("high", "0", "IMAGES_MAX_FILE_MB"),
        ("high", "-1", "IMAGES_MAX_FILE_MB"),
        ("high", "nan", "IMAGES_MAX_FILE_MB"),
    ],
)
def test_a_wrong_setting_is_named(preset: str, megabytes: str, setting: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{setting}="):
        Config.from_settings({"IMAGES_QUALITY": preset, "IMAGES_MAX_FILE_MB": megabytes})


def _save_and_die(path: Path) -> None:
    encode.os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[attr-defined]
    save(photo(40, 60), path, Quality("medium", 10))


def test_only_partial_files_older_than_an_hour_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "poster" / "6d" / "6d3a-w500.jpg"
    killed = multiprocessing.get_context("fork").Process(target=_save_and_die, args=(path,))
    killed.start()
    killed.join()
    (partial,) = path.parent.iterdir()
    theirs = [tmp_path / name for name in (".hidden", "film.part", ".torrent.part", ".x.deadbeef.part.txt")]
    for other in theirs:
        other.touch()
    now = time.time()
    assert remove_partial_files(tmp_path, now=now, stop=lambda: False) == 0, "a process may still be writing it"
    assert partial.exists()
    later = now + PARTIAL_FILE_MAX_AGE + 1
    assert remove_partial_files(tmp_path, now=later, stop=lambda: True) == 0, "a run that ends does not wait for it"
    assert remove_partial_files(tmp_path, now=later, stop=lambda: False) == 1
    assert sorted(file for file in tmp_path.rglob("*") if file.is_file()) == sorted(theirs)
    assert remove_partial_files(tmp_path / "nowhere", now=later, stop=lambda: False) == 0

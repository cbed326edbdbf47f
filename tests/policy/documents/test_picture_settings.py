"""Which changes of settings matter to pictures, what is remembered of them, and how many titles they concern."""

import pytest

from moviecrawler.config import Config
from moviecrawler.policy.documents.picture_settings import (
    LACKING,
    changed,
    concerned,
    mended,
    mixed,
    picture_settings,
)


def of(**settings: str) -> dict[str, str]:
    return picture_settings(Config.from_settings(settings))


DEFAULT = of()

CHANGES = [
    # (before, now, files are missing, pictures are others)
    ({}, {}, (), ()),
    ({}, {"LANGUAGES": "de,en-US"}, (), ("LANGUAGES",)),
    ({}, {"LANGUAGES": "en_us"}, (), ()),
    ({}, {"IMAGES_POSTER_SIZES": "w500,w92"}, ("IMAGES_POSTER_SIZES",), ()),
    ({"IMAGES_POSTER_SIZES": "w500,w92"}, {}, (), ()),
    ({}, {"IMAGES_BACKDROP_SIZES": "w780"}, ("IMAGES_BACKDROP_SIZES",), ()),
    ({}, {"IMAGES_LOGO_SIZES": "w500"}, ("IMAGES_LOGO_SIZES",), ()),
    ({"IMAGES_LOGO_SIZES": "w500"}, {}, (), ()),
    ({}, {"IMAGES_PROFILE_SIZES": "w185"}, ("IMAGES_PROFILE_SIZES",), ()),
    ({"IMAGES_ENABLED": "0"}, {}, ("IMAGES_ENABLED",), ()),
    ({}, {"IMAGES_STORE": "elsewhere"}, ("IMAGES_STORE",), ()),
    ({}, {"IMAGES_FORMAT": "webp"}, (), ("IMAGES_FORMAT",)),
    ({}, {"IMAGES_FORMAT": "auto"}, (), ()),
    ({"IMAGES_FORMAT": "auto"}, {}, (), ("IMAGES_FORMAT",)),
    ({}, {"OVERLAY_LOGO": "1", "OVERLAY_SUBTITLE": "off"}, (), ("OVERLAY_LOGO", "OVERLAY_SUBTITLE")),
    ({}, {"OVERLAY_RATINGS": "tmdb,imdb"}, (), ("OVERLAY_RATINGS",)),
    ({}, {"OVERLAY_FONTS": "a.ttf"}, (), ("OVERLAY_FONTS",)),
    ({}, {"IMAGES_QUALITY": "high", "IMAGES_MAX_FILE_MB": "5", "IMAGES_CONCURRENCY": "2"}, (), ()),
]


@pytest.mark.parametrize(("before", "now", "lacking", "outdated"), CHANGES)
def test_what_a_changed_setting_means_for_stored_pictures(
    before: dict[str, str], now: dict[str, str], lacking: tuple[str, ...], outdated: tuple[str, ...]
) -> None:
    assert changed(of(**before), of(**now)) == (lacking, outdated)


def test_a_folder_below_the_data_is_the_same_wherever_the_data_are() -> None:
    assert of(DATA_DIR="/a")["IMAGES_STORE"] == of(DATA_DIR="/b")["IMAGES_STORE"] == "images"
    assert of(IMAGES_STORE="/pictures")["IMAGES_STORE"] == "/pictures"


def test_a_setting_that_the_older_version_did_not_know_had_its_effect_of_then() -> None:
    now = of(OVERLAY_LOGO="1", IMAGES_LOGO_SIZES="w500", LANGUAGES="de")
    assert changed({}, now) == (("IMAGES_LOGO_SIZES",), ("OVERLAY_LOGO",))
    assert changed({}, DEFAULT) == ((), ())


def test_scrapy_pictures_mends_what_is_missing_and_redraw_all() -> None:
    now = of(OVERLAY_LOGO="1", IMAGES_POSTER_SIZES="w92")
    assert changed(mended(DEFAULT, now, redrawn=False), now) == ((), ("OVERLAY_LOGO",))
    assert changed(mended(DEFAULT, now, redrawn=True), now) == ((), ())
    assert changed(mended({}, now, redrawn=False), now) == ((), ("OVERLAY_LOGO",))


def test_once_pictures_are_of_both_settings_going_back_is_a_change_too() -> None:
    both = mixed(DEFAULT, of(OVERLAY_LOGO="1", IMAGES_POSTER_SIZES="w92"))
    assert changed(both, DEFAULT) == (("IMAGES_POSTER_SIZES",), ("OVERLAY_LOGO",))
    assert changed(mended(both, DEFAULT, redrawn=True), DEFAULT) == ((), ())


FIELDS = {
    **{"images.poster": 70, "images.backdrop": 60, "images.title_backdrop": 50, "logos": 40},
    **{"people.cast": 90, "people.directors": 80},
}


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ((), 0),
        (("LANGUAGES",), 50),
        (("OVERLAY_LOGO", "OVERLAY_RATINGS"), 50),
        (("IMAGES_POSTER_SIZES", "IMAGES_BACKDROP_SIZES"), 70),
        (("IMAGES_BACKDROP_SIZES",), 60),
        (("IMAGES_ENABLED",), 30),
        (("IMAGES_STORE",), 70),
        (("IMAGES_FORMAT", "LANGUAGES"), 70),
        (("IMAGES_LOGO_SIZES",), 40),
        (("IMAGES_PROFILE_SIZES",), 90),
    ],
)
def test_titles_concerned_are_counted_by_what_they_have(names: tuple[str, ...], number: int) -> None:
    assert concerned(names, 100, FIELDS) == number
    assert concerned(names, 0, {}) == 0


def test_every_setting_is_mended_by_one_of_the_two_commands() -> None:
    assert DEFAULT.keys() > LACKING

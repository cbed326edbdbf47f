"""Which pictures a document lacks, which are known to exist, and which are not requested in every run."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.policy.documents import images as policy
from moviecrawler.policy.documents.images import (
    CHECK_INTERVAL,
    GONE_PAUSE,
    FileIndex,
    ImagePolicy,
    WantedImage,
    is_picture_gone,
    title_fingerprint,
    with_gone_note,
)
from moviecrawler.policy.documents.localization import Languages

PICTURES = ImagePolicy(True, Path("/images"), ("w500",), ("w1280",))
POSTER = WantedImage("poster", "/p.jpg", 500)
BACKDROP = WantedImage("backdrop", "/b.jpg", 1920)
URL = "https://image.tmdb.org/t/p/w500/p.jpg"
NOW = "2026-05-01T12:00:00.000Z"


def document(**images: Any) -> dict[str, Any]:
    data = {"poster_path": "/p.jpg", "backdrop_path": "/b.jpg"}
    film = {"title": "Heat", "original_title": "Heat", "year": 1995, "runtime": 170, "genres": ["Crime"]}
    return {**film, "sources": {"tmdb": {"data": data}}, "images": images}


def made(path: str, *sizes: str, **more: Any) -> dict[str, Any]:
    files = {size: {"file": f"{path[1]}-{size}.jpg"} for size in sizes}
    return {"source_path": path, "files": files, "file": next(iter(files.values()))["file"], **more}


def complete(**more: Any) -> dict[str, Any]:
    parts = {
        "poster": made("/p.jpg", "w500"),
        "backdrop": made("/b.jpg", "w1280"),
        "title_backdrop": made("/b.jpg", "w1920", says=title_fingerprint(document())),
    }
    return document(**{**parts, **more})


def missing(film: dict[str, Any], *deleted: str, pictures: ImagePolicy = PICTURES) -> list[WantedImage]:
    def there(path: Path) -> bool:
        return path.name not in deleted

    return [wanted for wanted in pictures.wanted(film) if not pictures.is_complete(wanted, film, there)]


@pytest.mark.parametrize(
    ("film", "wanted"),
    [
        (document(), [POSTER, BACKDROP]),
        (complete(), []),
        (complete(poster=made("/old.jpg", "w500")), [POSTER]),
        (complete(poster=made("/p.jpg", "w342")), [POSTER]),
        (complete(backdrop=made("/old.jpg", "w1280")), [BACKDROP]),
        (
            complete(title_backdrop=made("/b.jpg", "w1920", says=["Hitze", "Heat", 1995, 170, ["Crime"]])),
            [BACKDROP],
        ),
        ({**complete(), "title": "Hitze"}, [BACKDROP]),
        ({**complete(), "ratings": {"tmdb": {"score": 1.0}}}, []),
        ({**document(), "sources": {"tmdb": {"data": {}}}}, []),
        (complete(poster=with_gone_note(None, URL, NOW)), [POSTER]),
        (complete(poster=with_gone_note(made("/old.jpg", "w500"), URL, NOW)), [POSTER]),
    ],
)
def test_what_is_missing(film: dict[str, Any], wanted: list[WantedImage]) -> None:
    assert missing(film) == wanted


@pytest.mark.parametrize(
    ("deleted", "wanted"), [("p-w500.jpg", [POSTER]), ("b-w1280.jpg", [BACKDROP]), ("b-w1920.jpg", [BACKDROP])]
)
def test_a_file_that_is_gone_is_made_again(deleted: str, wanted: list[WantedImage]) -> None:
    assert missing(complete(), deleted) == wanted


def test_a_second_size_that_is_gone_counts_too() -> None:
    pictures = ImagePolicy(True, Path("/images"), ("w500", "w92"), ("w1280",))
    film = complete(poster=made("/p.jpg", "w500", "w92"))
    assert missing(film, pictures=pictures) == []
    assert missing(film, "p-w92.jpg", pictures=pictures) == [POSTER]


def test_nothing_is_missing_when_pictures_are_off() -> None:
    assert missing(document(), pictures=ImagePolicy(False, Path("/images"), ("w500",), ("w1280",))) == []


@pytest.mark.parametrize(
    ("sizes", "width"), [(("w500",), 1920), (("w500", "w2560"), 2560), (("original",), None), (("w500", "h632"), None)]
)
def test_one_download_serves_all_sizes_and_the_overlay(sizes: tuple[str, ...], width: int | None) -> None:
    pictures = ImagePolicy(True, Path("/images"), ("w500",), sizes)
    assert missing(document(), pictures=pictures)[1].width == width


def test_an_existing_file_is_checked_after_two_hours_and_a_missing_one_every_time() -> None:
    files, looks = {Path("a")}, list[Path]()
    index = FileIndex(lambda path: looks.append(path) or path in files)  # type: ignore[func-returns-value]
    a, b = Path("a"), Path("b")
    assert [index.exists(a, now) for now in (0.0, 1.0, CHECK_INTERVAL - 1)] == [True] * 3
    assert looks == [a]
    files.clear()
    assert index.exists(a, CHECK_INTERVAL - 1), "not noticed yet"
    assert not index.exists(a, CHECK_INTERVAL)
    assert [index.exists(b, 0.0), index.exists(b, 0.0)] == [False, False]
    files.add(b)
    assert index.exists(b, 1.0), "there as soon as it has been made"
    assert looks == [a, a, b, b, b]


def test_the_index_does_not_grow_with_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MAX_FILES", 100)
    index = FileIndex(lambda path: True)
    for number in range(1_000):
        assert index.exists(Path(str(number)), float(number))
    assert len(index) == 100


@pytest.mark.parametrize(
    ("url", "later", "known"),
    [
        (URL, timedelta(0), True),
        (URL, GONE_PAUSE - timedelta(seconds=1), True),
        (URL, GONE_PAUSE, False),
        (URL, timedelta(seconds=-1), False),  # the clock was wrong then, or is now
        ("https://image.tmdb.org/t/p/w500/other.jpg", timedelta(0), False),
        ("https://image.tmdb.org/t/p/w780/p.jpg", timedelta(0), False),
        ("https://cdn.example/t/p/w500/p.jpg", timedelta(0), False),
    ],
)
def test_a_gone_picture_is_requested_after_30_days_or_at_another_url(url: str, later: timedelta, known: bool) -> None:
    part = with_gone_note(None, URL, NOW)
    assert is_picture_gone(part, url, timestamps.parse(NOW) + later) == known
    assert not is_picture_gone(None, url, timestamps.parse(NOW))
    assert not is_picture_gone(made("/p.jpg", "w500"), URL, timestamps.parse(NOW))


def test_an_older_picture_stays_beside_the_gone_note() -> None:
    old = made("/old.jpg", "w500")
    assert with_gone_note(old, URL, NOW) == {**old, "gone": {"url": URL, "at": NOW}}


TITLE_BACKDROP_SAID = [
    # (what was noted, LANGUAGES, OVERLAY_SUBTITLE, whether it is drawn anew)
    (title_fingerprint(document()), "en-US", "auto", False),  # by an older version
    (title_fingerprint(document()), "en-US", "off", True),
    ([*title_fingerprint(document()), None, "en-US"], "en-US", "auto", False),
    ([*title_fingerprint(document()), "Hitze", "en-US"], "en-US", "off", True),
    ([*title_fingerprint(document()), None, "en-US"], "en-US,de-DE", "auto", True),
    ([*title_fingerprint(document()), "Hitze", "en-US"], "en-US,de-DE", "auto", False),
    ([*title_fingerprint(document()), "Hitze", "en-US"], "de-DE,en-US", "auto", True),
]


@pytest.mark.parametrize(("noted", "languages", "subtitle", "anew"), TITLE_BACKDROP_SAID)
def test_another_second_line_draws_a_title_backdrop_anew(
    noted: list[Any], languages: str, subtitle: str, anew: bool
) -> None:
    pictures = replace(PICTURES, languages=Languages.parse(languages), subtitle=subtitle)
    film = complete(title_backdrop=made("/b.jpg", "w1920", says=noted)) | {"titles": {"de-DE": "Hitze"}}
    assert missing(film, pictures=pictures) == [BACKDROP] * anew
    if not anew and len(noted) > 5:
        assert pictures.caption_fingerprint(film) == noted


@pytest.mark.parametrize(
    ("file", "suffixes", "anew"),
    [
        ({"file": "p.jpg", "width": 500, "height": 750}, (".jpg",), False),
        ({"file": "p.jpg", "width": 500, "height": 750}, (".webp",), True),
        ({"file": "p.webp", "width": 500, "height": 750}, (".jpg",), True),
        ({"file": "p.webp", "width": 500, "height": 750}, (".jpg", ".webp", ".avif"), False),
        ({"file": "p.jpg", "width": 1000, "height": 16_384}, (".webp",), False),
    ],
)
def test_another_format_makes_a_picture_anew(file: dict[str, Any], suffixes: tuple[str, ...], anew: bool) -> None:
    pictures = replace(PICTURES, suffixes=suffixes)
    film = document(poster={"source_path": "/p.jpg", "files": {"w500": file}})
    assert (POSTER in missing(film, pictures=pictures)) is anew


# --- What is there, and what is as the settings ask for -----------------------------------------------------------


def unredrawn(film: dict[str, Any], pictures: ImagePolicy = PICTURES) -> list[str]:
    """The roles that are lacking where only missing pictures are made."""
    return [
        wanted.role
        for wanted in pictures.wanted(film)
        if not pictures.is_complete(wanted, film, lambda path: True, redraw=False)
    ]


@pytest.mark.parametrize(
    ("film", "pictures", "roles"),
    [
        (complete(), replace(PICTURES, languages=Languages.parse("de"), subtitle="off"), []),
        (complete(), replace(PICTURES, suffixes=(".webp",)), []),
        (complete(), replace(PICTURES, overlay_logo=True, ratings=("imdb",), fonts=("a.ttf",)), []),
        (complete(), replace(PICTURES, poster_sizes=("w500", "w92")), ["poster"]),
        (complete(poster=made("/old.jpg", "w500")), PICTURES, ["poster"]),
        (document(), PICTURES, ["poster", "backdrop"]),
    ],
)
def test_other_texts_and_formats_are_not_missing(film: dict[str, Any], pictures: ImagePolicy, roles: list[str]) -> None:
    assert unredrawn(film, pictures) == roles


LOGO = {"logos": [{"path": "/logo.png", "language": "en"}]}
IMDB = {"ratings": {"tmdb": {"score": 8.2}, "imdb": {"score": 8.3}}}
PLAIN = [*title_fingerprint(document()), None, "en-US"]


@pytest.mark.parametrize(
    ("facts", "settings", "noted"),
    [
        ({}, {}, PLAIN),
        (LOGO | IMDB, {}, PLAIN),
        (LOGO, {"overlay_logo": True}, [*PLAIN, ["logo /logo.png"]]),
        ({}, {"overlay_logo": True}, PLAIN),
        (IMDB, {"ratings": ("tmdb", "imdb", "metacritic")}, [*PLAIN, ["ratings tmdb imdb"]]),
        ({}, {"ratings": ("tmdb", "imdb")}, [*PLAIN, ["ratings"]]),
        ({}, {"fonts": ("My.ttf",)}, [*PLAIN, ["font My.ttf"]]),
    ],
)
def test_a_logo_ratings_and_fonts_are_noted_where_they_are_asked_for(
    facts: dict[str, Any], settings: dict[str, Any], noted: list[Any]
) -> None:
    pictures = replace(PICTURES, **settings)
    film = document() | facts
    assert pictures.caption_fingerprint(film, pictures.overlay_logo_path(film)) == noted
    drawn = complete(title_backdrop=made("/b.jpg", "w1920", says=noted)) | facts
    assert missing(drawn, pictures=pictures) == []
    plain = complete(title_backdrop=made("/b.jpg", "w1920", says=title_fingerprint(document()))) | facts
    assert missing(plain, pictures=pictures) == [BACKDROP] * (noted != PLAIN), "drawn by an older version"


def test_a_drifting_rating_of_another_house_draws_nothing_anew() -> None:
    pictures = replace(PICTURES, ratings=("tmdb", "imdb"))
    film = complete(title_backdrop=made("/b.jpg", "w1920", says=[*PLAIN, ["ratings tmdb imdb"]])) | IMDB
    assert missing(film, pictures=pictures) == []
    assert missing(film | {"ratings": {"tmdb": {"score": 1.0}, "imdb": {"score": 2.0}}}, pictures=pictures) == []
    assert missing(film | {"ratings": {"tmdb": {"score": 1.0}}}, pictures=pictures) == [BACKDROP]


def test_genres_in_another_language_draw_a_title_backdrop_anew() -> None:
    film = complete() | {"genres": ["Crime"]}
    film["sources"]["tmdb"]["data"] |= {"genres": ["Crime"], "genre_ids": [80]}
    german = replace(PICTURES, languages=Languages.parse("de"))
    assert german.caption_fingerprint(film)[4] == ["Krimi"]
    assert PICTURES.caption_fingerprint(film)[4] == ["Crime"]


def test_logos_and_portraits_are_wanted_where_a_setting_has_sizes_for_them() -> None:
    film = complete() | LOGO | {"people": {"cast": [{"name": "Al Pacino", "profile_path": "/al.jpg"}]}}
    assert missing(film) == []
    pictures = replace(PICTURES, logo_sizes=("w185",), profile_sizes=("w45", "h632"))
    logo, portrait = WantedImage("logo", "/logo.png", 185), WantedImage("profile", "/al.jpg", None)
    assert missing(film, "al-w45.jpg", pictures=pictures) == [logo, portrait]
    film["images"]["logo"] = made("/logo.png", "w185")
    assert missing(film, pictures=pictures) == []
    assert missing(film, "al-h632.jpg", pictures=pictures) == [portrait]
    webp = replace(pictures, suffixes=(".webp",))
    assert webp.is_complete(logo, film, lambda path: True), "a logo is PNG, whatever the format"

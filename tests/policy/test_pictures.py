"""Which pictures a document lacks."""

from pathlib import Path
from typing import Any

import pytest

from moviecrawler.policy.pictures import Pictures, Wanted, says

PICTURES = Pictures(True, Path("/images"), ("w500",), ("w1280",))
POSTER = Wanted("poster", "/p.jpg", 500)
BACKDROP = Wanted("backdrop", "/b.jpg", 1920)


def document(**images: Any) -> dict[str, Any]:
    data = {"poster_path": "/p.jpg", "backdrop_path": "/b.jpg"}
    film = {"title": "Heat", "original_title": "Heat", "year": 1995, "runtime": 170, "genres": ["Crime"]}
    return {**film, "sources": {"tmdb": {"data": data}}, "images": images}


def made(path: str, *sizes: str, **more: Any) -> dict[str, Any]:
    return {"source_path": path, "files": dict.fromkeys(sizes), "file": "x.jpg", **more}


def complete(**more: Any) -> dict[str, Any]:
    parts = {
        "poster": made("/p.jpg", "w500"),
        "backdrop": made("/b.jpg", "w1280"),
        "title_backdrop": made("/b.jpg", says=says(document())),
    }
    return document(**{**parts, **more})


@pytest.mark.parametrize(
    ("film", "wanted"),
    [
        (document(), [POSTER, BACKDROP]),
        (complete(), []),
        (complete(poster=made("/old.jpg", "w500")), [POSTER]),
        (complete(poster=made("/p.jpg", "w342")), [POSTER]),
        (complete(backdrop=made("/old.jpg", "w1280")), [BACKDROP]),
        (complete(title_backdrop=made("/b.jpg", says=["Hitze", "Heat", 1995, 170, ["Crime"]])), [BACKDROP]),
        ({**complete(), "title": "Hitze"}, [BACKDROP]),
        ({**complete(), "ratings": {"tmdb": {"score": 1.0}}}, []),
        ({**document(), "sources": {"tmdb": {"data": {}}}}, []),
    ],
)
def test_what_is_missing(film: dict[str, Any], wanted: list[Wanted]) -> None:
    assert PICTURES.missing(film, lambda path: True) == wanted


def test_a_file_that_is_gone_is_made_again() -> None:
    assert PICTURES.missing(complete(), lambda path: False) == [POSTER, BACKDROP]


def test_nothing_is_missing_when_pictures_are_off() -> None:
    assert Pictures(False, Path("/images"), ("w500",), ("w1280",)).missing(document(), lambda path: True) == []


@pytest.mark.parametrize(
    ("sizes", "width"), [(("w500",), 1920), (("w500", "w2560"), 2560), (("original",), None), (("w500", "h632"), None)]
)
def test_one_download_serves_all_sizes_and_the_overlay(sizes: tuple[str, ...], width: int | None) -> None:
    pictures = Pictures(True, Path("/images"), ("w500",), sizes)
    assert pictures.missing(document(), lambda path: True)[1].width == width

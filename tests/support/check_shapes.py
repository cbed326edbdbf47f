"""Compare the sandbox with recorded answers of the live API, key by key and type by type.

Run by hand: ``python tests/support/check_shapes.py RECORDED_DIR``. The folder holds bodies named like
``GET_200_movie_603.json`` (slashes as underscores, the query after two). Prints a table; exits 1 when anything differs
that is not among the edge cases that the sandbox serves on purpose.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from moviecrawler.sandbox.tmdb import named_lists
from tests.support.sandbox import Sandbox

Shape = dict[str, set[str]]

FILMS = [603, 47964, 129, 550, 13, 62204, 852005, *range(5_000_000, 5_000_110)]
SHOWS = [1396, 1668, 456, *range(5_000_000, 5_000_018)]
LISTS = ("", "?page=2")

# What is compared: the recorded files by a pattern of their names, and the sandbox's paths.
MEDIA = ("all", "movie", "tv")
APPEND = "?append_to_response=credits,images,keywords"


def _parts(kind: str, ids: list[int], names: str) -> dict[str, tuple[str, list[str]]]:
    return {
        f"/{kind}/{{id}}/{name}": (rf"{kind}_\d+_{name}(__.*)?", [f"/{kind}/{n}/{name}" for n in ids])
        for name in names.split()
    }


GROUPS: dict[str, tuple[str, list[str]]] = {
    "/movie/{id}": (
        r"movie_(\d+|latest|tt\d+)(__(language=\w+|append_to_response=credits,images,keywords))?",
        [f"/movie/{n}{query}" for n in FILMS for query in ("", APPEND)],
    ),
    "/tv/{id}": (
        r"tv_(\d+|latest)(__append_to_response=videos)?",
        [f"/tv/{n}{query}" for n in SHOWS for query in ("", "?append_to_response=videos")],
    ),
    **_parts(
        "movie", FILMS, "alternative_titles credits external_ids images keywords release_dates translations videos"
    ),
    **_parts("tv", SHOWS, "aggregate_credits alternative_titles content_ratings credits external_ids images keywords"),
    **_parts("tv", SHOWS, "translations videos"),
    "/discover/movie": (r"discover_movie.*", [f"/discover/movie{query}" for query in LISTS]),
    "/discover/tv": (r"discover_tv.*", [f"/discover/tv{query}" for query in LISTS]),
    **{
        f"/trending/{media}/week": (f"trending_{media}_week", [f"/trending/{media}/week{query}" for query in LISTS])
        for media in MEDIA
    },
    "/search/movie": (
        r"search_movie.*",
        [f"/search/movie?query={word}{page}" for word in ("the", "sea", "dream") for page in ("", "&page=2")],
    ),
    "/search/tv": (r"search_tv.*", ["/search/tv?query=breaking+bad", "/search/tv?query=a", "/search/tv?query=t"]),
    "/search/multi": (r"search_multi.*", [f"/search/multi?query={word}" for word in ("the", "sea", "tom", "dream")]),
    **{
        f"/{kind}/{name}": (rf"{kind}_{name}.*", [f"/{kind}/{name}{query}" for query in LISTS])
        for kind, names in named_lists.NAMES.items()
        for name in names
    },
    **_parts("movie", FILMS, "recommendations"),
    **_parts("tv", SHOWS, "recommendations"),
    "/collection/{id}": (r"collection_264", [f"/collection/{n}" for n in (264, 10, 5_000_007, 5_000_017, 5_000_027)]),
    "/movie/changes": (r"movie_changes.*", ["/movie/changes"]),
    "/tv/changes": (r"tv_changes.*", ["/tv/changes"]),
    "/find/{imdb_id}, a film": (r"find_tt0088247.*", ["/find/tt0133093?external_source=imdb_id"]),
    "/find/{imdb_id}, a show": (r"find_tt0903747.*", ["/find/tt0903747?external_source=imdb_id"]),
    "/find/{tvdb_id}": (r"find_81189.*", ["/find/81189?external_source=tvdb_id"]),
    "/genre/movie/list": (r"genre_movie_list", ["/genre/movie/list"]),
    "/genre/tv/list": (r"genre_tv_list", ["/genre/tv/list"]),
    "/configuration": (r"configuration", ["/configuration"]),
}

# Surprises of real data that these recordings happen not to hold (docs/sandbox.md lists who has them).
ON_PURPOSE = (
    ("extra", r".*\.(softcore|undocumented)"),
    ("type", r"\$\.results\[\]\.(id|adult) null"),
    ("type", r".*\.imdb_id null"),
    ("type", r".*\.runtime null"),
    ("type", r".*\.vote_average int"),
    ("type", r".*(poster|backdrop)_path null"),
    # Only well-known titles were recorded; lesser ones lack these.
    ("type", r".*\.(still|logo|profile)_path null"),
    ("type", r".*\.air_date null"),
    ("type", r"\$\.(wikidata|facebook|instagram|twitter|freebase|tvdb|tvrage)_(id|mid) null"),
)


class Difference(NamedTuple):
    """``what`` differs: a key is missing or extra here; a type was never recorded, or is recorded and untried here."""

    what: str
    where: str

    def intended(self) -> bool:
        """Whether the sandbox means it."""
        return any(self.what == what and re.fullmatch(pattern, self.where) for what, pattern in ON_PURPOSE)


def shape_of(value: object, path: str = "$", found: Shape | None = None) -> Shape:
    """All paths of a JSON value with the types seen there.

    >>> sorted(shape_of({"a": [{"b": 1}, {"b": None}]}).items())[-1][0]
    '$.a[].b'
    """
    found = {} if found is None else found
    name = "null" if value is None else type(value).__name__
    found.setdefault(path, set()).add(name)
    if isinstance(value, dict):
        for key, inner in value.items():
            shape_of(inner, f"{path}.{key}", found)
    if isinstance(value, list):
        for inner in value:
            shape_of(inner, f"{path}[]", found)
    return found


def differences(recorded: Shape, ours: Shape) -> Iterator[Difference]:
    """What differs; a path whose parent is missing is not named again."""
    for path in sorted(recorded.keys() - ours.keys()):
        if _parent(path) in ours:
            yield Difference("missing", path)
    for path in sorted(ours.keys() - recorded.keys()):
        if _parent(path) in recorded:
            yield Difference("extra", path)
    for path in sorted(ours.keys() & recorded.keys()):
        for name in sorted(ours[path] - recorded[path]):
            yield Difference("type", f"{path} {name}")
        for name in sorted(recorded[path] - ours[path] - {"null"}):
            yield Difference("untried", f"{path} {name}")


def _parent(path: str) -> str:
    return path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]


def recorded_shape(folder: Path, pattern: str) -> tuple[int, Shape]:
    """The united shape of all recorded bodies whose name fits, and how many there are."""
    found: Shape = {}
    files = [file for file in folder.glob("GET_200_*.json") if re.fullmatch(f"GET_200_{pattern}\\.json", file.name)]
    for file in files:
        shape_of(json.loads(file.read_text()), found=found)
    return len(files), found


def sandbox_shape(api: str, paths: list[str]) -> Shape:
    """The united shape of the sandbox's answers."""
    found: Shape = {}
    for path in paths:
        request = urllib.request.Request(api + path, headers={"Authorization": "Bearer shapes"})
        with urllib.request.urlopen(request) as response:
            shape_of(json.load(response), found=found)
    return found


def main(folder: Path) -> int:
    """Print the table; 0 when nothing differs but what is meant."""
    wrong = 0
    print(f"| {'answer':34} | recorded | paths | differences |\n|{'-' * 36}|---------:|------:|-------------|")
    with Sandbox("--movies", "2000", "--shows", "80") as sandbox:
        for name, (pattern, paths) in GROUPS.items():
            files, recorded = recorded_shape(folder, pattern)
            if not files:
                print(f"no recorded answer fits {pattern} in {folder}", file=sys.stderr)
                return 2
            found = list(differences(recorded, sandbox_shape(sandbox.api, paths)))
            bad = [difference for difference in found if not difference.intended()]
            wrong += len(bad)
            said = "; ".join(f"{what} {where}" for what, where in bad) or "none"
            if meant := len(found) - len(bad):
                said += f" ({meant} on purpose)"
            print(f"| {name:34} | {files:8} | {len(recorded):5} | {said} |")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))

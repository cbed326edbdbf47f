"""``constraints.txt`` has one version for each requirement, on every Python and system that the project is for."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import PROJECT

_EACH = [(python, system) for python in ("3.11", "3.12", "3.13") for system in ("linux", "darwin")]


def _lines(file: str) -> list[str]:
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def _environment(python: str, system: str) -> dict[str, str]:
    return {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": system}


def _locked(python: str, system: str) -> dict[str, list[str]]:
    locked: dict[str, list[str]] = {}
    for line in map(Requirement, _lines("constraints.txt")):
        if line.marker is None or line.marker.evaluate(_environment(python, system)):
            locked.setdefault(canonicalize_name(line.name), []).append(str(line.specifier).removeprefix("=="))
    return locked


@pytest.mark.parametrize(("python", "system"), _EACH)
def test_what_is_required_is_locked_to_one_version_within_its_range(python: str, system: str) -> None:
    locked = _locked(python, system)
    assert {name: versions for name, versions in locked.items() if len(versions) != 1} == {}
    for line in map(Requirement, _lines("requirements.txt") + _lines("requirements-dev.txt")):
        if line.marker is None or line.marker.evaluate(_environment(python, system)):
            (version,) = locked[canonicalize_name(line.name)]
            assert line.specifier.contains(version, prereleases=True), f"{line}: {version} (make lock)"


def test_a_line_is_a_name_and_a_version_and_nothing_of_the_machine_that_made_it() -> None:
    assert [
        line for line in _lines("constraints.txt") if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [^/@]+)?", line)
    ] == []
    assert not re.search(r"https?:|file:|\.\w+/|/\w", (PROJECT / "constraints.txt").read_text(encoding="utf-8"))

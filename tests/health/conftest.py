"""A store of either kind in which nothing is wrong."""

from pathlib import Path

import pytest

from tests.commands.stored import Stored
from tests.health.healthy import fill


@pytest.fixture(params=["sqlite", "mongo"])
def healthy(request: pytest.FixtureRequest, tmp_path: Path) -> Stored:
    """Some films, two shows, and records of all kinds."""
    uri: str = request.getfixturevalue(f"{request.param}_uri")
    stored = Stored(tmp_path / "data", uri, {"IMAGES_STORE": str(tmp_path / "images")})
    stored.fill(lambda store: fill(store, tmp_path / "images"))
    return stored

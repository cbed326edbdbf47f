"""Commands beside a store of either kind."""

from pathlib import Path

import pytest

from tests.commands.stored import Stored


@pytest.fixture(params=["sqlite", "mongo"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Stored:
    """Nothing is stored yet."""
    uri: str = request.getfixturevalue(f"{request.param}_uri")
    return Stored(tmp_path / "data", uri, {"THE_NUMBERS_ENABLED": "1", "OMDB_API_KEY": "0123abcd"})

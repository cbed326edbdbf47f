"""The encodings in which people's lists come."""

from pathlib import Path

import pytest

from moviecrawler.base_spiders.title_files import lines, opened


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_the_encoding_that_it_has(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("603\r\nAmélie (2001)\r\n".encode(encoding))
    with opened(str(tmp_path / "list.txt")) as file:
        assert list(lines(file)) == ["603\n", "Amélie (2001)\n"]


def test_a_damaged_list_in_utf_16_ends_no_crawl(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("603\n".encode("utf-16") + b"\x00\xd8\n\x00\x31")
    with opened(str(tmp_path / "list.txt")) as file:
        assert next(lines(file)) == "603\n"
        assert "\ufffd" in "".join(lines(file))

"""What encoding a page of The Numbers is in: its bytes tell, no header does."""

import pytest
from scrapy.http import HtmlResponse

from moviecrawler.spiders.the_numbers import html


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_page_of_windows_1252_is_read_as_one_of_utf_8_is(encoding: str) -> None:
    page = "<h1>Amélie’s Café</h1>"
    headers = {"Content-Type": "text/html; charset=iso-8859-5"}
    assert html(HtmlResponse("https://n.example/", body=page.encode(encoding), headers=headers)) == page

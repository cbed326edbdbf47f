"""Whatever comes, the answer is an item that can be stored or a ParseError of one line; a cut page is never whole."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.exceptions import ParseError
from tests.sources.the_numbers_files import html, names, parse

PAGES = names("budgets", "chart", "film")
TABLES = names("budgets", "chart")
FILMS = names("film")

MARKUP = st.sampled_from(
    [
        *(
            "<table>",
            "</table>",
            "<tr>",
            "</tr>",
            "<td>",
            "</td>",
            "<th>Movie</th>",
            "<td colspan=x>",
            "</html>",
            "</body>",
        ),
        *(
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<![CDATA[",
            "<?x ?>",
            "<",
            ">",
            "&",
            "&#xD800;",
            "&#0;",
            "&nbsp;",
            "\x00",
        ),
        *(
            "<h1>May 1, 2026 box office</h1>",
            '<a href="/movie/x">',
            "</a>",
            '"',
            "\ud83c",
            "é",
            "Ã",
            "(",
            ")",
            "\n",
            "…",
        ),
        *(
            "<base href=x>",
            "<textarea>",
            "<select>",
            "<svg>",
            "<template>",
            "<x><!-- -->\x08",
            "&#8;<!-- -->&#8;",
            "<plaintext>",
            "<tr><td>Domestic Box Office</td>",
        ),
    ]
)


def outcome(name: str, page: str) -> Any:
    """The dumped item, fit to be stored; None when it was refused in one line."""
    refusal = ""
    try:
        item = parse(name, page)
    except ParseError as error:
        item, refusal = None, str(error)
    assert "\n" not in refusal
    assert len(refusal) < 300
    if item is None:
        return None
    document = item.model_dump()
    assert type(item).model_validate(document) == item
    json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    return document


@pytest.mark.parametrize("name", PAGES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_page_is_read_or_refused(name: str, data: st.DataObject) -> None:
    page = html(name)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(page)))
        end = data.draw(st.one_of(st.just(start), st.integers(start, min(len(page), start + 300))))
        piece = data.draw(st.one_of(MARKUP, st.just(""), st.just(page[start:end] * 2), st.text(max_size=5)))
        page = page[:start] + piece + page[end:]
    outcome(name, page)


@pytest.mark.parametrize("name", ["budgets_2019", "chart_daily_2019", "film_2019"])
@given(page=st.text() | st.lists(MARKUP, max_size=40).map("".join))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_or_refused(name: str, page: str) -> None:
    outcome(name, page)


@pytest.mark.parametrize(
    "page", ["<div>" * 20_000, "<table><tr><td>" * 5_000, "<b><a href=/movie/x>" * 5_000, "<!--" * 50_000]
)
@pytest.mark.parametrize("name", ["budgets_2019", "film_2019"])
def test_a_page_made_to_exhaust_the_parser_is_refused(name: str, page: str) -> None:
    assert outcome(name, page) is None
    assert outcome(name, html(name) + page) in (None, outcome(name, html(name)))


@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_cut_table_is_never_taken_for_a_short_one(name: str, data: st.DataObject) -> None:
    page = html(name)
    end = data.draw(st.integers(0, len(page)))
    assert outcome(name, page[:end]) in (None, outcome(name, page))
    if end < page.rindex("</table>"):
        assert outcome(name, page[:end]) is None or name == "chart_daily_2026"  # its last table is the phone's


@pytest.mark.parametrize("name", FILMS)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_cut_film_page_has_no_value_that_the_whole_one_has_not(name: str, data: st.DataObject) -> None:
    page = html(name)
    whole, cut = outcome(name, page), outcome(name, page[: data.draw(st.integers(0, len(page)))])
    if cut is not None:
        assert {field: value for field, value in cut["box_office"].items() if value} == {
            field: whole["box_office"][field] for field, value in cut["box_office"].items() if value
        }
        others = cut.keys() - {"box_office"}
        assert [field for field in others if cut[field] and cut[field] != whole[field]] == []


@pytest.mark.parametrize("name", PAGES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_ids_classes_and_the_case_of_tags_do_not_matter(name: str, data: st.DataObject) -> None:
    page = html(name)
    for old in (
        ' class="data"',
        'id="movie_finances"',
        'id="box_office_daily_table"',
        'class="chart-desktop"',
        "tbody",
    ):
        page = page.replace(old, data.draw(st.sampled_from([old, "", ' data-x="1"' if old != "tbody" else "TBODY"])))
    assert outcome(name, page) == outcome(name, html(name))


def test_reading_a_page_twice_gives_the_same() -> None:
    for name in PAGES:
        assert parse(name, html(name)) == parse(name, html(name))

"""A slot over time: who can be asked, tables with partial data, reparsed answers, failed lookups, tombstones."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from moviecrawler.documents import SOURCES, Document, names
from moviecrawler.items import BoxOffice, Show
from moviecrawler.policy.documents import merge
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT, PARSER_VERSION
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.timestamps import iso, parse
from tests.support.answers import NOW, REFRESH, after_failed_lookup, answer, document_of, later, merged
from tests.support.policies import refresh

OLD = {"imdb_id": "tt0113277", "release_date": "1995-12-15"}


def slots(document: Document, field: str) -> list[Any]:
    return [document["sources"][source][field] for source in SOURCES]


# --- Who can be asked -------------------------------------------------------------------------------------------


def test_a_new_film_is_due_at_the_sources_that_were_never_asked() -> None:
    assert slots(document_of(answer(**OLD)), "next_refresh_at") == [iso(later(days=90)), iso(NOW), iso(NOW)]


def test_without_an_imdb_id_omdb_is_not_asked_until_there_is_one() -> None:
    without = document_of(answer(title="Heat"))
    assert without["sources"]["omdb"]["next_refresh_at"] is None
    found = merged(without, answer(at=later(1), title="Heat", imdb_id="tt0113277")).document
    assert found["sources"]["omdb"]["next_refresh_at"] == iso(later(1))
    lost = merged(found, answer(at=later(2), title="Heat")).document
    assert lost["sources"]["omdb"]["next_refresh_at"] is None


def test_omdb_that_was_asked_before_is_due_by_the_table_when_the_imdb_id_comes_back() -> None:
    asked = document_of(answer(**OLD), answer("omdb", later(1)), answer(at=later(2), release_date="1995-12-15"))
    assert asked["sources"]["omdb"]["next_refresh_at"] is None
    back = merged(asked, answer(at=later(3), **OLD)).document
    assert back["sources"]["omdb"]["next_refresh_at"] == iso(later(1) + timedelta(days=180))


@pytest.mark.parametrize("kind", ["show", "not enabled"])
def test_the_numbers_is_asked_about_films_and_only_where_it_is_enabled(kind: str) -> None:
    rules = refresh() if kind == "not enabled" else REFRESH
    made = document_of(answer(kind=Show, **OLD) if kind == "show" else answer(**OLD), refresh=rules)
    assert made["sources"]["the_numbers"]["next_refresh_at"] is None


def test_another_date_of_release_is_another_date_for_all_sources() -> None:
    young = document_of(answer(imdb_id="tt0113277", release_date="2026-11-01"), answer("omdb", later(1)))
    assert young["sources"]["omdb"]["next_refresh_at"] == iso(later(1, days=5))
    old = merged(young, answer(at=later(2), **OLD)).document
    assert old["sources"]["omdb"]["next_refresh_at"] == iso(later(1, days=180))


def test_other_settings_set_new_dates_and_write_only_changed_documents() -> None:
    stored = document_of(answer(**OLD), answer("omdb", later(1)))
    assert merge.with_refresh_dates("movies", stored, REFRESH, later(days=9)) is stored
    faster = refresh(REFRESH_OMDB="1,2,3,4")
    planned = merge.with_refresh_dates("movies", stored, faster, later(days=9))
    assert slots(planned, "next_refresh_at") == [iso(later(days=90)), iso(later(1, days=4)), None]
    assert planned["revision"] == stored["revision"] + 1
    again = merge.with_refresh_dates("movies", planned, REFRESH, later(days=9))
    assert again["sources"]["the_numbers"]["next_refresh_at"] == iso(later(days=9))
    assert stored["sources"]["the_numbers"]["next_refresh_at"] == iso(NOW), "what was given is not changed"


# --- Tables that say a part -------------------------------------------------------------------------------------


def budgets(at: Any, **amounts: int) -> Any:
    return answer("the_numbers", at, part="budgets", source_id="Heat-(1995)", box_office=BoxOffice(**amounts))


def chart(at: Any, **fields: Any) -> Any:
    return answer("the_numbers", at, part="chart", source_id="Heat-(1995)", **fields)


def page(at: Any, **fields: Any) -> Any:
    return answer("the_numbers", at, source_id="Heat-(1995)", **fields)


def test_a_row_of_a_table_is_merged_and_the_films_own_page_stays_due() -> None:
    made = document_of(answer(**OLD), budgets(later(1), budget=60_000_000))
    slot = made["sources"]["the_numbers"]
    assert made["box_office"]["budget"] == 60_000_000
    assert made["provenance"]["box_office.budget"] == "the_numbers"
    assert (slot["fetched_at"], slot["next_refresh_at"], slot["source_id"]) == (None, iso(NOW), "Heat-(1995)")
    assert slot["parts"]["budgets"]["fetched_at"] == iso(later(1))


def test_tables_and_the_page_are_laid_over_each_other_the_newest_on_top() -> None:
    answers = [
        budgets(later(1), budget=60, domestic=67),
        page(later(2), box_office=BoxOffice(domestic=68, opening_weekend=8), runtime=170),
        chart(later(3), distributor="Warner Bros."),
    ]
    expected = {"budget": 60, "domestic": 68, "opening_weekend": 8}
    for order in (answers, answers[::-1], [answers[1], answers[0], answers[2]]):
        slot = document_of(answer(**OLD), *order)["sources"]["the_numbers"]
        assert slot["data"]["box_office"] == expected
        assert (slot["data"]["distributor"], slot["data"]["runtime"]) == ("Warner Bros.", 170)
        assert slot["fetched_at"] == iso(later(2))


def test_of_the_same_table_the_newest_row_counts() -> None:
    made = document_of(answer(**OLD), budgets(later(2), budget=61), budgets(later(1), budget=60))
    assert made["sources"]["the_numbers"]["data"]["box_office"] == {"budget": 61}
    assert merged(made, budgets(later(2), budget=62)).outcome == "older"


def test_a_slug_that_changed_is_the_newest_one() -> None:
    moved = budgets(later(2), budget=61).model_copy(update={"source_id": "Heat"})
    moved.set_fetch(iso(later(2)))
    for order in ([budgets(later(1), budget=60), moved], [moved, chart(later(1), distributor="X")]):
        assert document_of(answer(**OLD), *order)["sources"]["the_numbers"]["source_id"] == "Heat"


def frozen_film() -> Document:
    """Of The Numbers: a page and a table, then three cycles that brought nothing."""
    row = budgets(NOW, budget=60)
    pages = [page(later(days=days), runtime=170) for days in (0, 180, 360, 540)]
    made = document_of(answer(**OLD), row, *pages)
    assert made["sources"]["the_numbers"]["frozen_at"] == iso(later(days=540))
    return made


def test_a_row_without_news_is_no_cycle_and_does_not_thaw() -> None:
    frozen = frozen_film()
    made = merged(frozen, budgets(later(days=550), budget=60))
    assert made.outcome == "unchanged"
    before, after = frozen["sources"]["the_numbers"], made.document["sources"]["the_numbers"]
    assert {**before, "parts": None} == {**after, "parts": None}


def test_a_row_with_news_thaws() -> None:
    made = merged(frozen_film(), budgets(later(days=550), budget=61))
    slot = made.document["sources"]["the_numbers"]
    assert (made.outcome, slot["frozen_at"], slot["unchanged_cycles"]) == ("updated", None, 0)
    assert (slot["changed_at"], slot["fetched_at"]) == (iso(later(days=550)), iso(later(days=540)))


# --- Cycles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_freezes_by_itself_after_three_cycles_and_a_change_thaws_it(source: str) -> None:
    row = REFRESH.rules[source].row[-1]
    document = document_of(answer(**OLD), answer("omdb", awards="Won"), page(NOW, runtime=170))
    said = {"tmdb": OLD, "omdb": {"awards": "Won"}, "the_numbers": {"runtime": 170}}[source]
    for cycle in (1, 2, 3):
        document = merged(document, answer(source, later(days=cycle * row), **said)).document
        assert document["sources"][source]["unchanged_cycles"] == cycle
    frozen = later(days=3 * row)
    assert document["sources"][source]["frozen_at"] == iso(frozen)
    assert document["sources"][source]["next_refresh_at"] == iso(frozen + timedelta(days=180))
    others = [other for other in SOURCES if other != source]
    assert [document["sources"][other]["frozen_at"] for other in others] == [None, None]
    thawed = merged(document, answer(source, frozen + timedelta(days=180), **{**said, "tagline": "A new one"})).document
    assert (thawed["sources"][source]["frozen_at"], thawed["sources"][source]["unchanged_cycles"]) == (None, 0)


def test_an_unchanged_title_of_the_feed_is_fetched_again_after_eight_hours() -> None:
    stored = document_of(answer(**OLD))
    named = merged(stored, answer(at=later(10), reason="feed", **OLD)).document["sources"]["tmdb"]
    assert named["next_refresh_at"] == named["recheck_at"] == iso(later(18))
    outgoing = merged(stored, answer(at=later(10), reason="feed", **OLD, runtime=170)).document["sources"]["tmdb"]
    assert (outgoing["recheck_at"], outgoing["next_refresh_at"]) == (None, iso(later(10, days=90)))


# --- Parsed again -----------------------------------------------------------------------------------------------


def test_a_fixed_parser_replaces_the_data_and_moves_no_date() -> None:
    document = document_of(answer(**OLD), *(answer(at=later(days=90 * cycle), **OLD) for cycle in (1, 2, 3)))
    before = document["sources"]["tmdb"]
    again = merged(document, answer(at=parse(before["fetched_at"]), reason="reparse", **OLD, tagline="A Los Angeles"))
    after = again.document["sources"]["tmdb"]
    assert (again.outcome, again.document["tagline"]) == ("updated", "A Los Angeles")
    assert again.document["last_change"]["diff"] == [{"path": "tagline", "old": None, "new": "A Los Angeles"}]
    assert before["frozen_at"]
    assert {**after, "data": 0, "hash": 0} == {**before, "data": 0, "hash": 0}
    assert after["hash"] != before["hash"]


def of_an_older_version(document: Document, **fields: Any) -> Document:
    """The document as parsers of yesterday made it, who knew no keywords and read other ``fields`` in the answer."""
    data = {name: value for name, value in (document["sources"]["tmdb"]["data"] | fields).items() if name != "keywords"}
    slot = {**document["sources"]["tmdb"], "hash": "of yesterday", "data": data}
    top = {name: value for name, value in (document | fields).items() if name != "keywords"}
    return {**top, "sources": {**document["sources"], "tmdb": slot}}


@pytest.mark.parametrize("read", [{}, {"runtime": 17}], ids=["a new field", "another value"])
def test_fields_found_by_a_newer_parser_do_not_thaw_and_are_no_cycle(read: dict[str, Any]) -> None:
    said = {**OLD, "keywords": ["heist"], "runtime": 170}
    frozen = document_of(answer(**said), *(answer(at=later(days=90 * cycle), **said) for cycle in (1, 2, 3)))
    stored = of_an_older_version(frozen, **read)
    before = stored["sources"]["tmdb"]
    after = merged(stored, answer(at=later(days=460), **said))
    slot = after.document["sources"]["tmdb"]
    assert before["frozen_at"]
    for name in ("frozen_at", "changed_at", "unchanged_cycles"):
        assert slot[name] == before[name]
    assert (slot["data"]["keywords"], after.document["keywords"]) == (["heist"], ["heist"])
    diff = (after.document["last_change"] or {"diff": []})["diff"]
    assert diff == [{"path": "runtime", "old": 17, "new": 170} for _ in read]
    again = merged(after.document, answer(at=later(days=640), **said, tagline="A new one"))
    assert again.document["sources"]["tmdb"]["frozen_at"] is None, "from now on the parsers are the same"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (f"{PARSER_VERSION}.0f0f0f0f", [{"path": "titles.fr-FR", "old": None, "new": "Chaleur"}]),
        (f"{PARSER_VERSION - 1}.0f0f0f0f", []),
    ],
    ids=["other fields", "other parsers"],
)
def test_a_new_language_is_a_change_unless_other_parsers_may_have_overlooked_it(
    version: str, expected: list[dict[str, Any]]
) -> None:
    stored = of_an_older_version(document_of(answer(**OLD, titles={"en-US": "Heat"})))
    stored["sources"]["tmdb"]["hash"] = f"{version}:of yesterday"
    new = answer(at=later(days=100), **OLD, titles={"en-US": "Heat", "fr-FR": "Chaleur"}, external_ids={"tvdb": 1})
    after = merged(stored, new).document
    assert (after["last_change"] or {"diff": []})["diff"] == expected


def test_a_title_of_the_feed_has_changed_whichever_parser_read_it_before() -> None:
    stored = of_an_older_version(document_of(answer(**OLD), *(answer(at=later(days=90 * n), **OLD) for n in (1, 2, 3))))
    named = merged(stored, answer(at=later(days=280), reason="feed", **OLD, runtime=171))
    assert named.document["sources"]["tmdb"]["frozen_at"] is None


def test_a_kept_answer_with_the_same_data_is_not_written() -> None:
    document = document_of(answer(**OLD))
    slot = document["sources"]["tmdb"]
    document["sources"]["tmdb"] = {**slot, "hash": slot["hash"].rpartition(":")[2]}
    again = merged(document, answer(at=parse(slot["fetched_at"]), reason="reparse", **OLD))
    assert (again.outcome, again.document) == ("unchanged", document)


def test_a_kept_answer_that_a_newer_one_has_followed_is_not_used() -> None:
    document = document_of(answer(**OLD), answer(at=later(1), **OLD, runtime=171))
    assert merged(document, answer(reason="reparse", **OLD, runtime=170)).outcome == "older"


def test_an_answer_that_reads_as_before_is_no_write() -> None:
    document = document_of(answer(**OLD))
    at = parse(document["sources"]["tmdb"]["fetched_at"])
    again = merged(document, answer(at=at, reason="reparse", **OLD))
    assert again.outcome == "unchanged"
    assert again.document is document


def test_a_page_parsed_again_leaves_the_tables_alone() -> None:
    document = document_of(answer(**OLD), page(later(1), runtime=170), budgets(later(2), budget=60))
    again = answer("the_numbers", later(1), reason="reparse", source_id="Heat-(1995)", runtime=171)
    slot = merged(document, again).document["sources"]["the_numbers"]
    assert slot["data"] == {"runtime": 171, "box_office": {"budget": 60}}
    assert slot["fetched_at"] == iso(later(1))


def test_a_source_without_an_answer_cannot_be_parsed_again() -> None:
    assert merged(document_of(answer(**OLD)), answer("omdb", reason="reparse", awards="Won")).outcome == "older"


# --- Misses -----------------------------------------------------------------------------------------------------


def test_failed_lookups_postpone_a_source_further_each_time() -> None:
    document, days = document_of(answer(**OLD)), []
    for hour in range(1, 8):
        document = after_failed_lookup(document, "omdb", later(hour))
        slot = document["sources"]["omdb"]
        days.append((parse(slot["next_refresh_at"]) - later(hour)).days)
    assert days == [1, 2, 4, 8, 16, 30, 30]
    answered = merged(document, answer("omdb", later(9), awards="Won")).document["sources"]["omdb"]
    assert (answered["failures"], answered["failed_at"]) == (0, None)
    assert answered["next_refresh_at"] == iso(later(9, days=180))


def test_a_failed_lookup_is_no_change_of_the_film() -> None:
    document = document_of(answer(**OLD))
    after = after_failed_lookup(document, "omdb", later(1))
    assert after["last_change"] is None
    assert after["revision"] == document["revision"] + 1
    assert slots(after, "next_refresh_at")[::2] == slots(document, "next_refresh_at")[::2]


def test_a_repeated_failed_lookup_counts_once_and_a_late_one_not_at_all() -> None:
    once = after_failed_lookup(document_of(answer(**OLD)), "omdb", later(2))
    assert after_failed_lookup(once, "omdb", later(2)) is once
    answered = merged(once, answer("omdb", later(3), awards="Won")).document
    assert after_failed_lookup(answered, "omdb", later(1)) is answered


def test_a_cached_answer_does_not_undo_a_later_failed_lookup() -> None:
    gone = buried(document_of(answer(**OLD)), later(2))
    late = merged(gone, answer(at=later(1), **OLD, runtime=170)).document
    assert (late["runtime"], late["sources"]["tmdb"]["gone_at"]) == (170, iso(later(2)))
    assert slots(late, "next_refresh_at") == [None, None, None]


def buried(document: Document, at: datetime) -> Document:
    """The document after TMDB has called it gone twice, a day apart."""
    return after_failed_lookup(
        after_failed_lookup(document, "tmdb", at, "gone"), "tmdb", at + timedelta(days=1), "gone"
    )


def test_gone_from_tmdb_on_two_days_is_a_tombstone_that_keeps_everything() -> None:
    document = document_of(answer(**OLD, title="Heat"), answer("omdb", awards="Won"))
    noted = after_failed_lookup(document, "tmdb", later(1), "gone")
    assert [noted["sources"]["tmdb"][name] for name in ("gone_at", "gone_noted_at")] == [None, iso(later(1))]
    assert noted["sources"]["tmdb"]["next_refresh_at"] == "2026-11-22T00:00:00.000Z"
    assert slots(noted, "next_refresh_at")[1:] == slots(document, "next_refresh_at")[1:]
    same_day = after_failed_lookup(noted, "tmdb", later(11), "gone")
    assert same_day["sources"]["tmdb"]["gone_at"] is None
    assert same_day["sources"]["tmdb"]["next_refresh_at"] == "2026-11-22T00:00:00.000Z"
    tombstone = after_failed_lookup(same_day, "tmdb", later(12), "gone")
    assert [tombstone["sources"]["tmdb"][name] for name in ("gone_at", "gone_noted_at")] == [iso(later(1)), None]
    assert slots(tombstone, "next_refresh_at") == [None, None, None]
    assert (tombstone["title"], tombstone["awards"]) == ("Heat", "Won")
    assert after_failed_lookup(tombstone, "tmdb", later(days=2), "gone")["sources"]["tmdb"]["gone_at"] == iso(later(1))


def test_an_answer_between_two_reports_of_gone_cancels_the_first() -> None:
    noted = after_failed_lookup(document_of(answer(**OLD)), "tmdb", later(1), "gone")
    answered = merged(noted, answer(at=later(days=1), **OLD)).document
    assert answered["sources"]["tmdb"]["gone_noted_at"] is None
    again = after_failed_lookup(answered, "tmdb", later(days=2), "gone")
    assert again["sources"]["tmdb"]["gone_at"] is None


def test_a_failure_on_the_second_day_leaves_the_second_look_to_the_third() -> None:
    noted = after_failed_lookup(document_of(answer(**OLD)), "tmdb", later(1), "gone")
    failed = after_failed_lookup(noted, "tmdb", later(days=1), "failed")
    assert failed["sources"]["tmdb"]["next_refresh_at"] == "2026-11-23T00:00:00.000Z"
    assert after_failed_lookup(failed, "tmdb", later(days=2), "gone")["sources"]["tmdb"]["gone_at"] == iso(later(1))


def test_what_the_export_lists_is_asked_later_and_is_not_gone() -> None:
    listed = after_failed_lookup(document_of(answer(**OLD)), "tmdb", later(1), "listed")
    assert [listed["sources"]["tmdb"][name] for name in ("gone_at", "gone_noted_at")] == [None, None]
    assert listed["sources"]["tmdb"]["next_refresh_at"] == iso(later(1, days=1))


def test_a_film_that_returns_is_due_at_all_sources_again() -> None:
    tombstone = buried(document_of(answer(**OLD), answer("omdb", awards="Won")), later(1))
    back = merged(tombstone, answer(at=later(2, days=1), reason="manual", **OLD)).document
    assert back["sources"]["tmdb"]["gone_at"] is None
    assert slots(back, "next_refresh_at") == [iso(later(2, days=91)), iso(later(days=180)), iso(later(2, days=1))]


@pytest.mark.parametrize("source", ["omdb", "the_numbers"])
def test_a_title_gone_from_another_source_is_asked_about_again(source: str) -> None:
    document = after_failed_lookup(document_of(answer(**OLD)), source, later(1), "gone")
    assert document["sources"][source]["gone_at"] == iso(later(1))
    assert document["sources"][source]["next_refresh_at"] == iso(later(1, days=1))
    answered = merged(document, answer(source, later(2), runtime=170)).document
    assert answered["sources"][source]["gone_at"] is None


def test_the_other_id_of_a_film_is_kept_on_merge_and_makes_no_history() -> None:
    document = document_of(answer(**OLD))
    assert document["same_as"] is None
    twin = merge.with_same_as(document, 77, now=later(1))
    assert merge.with_same_as(twin, 77, now=later(2)) is twin
    assert merged(twin, answer(at=later(3), **OLD)).document["same_as"] == 77
    assert twin["last_change"] is None


# --- Documents of an older store --------------------------------------------------------------------------------


def test_a_document_without_the_newer_fields_gets_them() -> None:
    document = document_of(answer(**OLD))
    del document["same_as"]
    for slot in document["sources"].values():
        for name in ("failures", "failed_at", "recheck_at", "gone_noted_at"):
            del slot[name]
    made = merged(document, answer(at=later(1), **OLD)).document
    assert made["sources"]["tmdb"].keys() == EMPTY_SLOT.keys()
    failed = after_failed_lookup(document, "omdb", later(1))
    assert failed["sources"]["omdb"]["failures"] == 1
    assert after_failed_lookup(document, "tmdb", later(1), "gone")["sources"]["tmdb"]["gone_noted_at"] == iso(later(1))
    assert merge.with_refresh_dates("movies", document, REFRESH, NOW) is document


# --- Documents of an older version ------------------------------------------------------------------------------


def as_of_old(document: Document, *, without: tuple[str, ...] = ("country_codes", "taglines", "videos")) -> Document:
    """The document as a version wrote it that knew neither these fields nor a number for its parsers; frozen.

    It knew names where there are people and companies now.
    """
    fields = {name: value for name, value in document.items() if name not in without}
    slot = document["sources"]["tmdb"]
    data = {name: as_names(name, value) for name, value in slot["data"].items() if name not in without}
    slot = {**slot, "data": data, "hash": "5f" * 32, "frozen_at": slot["fetched_at"], "unchanged_cycles": 3}
    old = {name: as_names(name, value) for name, value in fields.items()}
    people = ("directors", "writers", "cast")
    old["people"] = {part: as_names(part, document["people"][part]) for part in people}
    return {**old, "schema_version": 1, "sources": {**document["sources"], "tmdb": slot}}


def as_names(field: str, value: Any) -> Any:
    if field == "people":
        return {part: as_names(part, rows) for part, rows in value.items() if part not in ("creators", "crew")}
    if field == "cast":
        return [{"name": row["name"], "character": row["character"]} for row in value]
    return names(value) if field in ("directors", "writers", "studios", "networks") else value


PEOPLE: dict[str, Any] = {
    "creators": [{"id": 1, "name": "C"}],
    "directors": [{"id": 2, "name": "D", "profile_path": "/d.jpg"}, {"id": 3, "name": "D"}],
    "cast": [{"id": 4, "name": "A", "character": "Ann", "order": 0}],
    "crew": [{"id": 5, "name": "E", "job": "Editor"}],
}
SHOW: dict[str, Any] = {
    **{"kind": Show, "title": "X", "people": PEOPLE, "country_codes": ["US"], "taglines": {"de-DE": "T"}},
    **{"release_date": "1995-12-15", "in_production": False, "studios": [{"id": 6, "name": "S", "country": "US"}]},
    "videos": [
        {"site": "YouTube", "key": "k", **dict.fromkeys(("type", "name", "language", "official", "published_at"))}
    ],
}


def old_show() -> Document:
    """The show in today's form, as a store gives it."""
    old = as_of_old(document_of(answer(**SHOW)))
    assert old["people"] == {"directors": ["D"], "writers": [], "cast": [{"name": "A", "character": "Ann"}]}
    return upgraded("shows", old)


def test_the_same_answer_thaws_no_document_of_an_older_version_and_is_no_change() -> None:
    old = old_show()
    made = merged(old, answer(at=later(days=180), **SHOW))
    slot = made.document["sources"]["tmdb"]
    assert (made.outcome, made.document["last_change"]) == ("unchanged", None)
    assert slot["frozen_at"]
    assert slot["changed_at"] == old["sources"]["tmdb"]["changed_at"]
    assert made.document["people"] == {**PEOPLE, "writers": []}
    assert made.document["country_codes"] == ["US"]


def test_the_same_answer_is_no_change_either_when_another_source_was_asked_before() -> None:
    stored = merged(old_show(), answer("omdb", later(1), kind=Show, awards="A")).document
    assert stored["last_change"]["diff"] == [{"path": "awards", "old": None, "new": "A"}]
    made = merged(stored, answer(at=later(days=180), **SHOW)).document
    assert made["last_change"] == stored["last_change"]
    assert made["sources"]["tmdb"]["frozen_at"]


def test_another_answer_about_a_document_of_an_older_version_is_in_its_history() -> None:
    cast = [{**PEOPLE["cast"][0], "name": "Z"}]
    made = merged(old_show(), answer(at=later(days=180), **{**SHOW, "title": "Y", "people": {**PEOPLE, "cast": cast}}))
    assert made.outcome == "updated"
    assert made.document["last_change"]["diff"] == [
        {"path": "title", "old": "X", "new": "Y"},
        {"path": "people.cast", "old": [{"name": "A", "character": "Ann"}], "new": cast},
    ]


def test_from_the_next_answer_on_changes_count_again() -> None:
    stored = merged(old_show(), answer(at=later(days=180), **SHOW)).document
    creators = [{"id": 9, "name": "C"}]
    made = merged(stored, answer(at=later(days=360), **{**SHOW, "people": {**PEOPLE, "creators": creators}}))
    assert made.document["last_change"]["diff"] == [
        {"path": "people.creators", "old": PEOPLE["creators"], "new": creators}
    ]
    assert made.document["sources"]["tmdb"]["frozen_at"] is None


def test_an_answer_of_another_source_leaves_a_slot_of_an_older_version_as_it_is() -> None:
    made = merged(old_show(), answer("omdb", later(1), kind=Show, awards="A")).document
    assert made["sources"]["tmdb"]["hash"] == "5f" * 32
    assert "country_codes" not in made, "nobody was asked for it yet"
    assert made["last_change"]["diff"] == [{"path": "awards", "old": None, "new": "A"}]


# --- What drifts ------------------------------------------------------------------------------------------------

CANDIDATE = {"path": "/a.jpg", "language": None, "width": 1, "height": 1}
DRIFTING: dict[str, Any] = {
    "watch": {"US": {"stream": [{"id": 8, "name": "N", "logo_path": None}]}},
    "recommendations": [604],
    **{role: [CANDIDATE] for role in ("logos", "posters", "backdrops")},
    "softcore": False,
}


@pytest.mark.parametrize("field", DRIFTING)
def test_what_drifts_thaws_nothing_and_makes_no_history(field: str) -> None:
    stored = document_of(answer(title="Heat"))
    stored["sources"]["tmdb"] |= {"frozen_at": iso(NOW), "unchanged_cycles": 3}
    made = merged(stored, answer(at=later(days=180), title="Heat", **{field: DRIFTING[field]}))
    assert (made.outcome, made.document["last_change"], made.document[field]) == ("unchanged", None, DRIFTING[field])
    assert made.document["sources"]["tmdb"]["frozen_at"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"people": {"cast": [{"id": 1, "name": "A"}]}},
            {"people": {"cast": [{"id": 1, "name": "A", "profile_path": "/b"}]}},
        ),
        (
            {"studios": [{"id": 1, "name": "A", "logo_path": "/a"}]},
            {"studios": [{"id": 1, "name": "A", "logo_path": "/b"}]},
        ),
        ({"collection": {"id": 1, "name": "A"}}, {"collection": {"id": 1, "name": "A", "poster_path": "/b"}}),
    ],
)
def test_so_do_pictures_of_people_companies_and_collections(before: dict[str, Any], after: dict[str, Any]) -> None:
    stored = document_of(answer(**before))
    stored["sources"]["tmdb"] |= {"frozen_at": iso(NOW), "unchanged_cycles": 3}
    made = merged(stored, answer(at=later(days=180), **after)).document
    assert made["last_change"] is None
    assert made["sources"]["tmdb"]["frozen_at"]
    assert "'/b'" in str(made["sources"]["tmdb"]["data"]), "it is kept up to date"

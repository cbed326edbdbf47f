"""All spellings of one title are one key; different titles keep different keys."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moviecrawler.policy.identity import normalise

SAME = [
    ("The Godfather", "Godfather, The", "godfather", "THE  GODFATHER"),
    ("A Quiet Place", "Quiet Place, A", "Quiet Place,A"),
    ("An Education", "Education, An"),
    ("The A-Team", "A-Team, The"),
    ("Les Misérables", "Misérables, Les", "Les Miserables", "Les Mise\u0301rables"),
    ("L'Avventura", "L’Avventura", "Avventura, L'", "L' Avventura"),
    ("Le fabuleux destin d'Amélie Poulain", "Fabuleux destin d’Amelie Poulain, Le"),
    ("Der Untergang", "Untergang, Der"),
    ("Das Boot", "Boot, Das"),
    ("El laberinto del fauno", "Laberinto del fauno, El"),
    ("Il buono, il brutto, il cattivo", "Buono, il brutto, il cattivo, Il"),
    ("De Aanslag", "Aanslag, De"),
    ("Amélie", "Amelie", "AMÉLIE"),
    ("Æon Flux", "Aeon Flux"),
    ("Smørrebrød", "Smorrebrod"),
    ("Straße", "STRASSE"),
    ("Łódź", "Lodz"),
    ("İstanbul", "Istanbul"),
    ("Ёлки", "Елки"),
    ("Fast & Furious", "Fast and Furious", "Fast&Furious"),
    ("Mr. & Mrs. Smith", "Mr and Mrs Smith"),
    ("Ocean's Eleven", "Ocean’s Eleven", "Oceans Eleven"),
    ("Spider-Man: No Way Home", "Spider-Man - No Way Home", "Spider Man No Way Home"),
    ("WALL·E", "WALL-E"),
    ("M*A*S*H", "MASH"),
    ("S.W.A.T.", "SWAT"),
    ("L.A. Confidential", "LA Confidential"),
    ("The 'burbs", "Burbs, The", "'burbs"),
    ("Batman v Superman", "Batman vs Superman", "Batman vs. Superman"),
    ("Amélie", "AmÃ©lie"),
    ("E.T. the Extra-Terrestrial", "ET The Extra-Terrestrial"),
    ("U.S. Marshals", "US Marshals"),
    ("[REC]²", "REC 2"),
    ("Alien³", "Alien 3"),
    ("9½ Weeks", "9 1/2 Weeks"),
    ("10,000 BC", "10000 BC"),
    ("Rocky IV", "Rocky 4", "Rocky Ⅳ"),
    ("Saw X", "Saw 10"),
    ("Friday the 13th Part VIII: Jason Takes Manhattan", "Friday the 13th Part 8 - Jason Takes Manhattan"),
    ("Harry Potter and the Deathly Hallows: Part I", "Harry Potter and the Deathly Hallows: Part 1"),
    ("Dune: Part Two", "Dune: Part 2", "Dune Part II"),
    ("Kill Bill: Vol. 1", "Kill Bill: Volume 1", "Kill Bill, Vol 1"),
    ("Star Wars Ep. V: The Empire Strikes Back", "Star Wars: Episode V - The Empire Strikes Back"),
    ("Ｆｕｌｌ　Ｍｅｔａｌ", "Full Metal"),
    ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
    ("蝙蝠侠：黑暗骑士", "蝙蝠侠:黑暗骑士", "蝙蝠侠 黑暗骑士"),
    ("Zero\u200bWidth", "ZeroWidth"),
    ("Tromeo & Juliet", "  Tromeo  and Juliet \n"),
]

DIFFERENT = [
    ("Rocky II", "Rocky III"),
    ("Alien", "Aliens", "Alien 3"),
    ("V", "5"),
    ("V for Vendetta", "5 for Vendetta"),
    ("X", "10"),
    ("I, Robot", "1 Robot"),
    ("The King and I", "The King and 1"),
    ("II", "2"),
    ("$", "¢", "...", "?"),
    ("か", "が"),
    ("हिन्दी", "हनद"),
    ("ไทย", "ทย"),
    ("Die", "D"),
    ("The", "A"),
    ("It", "It Follows"),
    ("300", "301"),
    ("群体", "군체"),
]


@pytest.mark.parametrize("titles", SAME, ids=lambda titles: titles[0])
def test_all_spellings_of_a_title_are_one_key(titles: tuple[str, ...]) -> None:
    assert len({normalise(title) for title in titles}) == 1
    assert normalise(titles[0])


@pytest.mark.parametrize("titles", DIFFERENT, ids=lambda titles: titles[0])
def test_different_titles_keep_different_keys(titles: tuple[str, ...]) -> None:
    keys = [normalise(title) for title in titles]
    assert len(set(keys)) == len(keys)
    assert all(keys)


@pytest.mark.parametrize(
    "script", ["千と千尋の神隠し", "군체", "हिन्दी मीडियम", "ماجرای نیمروز", "גבעת חלפון", "ฉลาดเกมส์โกง"]
)
def test_other_scripts_are_kept(script: str) -> None:
    assert normalise(script) == script


def test_an_empty_title_has_an_empty_key() -> None:
    assert [normalise(title) for title in ("", " ", "\u3000", "\u200b")] == [""] * 4


@given(st.text(max_size=40))
def test_a_key_is_lower_case_words_between_single_spaces(title: str) -> None:
    key = normalise(title)
    assert key == key.strip()
    assert "  " not in key
    assert key == key.casefold() or not key.isascii()


@given(st.text(max_size=40))
def test_a_title_with_a_letter_or_digit_has_a_key(title: str) -> None:
    assert normalise(title) or not any(character.isalnum() for character in title)


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "M"]), max_size=30))
@example("Âµ")
def test_composed_and_decomposed_spellings_are_one(title: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", title), unicodedata.normalize("NFD", title)
    assert normalise(composed) == normalise(decomposed)


@given(st.from_regex(r"[a-zA-Z]{2,8}( [a-zA-Z]{2,8}){0,4}", fullmatch=True))
def test_an_article_in_front_or_behind_makes_no_difference(title: str) -> None:
    assert normalise(f"The {title}") == normalise(f"{title}, The")

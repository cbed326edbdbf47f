"""Genres in the reader's language: names of TMDB's genres by id, for the languages that are read most."""

from collections.abc import Mapping
from typing import Final

from moviecrawler.documents import Document

# By column: the ids of ``/genre/movie/list``, then those that only ``/genre/tv/list`` has.
_IDS: Final = (
    *(28, 12, 16, 35, 80, 99, 18, 10751, 14, 36, 27, 10402, 9648, 10749, 878, 53, 10770, 10752, 37),
    *(10759, 10762, 10763, 10764, 10765, 10766, 10767, 10768),
)

_NAMES: Final = {
    "ar": "حركة|مغامرة|رسوم متحركة|كوميديا|جريمة|وثائقي|دراما|عائلي|خيال|تاريخ|رعب|موسيقى"
    "|غموض|رومانسية|خيال علمي|إثارة|فيلم تلفازي|حرب|غربي|حركة ومغامرة|أطفال|أخبار|واقع"
    "|خيال علمي وفانتازيا|دراما طويلة|حوار|حرب وسياسة",
    "de": "Action|Abenteuer|Animation|Komödie|Krimi|Dokumentarfilm|Drama|Familie|Fantasy|Historie|Horror|Musik|Mystery"
    "|Liebesfilm|Science Fiction|Thriller|TV-Film|Kriegsfilm|Western|Action & Abenteuer|Kinder|Nachrichten|Reality"
    "|Sci-Fi & Fantasy|Soap|Talk|Krieg & Politik",
    "en": "Action|Adventure|Animation|Comedy|Crime|Documentary|Drama|Family|Fantasy|History|Horror|Music|Mystery"
    "|Romance|Science Fiction|Thriller|TV Movie|War|Western|Action & Adventure|Kids|News|Reality"
    "|Sci-Fi & Fantasy|Soap|Talk|War & Politics",
    "es": "Acción|Aventura|Animación|Comedia|Crimen|Documental|Drama|Familia|Fantasía|Historia|Terror|Música|Misterio"
    "|Romance|Ciencia ficción|Suspense|Película de TV|Bélica|Western|Acción y aventura|Infantil|Noticias|Reality"
    "|Ciencia ficción y fantasía|Telenovela|Entrevistas|Guerra y política",
    "fr": "Action|Aventure|Animation|Comédie|Crime|Documentaire|Drame|Familial|Fantastique|Histoire|Horreur|Musique"
    "|Mystère|Romance|Science-Fiction|Thriller|Téléfilm|Guerre|Western|Action & aventure|Jeunesse|Actualités"
    "|Téléréalité|Science-Fiction & fantastique|Feuilleton|Débats|Guerre & politique",
    "it": "Azione|Avventura|Animazione|Commedia|Crime|Documentario|Dramma|Famiglia|Fantasy|Storia|Horror|Musica|Mistero"
    "|Romance|Fantascienza|Thriller|Film TV|Guerra|Western|Azione e avventura|Bambini|Notizie|Reality"
    "|Fantascienza e fantasy|Soap|Talk show|Guerra e politica",
    "ja": "アクション|アドベンチャー|アニメーション|コメディ|犯罪|ドキュメンタリー|ドラマ|ファミリー"
    "|ファンタジー|歴史|ホラー|音楽|ミステリー|ロマンス|SF|スリラー|テレビ映画|戦争|西部劇"
    "|アクション・アドベンチャー|キッズ|ニュース|リアリティ"
    "|SF・ファンタジー|昼ドラ|トーク|戦争・政治",
    "ko": "액션|모험|애니메이션|코미디|범죄|다큐멘터리|드라마|가족|판타지|역사|공포|음악|미스터리|로맨스|SF|스릴러"
    "|TV 영화|전쟁|서부|액션 & 모험|아동|뉴스|리얼리티|SF & 판타지|연속극|토크|전쟁 & 정치",
    "nl": "Actie|Avontuur|Animatie|Komedie|Misdaad|Documentaire|Drama|Familie|Fantasie|Historisch|Horror|Muziek"
    "|Mysterie|Romantiek|Sciencefiction|Thriller|TV-film|Oorlog|Western|Actie & avontuur|Kinderen|Nieuws|Reality"
    "|Sciencefiction & fantasie|Soap|Talkshow|Oorlog & politiek",
    "pl": "Akcja|Przygodowy|Animacja|Komedia|Kryminał|Dokumentalny|Dramat|Familijny|Fantasy|Historyczny|Horror|Muzyczny"
    "|Tajemnica|Romans|Sci-Fi|Thriller|Film TV|Wojenny|Western|Akcja i przygoda|Dla dzieci|Wiadomości|Reality"
    "|Sci-Fi i fantasy|Opera mydlana|Talk-show|Wojna i polityka",
    "pt": "Ação|Aventura|Animação|Comédia|Crime|Documentário|Drama|Família|Fantasia|História|Terror|Música|Mistério"
    "|Romance|Ficção científica|Thriller|Telefilme|Guerra|Faroeste|Ação e aventura|Infantil|Notícias|Reality"
    "|Ficção científica e fantasia|Novela|Entrevistas|Guerra e política",
    "ru": "боевик|приключения|мультфильм|комедия|криминал|документальный|драма|семейный|фэнтези|история|ужасы|музыка"
    "|детектив|мелодрама|фантастика|триллер|телефильм|военный|вестерн|боевик и приключения|детский|новости"
    "|реалити-шоу|фантастика и фэнтези|мыльная опера|ток-шоу|война и политика",
    "sv": "Action|Äventyr|Animerat|Komedi|Kriminal|Dokumentär|Drama|Familj|Fantasy|Historisk|Skräck|Musik|Mysterium"
    "|Romantik|Science fiction|Thriller|TV-film|Krig|Västern|Action och äventyr|Barn|Nyheter|Dokusåpa"
    "|Sci-fi och fantasy|Såpa|Pratshow|Krig och politik",
    "tr": "Aksiyon|Macera|Animasyon|Komedi|Suç|Belgesel|Dram|Aile|Fantastik|Tarih|Korku|Müzik|Gizem|Romantik"
    "|Bilim-Kurgu|Gerilim|TV film|Savaş|Vahşi Batı|Aksiyon ve macera|Çocuklar|Haber|Gerçeklik"
    "|Bilim kurgu ve fantazi|Pembe dizi|Söyleşi|Savaş ve politika",
    "uk": "бойовик|пригоди|мультфільм|комедія|кримінал|документальний|драма|сімейний|фентезі|історія|жахи|музика"
    "|детектив|мелодрама|фантастика|трилер|телефільм|військовий|вестерн|бойовик і пригоди|дитячий|новини"
    "|реаліті-шоу|фантастика і фентезі|мильна опера|ток-шоу|війна і політика",
    "zh": "动作|冒险|动画|喜剧|犯罪|纪录|剧情|家庭|奇幻|历史|恐怖|音乐"
    "|悬疑|爱情|科幻|惊悚|电视电影|战争|西部|动作冒险|儿童|新闻|真人秀|科幻奇幻|肥皂剧|脱口秀|战争政治",
    "zh-TW": "動作|冒險|動畫|喜劇|犯罪|紀錄|劇情|家庭|奇幻|歷史|恐怖|音樂"
    "|懸疑|愛情|科幻|驚悚|電視電影|戰爭|西部|動作冒險|兒童|新聞|實境|科幻奇幻|肥皂劇|脫口秀|戰爭政治",
}

_BY_LANGUAGE: Final[Mapping[str, Mapping[int, str]]] = {
    tag: dict(zip(_IDS, names.split("|"), strict=True)) for tag, names in _NAMES.items()
}
_TRADITIONAL: Final = frozenset({"zh-TW", "zh-HK"})


def genres_in(document: Document, language: str) -> list[str]:
    """The document's genres in a language (a BCP 47 tag).

    A stored name is in the language in which TMDB was asked, and stays unless it is the name in another language of our
    table: the answer in the right language may have better words than the table. A locked genre, or one of another
    source, has no id and stays.

    >>> film = {"genres": ["Crime", "Noir"], "sources": {"tmdb": {"data": {"genres": ["Crime"], "genre_ids": [80]}}}}
    >>> genres_in(film, "de-DE"), genres_in(film, "en-US"), genres_in(film, "tlh")
    (['Krimi', 'Noir'], ['Crime', 'Noir'], ['Crime', 'Noir'])
    """
    names = list(document.get("genres") or ())
    wanted = _BY_LANGUAGE.get("zh-TW" if language in _TRADITIONAL else language.partition("-")[0])
    data = document["sources"]["tmdb"]["data"]
    stored, ids = data.get("genres") or [], data.get("genre_ids") or []
    if wanted is None or len(stored) != len(ids):
        return names
    id_of = dict(zip(stored, ids, strict=True))
    return [_translated(name, id_of.get(name), wanted) for name in names]


def _translated(name: str, id: int | None, wanted: Mapping[int, str]) -> str:
    if id is None or id not in wanted:
        return name
    known = any(of_language[id].casefold() == name.casefold() for of_language in _BY_LANGUAGE.values())
    return wanted[id] if known and name.casefold() != wanted[id].casefold() else name

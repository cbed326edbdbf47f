"""Words from which titles and names are made up, so that every script occurs."""

from __future__ import annotations

# One thing a row, in nine languages. Every title pattern is grammatical without gender, case or plural.
LANGUAGES = ("en", "zh", "ja", "ko", "hi", "ar", "fr", "es", "de")
NOUNS = tuple(
    dict(zip(LANGUAGES, row.split(), strict=True))
    for row in """
    Sea 大海 海 바다 समुद्र بحر Mer Mar Meer
    Fire 火焰 炎 불꽃 आग نار Feu Fuego Feuer
    Winter 冬天 冬 겨울 सर्दी شتاء Hiver Invierno Winter
    Summer 夏天 夏 여름 गर्मी صيف Été Verano Sommer
    Night 黑夜 夜 밤 रात ليل Nuit Noche Nacht
    Dawn 黎明 夜明け 새벽 सवेरा فجر Aube Alba Morgenrot
    Moon 月亮 月 달 चाँद قمر Lune Luna Mond
    Star 星辰 星 별 तारा نجمة Étoile Estrella Stern
    River 河流 川 강 नदी نهر Rivière Río Fluss
    Mountain 高山 山 산 पहाड़ جبل Montagne Montaña Berg
    Forest 森林 森 숲 जंगल غابة Forêt Bosque Wald
    City 城市 街 도시 शहर مدينة Ville Ciudad Stadt
    Island 岛屿 島 섬 द्वीप جزيرة Île Isla Insel
    Desert 沙漠 砂漠 사막 रेगिस्तान صحراء Désert Desierto Wüste
    Rain 雨水 雨 비 बारिश مطر Pluie Lluvia Regen
    Snow 白雪 雪 눈 बर्फ़ ثلج Neige Nieve Schnee
    Wind 狂风 風 바람 हवा ريح Vent Viento Wind
    Light 光明 光 빛 रोशनी نور Lumière Luz Licht
    Shadow 影子 影 그림자 छाया ظل Ombre Sombra Schatten
    Silence 寂静 沈黙 침묵 ख़ामोशी صمت Silence Silencio Stille
    Memory 记忆 記憶 기억 याद ذكرى Mémoire Memoria Erinnerung
    Dream 梦想 夢 꿈 सपना حلم Rêve Sueño Traum
    Heart 心灵 心 마음 दिल قلب Cœur Corazón Herz
    Promise 诺言 約束 약속 वादा وعد Promesse Promesa Versprechen
    Road 道路 道 길 रास्ता طريق Route Camino Weg
    Bridge 大桥 橋 다리 पुल جسر Pont Puente Brücke
    House 房子 家 집 घर بيت Maison Casa Haus
    Garden 花园 庭 정원 बाग़ حديقة Jardin Jardín Garten
    Door 大门 扉 문 दरवाज़ा باب Porte Puerta Tür
    Letter 书信 手紙 편지 चिट्ठी رسالة Lettre Carta Brief
    Clock 时钟 時計 시계 घड़ी ساعة Horloge Reloj Uhr
    Mirror 镜子 鏡 거울 आईना مرآة Miroir Espejo Spiegel
    Train 列车 列車 기차 रेलगाड़ी قطار Train Tren Zug
    Harbour 港口 港 항구 बंदरगाह ميناء Port Puerto Hafen
    Lighthouse 灯塔 灯台 등대 प्रकाशस्तंभ منارة Phare Faro Leuchtturm
    Kingdom 王国 王国 왕국 राज्य مملكة Royaume Reino Königreich
    Soldier 士兵 兵士 병사 सिपाही جندي Soldat Soldado Soldat
    Stranger 陌生人 旅人 나그네 अजनबी غريب Étranger Extraño Fremder
    Brother 兄弟 兄弟 형제 भाई أخ Frère Hermano Bruder
    Daughter 女儿 娘 딸 बेटी ابنة Fille Hija Tochter
    Wolf 野狼 狼 늑대 भेड़िया ذئب Loup Lobo Wolf
    Bird 飞鸟 鳥 새 पंछी طائر Oiseau Pájaro Vogel
    Horse 骏马 馬 말 घोड़ा حصان Cheval Caballo Pferd
    Dragon 飞龙 竜 용 अजगर تنين Dragon Dragón Drache
    Robot 机器人 ロボット 로봇 रोबोट روبوت Robot Robot Roboter
    Planet 行星 惑星 행성 ग्रह كوكب Planète Planeta Planet
    Gold 黄金 黄金 황금 सोना ذهب Or Oro Gold
    Music 音乐 音楽 음악 संगीत موسيقى Musique Música Musik
    """.strip().splitlines()
)

NOUN_OF = {noun["en"]: noun for noun in NOUNS}

# {a} and {b} are two things.
PATTERNS = {
    "en": ("{a} and {b}", "{a} without {b}", "{a} against {b}"),
    "zh": ("{a}与{b}", "没有{b}的{a}", "{a}对{b}"),
    "ja": ("{a}と{b}", "{b}のない{a}", "{a}対{b}"),
    "ko": ("{a} 그리고 {b}", "{b} 없는 {a}", "{a} 대 {b}"),
    "hi": ("{a} और {b}", "{b} के बिना {a}", "{a} बनाम {b}"),
    "ar": ("{a} و{b}", "{a} بلا {b}", "{a} ضد {b}"),
    "fr": ("{a} et {b}", "{a} sans {b}", "{a} contre {b}"),
    "es": ("{a} y {b}", "{a} sin {b}", "{a} contra {b}"),
    "de": ("{a} und {b}", "{a} ohne {b}", "{a} gegen {b}"),
}

# Simplified to traditional, for the characters used above (and for those of the sentences).
TRADITIONAL = str.maketrans(
    "梦诺园门书时钟镜车灯国陌儿飞鸟骏马龙机乐与没对狂风记忆寂静岛这执导编剧讲关",
    "夢諾園門書時鐘鏡車燈國陌兒飛鳥駿馬龍機樂與沒對狂風記憶寂靜島這執導編劇講關",
)

# Given and family names by the language of the film; family first where it stands first.
_EUROPEAN = "Anna Clara Elena Ines Marta Nora Sofia Vera Adrian Bruno Felix Hugo Leon Mateo Oscar Viktor"
NAMES = {
    "en": (
        "Alice Grace Hannah Judith Martha Olive Ruth Stella Arthur Daniel Edgar George Henry Owen Samuel Walter",
        "Ashdown Barlow Crane Dunmore Fairley Goddard Harrow Kestrel Larkin Marlow Northcott Quill Ridley Thorne",
        "{given} {family}",
    ),
    "zh": (
        "丽 敏 静 强 磊 洋 勇 艳 杰 涛 明 超 霞 平 刚 桂英",
        "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱",
        "{family}{given}",
    ),
    "ja": (
        "葵 凛 陽菜 美咲 結衣 さくら 蓮 湊 樹 大翔 悠真 翔太 健 直樹 明 恵子",
        "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 松本 井上",
        "{family}{given}",
    ),
    "ko": (
        "서연 지우 하은 민서 수빈 예린 유진 은지 민준 서준 도윤 시우 지호 현우 준혁 성민",
        "김 이 박 최 정 강 조 윤 장 임 한 오 서 신",
        "{family}{given}",
    ),
    "hi": (
        "Aarav Aditi Ananya Arjun Diya Ishaan Kavya Meera Neha Nikhil Priya Rahul Riya Rohan Sanjay Vikram",
        "Bose Chatterjee Desai Gupta Iyer Joshi Kapoor Mehta Nair Patel Rao Sharma Singh Verma",
        "{given} {family}",
    ),
    "ar": (
        "أحمد محمد علي حسن يوسف عمر خالد كريم فاطمة مريم ليلى سارة نور هدى سلمى رنا",
        "حداد نجار خوري منصور سالم فارس عباس شاهين درويش قاسم حمدان زيدان عيسى رشيد",
        "{given} {family}",
    ),
    "fr": (
        _EUROPEAN,
        "Aubert Blanchet Carpentier Delmas Fabre Gauthier Lambert Marchand Moreau Perrin Renaud Roussel Tessier Vidal",
        "{given} {family}",
    ),
    "es": (
        _EUROPEAN,
        "Aguilar Bravo Castillo Delgado Fuentes Herrera Iglesias Molina Navarro Ortega Rivas Serrano Vargas Zamora",
        "{given} {family}",
    ),
    "de": (
        _EUROPEAN,
        "Albrecht Brandt Dietrich Ebert Fischer Hartmann Keller Lindner Neumann Richter Seidel Vogt Winkler Ziegler",
        "{given} {family}",
    ),
}

CHARACTERS = (
    *("the captain", "the teacher", "the detective", "the neighbour", "the pilot", "the doctor", "the clerk"),
    *("the thief", "the widow", "the musician", "the mayor", "the gardener", "the courier", "the ferryman"),
)

KEYWORDS = (
    *("friendship", "revenge", "road trip", "time travel", "small town", "family secrets", "spy", "heist", "chess"),
    *("first love", "shipwreck", "artificial intelligence", "survival", "coming of age", "courtroom", "volcano"),
    *("lighthouse keeper", "train journey", "lost letter", "space station", "double life", "rivalry", "ghost"),
    *("circus", "siege", "monsoon"),
)

STUDIOS = (
    *("Paper Lantern Pictures", "Ninth Reel", "Tidewater Films", "Blue Kiosk", "Grain & Gate", "North Ferry Film"),
    *("Second Sunrise", "Copper Moth Studios", "Long Shot Cooperative", "Quiet Projector"),
)

NETWORKS = ("Channel Nine Lanterns", "Harbour Television", "Cloudline", "Meridian Broadcasting")

# (department, job), as TMDB calls them.
JOBS = (
    *(("Sound", "Original Music Composer"), ("Camera", "Director of Photography"), ("Editing", "Editor")),
    *(("Production", "Producer"), ("Production", "Executive Producer"), ("Art", "Production Design")),
    *(("Costume & Make-Up", "Costume Design"), ("Sound", "Sound Designer")),
)

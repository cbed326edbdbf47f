"""Countries: one name for each in all documents, TMDB's English one, and its ISO 3166-1 alpha-2 code.

Also the codes of what was a country once, as TMDB has them: ``SU`` and ``YU`` of ISO 3166-3, ``XC`` and ``XG`` its own.
"""

from collections.abc import Iterable
from typing import Any

from moviecrawler.sources.text import text

_NAMES = """
AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia
AN Netherlands Antilles|AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba
AX Åland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso
BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BL Saint Barthélemy|BM Bermuda|BN Brunei Darussalam|BO Bolivia
BQ Bonaire, Sint Eustatius and Saba|BR Brazil|BS Bahamas|BT Bhutan|BU Burma|BV Bouvet Island|BW Botswana|BY Belarus
BZ Belize|CA Canada|CC Cocos Islands|CD Democratic Republic of the Congo|CF Central African Republic|CG Congo
CH Switzerland|CI Cote D'Ivoire|CK Cook Islands|CL Chile|CM Cameroon|CN China|CO Colombia|CR Costa Rica
CS Serbia and Montenegro|CU Cuba|CV Cape Verde|CW Curaçao|CX Christmas Island|CY Cyprus|CZ Czech Republic|DE Germany
DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara
ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FK Falkland Islands|FM Micronesia|FO Faeroe Islands|FR France
GA Gabon|GB United Kingdom|GD Grenada|GE Georgia|GF French Guiana|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland
GM Gambia|GN Guinea|GP Guadaloupe|GQ Equatorial Guinea|GR Greece|GS South Georgia and the South Sandwich Islands
GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana|HK Hong Kong|HM Heard and McDonald Islands|HN Honduras|HR Croatia
HT Haiti|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Isle of Man|IN India|IO British Indian Ocean Territory
IQ Iraq|IR Iran|IS Iceland|IT Italy|JE Jersey|JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyz Republic|KH Cambodia
KI Kiribati|KM Comoros|KN St. Kitts and Nevis|KP North Korea|KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan
LA Lao People's Democratic Republic|LB Lebanon|LC St. Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho
LT Lithuania|LU Luxembourg|LV Latvia|LY Libyan Arab Jamahiriya|MA Morocco|MC Monaco|MD Moldova|ME Montenegro
MF Saint Martin|MG Madagascar|MH Marshall Islands|MK Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macao
MP Northern Mariana Islands|MQ Martinique|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives|MW Malawi
MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island|NG Nigeria|NI Nicaragua
NL Netherlands|NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman|PA Panama|PE Peru|PF French Polynesia
PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland|PM St. Pierre and Miquelon|PN Pitcairn Island|PR Puerto Rico
PS Palestinian Territory|PT Portugal|PW Palau|PY Paraguay|QA Qatar|RE Reunion|RO Romania|RS Serbia|RU Russia|RW Rwanda
SA Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan|SE Sweden|SG Singapore|SH St. Helena|SI Slovenia
SJ Svalbard & Jan Mayen Islands|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname
SS South Sudan|ST Sao Tome and Principe|SU Soviet Union|SV El Salvador|SX Sint Maarten|SY Syrian Arab Republic
SZ Swaziland|TC Turks and Caicos Islands|TD Chad|TF French Southern Territories|TG Togo|TH Thailand|TJ Tajikistan
TK Tokelau|TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TP East Timor|TR Turkey|TT Trinidad and Tobago|TV Tuvalu
TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|UM United States Minor Outlying Islands|US United States of America
UY Uruguay|UZ Uzbekistan|VA Holy See|VC St. Vincent and the Grenadines|VE Venezuela|VG British Virgin Islands
VI US Virgin Islands|VN Vietnam|VU Vanuatu|WF Wallis and Futuna Islands|WS Samoa|XC Czechoslovakia|XG East Germany
XI Northern Ireland|XK Kosovo|YE Yemen|YT Mayotte|YU Yugoslavia|ZA South Africa|ZM Zambia|ZR Zaire|ZW Zimbabwe
"""

_ALSO = """
US United States|US USA|US U.S.|US U.S.A.|US United States of America (USA)|GB UK|GB U.K.|GB Great Britain|GB England
GB Scotland|GB Wales|RU CIS|RU Russian Federation|KR Korea|KR Republic of Korea|KR Korea, South|KP Korea, North
CZ Czechia|MK North Macedonia|TR Türkiye|TR Turkiye|VN Viet Nam|IR Islamic Republic of Iran|TW Taiwan, Province of China
CN People's Republic of China|CN Mainland China|HK Hong Kong SAR China|MO Macau|CI Ivory Coast|CI Côte d'Ivoire
CD Congo, Democratic Republic|CD DR Congo|CV Cabo Verde|SZ Eswatini|LA Laos|LY Libya|SY Syria|BN Brunei|KG Kyrgyzstan
PS Palestine|PS State of Palestine|PS Occupied Palestinian Territory|BA Bosnia|BA Bosnia & Herzegovina|DE West Germany
AE UAE|NL The Netherlands|NL Holland|BS The Bahamas|GM The Gambia|PH The Philippines|MD Republic of Moldova
TZ United Republic of Tanzania|TT Trinidad & Tobago|RE Réunion|GP Guadeloupe|FO Faroe Islands|VA Vatican City
MM Burma (Myanmar)|RS Republic of Serbia|YU Federal Republic of Yugoslavia|CA Quebec
"""


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(line[:2], line[3:]) for line in table.replace("\n", "|").split("|") if line]


NAMES = dict(_pairs(_NAMES))
"""Code -> name."""

_CODES = {name.casefold(): code for code, name in [*_pairs(_ALSO), *_pairs(_NAMES)]}
_KEPT = frozenset({"England", "Scotland", "Wales", "Quebec", "West Germany"})
"""Countries in their own right, now or once: the name stays, the code is that of the whole country."""


def country_code(country: Any) -> str | None:
    """The code of a country by its name or code, however spelt; None for what we do not know.

    >>> country_code("USA"), country_code("us"), country_code("Germany"), country_code("Atlantis"), country_code(None)
    ('US', 'US', 'DE', None, None)
    """
    shown = text(country) or ""
    return shown.upper() if shown.upper() in NAMES else _CODES.get(shown.casefold())


def country_fields(countries: Iterable[Any]) -> dict[str, list[str]]:
    """The document's ``countries`` and ``country_codes``, each once, from names and codes; an unknown code is left out.

    >>> country_fields(["USA", "DE", "Atlantis", "QQ"])
    {'countries': ['United States of America', 'Germany', 'Atlantis'], 'country_codes': ['US', 'DE']}
    """
    names: dict[str, None] = {}
    codes: dict[str, None] = {}
    for country in countries:
        shown, code = text(country), country_code(country)
        if code:
            codes[code] = None
        if shown and (code or not (len(shown) == 2 and shown.isupper())):
            names[shown if code is None or shown in _KEPT else NAMES[code]] = None
    return {"countries": list(names), "country_codes": list(codes)}

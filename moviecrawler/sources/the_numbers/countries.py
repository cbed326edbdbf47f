"""Countries as The Numbers names them, in lower case -> ISO 3166-1 alpha-2 codes, which TMDB uses."""

_NAMES = """
AE United Arab Emirates|AR Argentina|AT Austria|AU Australia|BE Belgium|BG Bulgaria|BO Bolivia|BR Brazil|BY Belarus
CA Canada|CH Switzerland|CL Chile|CN China|CO Colombia|CR Costa Rica|CU Cuba|CY Cyprus|CZ Czech Republic|DE Germany
DK Denmark|DO Dominican Republic|EC Ecuador|EE Estonia|EG Egypt|ES Spain|FI Finland|FR France|GB United Kingdom
GE Georgia|GH Ghana|GR Greece|GT Guatemala|HK Hong Kong|HN Honduras|HR Croatia|HU Hungary|ID Indonesia|IE Ireland
IL Israel|IN India|IQ Iraq|IR Iran|IS Iceland|IT Italy|JM Jamaica|JO Jordan|JP Japan|KE Kenya|KH Cambodia
KR South Korea|KW Kuwait|KZ Kazakhstan|LB Lebanon|LK Sri Lanka|LT Lithuania|LU Luxembourg|LV Latvia|MA Morocco
MK North Macedonia|MN Mongolia|MT Malta|MX Mexico|MY Malaysia|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway
NP Nepal|NZ New Zealand|OM Oman|PA Panama|PE Peru|PH Philippines|PK Pakistan|PL Poland|PR Puerto Rico|PT Portugal
PY Paraguay|QA Qatar|RO Romania|RS Serbia|RU Russia|RU CIS|SA Saudi Arabia|SE Sweden|SG Singapore|SI Slovenia
SK Slovakia|SV El Salvador|TH Thailand|TN Tunisia|TR Turkey|TW Taiwan|UA Ukraine|US United States|UY Uruguay
VE Venezuela|VN Vietnam|ZA South Africa
"""

CODES = {line[3:].lower(): line[:2] for line in _NAMES.replace("\n", "|").split("|") if line}

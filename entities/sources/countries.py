"""Countries as data tables write them in English, and their ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

_TABLE = """
AE United Arab Emirates|AR Argentina|AT Austria|AU Australia|AZ Azerbaijan|BB Barbados|BD Bangladesh|BE Belgium
BG Bulgaria|BH Bahrain|BM Bermuda|BR Brazil|BS Bahamas|BW Botswana|CA Canada|CH Switzerland|CI Ivory Coast|CL Chile
CN China|CO Colombia|CR Costa Rica|CW Curaçao|CY Cyprus|CZ Czech Republic|DE Germany|DK Denmark
DO Dominican Republic|EC Ecuador|EE Estonia|EG Egypt|ES Spain|FI Finland|FR France|GA Gabon|GB United Kingdom
GE Georgia|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GR Greece|HK Hong Kong|HR Croatia|HU Hungary|ID Indonesia
IE Ireland|IL Israel|IM Isle of Man|IN India|IS Iceland|IT Italy|JE Jersey|JM Jamaica|JO Jordan|JP Japan|KE Kenya
KH Cambodia|KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan|LI Liechtenstein|LK Sri Lanka|LR Liberia
LT Lithuania|LU Luxembourg|LV Latvia|MA Morocco|MC Monaco|MD Moldova|ME Montenegro|MH Marshall Islands|MK Macedonia
MM Myanmar|MN Mongolia|MO Macau|MQ Martinique|MT Malta|MU Mauritius|MX Mexico|MY Malaysia|NG Nigeria|NL Netherlands
NO Norway|NZ New Zealand|OM Oman|PA Panama|PE Peru|PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland
PS Palestinian Authority|PT Portugal|QA Qatar|RO Romania|RS Serbia|RU Russia|SA Saudi Arabia|SD Sudan|SE Sweden
SG Singapore|SI Slovenia|SK Slovakia|SN Senegal|SV El Salvador|TH Thailand|TN Tunisia|TR Turkey|TW Taiwan
TZ Tanzania|UA Ukraine|UG Uganda|US United States|UY Uruguay|VE Venezuela|VG British Virgin Islands|VN Vietnam
ZA South Africa|ZM Zambia|ZW Zimbabwe
"""
COUNTRY_CODES: dict[str, str] = {
    entry[3:].strip(): entry[:2] for line in _TABLE.strip().splitlines() for entry in line.split("|")
}


def country_code(name: str) -> str:
    """The two letters of a country's English name, or nothing when it is not known."""
    return COUNTRY_CODES.get(name.strip(), "")


# All codes of ISO 3166-1 that are assigned to countries, and XK, which is used for Kosovo.
_ISO = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
ISO_CODES = frozenset(_ISO.split())

"""Countries by the names that pages say."""

from __future__ import annotations

from entities.sources.countries import COUNTRY_CODES

# Those that no data table of ours writes out.
_OTHERS = """
AD Andorra|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia|AO Angola|AQ Antarctica
AS American Samoa|AW Aruba|AX Åland|BA Bosnia and Herzegovina|BF Burkina Faso|BI Burundi|BJ Benin|BN Brunei|BO Bolivia
BT Bhutan|BY Belarus|BZ Belize|CD DR Congo|CF Central African Republic|CG Congo|CK Cook Islands|CM Cameroon|CU Cuba
CV Cape Verde|DJ Djibouti|DM Dominica|DZ Algeria|EH Western Sahara|ER Eritrea|ET Ethiopia|EU European Union|FJ Fiji
FK Falkland Islands|FM Micronesia|FO Faroe Islands|GD Grenada|GM Gambia|GN Guinea|GP Guadeloupe|GQ Equatorial Guinea
GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana|HN Honduras|HT Haiti|IQ Iraq|IR Iran|KG Kyrgyzstan|KI Kiribati
KM Comoros|KN Saint Kitts and Nevis|KP North Korea|LA Laos|LB Lebanon|LC Saint Lucia|LS Lesotho|LY Libya
MG Madagascar|ML Mali|MP Northern Mariana Islands|MR Mauritania|MS Montserrat|MV Maldives|MW Malawi|MZ Mozambique
NA Namibia|NC New Caledonia|NE Niger|NI Nicaragua|NP Nepal|NR Nauru|PF French Polynesia|PR Puerto Rico|PW Palau
PY Paraguay|RE Réunion|RW Rwanda|SB Solomon Islands|SC Seychelles|SL Sierra Leone|SM San Marino|SO Somalia|SR Suriname
SS South Sudan|ST São Tomé and Príncipe|SX Sint Maarten|SY Syria|SZ Eswatini|TC Turks and Caicos Islands|TD Chad
TG Togo|TJ Tajikistan|TL East Timor|TM Turkmenistan|TO Tonga|TT Trinidad and Tobago|TV Tuvalu|UG Uganda
UZ Uzbekistan|VA Vatican City|VC Saint Vincent and the Grenadines|VI US Virgin Islands|VU Vanuatu|WS Samoa|XK Kosovo
YE Yemen
"""
NAMES: dict[str, str] = {
    **{entry[:2]: entry[3:].strip() for line in _OTHERS.strip().splitlines() for entry in line.split("|")},
    **{code: name for name, code in COUNTRY_CODES.items()},
}


def country_name(code: str) -> str:
    """A country's English name, the code itself when it has none here, nothing for nothing."""
    return NAMES.get(code, code)

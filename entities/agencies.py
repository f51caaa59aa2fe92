"""News agencies and wires: one list of how texts write them, for whoever reads credits, bylines and lines of pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The agencies by the name that the desk writes, with how they are written in credit lines.
WIRES: Mapping[str, tuple[str, ...]] = {
    "Reuters": ("Thomson Reuters", "路透社", "路透", "ロイター", "로이터", "Рейтер", "رويترز"),
    "AP": ("Associated Press", "AP News", "美联社", "美聯社", "AP通信", "أسوشيتد برس"),
    "AFP": ("Agence France-Presse", "Agence France Presse", "法新社", "فرانس برس", "АФП"),
    "Bloomberg": ("Bloomberg News", "彭博社", "彭博"),
    "dpa": ("dpa-AFX", "Deutsche Presse-Agentur"),
    "Xinhua": ("Xinhua News Agency", "新华社", "新華社"),
    "China News Service": ("中新社", "中新网"),
    "CNA": ("Central News Agency", "中央社"),
    "Kyodo": ("Kyodo News", "共同通信", "共同社", "共同"),
    "Jiji": ("Jiji Press", "時事通信", "時事"),
    "Yonhap": ("Yonhap News", "Yonhap News Agency", "연합뉴스", "韩联社", "韓聯社"),
    "EFE": ("Agencia EFE", "Agencias EFE"),
    "Europa Press": (),
    "ANSA": (),
    "Adnkronos": (),
    "askanews": (),
    "TASS": ("ITAR-TASS", "ТАСС", "ИТАР-ТАСС", "塔斯社"),
    "Interfax": ("Интерфакс",),
    "RIA Novosti": ("РИА Новости",),
    "Ukrinform": ("Укринформ", "Укрінформ"),
    "PA": ("PA Media", "Press Association", "PA news agency"),
    "Canadian Press": ("La Presse canadienne",),
    "AAP": ("Australian Associated Press",),
    "PTI": ("Press Trust of India",),
    "ANI": ("Asian News International",),
    "IANS": ("Indo-Asian News Service",),
    "UPI": ("United Press International",),
    "APA": ("Austria Presse Agentur",),
    "Keystone-SDA": ("Keystone-ATS",),
    "Belga": (),
    "ANP": (),
    "Ritzau": (),
    "NTB": (),
    "TT": (),
    "STT": (),
    "PAP": (),
    "ČTK": ("CTK",),
    "MTI": (),
    "Agerpres": (),
    "Anadolu": ("Anadolu Agency", "Anadolu Ajansı"),
    "Lusa": ("Agência Lusa",),
    "Agência Brasil": (),
    "Bernama": (),
    "Antara": (),
    "SPA": ("Saudi Press Agency", "واس"),
    "WAM": ("Emirates News Agency", "وام"),
    "MENA": ("Middle East News Agency",),
    "Dow Jones": ("Dow Jones Newswires",),
    "Tribune News Service": ("TNS",),
    "PR Newswire": ("PRNewswire",),
    "Business Wire": ("Businesswire",),
    "GlobeNewswire": ("Globe Newswire",),
    "ACCESS Newswire": ("ACCESSWIRE",),
    "CNW": ("CNW Group",),
    "EQS": ("EQS-News", "EQS News"),
    "The Conversation": (),
    "ProPublica": (),
    "KFF Health News": (),
}
# Those whose name in a line of a page tells whose text it is. Others (TT, SPA, PAP, MTI) mean too much else.
_TELLING = (
    "Reuters", "AP", "AFP", "Bloomberg", "dpa", "Xinhua", "EFE", "ANSA", "Adnkronos", "Lusa", "ANP", "Belga", "APA",
    "Keystone-SDA", "TASS", "Interfax", "Kyodo", "Jiji", "Yonhap", "PTI", "IANS", "ANI", "UPI", "Canadian Press", "AAP",
    "Agência Brasil",
)  # fmt: skip
_TELLING_FORMS = {"REUTERS", "PA Media", "Press Association"} | {
    form for wire in _TELLING for form in (wire, *WIRES[wire]) if form.isascii() or wire == form
}
_UNBOUND = (
    "新华社",
    "新華社",
    "中新社",
    "中央社",
    "共同通信",
    "時事通信",
    "연합뉴스",
)  # written without blanks
_IN_LINE = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, sorted(_TELLING_FORMS, key=len, reverse=True)))})\b|{'|'.join(_UNBOUND)}"
)


def names_agency(line: str) -> bool:
    """Whether a line of a page says from which agency its text is."""
    return _IN_LINE.search(line) is not None

"""Which differences between two readings of a page say nothing: clocks, counters, advertisements, other quotes; pure.

Both texts are brought to a form in which such parts are missing, and compared. What names itself a counter of the page (views,
comments, "5 minutes ago") goes when it fills its line, or its place between two strokes of one. What does not (a bare
number, a date) goes only as a whole line near the beginning or the end: anywhere else it is a score, a toll, a day that
somebody wrote, and its change is a change.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

# What follows a heading of rotating headlines is looked at so far.
_MOST_ROTATING = 30
# Longer lines are prose, whatever they begin with.
_LONGEST_LINE = 160
_LONGEST_HEADLINE = 220
# A bare number or date may belong to the page, and not to the text, with no more lines than this before or after it.
_EDGE_LINES = 2

_SAME_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        # Nothing to see: zero width, direction marks, the byte order mark.
        **dict.fromkeys(
            "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e", None
        ),
    }
)

_NUMBER = r"(?:\d[\d.,' ]*(?:\s?(?:k|m|mio|mln|tsd|mil|тыс|млн|万|萬|億|만)\.?)?)"
# What is counted beside an article, not in it.
_COUNTED = (
    r"views?|reads?|readers?|comments?|shares?|likes?|claps?|reactions?|replies|retweets?|reposts?|"
    r"tweets?|people (?:are )?(?:reading|watching|viewing)(?: (?:this|now|this now))?|"
    r"aufrufe|klicks?|kommentare?|leser|mal geteilt|geteilt|gefällt mir|"
    r"vues?|lectures?|commentaires?|partages?|j'aime|réactions?|"
    r"visitas?|vistas?|lecturas?|comentarios?|compartidos?|me gusta|"
    r"visualizzazioni|letture|commenti|commento|condivisioni|mi piace|"
    r"visualizações|leituras|comentários?|compartilhamentos|partilhas|"
    r"weergaven|reacties|reactie|keer gedeeld|keer gelezen|"
    r"visningar|visninger|kommentarer|delningar|delinger|"
    r"wyświetleń|wyświetlenia|komentarzy|komentarze|udostępnień|odsłon|"
    r"zobrazení|komentářů|görüntülenme|okunma|yorum|paylaşım|beğeni|"
    r"просмотр(?:ов|а)?|комментари(?:ев|й|я)|поделились|перегляд(?:ів|и)?|коментар(?:ів|і)?|"
    r"مشاهدة|تعليقات?|مشاركة|次阅读|次浏览|阅读|浏览|评论|条评论|回复|コメント|件のコメント|いいね|조회|조회수|댓글"
)
_LABEL = (
    r"views?|comments?|shares?|likes?|reads?|hits|page views|aufrufe|kommentare|zugriffe|vues|commentaires|partages|"
    r"visitas|comentarios|lecturas|visualizzazioni|letture|commenti|comentários|weergaven|reacties|visningar|"
    r"kommentarer|wyświetlenia|komentarze|odsłony|okunma|yorum|просмотры|просмотров|комментарии|перегляди|"
    r"阅读量|阅读数|阅读|浏览量|浏览|点击数|点击|评论|コメント数?|閲覧数|조회수|조회|댓글|مشاهدات|المشاهدات|التعليقات"
)
_UNIT = (
    r"s|sec|secs|second|seconds|min|mins|minutes?|m|h|hrs?|hours?|d|days?|weeks?|months?|"
    r"sekunden?|minuten?|stunden?|std|tag(?:en|e)?|wochen?|monat(?:en|e)?|"
    r"secondes?|heures?|jours?|semaines?|mois|segundos?|minutos?|horas?|días?|dias?|semanas?|mes(?:es)?|"
    r"second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|"
    r"seconden|uur|uren|dag(?:en)?|weken|maand(?:en)?|sekunder|minuter|timmar|timme|dagar|dag|minutter|timer|time|"
    r"sekund|minut[yę]?|godzin[yę]?|godz|dni|dzień|tygodni[ea]?|saniye|dakika|saat|gün|hafta|"
    r"секунд[уы]?|минут[уы]?|мин|час(?:а|ов)?|дн(?:я|ей)|день|хвилин[уи]?|годин[уи]?|"
    r"秒|分|分钟|分鐘|小时|小時|時間|天|日|초|분|시간|일"
)
_ONE = r"(?:\d+|an?|one|einer?|eine[mn]|une?|uno|una|um|uma|een|ein|en|ett|bir)"
_AMOUNT = rf"{_ONE}\s*(?:{_UNIT})\.?(?:,?\s*(?:and|und|et|y|e|en|och|i|и)?\s*\d+\s*(?:{_UNIT})\.?)?"
# "5 minutes ago" and its like.
_AGO = (
    rf"(?:(?:about|ca\.?|circa|etwa|fast|almost|over|env\.?|environ|около)\s+)?{_AMOUNT}\s*(?:ago|fa|geleden|sedan|siden|"
    rf"temu|önce|назад|тому|atrás|前|전)"
    rf"|(?:vor|il y a|hace|há|cerca de|for|för|przed|před|منذ|قبل)\s+{_AMOUNT}(?:\s+(?:sedan|siden))?|(?:منذ|قبل)\s+\d+\s*\w+"
    r"|just now|moments? ago|a (?:few )?(?:moments?|minutes?) ago|soeben|gerade eben|à l'instant|ahora mismo|adesso|"
    r"nu net|just nu|akkurat nå|только что|щойно|刚刚|たった今|방금"
)
_MONTH = (
    r"jan\w*|feb\w*|mar\w*|mär\w*|apr\w*|ma[iyj]\w*|jun\w*|jul\w*|aug\w*|sep\w*|o[ck]t\w*|nov\w*|de[cz]\w*|"
    r"janv\w*|févr\w*|avr\w*|juin|juil\w*|août|déc\w*|ene\w*|abr\w*|ago\w*|dic\w*|gen\w*|mag\w*|giu\w*|lug\w*|set\w*|ott\w*|"
    r"fev\w*|out\w*|dez\w*|январ\w+|феврал\w+|март\w*|апрел\w+|мая|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+"
)
_DAY_NAME = (
    r"mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo|today|heute|hoy|aujourd'hui|oggi|hoje|vandaag|сегодня|今天|今日|오늘"
)
_CLOCK_WORD = (
    rf"\d{{1,4}}[.年]\d{{1,2}}[.月]\d{{1,4}}日?\.?|\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:am|pm)?|\d{{1,2}}[h.]\d{{2}}|"
    rf"\d{{1,4}}(?:am|pm|st|nd|rd|th|\.)?|(?:{_MONTH})\.?|{_DAY_NAME}|am|pm|a\.m\.?|p\.m\.?|uhr|h|gmt|utc|[a-z]{{2,4}}t|"
    r"[+]\d{1,2}(?::?\d{2})?|at|um|à|a|las|alle|às|kl\.?|om|w|o|в|г\.?|od|de|del|den|der|the|on|of|le|el|il"
)
_UPDATED = (
    r"(?:(?:last|first)\s+)?(?:updated?|modified|published|posted|revised|edited)(?:\s+(?:on|at))?|"
    r"(?:zuletzt\s+)?(?:aktualisiert|geändert)(?:\s+am)?|veröffentlicht(?:\s+am)?|stand|"
    r"(?:mis à jour|publié|modifié|actualisé)(?:\s+le)?|mise à jour|"
    r"(?:última\s+)?actualización|actualizado|publicado|atualizado(?:\s+em)?|publicado(?:\s+em)?|"
    r"(?:ultimo\s+)?aggiornament[oi]|aggiornato(?:\s+il)?|pubblicato(?:\s+il)?|"
    r"(?:laatst\s+)?(?:bijgewerkt|gewijzigd)(?:\s+op)?|gepubliceerd(?:\s+op)?|uppdaterad|publicerad|oppdatert|publisert|"
    r"opdateret|zaktualizowano|aktualizacja|opublikowano|aktualizováno|güncelleme|güncellendi|son güncelleme|"
    r"обновлено|опубликовано|оновлено|更新(?:时间|時間|日時)?|发布时间|发布于|최종수정|수정|입력|تحديث|آخر تحديث"
)
_ADVERTISEMENT = (
    r"advertisements?|advertising|sponsored(?: content)?|promoted(?: content)?|ad|ads|paid post|loading(?:\s?\.\.\.|…)?|"
    r"(?:story |article )?continues? (?:reading )?below(?: (?:this )?(?:ad|advertisement))?|"
    r"(?:skip|scroll) (?:past |to continue )?(?:ad|advertisement|newsletter promotion)s?|scroll to continue(?: reading)?|"
    r"after newsletter promotion|remaining time -?[\d:]+|anzeige|werbung|publicité|annonce|publicidad|anuncio|"
    r"pubblicità|publicidade|advertentie|annons|reklame?|reklama|reklam|реклама|广告|廣告|広告|광고|إعلان"
)
_READ_MORE = (
    r"read (?:more|also|next)|see also|also read|related(?: (?:articles?|stories|news|content))?|more on this(?: story)?|"
    r"recommended(?: for you)?|don't miss|watch|lesen sie (?:auch|mehr)|mehr zum thema|auch interessant|"
    r"(?:à )?lire aussi|à voir aussi|lea también|lee también|te puede interesar|leggi anche|leia também|leia mais|"
    r"veja também|lees ook|läs också|läs mer|les også|læs også|czytaj także|czytaj też|zobacz też|čtěte také|"
    r"ayrıca okuyun|читайте также|читать также|читайте також|相关阅读|延伸阅读|関連記事|관련기사|اقرأ أيضا|اقرأ أيضاً"
)
_ROTATING = (
    r"(?:the )?most (?:read|viewed|popular|shared|commented)(?: (?:articles|stories|now|today|in .{1,30}))?|trending (?:now|today)|"
    r"popular now|meistgelesen|meist gelesen|am häufigsten gelesen|"
    r"les plus lus|les plus consultés|lo más (?:leído|visto)|las más leídas|i più letti|più letti|mais lidas|"
    r"meest gelezen|mest lästa|mest läst|mest lest|mest læste|najczęściej czytane|najpopularniejsze|nejčtenější|"
    r"en çok okunan(?:lar)?|самое (?:читаемое|популярное)|популярное|найпопулярніше|热门(?:文章|新闻)?|"
    r"热点|人気記事|アクセスランキング|많이 본 뉴스|الأكثر قراءة"
)


_READING_TIME = (
    r"(?:reading|read) time\s*:?\s*\d+\s*(?:min(?:ute)?s?)?|\d+[- ]?min(?:ute)?s?\.? read|"
    r"lesezeit\s*:?\s*(?:ca\.?\s*)?\d+\s*min(?:uten?)?|(?:temps de )?lecture\s*:?\s*\d+\s*min(?:utes?)?|"
    r"(?:tiempo de )?lectura\s*:?\s*\d+\s*min(?:utos?)?|tempo di lettura\s*:?\s*\d+\s*min(?:uti)?|"
    r"tempo de leitura\s*:?\s*\d+\s*min(?:utos?)?|leestijd\s*:?\s*\d+\s*min(?:uten)?|"
    r"czas czytania\s*:?\s*\d+\s*min|время чтения\s*:?\s*\d+\s*мин(?:ут[аы]?)?"
)


def _whole(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)


_VOLATILE = _whole(
    rf"[\W_]*{_NUMBER}\s*(?:{_COUNTED})[\W_]*",
    rf"[\W_]*(?:{_LABEL})\s*[:(]?\s*{_NUMBER}\)?[\W_]*",
    rf"(?:(?:{_UPDATED})\s*[:,-]?\s*)?(?:{_AGO})\.?",
    rf"[\W_]*(?:{_ADVERTISEMENT})[\W_]*",
    rf"[\W_]*(?:{_READING_TIME})[\W_]*",
)
# A bare number may count something that is drawn beside it; with a sign of money or a share it says something.
_BARE_NUMBER = re.compile(r"[^\w$€£¥₽%‰]*\d[\d., ']{0,9}\s?[km]?[^\w$€£¥₽%‰]*", re.IGNORECASE)
_BYLINE = re.compile(r"(?:by|von|par|por|di|door|av|af|autor|автор)\s+\w", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}|\d{1,2}h\d{2}|\d\s?[ap]\.?m\b", re.IGNORECASE)
_DAY = re.compile(rf"\b(?:{_DAY_NAME})\b", re.IGNORECASE)
_IN_FRONT = re.compile(r"(?:[-*•·]|\d{1,2}[.)])\s*")
_FIGURE = re.compile(r"\d[\d.,']*")
_UPDATED_HEAD = re.compile(rf"(?:{_UPDATED})(?!\w)\s*[:,-]?\s*", re.IGNORECASE)
_CLOCK_WORDS = re.compile(_CLOCK_WORD, re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;/·•()-]+")
# A clock needs a time of day or a date; the words around it alone do not make one.
_HAS_TIME = re.compile(r"\d{1,2}:\d{2}|\d{1,2}h\d{2}|\b\d{4}\b|\d{1,2}[./]\d{1,2}|\d年")
_MORE = re.compile(rf"(?:{_READ_MORE})\s*[:|>»›→-].*|(?:{_READ_MORE})", re.IGNORECASE)
_ROTATING_HEAD = re.compile(rf"[\W_]*(?:{_ROTATING})[\W_]*", re.IGNORECASE)
_AGO_AT_END = re.compile(rf"[,;(·-]?\s*(?:{_AGO})\)?\s*$", re.IGNORECASE)
_STROKES = re.compile(r"\s*[|·•∙●]\s*|\s+[-/]\s+")
_SENTENCE_END = re.compile(r"[.!?。！？…][\"')\]]*$")
# A line with a time or a byline stays short; a sentence that ends with "ten minutes ago" does not.
_SHORT_LINE_WORDS = 8


class _Substance(NamedTuple):
    words: str  # what is left when all that moves by itself is out, in one line
    rotating: dict[str, frozenset[str]]  # headlines of other articles, by what they say without their figures


def is_noise(before: str, after: str) -> bool:
    """Whether a text differs from what it was in nothing that anybody wrote for its readers.

    Texts as revisions have them: paragraphs parted by blank lines. For headlines there is `is_same_headline`. Changed
    capitals are a change, and so is a figure of a headline that stays in a list of the most read. In time linear to
    their length.
    """
    if before == after:
        return True
    was, now = _substance(before), _substance(after)
    if was.words != now.words:
        return False
    return all(now.rotating.get(key, said) == said for key, said in was.rotating.items())


def is_same_headline(before: str, after: str) -> bool:
    """Whether two headlines differ in signs only (quotes, dashes, spaces): every word and number of one is written."""
    return " ".join(_plain(before).split()) == " ".join(_plain(after).split())


def substance_key(text: str) -> str:
    """The same 64 characters for texts that differ in noise only (SHA-256, hexadecimal)."""
    return hashlib.sha256(_substance(text).words.encode("utf-8", "replace")).hexdigest()


def _plain(text: str) -> str:
    return (
        unicodedata.normalize("NFKC", text.translate(_SAME_SIGNS)).translate(_SAME_SIGNS).replace("...", "…")
    )


def _substance(text: str) -> _Substance:
    kept: list[tuple[str, bool]] = []
    passed: dict[str, set[str]] = {}
    rotating = 0
    for raw in _plain(text).splitlines():
        line = " ".join(raw.split())
        if not line:
            continue
        is_short = len(line) <= _LONGEST_LINE
        if is_short and _ROTATING_HEAD.fullmatch(line):
            rotating = _MOST_ROTATING
            continue
        if rotating and len(line) <= _LONGEST_HEADLINE and not _SENTENCE_END.search(line):
            rotating -= 1
            headline = _IN_FRONT.sub("", line, count=1)
            passed.setdefault(_FIGURE.sub("#", headline), set()).add(headline)
            continue
        rotating = 0
        if is_short and _is_bare(line):
            kept.append((line, True))
        elif rest := _rest(line) if is_short else line:
            kept.append((rest, False))
    return _Substance(" ".join(_inside(kept)), {key: frozenset(said) for key, said in passed.items()})


def _inside(lines: Sequence[tuple[str, bool]]) -> list[str]:
    """The lines without those that are bare and stand at the edges, of which only the others count."""
    total = sum(not is_bare for _, is_bare in lines)
    kept: list[str] = []
    before = 0
    for line, is_bare in lines:
        if not is_bare:
            before += 1
        elif before <= _EDGE_LINES or total - before <= _EDGE_LINES:
            continue
        kept.append(line)
    return kept


@lru_cache(maxsize=4096)
def _is_bare(line: str) -> bool:
    """Whether a line is but a number, a time of day or a day of the week with its date: nothing says what it is of."""
    if _BARE_NUMBER.fullmatch(line):
        return True
    if _UPDATED_HEAD.match(line) or not _is_clock(line):
        return False
    return bool(_TIME_OF_DAY.search(line) or _DAY.search(line))


@lru_cache(maxsize=4096)
def _rest(line: str) -> str:
    """A short line without what moves in it."""
    if _moves(line) or _MORE.fullmatch(line):
        return ""
    parts = [part for part in _STROKES.split(line) if part]
    if len(parts) > 1:
        is_byline = _BYLINE.match(parts[0]) is not None
        return " | ".join(part for part in parts if not (_moves(part) or (is_byline and _is_clock(part))))
    if len(line.split()) <= _SHORT_LINE_WORDS and not _SENTENCE_END.search(line):
        return _AGO_AT_END.sub("", line)
    return line


def _moves(part: str) -> bool:
    """Whether it says itself that it is a counter, a clock or an advertisement of the page."""
    return bool(_VOLATILE.fullmatch(part)) or (_UPDATED_HEAD.match(part) is not None and _is_clock(part))


def _is_clock(part: str) -> bool:
    """A date or a time and nothing else; "updated" and its like may go before."""
    head = _UPDATED_HEAD.match(part)
    rest = part[head.end() :] if head else part
    if not _HAS_TIME.search(rest):
        return False
    return all(_CLOCK_WORDS.fullmatch(word) for word in _BETWEEN.split(rest) if word)

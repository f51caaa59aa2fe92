"""Takes residue off the edges of a feed's own text, from its HTML and its plain text alike; pure.

Most texts of feeds have none. So a cheap look comes first, which lets everything through that the cleaner could take; only
what it lets through is taken apart into blocks and cleaned by the rules that hold for pages (`articles.ingest.clean`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from articles.ingest.blocks import PARAGRAPH_BREAK, Block, text_of
from articles.ingest.clean import (
    EDGE_BLOCKS,
    LEARNT,
    LEARNT_CHARACTERS,
    LONG_LINE,
    clean_edges,
    is_sentence,
    line_key,
    opens_links,
    rule_of,
)
from articles.ingest.sanitize import SAFE_BLOCK, safe_line, safe_tags, text_of_safe_html
from articles.types import NO_EDGE_RULES, EdgeRules

_RELATED = "related-links"
_BELOW_RELATED = "below-related-links"
# What these take may be all that a text is about: the finds of a week, the parts that somebody built with.
_LISTED = {_BELOW_RELATED: _RELATED, "labelled-address": "labelled-address"}
_LONGEST_LINK = 60  # that stands for the rest of the text behind its last sentence
_LINK_RULES = frozenset({"read-more", "source-link", "advertisement", "click-here"})
_TAIL = 600
_FIRST_LOOKED_AT, _LAST_LOOKED_AT = 2, 3  # blocks; one that has residue is then cleaned as far as pages are
_PROSE = 100  # characters
_PROSE_BLANKS = 12
# A list of more items than this, of which some are no residue, is the text's: "Facebook" may be one of its firms.
_LIST_ITEMS = 2

# What stands in the middle of some residue lines; one of the first sort is looked for in all lines at once.
_ANYWHERE = (
    "appeared",
    "reserved",
    "newsletter",
    "inbox",
    "k here",
    "p here",
    "follow ",
    "cookie",
    "javascript",
    "contributed",
    "http",
    "www.",
    "vorbehalten",
    "reservados",
    "riservati",
    "voorbehouden",
)
_ANYWHERE_ELSE = ("réservés", "→", "←", "©", "：http", "：www.")  # in what is not ASCII
_SIGNS = (
    "appeared", "reserved", "vorbehalten", "réservés", "reservados", "riservati", "voorbehouden", "newsletter", "inbox",
    "click here", "tap here", "follow him", "follow her", "follow them", "follow us", "follow me", "follow @", "cookie",
    "e javascript", "n javascript", "s javascript", "t javascript", "w javascript", "contributed", ": http", ":http",
    ": www.", ":www.", "：http", "：www.", "： http", "： www.", "→", "←", "©",
)  # fmt: skip
# What a line must say that begins with one of the words below.
_SIGNS_BEHIND = (
    "erschien zuerst", "apparu en premier", "apareció primero", "proviene da", "apareceu primeiro", "verscheen eerst",
    "committed to", "article is", "story is", "content is", "kunde", "testen m", "testen f", "ein abo", "mitglied", "voor leden", "cet article", "abonn", "anmeld", "einlogg", "lesen", "freischalt",
    "registriert", "suscri", "leyendo", "legger", "sbloccare", "abbona", "già ", "assinan", "lendo", "registr", "lezen",
)  # fmt: skip
_WITH_SIGNS_WRITTEN = (
    "the der l el la il o het den dies sie du habe sind um vous cet para per sei hai ques dit al ben mit nur word neem um"
    " schon bere scho ceta déjà já ya conn cont arti test dein en"
)
_WITH_SIGNS = frozenset(_WITH_SIGNS_WRITTEN.split())
# The first four letters of the word that others begin with.
_BEGINNINGS_WRITTEN = (
    "abo abon accu actu ad add addi ads adve afdr afp aggi aktu all also anhö anze appr apún argo arou arti artí asco assi"
    " assu atua auch aufr avec avri back beeld beel beit beki bijg bild blue book bron buy by cada carg cari carr catc cate"
    " char chec clic cliq clos come comm comp con cond conf conn cont copy cove crea cred créd date decr deel deix deja dele"
    " dern di door down druc edit emai enco enjo ente erst escu esti etiq excl face feat fehl file find five flip folg font"
    " foto foun four fout fuen furt gepl gepu gere get goog got grap guar haben habe haga haut have haz hier home how imag"
    " impr incr inic insc inst iníc jetz join jump keyw klic klik komm labe lade lais lasc last late lea lear leav lect lee"
    " leer lees legg leia ler lese letz like line link lire list load log logi mail mast mate maté meer mees mehr meis meld"
    " menu merk mess mira mise mita modi more most mots must más naar newe next nos noti notí näch ocor olde onde one ontv"
    " oops opin orde orig othe our paid pala para part peop phot pict pin pint plaa plea pock popu por post potr pour prev"
    " prin prob prod prom pubb publ purc quel rate reac read rece reci recl reco redd regi regí rekl rela repo repr requ"
    " rese reto retu reut righ rise rss saib save schl schr scro sear see segn segu send shar show sieh siga sign sigu simi"
    " skip sms some sour spon spot spre stam stan star stor subm sugg suiv sur susc sígu tag tagg tags teil tele tema temp"
    " teru text than them thre tiem tikt tip togg top topi torn tref tren try tumb tune twee twit two ulti upda vedi veja"
    " ver verö via vide view visi você voir volg volt volv von vorh vori vorl vues watc wech weer weib weit werb what write"
    " writ word go voor réag alle gett visu este don mais laat mis has par onem twom x nach mas rése beco satd firs foll"
    " http www call écri escr scri kont tweet c abbo weit melden офор купи мате стат frei subs suscr want unlo alre acce cada faça start you your yout zie zule zum zurü ähnl écou últi war was did erro"
)
_BEGINNINGS = frozenset(_BEGINNINGS_WRITTEN.split())
# Of these those whose lines may be whole sentences.
_OF_SENTENCES_WRITTEN = (
    "crea logi addi alre avec beco call com come comm comp con cont cont deja down edit emai encou enco enjo escr este fehl find foll foun"
    " furt get got grap habe have if in jetz join kont leav like log mail mess met mita must na naar next no oops orde orig our"
    " para plea post prev prob prod publ purc reac read regi repo repr requ rese righ schr scri see segn send show sign some"
    " sour spot star start subm subs thank than the this to try twee unlo use via vide view visi want with writ you your an"
    " si se er une um ein tip older olde new newe cooki all"
)
_SENTENCE_STARTS = frozenset(_OF_SENTENCES_WRITTEN.split()) | _WITH_SIGNS
# Words that begin many sentences, and only with these second ones a line of residue.
_PAIRS_WRITTEN = (
    "are you|this cont|com info|com cola|com|the vide|in othe|in case|in pict|in this|to cont|to keep|to read|if you|an erro|la suit|l arti|l art"
    "|this arti|this stor"
    "|this post|this copy|this mate|this vide|with repo|with writ|with edit|with rese|with comp|with prod|with grap"
    "|no part|no comm|se ha|si è|er is|une erre|um erro|ein fehl|te pued|te ha|ti è|lo más|lo mas|das könn|met mede|cet arti|der arti"
    "|der beit|à lire|à voir|i più|ap phot|ap imag|ap file|ap|le plus|les plus|el arti|het beri|alle rech|alleen voor"
    "|alle voor|wird gela|e mail|qq|kein komm|sept minu"
)
_PAIRS = frozenset(_PAIRS_WRITTEN.split("|"))
# With these begin dates, which need a digit.
_DATES_WRITTEN = (
    "a abri acdt acst actu aedt aest ago agos am ao aout août apr apri as at aug augu avr avri awst bst cdt cest cet ct d da"
    " das de dec dece dez deze del den der di dic dice did dien dime dimanche do dom dome don donn déc déce e ecdt ect edt"
    " el en ene ener est et feb febb febr fev fév feve févr fri frid frei gen genn giov giug giu gmt h ha hace hkt hrs hr"
    " há il ist jan janu janv jeud jst juev juil jui juin jul julh juli july jun june jung junh juni la las le los lug lugl"
    " lun lund lune maar mag magg mai maio mai mar marc mard mars mart marz março may mayo mdt mei merc mesz met mez mi mié"
    " miér mitt mon mond mont mrt mst mt märz nov nove o oct octo octu okt okto oktu om on op ore ott otto out outu p pdt"
    " pm pst pt quar quin qui s sab saba sabb sam same sams samedi sat satu sep sept set sete sett seg segu sex sext sgt son"
    " sonn sun sund sáb sába t ter terç terc th the thu thur tue tues um uhr utc uur vend ven vier vie von vor vri vrij"
    " wed wedn weds wet wo woen zat zate zo zond à às ist st nd rd alle al wst wedd thud tued sund hsat"
)
_DATES = frozenset(_DATES_WRITTEN.split())
_JOINERS_WRITTEN = "a am as at da das de del den der do el em h il ist la las le los o om on op ore the um à às al alle d e et en"
_JOINERS = frozenset(_JOINERS_WRITTEN.split())
_LONGEST_DATED = 240
_SHORT_DATED = 60
_SHORT_ADDRESS = 100
_CLOSING = 12  # what may stand behind the last bracket
_SHORT_WORD = 5
_BUTTONS = frozenset({"rss", "sms"})  # these may stand in a row without blanks
_WIDE_SIGNS = re.compile(
    r"版权|版權|[转轉転]載|转载|전재|복제|저작권|相关|相關|延伸|更多|多閱讀|[推推][荐薦]|関連|관련|추천|标签|標籤|关键|關鍵|タグ|キーワード|태그|키워드"
    r"|이전|다음|上一|下一|前の|次の|原文|元記事|원문|记者|記者|기자|작성|热门|熱門|人気|ランキング|おすすめ|많이|인기|订阅|登录|訂閱|登入|残り|구독|あわせて|続きを|合わせて|こちら"
    r"|입력|등록|수정|配信|微信|微博|트위터|페이스북|카카오톡|ホーム|トップ|首页|首頁|홈|더 ?보기|来源|來源|出典|출처|更新|发布|發布|公開|投稿"
)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHORT_WIDE = 60
_WORDS = re.compile(r"[^\W\d_]+|\d")
_DIGIT = re.compile(r"\d")
_HEADING_END = re.compile(r"</h[1-6]>\s*(?:</\w+>\s*)*$")
_HEADING = re.compile(r"<h[1-6][\s>]")
_LINK_AT_END = re.compile(rf"<a(?:\s[^<>]*)?>([^<>]{{2,{_LONGEST_LINK}}})</a>\s*(?:</[a-z0-9]+>\s*)*$")
# A link behind a whole sentence, not the end of one ("You can <a>read more</a>").
_SENTENCE_DONE = re.compile(r"(?:[.!?…。！？:»›>\])|–—-][\"'”’»)\]]*|^)\s*$")
_TOKENS = re.compile(rf"({SAFE_BLOCK.pattern}|<br>)")
_EMPTY = re.compile(
    r"<(p|div|li|[ou]l|dl|d[dt]|h[1-6]|a|b|i|u|s|em|strong|small|span|sub|sup|center|blockquote|cite|mark|pre|code)"
    r"(?:\s[^<>]*)?>\s*</\1>"
)
_DEEPEST_EMPTY = 8


@dataclass(frozen=True, slots=True)
class FeedText:
    """The text of an entry as HTML and as plain text, which say the same, and what was taken off as (rule, line)."""

    html: str
    text: str
    removed: tuple[tuple[str, str], ...] = ()


def clean_feed_text(markup: str, text: str, *, title: str = "", rules: EdgeRules = NO_EDGE_RULES) -> FeedText:
    """The text of an entry without residue at its edges; all of it when nothing else would be left.

    `markup` is of `safe_html`, `text` what `text_of_safe_html` says of it, `title` the headline that the feed gave.
    """
    if not text:
        return FeedText(markup, text)
    link = _residue_link(markup, rules)
    if not link and not _has_residue(text, title, rules) and not _HEADING_END.search(markup[-40:]):
        return FeedText(markup, text)
    removed: list[tuple[str, str]] = []
    if link:
        markup, took = _without_link(markup, link)
        text, removed = text_of_safe_html(markup), [took]
    lines = _lines_of(markup, text)
    gone, taken = _gone(lines, title, rules)
    if gone:
        markup = _without(markup, lines, gone)
        text = text_of_safe_html(markup)
    return FeedText(markup, text, (*taken, *removed))


def may_be_residue(line: str) -> bool:
    """Whether a rule or a heading of links could fit a line: true too often, and never false of what one does fit."""
    folded = line.casefold()
    return len(line) <= LONG_LINE and (_has_sign(folded) or _begins_like_residue(line, folded))


def _has_sign(folded: str) -> bool:
    return any(map(folded.__contains__, _SIGNS))


def _begins_like_residue(  # noqa: C901, PLR0911 - the cheapest first, in one function: it is asked of every line
    line: str, folded: str
) -> bool:
    words = _WORDS.finditer(folded, 0, 80)
    first = next(words, None)
    if first is None:
        return True  # signs alone
    word = first.group()
    beginning = word[:4]
    if "]" in folded[-_CLOSING:] or (len(folded) <= _SHORT_ADDRESS and "@" in folded):
        return True
    if word.isdigit():
        return len(line) <= _LONGEST_DATED
    if (
        line[-1] == "."
        and line.count(" ") >= _PROSE_BLANKS
        and beginning not in _SENTENCE_STARTS
        and line.isascii()
    ):
        # Prose: the rules for such lines spare what ends in a full stop, and headings of links are shorter.
        return beginning in _DATES and _is_dated(folded, beginning, next(words, None))
    if beginning in _BEGINNINGS or word[:3] in _BUTTONS or word[0] == "x":
        return True
    if beginning in _WITH_SIGNS and any(map(folded.__contains__, _SIGNS_BEHIND)):
        return True
    second = next(words, None)
    if beginning in _DATES and _is_dated(folded, beginning, second):
        return True
    if second is not None and second.group().isdigit() and len(line) <= _SHORT_DATED:
        return True  # whatever month it names
    if len(word) <= _SHORT_WORD and (f"{word} {second.group()[:4]}" if second else word) in _PAIRS:
        return True
    if line.isascii() or not _WIDE.search(line):
        return False
    return len(line) <= _SHORT_WIDE or _WIDE_SIGNS.search(line) is not None


def _is_dated(folded: str, beginning: str, second: re.Match[str] | None) -> bool:
    """Whether a line that begins with a word of dates may be one: "the", "on" and such need another behind them."""
    if len(folded) > _LONGEST_DATED or not _DIGIT.search(folded, 0, 80):
        return False
    if beginning not in _JOINERS:
        return True
    return second is not None and (
        second.group().isdigit() or second.group()[:4] in _DATES or second.group() == "y"
    )


def _has_residue(text: str, title: str, rules: EdgeRules) -> bool:
    """Whether a line at an edge is residue: the cheap look, then the rules at the few lines that it lets through."""
    if len(text) <= LONG_LINE and PARAGRAPH_BREAK not in text:
        blocks = [text]
        if "\n" not in text:  # one line is never cleaned away
            return False
    else:
        blocks = text.split(PARAGRAPH_BREAK)
    # Below prose that ends in a full stop nothing but a line or two of residue was ever found.
    last = _LAST_LOOKED_AT if blocks[-1].endswith(".") and len(blocks[-1]) > _PROSE else EDGE_BLOCKS
    if len(blocks) > _FIRST_LOOKED_AT + last:
        del blocks[_FIRST_LOOKED_AT:-last]
    edges = PARAGRAPH_BREAK.join(blocks).casefold()
    has_sign = any(map(edges.__contains__, _ANYWHERE)) or (
        not edges.isascii() and any(map(edges.__contains__, _ANYWHERE_ELSE))
    )
    key = line_key(title) if title and "title" not in rules.rules_off else ""
    is_before_text = True
    for number, block in enumerate(blocks):
        is_before_text = is_before_text and (number == 0 or not is_sentence(blocks[number - 1]))
        for line in block.split("\n") if "\n" in block else (block,):
            if len(line) > LONG_LINE:
                continue
            folded = line.casefold()
            if ((has_sign and _has_sign(folded)) or _begins_like_residue(line, folded)) and (
                rule_of(line, is_before_text=is_before_text, rules_off=rules.rules_off) or opens_links(line)
            ):
                return True
            if rules.lines and len(line) <= LEARNT_CHARACTERS and line_key(line) in rules.lines:
                return True
            if key and number < _FIRST_LOOKED_AT and len(line) <= 2 * len(title) and line_key(line) == key:
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the text: which part of the markup it is, in which block, in a heading, in which list (0: none)."""

    part: int
    text: str
    block: int
    is_heading: bool
    group: int


def _lines_of(markup: str, text: str) -> list[_Line]:
    """The lines in order; the blocks they make are those of `text_of_safe_html`."""
    if "<" not in markup:
        blocks = text.split(PARAGRAPH_BREAK)
        return [
            _Line(0, line, number, is_heading=False, group=0)
            for number, block in enumerate(blocks)
            for line in block.split("\n")
            if line
        ]
    lines: list[_Line] = []
    block, group, tag, breaks = 0, 0, "", 0
    for part, token in enumerate(_TOKENS.split(markup)):
        if part % 2:
            breaks += token == "<br>"  # noqa: S105 - a tag
            if token != "<br>":  # noqa: S105 - a tag
                block, breaks, tag = block + 1, 0, token
            elif breaks > 1:
                block += 1
            continue
        line = safe_line(token)
        if line:
            breaks = 0
            is_item = tag.startswith("<li")
            if is_item and not (lines and lines[-1].group):
                group += 1
            lines.append(_Line(part, line, block, _HEADING.match(tag) is not None, group if is_item else 0))
    return lines


def _gone(lines: Sequence[_Line], title: str, rules: EdgeRules) -> tuple[set[int], list[tuple[str, str]]]:
    """The places of the lines that go, and why."""
    gone, removed = _cleaned(lines, title, rules, rules.rules_off)
    stays = sum(len(line.text) for place, line in enumerate(lines) if place not in gone)
    if sum(len(line) for rule, line in removed if rule in _LISTED) > stays:
        gone, removed = _cleaned(lines, title, rules, {*rules.rules_off, *_LISTED.values()})
    return _with_lists(lines, gone, removed)


def _cleaned(
    lines: Sequence[_Line], title: str, rules: EdgeRules, rules_off: Collection[str]
) -> tuple[set[int], list[tuple[str, str]]]:
    blocks: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        blocks.setdefault(line.block, []).append(place)
    before = [
        Block(
            "heading" if lines[places[0]].is_heading else "paragraph",
            "\n".join(lines[place].text for place in places),
            group=block,
        )
        for block, places in blocks.items()
    ]
    after, removed = clean_edges(before, title=title, repeated_lines=rules.lines, rules_off=rules_off)
    kept = {block.group: block.text.split("\n") for block in after}
    gone: set[int] = set()
    for block, places in blocks.items():
        rest = iter(kept.get(block, ()))
        wanted = next(rest, None)
        for place in places:
            if lines[place].text == wanted:
                wanted = next(rest, None)
            else:
                gone.add(place)
    return gone, removed


def _with_lists(
    lines: Sequence[_Line], gone: set[int], removed: list[tuple[str, str]]
) -> tuple[set[int], list[tuple[str, str]]]:
    """A list that is the text's stays whole: what a fixed rule took out of it comes back."""
    lists: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        if line.group:
            lists.setdefault(line.group, []).append(place)
    by_rule = {line: rule for rule, line in removed}
    for places in lists.values():
        stay = sum(place not in gone for place in places)
        if len(places) <= _LIST_ITEMS or stay * 2 <= len(places):
            continue
        for place in places:
            rule = by_rule.get(lines[place].text, "")
            if place in gone and rule not in {LEARNT, _BELOW_RELATED, _RELATED}:
                gone.discard(place)
                removed.remove((rule, lines[place].text))
    return gone, removed


def _without(markup: str, lines: Sequence[_Line], gone: set[int]) -> str:
    """The markup without these lines, their line breaks, and the elements that held nothing else."""
    if "<" not in markup:
        blocks: dict[int, list[str]] = {}
        for place, line in enumerate(lines):
            if place not in gone:
                blocks.setdefault(line.block, []).append(line.text)
        return html.escape(
            text_of(Block("paragraph", "\n".join(kept)) for kept in blocks.values()), quote=False
        )
    parts = _TOKENS.split(markup)
    for place in sorted(gone):
        part = lines[place].part
        parts[part] = safe_tags(parts[part])
        for near in (part - 1, part + 1):
            if 0 < near < len(parts) and parts[near] == "<br>":
                parts[near] = ""
                break
    return _without_empty("".join(parts)).strip()


def _without_empty(markup: str) -> str:
    for _ in range(_DEEPEST_EMPTY):
        markup, count = _EMPTY.subn("", markup)
        if not count:
            break
    return markup


def _residue_link(markup: str, rules: EdgeRules) -> tuple[int, int, str, str] | None:
    """(start, end, rule, words) of a link behind the last sentence that only leads to the rest of the text."""
    if "</a>" not in markup[-60:]:
        return None
    start = max(0, len(markup) - _TAIL)
    found = _LINK_AT_END.search(markup, start)
    if found is None:
        return None
    words = safe_line(found.group(1))
    rule = rule_of(words, is_before_text=False, rules_off=rules.rules_off) if may_be_residue(words) else ""
    if rule not in _LINK_RULES:
        return None
    above = text_of_safe_html(markup[start if start == 0 else markup.find(">", start) + 1 : found.start()])
    if not above or not _SENTENCE_DONE.search(above):
        return None
    return found.start(), found.start() + found.group().index("</a>") + len("</a>"), rule, words


def _without_link(markup: str, link: tuple[int, int, str, str]) -> tuple[str, tuple[str, str]]:
    start, end, rule, words = link
    return _without_empty(f"{markup[:start].rstrip()}{markup[end:]}"), (rule, words)

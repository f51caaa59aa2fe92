"""Takes scraper's residue off the edges of a text: whole lines, by rules with a name, never from the middle."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from articles.ingest.blocks import Block
from articles.ingest.residue import fixed_rules

EDGE_BLOCKS = 6
_READ_MORE = "read-more"
LEARNT = "repeated"  # the rule of lines that were learnt from the publisher's pages or that a person added
# Longer than any line of residue that is not a paragraph of its own; learnt lines are shorter still.
LONG_LINE = 900
LEARNT_CHARACTERS = 300
_SENTENCE_WORDS = 12
_HEADLINE_WORDS = 3
# Residue is a few lines. A page that has more of it at an edge is a page of something else, or a hostile one.
_MOST_BLOCKS = 40
_MOST_LINES = 40

# Capitals tell a name from a sentence that begins with "By".
_NAME = r"(?:(?![a-z])[^\W\d_][\w.'’-]*|and|for|of|und|et|y|e|en|the|de|da|di|del|van|der|von|bin|al)"
_BYLINE = re.compile(
    rf"(?:Written |Posted |Reported |Words |Story )?(?:By|BY|by|Von|VON|Par|PAR|Por|POR|Di|DI|Door|DOOR):? {_NAME}(?:(?: ?[,&] ?| ){_NAME}){{0,9}}"
    r"(?: ?\|.{0,60})?"
    r"|(?:文|撰文|作者|記者|记者)[:：／/| ] ?\S{1,20}|(?:本报|本報)?(?:记者|記者) ?\S{2,4}|\S{2,4} ?(?:기자|記者|记者)"
)
# Below such a line come links to other texts.
_OPENER = re.compile(
    r"(?:most |more |other |our |see )?(?:related|recommended|popular|trending|similar|suggested|featured)(?: \w+){0,2}"
    r"|(?:most |top |latest |recent |more )(?:read|viewed|popular|shared|commented|links?|articles?|stories|posts?|news|headlines|videos?|coverage)(?: \w+){0,2}"
    r"|(?:you (?:may|might)|readers|people) (?:also )?(?:like|liked|enjoy|be interested in|want to read|read)\b.{0,30}"
    r"|(?:read|see|watch|listen|check out)(?: (?:more|also|next|this|now|these|on))+(?: (?:on|about|from|in|at|stories|articles|news)\b.{0,60})?"
    r"|more (?:from|on|in|about|by|like)\b.{1,60}|also (?:read|see|on|from)\b.{0,60}|also|don['’]t miss(?: (?:this|it))?"
    r"|editor['’]?s['’]? (?:picks?|choice)|(?:what to|read|watch) (?:read )?next|in other news|(?:further|suggested) reading|links|around the web"
    r"|mehr (?:zum thema|aus .{1,30})|das könnte sie (?:auch )?interessieren|(?:auch interessant|meistgelesen|ähnliche artikel|weitere (?:artikel|themen|meldungen|nachrichten))"
    r"|(?:à )?lire (?:aussi|également)|sur le même (?:sujet|thème)|articles (?:liés|similaires|recommandés)|les plus lus|nos recommandations"
    r"|(?:noticias|art[ií]culos|temas) relacionad[ao]s|te puede interesar|lo m[aá]s (?:le[ií]do|visto)|m[aá]s (?:noticias|sobre .{1,40})"
    r"|(?:articoli|notizie) correlat[ie]|leggi anche|potrebbe interessarti(?: anche)?|i più letti"
    r"|(?:not[ií]cias|artigos|mat[eé]rias) relacionad[ao]s|(?:leia|veja) (?:também|mais)|mais lidas|você pode gostar(?: também)?"
    r"|lees ook|meer over .{1,40}|gerelateerde? (?:artikelen|berichten|nieuws)|meest gelezen"
    r"|相关(?:阅读|新闻|报道|链接|文章)|相關(?:閱讀|新聞|報導|連結|文章)|延伸(?:阅读|閱讀)|热门(?:新闻|文章|推荐)|熱門(?:新聞|文章)|推荐阅读|推薦閱讀|関連(?:記事|リンク|ニュース|キーワード)|人気(?:記事|ランキング)|アクセスランキング|おすすめ(?:記事)?|관련 ?(?:기사|뉴스)|추천 ?(?:기사|뉴스)|많이 본 (?:기사|뉴스)|인기 ?(?:기사|뉴스)"
)
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’»)\]」』]*\s*$")
_FULL_STOP = re.compile(r"[.。][\"'”’»)\]」』]*\s*$")
_CLOSING = re.compile(r"[\s:：.!…»›>\-–—|。！]+$")
_LETTERS = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that put no blanks between words
_QUOTED = re.compile(r"\s*[\"“„«「『‹]")


def clean_edges(
    blocks: Sequence[Block],
    *,
    title: str = "",
    headline: str = "",
    repeated_lines: Collection[str] = (),
    rules_off: Collection[str] = (),
) -> tuple[list[Block], list[tuple[str, str]]]:
    """(the blocks without residue, what was removed as (rule, line)).

    Only the first and last EDGE_BLOCKS blocks that are not residue from end to end are touched, and what lies beyond. `headline` is what the page
    shows as its own: above the text it goes when it says much the same as `title`. `repeated_lines` holds `line_key`s of lines which the same
    publisher shows at the edge of several articles; `rules_off` are ids of rules that are not to be used. A line
    that begins with a quotation mark is somebody's words and stays, whatever it says, unless it was learnt. A text
    is never cleaned away: if all would go, all stays.
    """
    kept = list(blocks)
    removed: list[tuple[str, str]] = []
    if "related-links" not in rules_off:
        _cut_related_links(kept, removed)
    learnt = repeated_lines if LEARNT not in rules_off else ()
    head, tail = _edges(kept, learnt, rules_off)
    result: list[Block] = []
    is_before_text = True
    for number, block in enumerate(kept):
        in_head, in_tail = number < head, number >= tail
        if not (in_head or in_tail):
            result.append(block)
            continue
        text = _cleaned(
            block,
            result,
            removed,
            _Rules(
                title if in_head else "",
                headline if in_head and is_before_text and block.kind == "heading" else "",
                learnt,
                rules_off,
                in_head and is_before_text,
            ),
        )
        if text:
            result.append(block if text == block.text else replace(block, text=text))
            is_before_text = is_before_text and (block.kind == "heading" or not is_sentence(text))
    while result and result[-1].kind == "heading" and "empty-heading" not in rules_off:
        removed.append(("empty-heading", result.pop().text))
    return (result, removed) if result else (list(blocks), [])


def rule_of(line: str, *, is_before_text: bool, rules_off: Collection[str] = ()) -> str:
    """The id of the fixed rule that takes this line off an edge, or ""; learnt lines are not asked."""
    if len(line) > LONG_LINE or _QUOTED.match(line):
        return ""
    folded = _fold(line)
    if not folded:
        return ""
    if is_before_text and "byline" not in rules_off and _BYLINE.fullmatch(" ".join(line.split())):
        return "byline"
    found = fixed_rules(
        folded, line, is_before_text=is_before_text, is_statement=_FULL_STOP.search(line) is not None
    )
    return next((rule for rule in found if rule not in rules_off), "")


def line_key(line: str) -> str:
    """The form in which edge lines are compared: letters and digits only, lower case, single spaces."""
    return " ".join(_LETTERS.findall(line.casefold()))


def length_in_words(text: str) -> int:
    """How long a text is in words; two characters of a script without blanks count as one."""
    wide = len(_WIDE.findall(text))
    return len(text.split()) + wide // 2


def edge_lines(text: str) -> list[str]:
    """The lines at both edges of a stored text (whose paragraphs blank lines part), each once."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    edges = blocks if len(blocks) <= 2 * EDGE_BLOCKS else blocks[:EDGE_BLOCKS] + blocks[-EDGE_BLOCKS:]
    lines = (line.strip() for block in edges for line in block.split("\n"))
    return list(dict.fromkeys(line for line in lines if line and len(line) <= LEARNT_CHARACTERS))


def without_lines(text: str, lines: Collection[str]) -> str:
    """A text without those of its lines that say exactly this."""
    if not lines:
        return text
    stripped = {line.strip() for line in lines}
    return "\n".join(line for line in text.split("\n") if line.strip() not in stripped)


def _is_title(line: str, title: str, rules_off: Collection[str]) -> bool:
    if not title or "title" in rules_off or len(line) > 2 * len(title):
        return False
    return line_key(line) == line_key(title) != ""


def _is_like(line: str, title: str) -> bool:
    """Whether two headlines have half of the shorter one's words in common."""
    ours, others = set(line_key(line).split()), set(line_key(title).split())
    return 2 * len(ours & others) >= min(len(ours), len(others)) > 0


def _is_learnt(line: str, repeated_lines: Collection[str]) -> bool:
    return bool(repeated_lines) and len(line) <= LEARNT_CHARACTERS and line_key(line) in repeated_lines


def _edges(blocks: Sequence[Block], learnt: Collection[str], rules_off: Collection[str]) -> tuple[int, int]:
    """(where the head ends, where the tail begins). Blocks of nothing but residue do not use up an edge."""

    def is_residue(block: Block, *, is_before_text: bool) -> bool:
        return all(
            rule_of(line, is_before_text=is_before_text, rules_off=rules_off) or _is_learnt(line, learnt)
            for line in block.text.split("\n", _MOST_LINES)
        )

    left, head = EDGE_BLOCKS, 0
    while head < min(len(blocks), _MOST_BLOCKS) and left:
        left -= not is_residue(blocks[head], is_before_text=left == EDGE_BLOCKS)
        head += 1
    left, tail = EDGE_BLOCKS, len(blocks)
    while tail > max(0, len(blocks) - _MOST_BLOCKS) and left:
        tail -= 1
        left -= not is_residue(blocks[tail], is_before_text=False)
    return head, tail


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the lines of one block are judged by."""

    title: str
    headline: str  # of the page, when the block is a heading above the text
    learnt: Collection[str]
    rules_off: Collection[str]
    is_before_text: bool


def _cleaned(block: Block, above: list[Block], removed: list[tuple[str, str]], rules: _Rules) -> str:
    """A block's text without its lines of residue, which `removed` gets."""
    lines: list[str] = []
    every = block.text.split("\n")
    for number, line in enumerate(every):
        if _MOST_LINES <= number < len(every) - _MOST_LINES:
            lines.append(line)
            continue
        rule = rule_of(line, is_before_text=rules.is_before_text, rules_off=rules.rules_off)
        if not rule and _is_learnt(line, rules.learnt):
            rule = LEARNT
        if not rule and (
            _is_title(line, rules.title, rules.rules_off)
            or (_is_title(line, rules.headline, rules.rules_off) and _is_like(line, rules.title))
        ):
            rule = "title"
        if not rule:
            lines.append(line)
            continue
        if rule == _READ_MORE and "related-links" not in rules.rules_off:
            _take_heading_of_links(lines or above, removed)
        removed.append((rule, line.strip()))
    return "\n".join(lines).strip()


def _take_heading_of_links(above: list[str] | list[Block], removed: list[tuple[str, str]]) -> None:
    """Take the line right above a link away too when it only announces links ("Don't miss")."""
    last = above[-1] if above else None
    line = last.text if isinstance(last, Block) else last
    if line is not None and "\n" not in line and opens_links(line):
        above.pop()
        removed.append(("related-links", line.strip()))


def _cut_related_links(blocks: list[Block], removed: list[tuple[str, str]]) -> None:
    """Cut everything from a line such as "Related links:" on, when only more short lines follow it."""
    start = max(1, len(blocks) - EDGE_BLOCKS)
    lines = [
        (number, position, line)
        for number in range(start, len(blocks))
        for position, line in enumerate(blocks[number].text.split("\n"))
    ]
    last_statement = max(
        (place for place, (_, _, line) in enumerate(lines) if _is_statement(line)), default=-1
    )
    for place in range(last_statement + 1, len(lines)):
        number, position, line = lines[place]
        if not opens_links(line):
            continue
        removed.append(("related-links", line.strip()))
        removed.extend(
            ("below-related-links", one.strip()) for _, _, one in lines[place + 1 :] if one.strip()
        )
        head = "\n".join(blocks[number].text.split("\n")[:position]).strip()
        blocks[number:] = [replace(blocks[number], text=head)] if head else []
        return


def opens_links(line: str) -> bool:
    """Whether a line is "Related links:", alone or with the links behind its colon."""
    if len(line) > LONG_LINE or is_sentence(line):
        return False
    head, colon, _ = line.replace("：", ":").partition(":")
    return _OPENER.fullmatch(_fold(line)) is not None or (
        bool(colon) and _OPENER.fullmatch(_fold(head)) is not None
    )


def _fold(line: str) -> str:
    return _CLOSING.sub("", " ".join(line.casefold().split()))


def _is_statement(line: str) -> bool:
    """Whether a line below "Related links" is a sentence of the text rather than another headline."""
    return is_sentence(line) or (
        length_in_words(line) > _HEADLINE_WORDS and line.rstrip().endswith((".", "。"))
    )


def is_sentence(text: str) -> bool:
    """Whether a line or block is long enough for a sentence and ends like one: the text has begun with it."""
    # Nobody has to count the words of what is that long.
    return (len(text) > LONG_LINE or length_in_words(text) >= _SENTENCE_WORDS) and _SENTENCE_END.search(
        text.strip()
    ) is not None

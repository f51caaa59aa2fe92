"""Takes scraper's residue off the edges of a text: whole lines, by rules with a name, never from the middle."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

EDGE_BLOCKS = 6
_LONG_LINE = 300
_SENTENCE_WORDS = 12
_HEADLINE_WORDS = 3
# A line at the edges of so many articles of one publisher is the publisher's, not the article's. Whole sentences may
# be the background of a running story, so they must stand in this part of its articles as well.
REPEATS = 3
_SENTENCE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, quotation or table row. Its lines are parted by newlines."""

    kind: str
    text: str


# Whole lines (folded: lower case, single spaces, no closing punctuation). A rule's name is stored with what it removed.
_RULES: tuple[tuple[str, str], ...] = (
    ("source-link", r"(?:source|via|original)(?: (?:link|url|article|post))?|(?:read|view|see) (?:the )?(?:full |original )+(?:article|story|post|source)(?: (?:here|at|on) .{1,60})?|(?:this )?(?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published|posted) (?:on|at|in|by) .{1,80}"),
    ("back-to-top", r"(?:back|return|go|scroll) to (?:the )?top(?: button| of (?:the )?page)?|top of page|nach oben|haut de page"),
    ("share", r"(?:please )?(?:share|spread|tweet|pin|like) (?:this|the|it|on|via|with|with your)(?: \w+){0,5}|share|shares?: ?\d*|\d+ shares?|click to (?:share|print|email)\b.{0,80}|share (?:article|story|post|page)|teilen|partager|compartir"),
    ("social-buttons", r"(?:(?:facebook|twitter|x|linkedin|whatsapp|telegram|reddit|pinterest|tumblr|flipboard|pocket|messenger|instagram|youtube|email|e-mail|mail|print|copy link|copy|link|sms|line|wechat|weibo|share|tweet|save|google\+|more|comments?|bookmark|facebook messenger|threads|bluesky|mastodon|rss)[\s,|/·•]*){1,15}"),
    ("advertisement", r"(?:advert(?:isement)?s?|sponsored(?: content| links?)?|paid (?:post|content)|promoted|reklame|anzeige|werbung|publicité|publicidad)(?: - .{0,60})?|(?:story|article|content|report) continues (?:below|after)(?: (?:this )?(?:advert(?:isement)?|ad|video))?|continue reading(?: (?:below|the (?:main|full) story).{0,20})?|skip advertisement"),
    ("newsletter", r"(?:sign up|subscribe|register|get|receive|join)\b.{0,120}\b(?:newsletters?|inbox|mailing list|daily briefing|email (?:alerts?|updates?))\b.{0,60}|subscribe(?: now| today)?|newsletter|enter your email.{0,60}"),
    ("subscribe", r"(?:already a subscriber|to (?:continue|keep) reading|log ?in|sign ?in|register|subscribe)(?: .{0,80})?\b(?:subscri\w+|log ?in|sign ?in|register|account)\b.{0,60}"),
    ("copyright", r"(?:©|\(c\)|copyright\b).{0,200}|.{0,80}\ball rights reserved.{0,120}"),
    ("tags", r"(?:tags?|topics?|keywords|filed under|categor(?:y|ies)|posted in|labels?|tagged(?: with)?|in this (?:article|story)) ?:.{0,250}|(?:tags?|topics?|filed under|categories)"),
    ("comments", r"(?:leave|post|add|write|submit) (?:a|your) (?:comment|reply).{0,40}|(?:view |show |read |see )?(?:all )?\d* ?comments?(?: \(\d+\))?|no comments(?: yet)?|comments (?:are closed|off|have been closed).{0,40}|join the (?:conversation|discussion)|(?:you must be|please) log(?:ged)? ?in to (?:post a )?comment"),
    ("page-tools", r"(?:print|e-?mail|save|download|listen|bookmark)(?: (?:this|the|to))?(?: (?:article|story|page|post|friend|pdf))?|(?:text|font) size.{0,30}|(?:increase|decrease) (?:text|font) size|view (?:gallery|slideshow|as (?:one|single) page)|toggle .{0,30}|close|menu|search|skip to (?:main )?content"),
    ("previous-next", r"(?:previous|next|prev|older|newer)(?: (?:article|post|story|page|entry))?(?: ?[:»«→←].{0,150})?|[←→] ?.{1,120}|.{1,120} →"),
    ("reading-time", r"(?:estimated )?(?:reading|read) time:? .{0,30}|\d+ ?-?(?:min(?:ute)?s?\.?) ?-?(?:read|reading)(?: time)?|\d+ words"),
    ("follow", r"(?:follow|like|find|join|visit|connect with) (?:us|me|@?\w+(?: \w+)?) (?:on|at) (?:facebook|twitter|x|instagram|linkedin|telegram|whatsapp|google|youtube|social media)\b.{0,80}|follow (?:us|@\w+).{0,40}|download (?:our|the) .{0,40}\bapps?\b.{0,60}"),
    ("cookies", r".{0,60}\b(?:uses?|accept|enable|allow) (?:cookies|javascript)\b.{0,150}|(?:please )?(?:enable|turn on) javascript.{0,80}"),
    ("feedback", r"(?:have (?:a|any) (?:tip|story|news tip)s?\b|(?:send|got) (?:us )?(?:a |your )?(?:news )?tips?\b|report (?:a|an) (?:typo|error|correction)).{0,120}"),
    ("credit-line", r"(?:photo|image|picture|foto|featured image|cover image|photograph)s?(?: ?(?:credit|source|courtesy|by|via|from))?s? ?:.{0,100}|\(?(?:ap|afp|reuters|getty|file) (?:photo|images?|file photo)\)?(?: ?/ ?.{0,40})?"),
    ("views", r"(?:\d[\d,.]*k?) (?:views?|likes?|reads?|hits?)|(?:post )?views: ?\d[\d,.]*"),
    ("rate-this", r"(?:rate|was) this (?:article|story|post)?.{0,10}(?:helpful|useful|article|story)?.{0,10}|how do you feel about this.{0,20}"),
)  # fmt: skip
# Only above the text: what stands between a headline and the first sentence.
_HEAD_RULES: tuple[tuple[str, str], ...] = (
    ("dateline", r"(?:(?:first )?(?:published|posted|updated|last (?:updated|modified)|modified|date|created)(?: on| at)?:? ?)+.{0,15}\d.{0,50}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? .{0,12}\d{1,2}.{0,30}\d{4}.{0,30}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?:[ ,]+\d{1,2}:\d{2}.{0,15})?|(?:\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)? \w{3,9}\.? \d{4})(?:[ ,|-]+(?:at )?\d{1,2}[:.]\d{2}.{0,20})?|\d+ (?:minute|hour|day|week|month|year)s? ago"),
    ("breadcrumb", r"home(?: ?[>/»›|] ?[^>/»›|]{1,60}){1,6}"),
)  # fmt: skip
# The same, but capitals tell a name from a sentence that begins with "By".
_NAME = r"(?:(?![a-z])[^\W\d_][\w.'’-]*|and|for|of|the|de|da|di|del|van|der|von|bin|al)"
_BYLINE = re.compile(
    rf"(?:Written |Posted |Reported |Words |Story )?(?:By|BY|by|Von|Par|Por|Di):? {_NAME}(?:(?: ?[,&] ?| ){_NAME}){{0,9}}"
    r"(?: ?\|.{0,60})?"
)
# Below such a line come links to other texts.
_OPENER = re.compile(
    r"(?:most |more |other |our |see )?(?:related|recommended|popular|trending|similar|suggested|featured)(?: \w+){0,2}"
    r"|(?:most |top |latest |recent |more )(?:read|viewed|popular|shared|commented|links?|articles?|stories|posts?|news|headlines|videos?|coverage)(?: \w+){0,2}"
    r"|(?:you (?:may|might)|readers|people) (?:also )?(?:like|liked|enjoy|be interested in|want to read|read)\b.{0,30}"
    r"|(?:read|see|watch|listen|check out)(?: (?:more|also|next|this|now|these|on))+(?: (?:on|about|from|in|at|stories|articles|news)\b.{0,60})?"
    r"|more (?:from|on|in|about|by|like)\b.{1,60}|also (?:read|see|on|from)\b.{0,60}|also|don['’]t miss(?: (?:this|it))?"
    r"|editor['’]?s['’]? (?:picks?|choice)|(?:what to|read|watch) (?:read )?next|in other news|(?:further|suggested) reading|links|around the web"
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _RULES)
_COMPILED_HEAD = tuple((name, re.compile(pattern)) for name, pattern in _HEAD_RULES)
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’»)\]]*\s*$")
_CLOSING = re.compile(r"[\s:.!…»›>\-–—|]+$")
_LETTERS = re.compile(r"[^\W_]+")


def clean_edges(
    blocks: Sequence[Block],
    *,
    title: str = "",
    repeated_lines: Collection[str] = (),
    rules_off: Collection[str] = (),
) -> tuple[list[Block], list[tuple[str, str]]]:
    """(the blocks without residue, what was removed as (rule, line)).

    Only the first and last EDGE_BLOCKS blocks are touched. `repeated_lines` holds `line_key`s of lines which the same
    publisher shows at the edge of several articles; `rules_off` are ids of rules that are not to be used. A text is never cleaned away: if all would go, all stays.
    """
    kept = list(blocks)
    removed: list[tuple[str, str]] = []
    _cut_related_links(kept, removed)
    count = len(kept)
    title_key = line_key(title)
    result: list[Block] = []
    for number, block in enumerate(kept):
        in_head, in_tail = number < EDGE_BLOCKS, number >= count - EDGE_BLOCKS
        if not (in_head or in_tail):
            result.append(block)
            continue
        lines = []
        for line in block.text.split("\n"):
            is_before_text = in_head and not any(_is_sentence(earlier.text) for earlier in result)
            rule = _rule_for(line, repeated_lines, is_before_text=is_before_text)
            if not rule and is_before_text and title_key and line_key(line) == title_key:
                rule = "title"
            if rule and rule not in rules_off:
                removed.append((rule, line.strip()))
            else:
                lines.append(line)
        text = "\n".join(lines).strip()
        if text:
            result.append(replace(block, text=text))
    while result and result[-1].kind == "heading":
        removed.append(("empty-heading", result.pop().text))
    return (result, removed) if result else (list(blocks), [])


def line_key(line: str) -> str:
    """The form in which edge lines are compared: letters and digits only, lower case, single spaces."""
    return " ".join(_LETTERS.findall(line.casefold()))


def edge_keys(text: str) -> tuple[str, ...]:
    """`line_key`s of the lines at both edges of a stored text, for counting what a publisher repeats."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    edges = blocks if len(blocks) <= 2 * EDGE_BLOCKS else blocks[:EDGE_BLOCKS] + blocks[-EDGE_BLOCKS:]
    lines = (line for block in edges for line in block.split("\n") if len(line) <= _LONG_LINE)
    return tuple(dict.fromkeys(key for line in lines if (key := line_key(line))))


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A text as it is stored, and the lines that were taken off it as repeated ones."""

    title: str
    text: str
    removed: Sequence[str] = ()


def repeated_keys(pages: Iterable[SeenPage]) -> frozenset[str]:
    """`line_key`s of the lines that the edges of one publisher's pages share; a title counts once.

    What was removed counts like what still stands: else residue would come back once all stored texts are clean.
    """
    titled = {line_key(page.title): page for page in pages}
    counts: Counter[str] = Counter()
    for page in titled.values():
        counts.update({*edge_keys(page.text), *map(line_key, page.removed)} - {""})
    least_of_sentences = max(REPEATS, len(titled) * _SENTENCE_SHARE)
    return frozenset(
        key
        for key, number in counts.items()
        if number >= (least_of_sentences if len(key.split()) >= _SENTENCE_WORDS else REPEATS)
    )


def _rule_for(line: str, repeated_lines: Collection[str], *, is_before_text: bool) -> str:
    """The name of the rule that takes this line away, or ""."""
    folded = _fold(line)
    if not folded or len(line) > _LONG_LINE:
        return ""
    if repeated_lines and line_key(line) in repeated_lines:
        return "repeated"
    if is_before_text and _BYLINE.fullmatch(" ".join(line.split())):
        return "byline"
    rules = _COMPILED + _COMPILED_HEAD if is_before_text else _COMPILED
    return next((name for name, pattern in rules if pattern.fullmatch(folded)), "")


def _cut_related_links(blocks: list[Block], removed: list[tuple[str, str]]) -> None:
    """Cut everything from a line such as "Related links:" on, when only more short lines follow it."""
    start = max(1, len(blocks) - EDGE_BLOCKS)
    for number in range(start, len(blocks)):
        lines = blocks[number].text.split("\n")
        for position, line in enumerate(lines):
            if not _opens_links(line):
                continue
            after = [
                *lines[position + 1 :],
                *(one for block in blocks[number + 1 :] for one in block.text.split("\n")),
            ]
            if any(_is_statement(one) for one in after):
                continue
            removed.append(("related-links", line.strip()))
            removed.extend(("below-related-links", one.strip()) for one in after if one.strip())
            head = "\n".join(lines[:position]).strip()
            blocks[number:] = [replace(blocks[number], text=head)] if head else []
            return


def _opens_links(line: str) -> bool:
    """Whether a line is "Related links:", alone or with the links behind its colon."""
    if _is_sentence(line):
        return False
    head, colon, _ = line.partition(":")
    return _OPENER.fullmatch(_fold(line)) is not None or (
        bool(colon) and _OPENER.fullmatch(_fold(head)) is not None
    )


def _fold(line: str) -> str:
    return _CLOSING.sub("", " ".join(line.casefold().split()))


def _is_statement(line: str) -> bool:
    """Whether a line below "Related links" is a sentence of the text rather than another headline."""
    return _is_sentence(line) or (len(line.split()) > _HEADLINE_WORDS and line.rstrip().endswith("."))


def _is_sentence(text: str) -> bool:
    return len(text.split()) >= _SENTENCE_WORDS and _SENTENCE_END.search(text.strip()) is not None

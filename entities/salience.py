"""How much a text is about each entity that is linked in it: title, lead, share of mentions, subject; residue counts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entities.names import plain_form
from entities.residue import Residue
from entities.sentences import split_sentences
from entities.types import EntityKind, FoundMention, Salient, Why

# Set by hand on our own texts. A text is about what reaches this: a name in the title and once in the text does, a
# name that stands once in the middle of a longer text does not.
ABOUT = 0.5

IN_TITLE = 0.4
IN_LEAD = 0.2
OFTEN = 0.2
SHARE = 0.2
SUBJECT = 0.1
PLACE = -0.15
LEAD_SENTENCES = 2
HEADING = 160  # characters: a first line that is no longer and has no full stop is a title
WORDS_A_MENTION = 120  # whoever a text is about is named about once in so many words
MOST_EXPECTED = 5
WHOLE_SHARE = 0.4  # of all mentions

# "told Reuters", "Bloomberg reported", "according to CNN": who tells the news is not in it.
_TELLER_BEFORE = re.compile(
    r"(?:\b(?:told|according to|reported by|first reported (?:by|in)|seen by|cited by|data from|poll by|interview with|photo by"
    r"|compiled by|published (?:by|in)) (?:the )?|\()$",
    re.IGNORECASE,
)
_TELLER_AFTER = re.compile(
    r"^(?:\) -|'s? (?:report|poll|data|calculations)\b| (?:reported|has reported|news agency reported|data show(?:s|ed)?|poll\b)|, citing\b)"
)
_ASIDE_BEFORE = re.compile(
    r"\b(?:analysts?|economists?|strategists?|traders?|researchers?|professors?|fellow|partner|manager|lawyers?|head of [a-z ]{1,40})"
    r"(?: and [a-z]+)? (?:at|with|from|of|for) (?:the )?(?:[a-z-]+ ){0,3}$"
)
_VERB_AFTER = re.compile(
    r"^(?:(?:, [^,.]{3,80},)| \([^)]{1,30}\)| (?:shares|stock))? (?:has |have |had |will |is |are |was |were |also |would |may |could |plans? to )*"
    r"(?:said|says|reported?|posted|announced?d?|agreed?|agrees|plans?|will|is|was|has|expects?|filed|unveiled|launche[sd]|raise[sd]|cuts?"
    r"|beats?|misse[sd]|surge[sd]|jump(?:s|ed)|falls?|fell|rises?|rose|climb(?:s|ed)|drop(?:s|ped)|gain(?:s|ed)|slid|slides|tumble[sd]"
    r"|slump(?:s|ed)|soar(?:s|ed)|sank|sinks|lost|loses|shed|buys?|bought|sells?|sold|acquire[sd]?|warn(?:s|ed)|faces?|faced|sued|sues"
    r"|names?|named|appoint(?:s|ed)|hires?|hired|fired|opens?|opened|closes?|closed|wins?|won|takes?|took|makes?|made|seeks?|sought"
    r"|to (?:buy|sell|cut|launch|invest|acquire|build|open|close|pay|list|raise|hire|merge|work|lay)|vow(?:s|ed)|told|met|meets|called|calls"
    r"|did|does|didn't|hasn't|won't|can|could|may|might|would|must|should)\b"
)


@dataclass(slots=True)
class _Count:
    """What was seen of one entity."""

    kind: EntityKind
    title: int = 0
    lead: int = 0
    counted: float = 0.0
    subject: int = 0
    residue: int = 0
    teller: int = 0
    aside: int = 0


def salience(title: str, text: str, mentions: Sequence[FoundMention]) -> tuple[Salient, ...]:
    """How much the text is about each linked entity, the most salient first; every linked entity has its line.

    Offsets are those of the given strings. A heading that the text repeats counts once, as the title.
    """
    linked = [m for m in mentions if m.entity_id is not None and m.status == "linked"]
    if not linked:
        return ()
    plain_title, plain = plain_form(title), plain_form(text)
    heading = _heading_end(plain, plain_title)
    lead = _lead_end(plain, heading)
    residue = Residue(plain)
    counts: dict[int, _Count] = {}
    for mention in linked:
        if mention.entity_id is None:
            continue
        count = counts.setdefault(mention.entity_id, _Count(mention.kind))
        if mention.field == "title":
            _see_title(count, plain_title, mention)
        elif mention.start < heading:
            if not plain_title:
                _see_title(count, plain, mention)
        elif residue.covers(mention.start):
            count.residue += 1
        else:
            _see_text(count, plain, mention, lead)
    total = sum(count.counted for count in counts.values() if count.kind != "place")
    words = len(plain[heading:].split())
    found = [_salient(entity_id, count, total, words) for entity_id, count in counts.items()]
    return tuple(sorted(found, key=lambda s: (-s.salience, s.entity_id)))


def _heading_end(plain: str, title: str) -> int:
    """Where a title that stands at the head of the text ends, 0 when there is none."""
    line, _, rest = plain.partition("\n")
    if title and line.strip() and line.strip().casefold() == title.strip().casefold():
        return len(line)
    alone = rest.startswith("\n") or not rest
    if (
        not title
        and rest
        and alone
        and len(line) <= HEADING
        and line.rstrip()[-1:] not in (".", ":", ";", ",")
    ):
        return len(line)
    return 0


def _lead_end(plain: str, heading: int) -> int:
    """Where the first two sentences behind the heading end."""
    sentences = split_sentences(plain[heading:])
    return heading + sentences[min(len(sentences), LEAD_SENTENCES) - 1].end if sentences else heading


def _see_title(count: _Count, plain: str, mention: FoundMention) -> None:
    if _is_teller(plain, mention) or plain[: mention.start].rstrip()[-2:] == " -":
        count.teller += 1
        return
    count.title += 1
    count.counted += 1
    count.subject += _is_subject(plain, mention)


def _see_text(count: _Count, plain: str, mention: FoundMention, lead: int) -> None:
    if _is_teller(plain, mention):
        count.teller += 1
        return
    if _ASIDE_BEFORE.search(plain[max(0, mention.start - 80) : mention.start]):
        count.aside += 1
        count.counted += 0.5
        return
    count.counted += 1
    count.lead += mention.end <= lead
    count.subject += _is_subject(plain, mention)


def _is_teller(plain: str, mention: FoundMention) -> bool:
    after = plain[mention.end : mention.end + 40]
    if _TELLER_AFTER.match(after):
        return mention.kind not in ("person", "place")
    before = _TELLER_BEFORE.search(plain[max(0, mention.start - 40) : mention.start])
    if before is None:
        return False
    return not before.group().endswith("(") or after.startswith(")")


def _is_subject(plain: str, mention: FoundMention) -> bool:
    return _VERB_AFTER.match(plain[mention.end : mention.end + 120]) is not None


def _salient(entity_id: int, count: _Count, total: float, words: int) -> Salient:
    parts = tuple(_parts(count, total, words))
    value = round(max(0.0, min(1.0, sum(part.weight for part in parts))), 3)
    return Salient(entity_id=entity_id, salience=value, about=value >= ABOUT, why=parts)


def _parts(count: _Count, total: float, words: int) -> Iterator[Why]:
    if count.title:
        yield Why("title", "named in the title", IN_TITLE)
    if count.lead:
        yield Why("lead", "named in the first sentences", IN_LEAD)
    if count.counted:
        expected = max(1.0, min(MOST_EXPECTED, words / WORDS_A_MENTION))
        weight = round(OFTEN * min(1.0, count.counted / expected), 3)
        yield Why("often", f"named {_times(count.counted)} in {words} words", weight)
        if count.kind != "place":
            share = count.counted / max(total, 1.0)
            weight = round(SHARE * min(1.0, share / WHOLE_SHARE), 3)
            yield Why("share", f"{share:.0%} of all that is named", weight)
    if count.subject:
        yield Why("subject", "the text says what it does", SUBJECT)
    if count.kind == "place" and count.counted:
        yield Why("place", "a place where things happen", PLACE)
    if count.aside:
        yield Why("aside", f"named {_times(count.aside)} only as somebody's employer")
    if count.teller:
        yield Why("teller", f"named {_times(count.teller)} as the one who tells the news")
    if count.residue:
        yield Why("residue", f"named {_times(count.residue)} in lines that are no part of the story")


def _times(count: float) -> str:
    whole = max(1, round(count))
    return {1: "once", 2: "twice"}.get(whole, f"{whole} times")

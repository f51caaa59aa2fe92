"""Which known people a text does not mean, though it names somebody who is called like them."""

from __future__ import annotations

from collections.abc import Sequence

from entities.compiled import Lexicon
from entities.evidence import LOOKED_AT, PREVIOUS
from entities.linking.fields import FieldText, text_of
from entities.sentences import sentence_at
from entities.strangers import age_beside, office_behind, trade_beside
from entities.words import HONORIFICS, TITLE_WORDS

GROWN_UP = 18
_POLITE = HONORIFICS - {"Judge", "Justice", "Pope"}


def find_strangers(
    fields: Sequence[FieldText], lexicon: Lexicon, countries: frozenset[str]
) -> tuple[dict[int, str], dict[int, str]]:
    """People named in full whom a trade, a team or a child's age contradicts, then those of whom only an age is told.

    Each with the words that tell. What the text says of the known one outweighs them: the organisation, a title,
    and against a grown-up's age the country, too.
    """
    trades: dict[int, str] = {}
    ages: dict[int, str] = {}
    titled: set[int] = set()
    named = {row.entity_id for read in fields for hit in read.hits.values() for row in hit.rows}
    for read in fields:
        for hit in read.hits.values():
            people = {r.entity_id for r in hit.rows if lexicon.entities[r.entity_id].kind == "person"}
            if not people or " " not in text_of(read, hit):
                continue
            start = sentence_at(read.sentences, hit.start).start
            before = read.plain[max(start, hit.start - LOOKED_AT) : hit.start]
            after = read.plain[hit.end : hit.end + LOOKED_AT]
            previous = PREVIOUS.search(before)
            title = previous.group(1).rstrip(".") if previous else ""
            if (title in HONORIFICS | TITLE_WORDS and title not in _POLITE) or office_behind(after):
                titled |= people
            trade, age = trade_beside(before, after), age_beside(after)
            if age and int("".join(c for c in age if c.isdigit())) < GROWN_UP:
                trade = trade or age
            for person in people:
                if trade:
                    trades.setdefault(person, trade)
                elif age and lexicon.entities[person].country not in countries:
                    ages.setdefault(person, age)
    known = {p for p in ages | trades if p in titled or lexicon.related.get(p, frozenset()) & named}
    return (
        {person: told for person, told in trades.items() if person not in known},
        {person: told for person, told in ages.items() if person not in known},
    )

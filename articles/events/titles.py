"""Which article's headline an event carries: one that most others agree with, never a copy's; pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from articles.events.features import words_of

FEWEST_WORDS = 3
# What the last of many headlines counts of what the first does: an event is called by what happened, not by what came of
# it, unless the later ones say much more of the same.
LATEST_COUNTS = 0.7
LONGEST = 120  # characters: longer ones do not fit a line of a list
TITLED_FROM = 50  # articles of an event, those placed first, among which its headline is chosen

# What stands beside the news: it explains, asks, comments or shows, and tells only those what happened who know it.
# "WHO" is an organisation, "Who" a question; "Will" may be a name, and asks only with a question mark.
_LABELS = (
    r"analysis|opinion|comment(?:ary)?|editorial|column(?:ist)?|explainers?|explained|fact\s?(?:box|check)|timeline|interview"
    r"|profile|review|podcast|watch|video|listen|photos?|gallery|in\s(?:pictures|photos|numbers|charts|brief|depth|focus)"
    r"|live(?:\s(?:updates|blog))?|as\sit\shappened|recap|quiz|letters?|obituary|newsletter|essay|feature|long\sread"
    r"|q\s?&\s?a|perspective|background|viewpoint|by\sthe\snumbers|for\sthe\sdiary|kommentar|analyse|hintergrund|meinung"
    r"|leitartikel|porträt|opinión|análisis|avis|décryptage|éditorial|entretien|tribune"
)
_ASIDE = re.compile(
    rf"^[\W_]*(?i:{_LABELS})\s*(?:[:|–—]|-\s)"
    r"|^[\W_]*(?:What|Why|How|Where|When|Who|Whose|Which|Inside|Behind|Beyond|Meet|Here(?:['’]s|\sis|\sare)|Warum|Wieso|Weshalb|Wie"
    r"|Pourquoi|Por\squé|Cómo|Perché)\s"
    r"|^(?:The|An?)\s(?:\w+\s)?(?:story|art|arithmetic|trouble|problem|secrets?|lessons?|meaning|making|truth|politics|economics"
    r"|anatomy|tale)\s(?:of|for|with|behind|from)\s"
    r"|^(?i:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\s(?:\w+\s)?(?:things|reasons|ways|questions|takeaways|charts|facts"
    r"|lessons|tips)\b"
    r"|^(?i:an?|one|two|three|\d{1,2})\s(?:hour|day|week|month|year)s?\s(?:later|on)\b"
    r"|[?？]\W*$|\s(?i:by\sthe\snumbers)\W*$"
    r"|[:|–—]\s(?i:analysis|explained|explainer|opinion|in\s(?:pictures|photos|numbers|charts)|what\s(?:we|you|to|it|is)|why\s"
    r"|how\s|live(?:\supdates)?$|video$|podcast$|as\sit\shappened)"
)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline that an event could carry."""

    key: int
    text: str
    published: datetime
    is_copy: bool = False


def choose_headline(headlines: Sequence[Headline]) -> Headline:
    """The headline whose words the others share most, measured against its length; the earlier, the better.

    A copy speaks for the headline under which it repeats a text: another desk has chosen it, too. Copies themselves,
    headlines of a word or two, very long ones and those that stand beside the news (`is_aside`) are chosen only when
    there is nothing else. Raises ValueError when there is none at all.
    """
    own = [h for h in headlines if not h.is_copy]
    fit = [h for h in own if _is_fit(h.text)]
    pool = [h for h in fit if not is_aside(h.text)] or fit or own or list(headlines)
    words = {h.key: {term for term, _ in words_of(h.text)} for h in headlines}
    holders = Counter(term for terms in words.values() for term in terms)
    order = sorted(headlines, key=lambda h: (h.published, h.key))
    lateness = {h.key: place / max(len(order) - 1, 1) for place, h in enumerate(order)}

    def rank(headline: Headline) -> tuple[float, datetime, int]:
        terms = words[headline.key]
        shared = sum(holders[term] - 1 for term in terms) / math.sqrt(len(terms) or 1)
        counts = 1 - (1 - LATEST_COUNTS) * lateness[headline.key]
        return (-shared * counts, headline.published, headline.key)

    return min(pool, key=rank)


def is_aside(text: str) -> bool:
    """Whether a headline is that of an explanation, a comment, a question or pictures, not of a report."""
    return bool(_ASIDE.search(text.strip()))


def _is_fit(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS and len(text) <= LONGEST

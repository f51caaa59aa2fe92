"""What stands around a name and speaks against an entity: longer names, other people, headlines, addresses."""

from __future__ import annotations

import re

from entities.compiled import FIRM_KINDS, NameRow, legal_forms
from entities.evidence import (
    COMPANY_AFTER,
    COMPANY_BEFORE,
    PREVIOUS,
    Surroundings,
    TextContext,
    has_shares,
    is_exchange,
)
from entities.names import is_capitals, is_common, plain_form
from entities.recognition import NameHit
from entities.types import LexiconEntity, Why
from entities.words import (
    CALENDAR,
    COUNTRY_ADJECTIVES,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    HONORIFICS,
    ORGANISATION_HEADS,
    OTHER_NAME_TAILS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
    words,
)

INSIDE_LARGER = -0.7
OTHER_NAME = -0.35
HEADLINE = -0.2
SENTENCE_START = -0.15
PERSON_CUE = -0.6
LOOKS_LIKE_PERSON = -0.35
OTHER_TICKER = -0.4
NO_ACTOR = -0.7
STRANGER = -0.6
FAMILY = -0.9
UNSEEN = -0.1
UNLISTED = -0.12
KNOWN_ENOUGH = 0.5  # prominence
# With one of these the entity is not meant at this place, whatever the rest of the text says.
OVERRULING = frozenset({"inside", "person", "family", "contact", "index"})

# With one of these somebody is meant whom nobody follows, called like somebody who is known.
NOBODY = frozenset({"stranger", "family"})

_CONTACT = re.compile(r":? ?\x01")  # addresses were blanked out before
# "MSCI's broadest index of Asian shares": of the index that it makes, not of the company.
# Only words that describe an index stand between: "Siemens led the index", "Intel leaves the index" speak of the company.
_OF_INDICES = (
    r"(?:[Bb]road(?:est)?|[Mm]ain|[Bb]enchmark|[Ff]lagship|[Kk]ey|[Cc]losely|[Ww]idely|watched|followed|tracked|[Gg]lobal|[Ww]orld"
    r"|[Rr]egional|[Ee]merging|[Dd]eveloped|[Mm]arkets?|[Ss]ectors?|[Ss]ector|[Tt]ech(?:nology)?|[Bb]ank(?:s|ing)?|[Ss]emiconductors?|[Cc]hips?"
    r"|[Ss]tocks?|[Ss]hares?|[Ee]quity|[Bb]onds?|[Vv]olatility|[Dd]ollar|[Cc]urrency|[Hh]ouse|[Hh]ome|[Pp]rices?|[Mm]anufacturing|[Ss]ervices"
    r"|[Ss]entiment|[Cc]onfidence|[Cc]omposite|[Aa]ll-\w+|\w+-(?:cap|wide|weighted|chip|country)|[A-Z][A-Za-z-]*|ex-[A-Z]\w+)"
)
# An index neither speaks nor buys: "Dow said it would close a plant" is of the company.
_ACTS = re.compile(
    r"(?:'s?)? (?:said|says|reported|announced|declined to|plans to|agreed to|expects to|has agreed|filed|unveiled|launched"
    r"|will (?:buy|sell|acquire|pay|launch|cut|invest|close|build)|cut its dividend|CEO|CFO|[Cc]hief [Ee]xecutive|chairman|shares|plants?)\b"
)
_INDEX_OF_IT = re.compile(rf"(?:'s?)? (?:{_OF_INDICES} ){{0,5}}(?:[Ii]ndex|indices|gauge|e-minis?)\b")
_LOCATIVE = re.compile(r"\b(?:[Ii]n|[Ff]rom|[Nn]ear|[Aa]round|[Oo]utside|[Tt]o|into|of) $")
_REACHED = re.compile(r"\x01|\+\d|\bTel(?:ephone)?\b|\b[Ee]mail\b")
_OF_FIRM = re.compile(r" of (?:[A-Z][\w&-]* ){1,4}(?:Inc|Corp|Ltd|Plc|PLC|LLC)\b")
_JOINED = re.compile(r" and |, |'s? | - |/")
_KIN = re.compile(
    r"\b(?:(?:grand|step)?(?:daughters?|sons?|children|child)|wife|husband|girlfriend|boyfriend|fianc\u00e9e?|fiancee?|sisters?|brothers?|nieces?|nephews?"
    r"|cousins?|twins|triplets|mother|father|grandmother|grandfather|aunt|uncle|(?:baby|little) (?:girl|boy))"
    r"(?:,| named| called)* (?:[A-Z]\w+(?:, \d{1,2},?| \(\d{1,2}\))?(?:,| and|, and) ){0,4}$"
)
_NEXT = re.compile(r" ([A-Za-z][\w&'-]*)")
# Many countries and towns have one: the word before such a name tells which.
_INSTITUTION_HEADS = words("""Party Association Cross Council Court Ministry Department Congress Parliament Senate Union Federation Institute
    University Society Commission Chamber Agency Authority Police Club League""")
_PERSON_TITLES = words(
    "President Senator Sen Rep Representative Governor Gov Minister Chancellor Mayor King Queen"
)


def objections(  # noqa: PLR0913 - one value an argument
    row: NameRow,
    entity: LexiconEntity,
    hit: NameHit,
    around: Surroundings,
    *,
    context: TextContext,
    anchored: bool,
) -> list[Why]:
    """The parts of a score that speak against an entity; a name settled by its full form has fewer."""
    written = plain_form(row.text)
    if row.suffix:
        written = written[: -len(row.suffix)].rstrip(" ,")
    parts = [
        _contact(around),
        _no_actor(entity, around),
        _index(entity, around),
        _other_ticker(entity, around),
        _among_firms(entity, around),
        _unlisted(entity, around),
        _goes_on(entity, around, written, full=bool(hit.suffix)),
        _stranger(entity, context),
        _family(entity, around, written, full=bool(hit.suffix)),
    ]
    if entity.kind != "person" or " " not in written:
        parts.append(_begins_before(entity, around, written, full=bool(hit.suffix)))
    if not anchored:
        parts.append(_elsewhere(row, entity, hit, context))
    if not anchored and not hit.suffix:
        parts.append(_in_seen(row, entity, around, written))
        parts.append(_shape(row, entity, around, written))
        parts.append(_somebody(row, entity, around, context, written))
    return [part for part in parts if part is not None]


def is_longer(before: str, after: str) -> bool:
    """Whether words of the same name stand on either side; titles, days, countries and a second name are none."""
    left = _JOINED.split(before)[-1].split()
    right = _JOINED.split(after)[0].split()
    return any(word[0].isupper() and not _is_beside(word.rstrip(".,'")) for word in (*left, *right))


def _contact(around: Surroundings) -> Why | None:
    listed = _REACHED.search(around.before) and around.after.rstrip() == ":"
    if not listed and not _CONTACT.match(around.after):
        return None
    return Why("contact", "an address follows: where to write, not who is meant", INSIDE_LARGER)


def _no_actor(entity: LexiconEntity, around: Surroundings) -> Why | None:
    """ "Dow said it would close a plant" is of the company: an index neither speaks nor buys."""
    if not _ACTS.match(around.after):
        return None
    if is_exchange(entity):
        return Why("no_actor", "a firm acts so rather than the place where shares are traded", HEADLINE)
    if entity.kind != "other":
        return None
    return Why("no_actor", "what is neither a person nor an organisation does not act so", NO_ACTOR)


def _stranger(entity: LexiconEntity, context: TextContext) -> Why | None:
    if (told := context.strangers.get(entity.id)) is not None:
        return Why("stranger", f'somebody else of that name: "{told}"', STRANGER)
    if (age := context.aged.get(entity.id)) is not None:
        return Why("aged", f'perhaps somebody else of that name, nothing but an age tells: "{age}"', STRANGER)
    return None


def _elsewhere(row: NameRow, entity: LexiconEntity, hit: NameHit, context: TextContext) -> Why | None:
    """ "In South Africa, Woolworths Holdings rose": a weak name gone on with, in a country that is not its own."""
    if not row.weak or row.suffix or not hit.suffix or legal_forms(hit.suffix) or entity.kind != "company":
        return None
    if not entity.country or not context.countries or entity.country in context.countries:
        return None
    words = f'"{hit.suffix}" is no part of its name, and the text speaks of other countries than its own'
    return Why("elsewhere", words, OTHER_NAME)


def _family(entity: LexiconEntity, around: Surroundings, written: str, *, full: bool) -> Why | None:
    """ "His daughters Mercedes and Chanel" are no companies."""
    if full or entity.kind not in FIRM_KINDS or not _is_one(written):
        return None
    kin = _KIN.search(around.before)
    return Why("family", f'a person: "{kin.group().strip()}" stands before the name', FAMILY) if kin else None


def _other_ticker(entity: LexiconEntity, around: Surroundings) -> Why | None:
    if entity.kind != "company" or not around.tickers or entity.id in around.tickers:
        return None
    words = f"the ticker beside the name is another company's: {around.ticker_words}"
    return Why("other_ticker", words, OTHER_TICKER)


def _among_firms(entity: LexiconEntity, around: Surroundings) -> Why | None:
    """ "Allianz, Zurich and AXA", "insurers such as Zurich and Swiss Re": no town stands among companies."""
    if entity.kind != "place":
        return None
    if around.firm and not _LOCATIVE.search(around.before):
        return Why("firm_named", f"the text names {around.firm} in full, which is called so, too", OTHER_NAME)
    if not around.listed:
        return None
    if around.listed == 1 and COMPANY_BEFORE.search(around.before) is None:
        return None
    return Why("among_firms", "stands among companies, where no place is meant", OTHER_NAME)


def _unlisted(entity: LexiconEntity, around: Surroundings) -> Why | None:
    """ "Geely shares" are of the listed Geely Automobile, not of the holding that owns it."""
    if entity.kind != "company" or entity.tickers or not has_shares(around):
        return None
    return Why("unlisted", "its shares would be meant, and none is known to be listed", UNLISTED)


def _index(entity: LexiconEntity, around: Surroundings) -> Why | None:
    if entity.kind != "company" or not _INDEX_OF_IT.match(around.after):
        return None
    return Why("index", "an index that it makes is meant, not the company", INSIDE_LARGER)


def _goes_on(entity: LexiconEntity, around: Surroundings, written: str, *, full: bool) -> Why | None:
    """The words behind make it another name: Intel Foundation, Tencent Music, Shanghai Composite."""
    following = _NEXT.match(around.after)
    if following is None or full or entity.kind == "person" or around.casing != "normal":
        return None
    word = following.group(1)
    if _OF_FIRM.match(around.after):
        return Why("inside", "part of a longer name that ends in a legal form", INSIDE_LARGER)
    if word in ORGANISATION_HEADS or word in OTHER_NAME_TAILS:
        return Why("inside", f'part of a longer name that ends in "{word}"', INSIDE_LARGER)
    if not word[0].isupper() or _is_beside(word):
        return None
    if entity.kind == "place":
        return Why("inside", f'part of a longer name: "... {word}"', INSIDE_LARGER)
    return (
        Why("inside", f'may be part of a longer name: "... {word}"', OTHER_NAME) if _is_one(written) else None
    )


def _begins_before(  # noqa: PLR0911 - one answer a rule
    entity: LexiconEntity, around: Surroundings, written: str, *, full: bool
) -> Why | None:
    """The word before makes it another name: China Semiconductor Industry Association, Harrison Ford."""
    previous = PREVIOUS.search(around.before)
    if previous is None or not previous.group(1)[0].isupper():
        return None
    word = previous.group(1)
    # "Thailand's Commerce Department" is another one, "India's Amazon unit" is Amazon's.
    country = word.removesuffix("'s") if entity.kind in ("public_body", "organization") else word
    if country in COUNTRY_WORDS:
        return _of_another_country(entity, country, written, full=full)
    if full:
        # "Independent Television News Limited" is not News Limited; nor is Computer Systems Inc. Systems Inc.
        cut = _is_one(written) and is_common(written)
        return _longer(word, INSIDE_LARGER) if cut and word not in SENTENCE_STARTERS else None
    if around.casing != "normal" or word.endswith("'s"):
        return None
    if word in GIVEN_NAMES and _is_one(written):
        return Why("person", f'a person\'s name: "{word} ..."', PERSON_CUE)
    opener = around.before.strip() == word and (word in SENTENCE_STARTERS or is_common(word))
    if opener or _is_beside(word) or "-" in word:
        return None
    if not _is_one(written):
        institution = written.rsplit(" ", 1)[-1] in _INSTITUTION_HEADS
        return _longer(word, INSIDE_LARGER) if institution else None
    return _longer(word, OTHER_NAME) if entity.kind != "place" else None


def _of_another_country(entity: LexiconEntity, word: str, written: str, *, full: bool) -> Why | None:
    country = COUNTRY_WORDS[word]
    if full or not entity.country or country in ("", "EU", entity.country) or entity.kind not in FIRM_KINDS:
        return None
    institution = written.rsplit(" ", 1)[-1] in _INSTITUTION_HEADS
    # "German Intel plant" speaks of Intel, "North Korean Red Cross" not of the International one.
    return _longer(word, INSIDE_LARGER) if institution or word not in COUNTRY_ADJECTIVES else None


def _in_seen(row: NameRow, entity: LexiconEntity, around: Surroundings, written: str) -> Why | None:
    """What the language model sees at the place: a longer name, or none at all."""
    seen = around.seen
    if seen is None or around.casing != "normal":
        return None
    if not seen.label:
        ordinary = row.weak or is_common(written) or is_capitals(written)
        doubtful = ordinary and _is_one(written) and entity.kind != "place" and not around.has_ticker
        return Why("unseen", "the language model reads no name here", UNSEEN) if doubtful else None
    if not seen.longer or entity.kind == "person" or around.has_ticker:
        return None
    words = f'the language model reads a longer name here: "{seen.longer}"'
    if seen.label in ("PERSON", "PER"):
        return Why("person", words, PERSON_CUE) if _is_one(written) else None
    if entity.kind == "place":
        return Why("inside", words, INSIDE_LARGER)
    return Why("inside", words, OTHER_NAME if _is_one(written) else HEADLINE)


def _longer(word: str, weight: float) -> Why:
    return Why("inside", f'may be part of a longer name: "{word} ..."', weight)


def _is_beside(word: str) -> bool:
    """Whether a capitalised word stands beside names without being a part of them."""
    return (
        word in TITLE_WORDS
        or word in CALENDAR
        or word in SENTENCE_STARTERS
        or word in COUNTRY_WORDS
        or word.rstrip(".") in HONORIFICS
    )


def _is_one(written: str) -> bool:
    return " " not in written


def _shape(row: NameRow, entity: LexiconEntity, around: Surroundings, written: str) -> Why | None:
    """Doubt that comes from how the sentence is written, for names that are ordinary words."""
    if entity.kind == "place":
        return None
    known = entity.prominence >= KNOWN_ENOUGH
    doubtful = row.weak or (is_common(written) and (_is_one(written) or not known))
    if around.casing != "normal":
        unsure = doubtful or (_is_one(written) and not known)
        return Why("headline", "every word is capitalised here", HEADLINE) if unsure else None
    if not (around.opens_sentence and doubtful and _is_one(written)):
        return None
    # "Goldman" is no ordinary word; its model's word is enough.
    seen = around.seen is not None and around.seen.label == "ORG" and not around.seen.longer
    if seen and not is_common(written):
        return None
    # "Target shares fell" is about Target; "Total shares" is not: nobody calls TotalEnergies just so.
    if not row.suffix and COMPANY_AFTER.match(around.after):
        return None
    return Why("sentence_start", "an ordinary word at the head of a sentence", SENTENCE_START)


def _somebody(
    row: NameRow, entity: LexiconEntity, around: Surroundings, context: TextContext, written: str
) -> Why | None:
    """The name is, or reads like, a person's."""
    if entity.kind == "person":
        return None
    if written in context.surnames:
        return Why("person", f"somebody in this text is called {written}", PERSON_CUE)
    previous = PREVIOUS.search(around.before)
    word = previous.group(1).rstrip(".") if previous else ""
    if word in HONORIFICS or (row.weak and word in _PERSON_TITLES):
        return Why("person", f'a person: "{word}" stands before the name', PERSON_CUE)
    like = entity.kind == "company" and not _is_one(written) and entity.prominence < KNOWN_ENOUGH
    if like and written.split(" ", 1)[0] in GIVEN_NAMES:
        return Why("person_like", "reads like a person's name", LOOKS_LIKE_PERSON)
    return None

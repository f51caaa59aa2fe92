"""Other things that a name may mean, told by the words beside it: Amazon the river, Visa the document, "price Target"."""

from __future__ import annotations

import re

from entities.compiled import NameRow
from entities.evidence import COMPANY_AFTER, PREVIOUS, Surroundings, has_shares
from entities.names import is_common, plain_form
from entities.recognition import NameHit
from entities.types import LexiconEntity, Why
from entities.words import COUNTRIES, STATES, words

OTHER_SENSE = -0.9  # whatever else speaks for the entity
ORDINARY_NOUN = -0.3

# Words right behind a name (lower case) with which it means something else. Our own list, of what news writes.
_BEHIND: dict[str, str] = {
    "alphabet": "songs?|soup|letters?|books?",
    "amazon": "rainforests?|rain forests?|basin|river|forests?|jungle|region|deforestation|fires|biome|trib(?:e|es|al)|delta|gold|valley"
    "|watershed|indigenous|dieback",
    "apple": "growers?|orchards?|pies?|juice|cider|trees?|harvests?|crops?|sauce|farm(?:s|ers?)|blossoms?|varieties|cakes?|slices",
    "bear": "markets?|cubs?|attacks?", "block": "trades?|grants?|part(?:y|ies)|votes?|of", "boots": "on the ground|and shoes|and coats",
    "canon": "law", "carnival": "parades?|season|floats?|goers|queen|dancers?|in Rio",
    "caterpillar": "larvae|plagues?|tracks?|infestations?", "chase": "scenes?|through|down|after|sequences?",
    "chime": "of|in", "citadel": "of", "coach": "class|passengers?|drivers?|trips?|crash",
    "delta": "variants?|strain|region|cases|waves?|works|blues|force|airmen|farmers|hedg(?:e|ing)", "fed": "up (?:with|by)",
    "gap": "between|in (?:the|its|their|a|living|pay|wages|trade)|years?|analys[ie]s|narrow(?:s|ed)|widen(?:s|ed)",
    "gates": "of|open(?:ed)?|closed", "intel": "on (?:the|an?) (?!\\w+day)|about (?:the|an?) |shar(?:ing|ed)|agenc(?:y|ies)|briefings?|community"
    "|gathering|failures?|assessments?", "lucid": "dreams?|moments?|intervals?",
    "mars": "rovers?|missions?|orbit(?:er)?|landings?|probes?|colony|dust|samples?|helicopter",
    "meta": "[Aa]nalys[ie]s|data|studies|study|tags?|description",
    "next": "weeks?|months?|years?|time|day|days|came|comes|to|up|door|steps?|generation|quarter|summer|spring|elections?|round|stop",
    "oracle": "of|bones?", "orange": "juice|flames?|peels?|growers?|groves?|crop|harvests?|trees?|alert|jumpsuits?|zone|[Cc]ount(?:y|ies)"
    "|blossoms?|[Rr]evolution|Free State",
    "progressive": "lawmakers?|[Dd]emocrats?|policies|politics|groups?|wing|tax(?:es|ation)|party|movement|candidates?",
    "prudential": "regulations?|regulators?|rules?|supervision|supervisors?|policy|measures?|norms?", "reliance": "on|upon",
    "sharp": "falls?|rises?|drops?|declines?|increases?|contrast|criticism|words|turn|slowdown|rebound|moves?|knives|rally",
    "shell": "companies|company|corporations?|firms?|shock|casings?|fragments?|scripts?|games?|eggs?|holes?|entit(?:y|ies)|craters?",
    "snap": "elections?|polls?|votes?|decisions?|judge?ments?|inspections?|lockdowns?|curfews?|back|checks?|strikes?",
    "southwest": "of|region|monsoon|China|corner|coast|states", "square": "feet|foot|metres?|meters?|miles?|kilomet(?:er|re)s?|kms?|roots?|one",
    "strategy": "of|for|matters|that|behind|documents?|papers?|meetings?|sessions?",
    "target": "dates?|prices?|rates?|ranges?|audiences?|markets?|levels?|of|for|practice|inflation|zones?|areas?|groups?|the",
    "total": "sales|debts?|returns?|assets?|costs?|revenues?|of|income|volumes?|loans?|value|deposits|population|exports|imports|output|number"
    "|war|bans?|control|cases|investments?|spending|amount|eclipse|production|shipments|liabilities|lending|funding",
    "travelers": "(?:said|say|told \\w+|complained|reported) (?:that )?(?:they|their)|(?:were|are|have|had|who|from|to|must|should|need|can|could|may|face[sd]?"
    "|waited|wait|stranded|arriving|heading|returning|flying|at|in|on|with)", "unite": "the|against", "vale": "of", "vanguard": "of|party",
    "virgin": "forests?|olive|plastics?|wool|birth|territory|soil|materials?|Islands|Mary|Queen",
    "visa": "applications?|applicants?|waivers?|rules?|bans?|restrictions?|holders?|status|program(?:me)?s?|overstays?|sponsorships?|lottery"
    "|free|requirements?|fees|policy|policies|processing|interviews?|categor(?:y|ies)|delays?|extensions?|costs?|system|regime|renewals?|curbs|issues?",
    "wells": "ran|were|are|drilled|dry", "zoom": "lens(?:es)?|in (?!\\d)|out|by|past|range",
}  # fmt: skip
# Words right before a name with which it means something else.
_BEFORE: dict[str, str] = {
    "amazon": "the", "apple": "big|toffee|candy", "block": "city|apartment|office|trading|power|road|the",
    "chase": "gave|give|police|car|high-speed|the", "delta": "Mekong|Nile|Niger|Mississippi|River|Ganges|Yangtze|Okavango|Danube|Rhone|Sacramento",
    "gap": "trade|wage|pay|gender|wealth|output|funding|budget|price|yield|income|financing|skills|credibility|infrastructure|fiscal|deficit"
    "|generation|technology|spending|age|quality",
    "intel": "shar(?:e|ed|ing)|gather(?:ed|ing)?|military|foreign|human|signals|actionable|[Ww]estern|Ukrainian|Russian|battlefield|spy|secret",
    "mars": "on|around|to|planet|orbit|orbiting", "meta": "so|very|the", "oracle": "Delphic|ancient|the",
    "shell": "artillery|tank|mortar|empty|egg|outer|hard|soft|nut|sea", "snap": "cold|the",
    "square": "Times|Trafalgar|Tiananmen|Red|Tahrir|Union|Leicester|Sloane|Central|Public|Harvard|Washington|Market|Independence|main|public|town",
    "target": "price|inflation|growth|profit|sales|revenue|annual|deficit|emissions|rate|official|main|easy|soft|takeover|key|legitimate|military",
    "total": "the|grand|sum|annual|combined",
    "visa": "work|student|tourist|entry|exit|golden|travel|H-1B|H1B|transit|Schengen|skilled|worker|business|residence",
}  # fmt: skip
# Words before a name that make it an index or a group, whatever stands behind.
_NEVER_BEHIND = {"dow": "the"}
_BEHIND_OF = {name: re.compile(rf" (?:{tails})\b") for name, tails in _BEHIND.items() if tails}
_BEFORE_OF = {name: re.compile(rf"(?<!\w)(?:{heads}) $") for name, heads in _BEFORE.items() if heads}
# Where a name is a town's or a region's: "Santander in northern Spain", "the city of Santander".
_PLACE_BEHIND = re.compile(
    r",? in (?:(?:north|south|east|west|central|upstate|rural|north-?west|north-?east|south-?west|south-?east)(?:ern)? )(?:[a-z]+ )?[A-Z]"
    r"|, an? (?:[a-z-]+ ){0,3}(?:town|city|village|port|suburb|resort|hamlet|county|island|province|region)\b"
    r"|,? (?:province|prefecture|county|district|municipality|valley|peninsula|airport|(?:city|county|borough|town) council)\b"
    r"| (?:residents?|suburbs?|firefighters|voters|police(?! (?:their|its|content|the)\b)|sheriff|fire department|natives?|townspeople)\b"
)
# "In Phoenix, Arizona, shops closed": what stands behind the comma holds the town.
_PLACE_HOLDER = re.compile(
    r", (?:"
    + "|".join(re.escape(n) for n in sorted(STATES | COUNTRIES, key=len, reverse=True))
    + r")(?=[,.;:)]|$| [a-z])"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:(?:city|town|village|port|province|state|district|island|municipality|mayor|governor|bishop|university|region) of"
    r"|(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)ern|the road to|near|flew to|born in|residents of|people of|suburb of|outskirts of) $"
)
_DETERMINERS = words(
    "a an this that these those each every any no some his her their its our my your another one"
)
_NAMES_TOO = words("to that not")
_BEING = words("is was are were be been being not to too so very what What how How")
# What stands behind a company's name that is used as an adjective: "a Visa card", "an Apple store", "its Amazon account".
_OWN_THINGS = re.compile(
    r"^(?:'s)? (?:[a-z]+ )?(?:accounts?|ads?|apps?|branch(?:es)?|cards?|chips?|cars?|trucks?|vehicles?|chief|CEO|customers?|data cent(?:er|re)s?"
    r"|devices?|directors?|drivers?|employees?|engineers?|executives?|factor(?:y|ies)|facilit(?:y|ies)|founders?|investors?|iPhones?|jets?|lawyers?"
    r"|managers?|offices?|operators?|outlets?|phones?|plants?|products?|projects?|representatives?|restaurants?|services?|shareholders?|shares?"
    r"|shops?|sites?|smartphones?|software|spokes\w+|staff|stations?|stores?|subscriptions?|subsidiar(?:y|ies)|suppliers?|tablets?|unit|units"
    r"|users?|vans?|veterans?|warehouses?|web services|websites?|workers?)\b"
)


def other_meanings(
    row: NameRow, entity: LexiconEntity, hit: NameHit, around: Surroundings, *, anchored: bool
) -> list[Why]:
    """The part of a score that says that the words beside a name make it something else; a written legal form rules it out."""
    if hit.suffix or entity.kind == "person" or around.casing != "normal":
        return []
    written = plain_form(row.text)
    called = written.removesuffix(row.suffix).rstrip(" ,")
    owns = (COMPANY_AFTER.match(around.after) or _OWN_THINGS.match(around.after)) is not None
    single = " " not in written and entity.kind != "place"
    # "The Dow" is no company, but it is the index.
    sense = (
        other_sense(written, around.before, around.after, owned=owns)
        if entity.kind not in ("place", "other")
        else ""
    )
    # Shares are a company's, and "Nokia, Finland" says where it sits.
    traded = bool(entity.tickers) and has_shares(around)
    place = (
        as_place(around.before, around.after, anchored=anchored)
        if " " not in called and entity.kind == "company" and not traded
        else ""
    )
    previous = PREVIOUS.search(around.before)
    ordinary = single and not anchored and not owns and (row.weak or is_common(written))
    if sense:
        return [Why("sense", f'means something else here: "{sense}"', OTHER_SENSE)]
    if place:
        return [Why("sense", f'a place of that name: "{place}"', OTHER_SENSE)]
    # "to Apple's value", "that Fed officials saw": these words stand before names as well, and the model may tell.
    named = around.seen is not None and around.seen.label == "ORG" and not around.seen.longer
    if (
        ordinary
        and previous
        and as_noun(previous.group(1))
        and not (named and previous.group(1) in _NAMES_TOO)
    ):
        return [Why("noun", f'an ordinary word: "{previous.group(1)}" stands before it', ORDINARY_NOUN)]
    return []


def other_sense(name: str, before: str, after: str, *, owned: bool = False) -> str:
    """The words beside a name that tell that it means something else than a company, "" when none do.

    `owned`: what stands behind the name belongs to companies, so the words before it tell nothing.
    """
    lowered = name.lower()
    behind = _BEHIND_OF.get(lowered)
    found = behind.match(after) if behind else None
    article = _NEVER_BEHIND.get(lowered)
    if article and before.lower().endswith(f"{article} "):
        return f"{article} {name}"
    if found is None and not owned and (ahead := _BEFORE_OF.get(lowered)) is not None:
        found = ahead.search(before)
    return found.group().strip() if found else ""


def as_place(before: str, after: str, *, anchored: bool = False) -> str:
    """The words beside a name that tell that a town or region is meant, "" when none do.

    `anchored`: the text names a company in full that is called so, and only what stands behind the name is surer.
    """
    found = _PLACE_BEHIND.match(after) or _PLACE_HOLDER.match(after)
    if found is None and not anchored:
        found = _PLACE_BEFORE.search(before)
    return found.group().strip(" ,") if found else ""


def as_noun(previous: str) -> bool:
    """Whether the word before makes an ordinary word with a capital a noun or verb: "a Visa", "were Fed"."""
    return previous.lower() in _DETERMINERS or previous in _BEING

"""How alike two names or two entities are, and why; people decide what comes of it.

The score is a sum of parts, each with its words: what is alike about the names (the best pair counts), then what
speaks for or against beside them. Weights and thresholds were set by hand on pairs of our own with the answer known
(tests/entities/resemblance_pairs.csv), which the tests hold them to by category.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from entities.lines import Line, other_lines
from entities.names import fold, has_cjk, initials, is_capitals, is_common, proposal_key
from entities.types import Why

# From here on two entities are shown to an editor as likely one; an unknown name is only a hint beside its item,
# so less is enough.
DUPLICATE = 0.6
HINT = 0.4

SAME_NAME = 0.6
SAME_BASE = 0.55  # the same without the legal form
SAME_WORDS = 0.5  # in another order
NEARLY = 0.45  # nearly the same words: a typing error, another spelling
ACRONYM = 0.4
SHORT_ACRONYM = 0.25  # two or three letters fit too many names
PART = 0.25  # all words of one stand in the other
SHORT_NAME = 0.2  # both go by the same short or weak name, as many do
SAME_NUMBER = 0.6
SAME_LINE = 0.5
SAME_COUNTRY = 0.1
SAME_KIND = 0.05
OTHER_NUMBER = -0.5
OTHER_LINE = (
    -0.3
)  # both trade in one country under other tickers: the same name is a namesake's or a holding's
OTHER_COUNTRY = -0.25
OTHER_KIND = -0.4
PERSON_AND_NOT = -1.0

# Schemes of which an entity has one number: two different ones speak against it.
ONE_AN_ENTITY = frozenset({"lei", "cik", "wikidata", "uscc"})
_NEARLY_RATIO = 90.0  # of 100, over the sorted words (rapidfuzz's token_sort_ratio)
_SHORTEST_FUZZY = 7  # characters: shorter names are near to too many
_SHORT = 3  # letters of an acronym; ordinary words of a beginning
_LONGEST_ACRONYM = 8
_PERSON_WORDS = 2
_PLURAL = {
    "person": "people",
    "company": "companies",
    "organization": "organisations",
    "public_body": "public bodies",
    "place": "places",
}
MOST_NAMES = 16  # of one entity that are compared


@dataclass(frozen=True, slots=True)
class Called:
    """A name; a weak one says little about who is meant."""

    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is compared of an entity or of an unknown name; make it with `portray`."""

    kind: str
    country: str
    identifiers: frozenset[tuple[str, str]]  # (scheme, value)
    lines: frozenset[tuple[str, str]]  # (MIC, ticker), also of listings that ended
    trades: frozenset[Line] = frozenset()  # lines that trade now
    folded: Mapping[str, str] = field(default_factory=dict)  # form to the name as written; strong ones
    keys: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, str] = field(default_factory=dict)  # whole, without spaces and signs
    weak: Mapping[str, str] = field(default_factory=dict)  # folded weak and short names
    acronyms: Mapping[str, str] = field(default_factory=dict)  # in capitals, as they are used
    initials: Mapping[str, str] = field(default_factory=dict)  # acronyms that the long names may have


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two are (0..1) and the parts of it, the weightiest first."""

    score: float
    why: tuple[Why, ...]

    @property
    def words(self) -> str:
        """The reasons in one line, without what most pairs share."""
        return "; ".join(part.words for part in self.why if part.code != "same_kind")


def portray(  # noqa: PLR0913 - each fact that is compared
    names: Iterable[Called],
    *,
    kind: str = "",
    country: str = "",
    identifiers: Collection[tuple[str, str]] = (),
    lines: Collection[tuple[str, str]] = (),
    trades: Collection[Line] = (),
) -> Portrait:
    """Bring names and facts to the forms that are compared. An empty kind or country is not known."""
    folded: dict[str, str] = {}
    keys: dict[str, str] = {}
    joined: dict[str, str] = {}
    weak: dict[str, str] = {}
    acronyms: dict[str, str] = {}
    letters: dict[str, str] = {}
    for name in list(names)[:MOST_NAMES]:
        form, key = fold(name.text), proposal_key(name.text)
        if not key:
            continue
        short = _is_acronym(name.text)
        if short:
            acronyms.setdefault(name.text.replace(".", "").upper(), name.text)
        if short or name.weak or (is_common(name.text) and " " not in key):
            weak.setdefault(key, name.text)
            continue
        folded.setdefault(form, name.text)
        keys.setdefault(key, name.text)
        joined.setdefault("".join(char for char in form if char.isalnum()), name.text)
        if kind != "person":
            for made in initials(name.text):
                letters.setdefault(made, name.text)
    return Portrait(
        kind, country, frozenset(identifiers), frozenset(lines), frozenset(trades), folded, keys, joined, weak,
        acronyms, letters,
    )  # fmt: skip


def compare(left: Portrait, right: Portrait) -> Likeness:
    """How alike two are. Whatever else is alike, a person and an organisation never are."""
    parts = [part for part in (_names(left, right), *_facts(left, right)) if part is not None]
    score = sum(part.weight for part in parts)
    parts.sort(key=lambda part: -abs(part.weight))
    return Likeness(round(min(1.0, max(0.0, score)), 3), tuple(parts))


def probes(names: Iterable[Called], *, kind: str = "") -> tuple[frozenset[str], frozenset[str]]:
    """Where to look for others that may be alike: folded names to find whole, and beginnings of names.

    What two likely duplicates share: the name, the name without its legal form, its acronym, its first words, a
    person's names in the other order. A typing error in the first word is not looked for.
    """
    whole: set[str] = set()
    begins: set[str] = set()
    for name in list(names)[:MOST_NAMES]:
        key = proposal_key(name.text)
        if not key:
            continue
        words = key.split()
        whole |= {
            fold(name.text),
            key,
            key.replace(" ", ""),
            fold(name.text).replace(" ", "").replace("-", ""),
        }
        if _is_acronym(name.text) or name.weak:
            continue
        if kind == "person":
            if len(words) == _PERSON_WORDS:
                whole.add(" ".join(reversed(words)))
            continue
        whole |= {made.lower() for made in initials(name.text) if len(made) > _SHORT}
        whole |= {" ".join(words[:n]) for n in range(2, len(words))}
        # The first words that say more than an ordinary phrase: thousands begin with "Bank of".
        least = 1 if len(words) <= _PERSON_WORDS else 2
        start = next((" ".join(words[:n]) for n in range(least, len(words)) if _tells(words[:n])), key)
        if _tells(start.split()):
            begins.add(start)
        if _tells(words[:1]) and len(words[0]) > _SHORT:
            whole.add(words[0])
    return frozenset(whole), frozenset(begins)


def _tells(words: Sequence[str]) -> bool:
    """Whether not too many names begin so; of ordinary words it takes three."""
    text = " ".join(words)
    return (len(words) >= _SHORT or not is_common(text)) and len(text) >= _SHORT and not has_cjk(text)


def _is_acronym(text: str) -> bool:
    bare = text.replace(".", "")
    return " " not in bare and len(bare) <= _LONGEST_ACRONYM and is_capitals(bare)


def _names(left: Portrait, right: Portrait) -> Why | None:
    """The best of what is alike about the names."""
    same = _first(left.folded.keys() & right.folded.keys())
    if same:
        return Why("same_name", f"both are called {left.folded[same]}", SAME_NAME)
    base = _first(left.keys.keys() & right.keys.keys())
    if base:
        words = f"the same but for the legal form: {left.keys[base]} and {right.keys[base]}"
        return Why("same_base", words, SAME_BASE)
    join = _first(left.joined.keys() & right.joined.keys())
    if join:
        words = f"the same but for spaces and signs: {left.joined[join]} and {right.joined[join]}"
        return Why("same_letters", words, SAME_BASE)
    found = [*_acronym(left, right), *_acronym(right, left), *_near(left, right)]
    weak = _first(
        (left.weak.keys() & (right.weak.keys() | right.keys.keys())) | (left.keys.keys() & right.weak.keys())
    )
    if weak:
        name = left.weak.get(weak) or right.weak[weak]
        found.append(Why("short_name", f"both go by {name}", SHORT_NAME))
    return max(found, key=lambda part: part.weight, default=None)


def _acronym(short: Portrait, long: Portrait) -> Iterable[Why]:
    made = _first(short.acronyms.keys() & long.initials.keys(), longest=True)
    if made:
        weight = ACRONYM if len(made) > _SHORT else SHORT_ACRONYM
        yield Why("acronym", f"{short.acronyms[made]} are the initials of {long.initials[made]}", weight)


def _near(left: Portrait, right: Portrait) -> Iterable[Why]:
    is_person = "person" in {left.kind, right.kind}
    for key, name in left.keys.items():
        for other, called in right.keys.items():
            words, others = set(key.split()), set(other.split())
            if words == others:
                yield Why("same_words", f"the same words: {name} and {called}", SAME_WORDS)
                continue
            if min(len(key), len(other)) >= _SHORTEST_FUZZY and _is_near(key, other):
                yield Why("nearly", f"nearly the same: {name} and {called}", NEARLY)
                continue
            fewer, more = sorted((words, others), key=len)
            if fewer < more and not is_person and not is_common(" ".join(sorted(fewer))):
                yield Why("part", f"one name is a part of the other: {name} and {called}", PART)


def _is_near(key: str, other: str) -> bool:
    """A typing error in a word; a word or a number in the place of another one is another name."""
    words, others = sorted(key.split()), sorted(other.split())
    if fuzz.token_sort_ratio(key, other) < _NEARLY_RATIO:
        return False
    changed = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and all(
        not (one + two).isdigit() and one[0] == two[0] and not (is_common(one) and is_common(two))
        for one, two in changed
    )


def _facts(left: Portrait, right: Portrait) -> Iterable[Why]:
    shared = _first({f"{scheme.upper()} {value}" for scheme, value in left.identifiers & right.identifiers})
    if shared:
        yield Why("same_number", f"both have the {shared}", SAME_NUMBER)
    for scheme in sorted(ONE_AN_ENTITY):
        ours, theirs = ({value for kind, value in one.identifiers if kind == scheme} for one in (left, right))
        if ours and theirs and not ours & theirs:
            words = f"their {scheme.upper()} differs: {min(ours)} and {min(theirs)}"
            yield Why("other_number", words, OTHER_NUMBER)
            break
    line = _first({f"{ticker} on {mic}" for mic, ticker in left.lines & right.lines})
    if line:
        yield Why("same_line", f"both were listed as {line}", SAME_LINE)
    others = other_lines(left.trades, right.trades)
    if others:
        words = f"they trade in {others[0].country} as {others[0].ticker} and as {others[1].ticker}"
        yield Why("other_line", words, OTHER_LINE)
    if left.country and right.country:
        if left.country == right.country:
            yield Why("same_country", f"both are of {left.country}", SAME_COUNTRY)
        else:
            words = f"they are of different countries: {left.country} and {right.country}"
            yield Why("other_country", words, OTHER_COUNTRY)
    if left.kind and right.kind:
        yield from _kinds(left.kind, right.kind)


def _kinds(left: str, right: str) -> Iterable[Why]:
    if left == right != "other":
        yield Why("same_kind", f"both are {_PLURAL.get(left, left)}", SAME_KIND)
    elif "person" in {left, right}:
        yield Why("person_and_not", "one is a person and the other is not", PERSON_AND_NOT)
    elif "place" in {left, right}:
        yield Why("other_kind", "one is a place and the other is not", OTHER_KIND)


def _first(forms: Collection[str], *, longest: bool = False) -> str:
    """One of the forms, the same each time; empty when there is none."""
    return max(forms, key=lambda form: (len(form) if longest else 0, form), default="")

"""Names brought to comparable forms: folded, without their legal form, as initials; equal-length forms keep offsets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from entities.words import COMMON_WORDS, CONNECTORS, PLACE_WORDS

_QUOTES = "'\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4\uff07"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02'
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"

# Legal forms as they are written behind a name. The short ones are only taken in the given case, since
# "as", "se" or "co" in lower case are words.
_ABBREVIATED = (
    "Inc|INC|Corp|CORP|Co|CO|Cos|Ltd|LTD|Plc|plc|PLC|P\\.L\\.C|LLC|LLP|LP|L\\.P|N\\.V|NV|B\\.V|BV|S\\.A\\.S|SAS|S\\.A|SA|S\\.p\\.A|SpA|SPA"
    "|A\\.G|AG|SE|GmbH|GMBH|KGaA|KG|A/S|AS|ASA|AB|Oyj|Oy|OYJ|Bhd|BHD|Berhad|Tbk|TBK|PCL|PJSC|JSC|OJSC|K\\.K|KK"
    "|Pty|PTY|Pte|PTE|Sdn|S\\.A\\.B|SAB|C\\.V|CV"
)
_SPELT = (
    "Incorporated|INCORPORATED|Corporation|CORPORATION|Company|COMPANY|Companies|COMPANIES|Limited|LIMITED"
    "|Holdings|HOLDINGS|Holding|HOLDING|Group|GROUP|Aktiengesellschaft"
)
_WRITTEN_SUFFIX = re.compile(
    rf"(?:(?:,? (?:& |and |de )?|,)(?:(?:{_ABBREVIATED})(?![^\W_])\.?|(?:{_SPELT})(?![^\W_])))+"
)
_NAME_SUFFIX = re.compile(
    rf"(?:[\s,.\-/(]+(?:&\s|and\s|de\s)?)(?:{_ABBREVIATED}|{_SPELT}|publ|ADRs?|ADS|GDR|Ordinary Shares|Common Stock"
    r"|Class [A-C](?: Common Stock)?|/[A-Z]{2,3}/?)[.)]*$",
    re.IGNORECASE,
)
# Forms whose presence says "this is a company": "Group" and "Holdings" alone do not.
_FIRM_SUFFIX = re.compile(
    rf"(?:^|[ ,&])(?:{_ABBREVIATED}|Incorporated|Corporation|Limited|INCORPORATED|CORPORATION|LIMITED)\b"
)
_LEADING = re.compile(r"^(?:the|pt|pao|oao)\s+(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CAPITAL_START = re.compile(r"(?<![^\W_])[^\W\d_a-z]")
_CONNECTOR = re.compile(r"(?:" + "|".join(sorted(CONNECTORS)) + r")\b")
_CONNECTOR_INITIALS = frozenset(word[0] for word in CONNECTORS)
_SPACES = re.compile(r"\s+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LINE_BREAKS = re.compile(r"[^\S\n]{2,}|[^\S\n]*\n\s*|[\t\r\f\v\u00a0\u2000-\u200a\u202f\u3000]")
# Where a written web or mail address stands, no name is meant.
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\b[\w.+-]{1,64}@[\w-]{1,64}\.\w[\w.-]*|[@#]\w+")
_ADDRESS_SIGNS = ("@", "#", "://", "www.")  # one stands in each address
MAX_ASCII = 127
MIN_ACRONYM = 2
HARD_WRAP_COLUMN = 50  # a line at least this long that ends without a full stop was wrapped, not ended


class _EqualLength(dict[int, int]):
    """A translation table that fills itself: each character becomes one plain character, never two."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        plain = char
        if char in _QUOTES:
            plain = "'"
        elif char in _DOUBLE_QUOTES:
            plain = '"'
        elif char in _DASHES:
            plain = "-"
        elif char.isspace() and char != "\n":
            plain = " "
        elif code > MAX_ASCII:
            wide = unicodedata.normalize("NFKC", char)
            base = wide if len(wide) == 1 else char
            parts = unicodedata.normalize("NFD", base)
            if len(parts) > 1 and all(unicodedata.category(c) == "Mn" for c in parts[1:]):
                base = parts[0]
            plain = base if len(base.lower()) == 1 else char
            if len(plain.lower()) != 1:
                plain = "I"
        self[code] = ord(plain)
        return ord(plain)


_PLAIN = _EqualLength()


def plain_form(text: str) -> str:
    """The text with ASCII quotes, dashes and spaces and without accents; as long as the text, case kept."""
    return text.translate(_PLAIN)


def scan_form(plain: str) -> str:
    """A plain text as the automaton sees it: lower case, but the first letter of a capitalised word stays.

    "Shares of INTEL" and "Shares of Intel" become the same, "shares of intel" does not. As long as its input.
    """
    low = plain.lower()
    pieces = []
    at = 0
    for match in _CAPITAL_START.finditer(plain):
        start = match.start()
        if low[start] in _CONNECTOR_INITIALS and _CONNECTOR.match(low, start):
            continue
        pieces.append(low[at:start])
        pieces.append(plain[start])
        at = start + 1
    pieces.append(low[at:])
    return "".join(pieces)


def fold(text: str) -> str:
    """What names are compared and searched by: NFKD without accents, case folded, single spaces."""
    plain = plain_form(text)
    if plain.isascii():  # nothing to decompose: six times as fast, and most names are
        return _SPACES.sub(" ", plain.casefold()).strip()
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return _SPACES.sub(" ", bare.casefold()).strip()


def has_cjk(text: str) -> bool:
    """Whether Chinese, Japanese or Korean characters are in the text: such names have no word boundaries."""
    return not text.isascii() and _CJK.search(text) is not None


@dataclass(frozen=True, slots=True)
class StrippedName:
    """A name without its leading article and its legal form, and whether there was a form."""

    base: str
    suffix: str


def strip_legal(name: str) -> StrippedName:
    """Take "The", "PT" and legal forms off: "Hua Hong Semiconductor Ltd." -> "Hua Hong Semiconductor"."""
    whole = _SPACES.sub(" ", name).strip(" ,-")
    base = whole
    while True:
        shorter = _NAME_SUFFIX.sub("", base).strip(" ,-&(")
        if shorter == base or not _WORD.search(shorter):
            break
        base = shorter
    suffix = whole[len(base) :].strip(" ,")
    base = _LEADING.sub("", base)
    if base.endswith(".") and not re.search(r"\b\w\.$|\.\w+\.$", base):
        base = base.rstrip(".")
    return StrippedName(base=base, suffix=suffix)


_KEY_SIGNS = re.compile(r"[\s\-_/]+")
_KEY_LENGTH = 200


_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SHOUTED_WORD = 5  # letters: shorter ones in capitals are as often initials ("HSBC", "BASF")


def ordinary_case(name: str) -> str:
    """A name that a register writes in capitals, as a sentence writes it: "WOOLWORTHS HOLDINGS LIMITED".

    Words of five letters and more lose their capitals; shorter ones may be initials and lose them only when they are
    ordinary and the name has others. A name of one word stays as it is.
    """
    if " " not in name or not is_capitals(name):
        return name

    several = " " in strip_legal(name).base

    def word_of(match: re.Match[str]) -> str:
        word = match.group()
        low = word.lower()
        if name[: match.start()].endswith(" ") and low in CONNECTORS:
            return low
        shouted = len(word) >= _SHOUTED_WORD or (several and low in COMMON_WORDS)
        return word[0] + low[1:] if shouted else word

    return _LETTERS.sub(word_of, name)


def proposal_key(name: str) -> str:
    """What tells whether two unknown names are one: folded, without legal form, "the", full stops and apostrophes.

    Empty for what holds no letter or digit; at most 200 characters.
    """
    base = fold(strip_legal(name).base)
    base = base.removesuffix("'s").replace(".", "").replace(",", "").replace("'", "").replace('"', "")
    key = _KEY_SIGNS.sub(" ", base).strip()
    return key[:_KEY_LENGTH].strip() if _WORD.search(key) else ""


def written_suffix_end(plain: str, end: int) -> int:
    """Where a name that stops at `end` really stops when a legal form is written behind it, else `end`."""
    # Looked at behind every name, and nearly never there.
    if plain[end : end + 1] not in (" ", ",") or plain[end + 1 : end + 2].isspace():
        return end
    match = _WRITTEN_SUFFIX.match(plain, end)
    if match is None:
        return end
    stop = match.end()
    written = match.group()
    # "Apple Co" may be a company, "Chase & co-workers" is not: a form must not run on into a word.
    if stop < len(plain) and plain[stop] == "-" and not written.endswith("."):
        return end
    return stop


def names_a_firm(suffix: str) -> bool:
    """Whether a written legal form says by itself that a company is meant ("Corp.", "Ltd.", not "Group")."""
    return _FIRM_SUFFIX.search(suffix) is not None


@lru_cache(maxsize=4096)
def initials(name: str) -> frozenset[str]:
    """The acronyms that a name may have in the text, with and without its legal form and its small words.

    "Semiconductor Manufacturing International Corp." gives SMI and SMIC.
    """
    found = set()
    for form in {name, strip_legal(name).base}:
        words = [w for w in re.split(r"[\s\-/]+", plain_form(form)) if _WORD.search(w)]
        big = [w for w in words if w.lower() not in CONNECTORS and w != "&"]
        for chosen in (big, words):
            letters = "".join(m.group()[0] for w in chosen if (m := _WORD.search(w)))
            if len(letters) >= MIN_ACRONYM and len(chosen) >= MIN_ACRONYM:
                found.add(letters.upper())
    return frozenset(found)


def is_capitals(text: str) -> bool:
    """Whether every letter is a capital, and there are at least two: SMIC, AT&T, 3M is not (one letter)."""
    if not text.isupper():
        return False
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= MIN_ACRONYM and all(c.isupper() for c in letters)


@lru_cache(maxsize=65536)
def is_common(name: str) -> bool:
    """Whether all words of a name are ordinary English words or places: "Target", "First Capital", "Shanghai"."""
    words = [w.lower() for w in _WORD.findall(plain_form(name))]
    return bool(words) and all(
        w in COMMON_WORDS or w in CONNECTORS or w in PLACE_WORDS or w.isdigit() or len(w) == 1 for w in words
    )


def count_words(name: str) -> int:
    """How many words a name has ("U.S." is one, "Hua Hong" two)."""
    return len(name.split())


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text made plain for matching. `offsets` leads back to the input; None when nothing was joined."""

    plain: str
    scan: str
    offsets: tuple[int, ...] | None

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the input that a span of the plain text stands for."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def prepare(text: str) -> PreparedText:
    """Make a text ready for matching: wrapped lines joined, paragraphs kept apart, addresses blanked out."""
    plain = plain_form(text)
    if any(sign in plain for sign in _ADDRESS_SIGNS):
        plain = _ADDRESS.sub(lambda m: "\x01" * len(m.group()), plain)
    may_break = "\n" in plain or "  " in plain
    found = _LINE_BREAKS.finditer(plain) if may_break else ()
    breaks = [m for m in found if m.group() != "\n" or _is_wrap(plain, m.start())]
    decomposed = any(unicodedata.category(c) == "Mn" for c in plain) if not plain.isascii() else False
    if not breaks and not decomposed:
        return PreparedText(plain=plain, scan=scan_form(plain), offsets=None)
    pieces: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in breaks:
        pieces.append(plain[at : match.start()])
        offsets.extend(range(at, match.start()))
        newlines = match.group().count("\n")
        joined = newlines == 0 or (newlines == 1 and _is_wrap(plain, match.start()))
        pieces.append(" " if joined else "\n")
        offsets.append(match.start())
        at = match.end()
    pieces.append(plain[at:])
    offsets.extend(range(at, len(plain)))
    joined_text = "".join(pieces)
    if decomposed:
        kept = [i for i, c in enumerate(joined_text) if unicodedata.category(c) != "Mn"]
        offsets = [offsets[i] for i in kept]
        joined_text = "".join(joined_text[i] for i in kept)
    return PreparedText(plain=joined_text, scan=scan_form(joined_text), offsets=tuple(offsets))


def _is_wrap(plain: str, at: int) -> bool:
    """Whether the line that ends at `at` goes on in the next one."""
    line = plain[plain.rfind("\n", 0, at) + 1 : at]
    return len(line) >= HARD_WRAP_COLUMN and line.rstrip()[-1:] not in ".!?:;\"'"

"""The form in which texts and queries are searched: no accents, no foreign punctuation, CJK as pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

# Languages that PostgreSQL stems; all others are searched as written.
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "nb": "norwegian", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
AS_WRITTEN = "simple"
ENGLISH = "english"
# Languages written without blanks between words, or in syllables: matched by pairs of characters.
PAIRED = frozenset({"zh", "ja", "ko"})
_UNKNOWN = frozenset({"", "und", "mul", "zxx"})

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3031-\u3035\u303b\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_CJK_RUN = re.compile(f"[{_CJK}\u3099\u309a]+")
_SCRIPTS = (
    ("russian", re.compile("[\u0400-\u052f]")),
    ("greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
)
# Accents, Hebrew points and Arabic vowel signs are left out when people type. The vowel signs of Indic scripts and of
# Thai are marks too, but without them a word is another word.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+"
)
# Letters that no decomposition takes apart, as people type them who do not have them.
_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d",
    "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ŋ": "n",
    "Ŋ": "N", "ĸ": "k", "ƒ": "f", "ς": "σ",
    # A letter of its own, not an accented one: its stems depend on it.
    "й": "й", "Й": "Й",
}  # fmt: skip
_APOSTROPHES = "'\\*"
_FEW = 16  # different characters beyond ASCII in one text


# English words that are left out as too common, but are names when they stand in capitals: WHO, IT, ON, HAS.
_CAPITALS = re.compile(r"\b[A-Z]{2,4}\b")
_WORDS = """
AM AN AS AT BE BY DO HE IF IN IS IT ME MY NO OF ON SO TO UP WE ALL ANY ARE BUT CAN DID FEW FOR HAD HAS HER HIM HIS HOW
ITS NOR NOW OFF OUR OUT OWN SHE THE TOO WAS WHO WHY YOU BEEN BOTH DOES DOWN EACH FROM HAVE HERE INTO JUST MORE MOST ONCE
ONLY OVER SAME SOME SUCH THAN THAT THEM THEN THEY THIS VERY WERE WHAT WHEN WILL WITH YOUR
"""
_COMMON = frozenset(_WORDS.split())
# "AT&T" is one name, not two letters that are left out.
_AND = re.compile(r"(?<=[A-Za-z])&(?=[A-Za-z])")


class _Folded(dict[int, str]):
    """A translation table that fills itself."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = _LETTERS.get(char)
        if plain is None:
            parts = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", char))
            # Composed again: Hangul syllables and voiced kana are letters, not letters with accents.
            plain = "".join(map(_as_text, unicodedata.normalize("NFC", parts)))
        self[code] = plain
        return plain


def _as_text(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "LNM":
        return char
    return "" if category in {"Cf", "Sk"} else " "


_FOLDED = _Folded()


def search_form(text: str) -> str:
    """A text as it is indexed and asked for: words parted by ASCII characters only, whatever their language.

    PostgreSQL's parser takes hyphenated words, paths and tags for one token each, and in a database with the C type
    of characters every character beyond ASCII for a letter, quotes and dashes too. Runs of Chinese, Japanese or Korean
    become overlapping pairs: 中国芯 is "中国 国芯", so that part of a run is found as a phrase.
    """
    text = text.replace("-", " ").replace("/", " ").replace("<", " ").replace(">", " ")
    if "&" in text:
        text = _AND.sub("and", text)
    if text.isascii():
        return text
    foreign = [char for char in set(text) if char > "\x7f"]
    if len(foreign) <= _FEW and not _CJK_RUN.search("".join(foreign)):
        # Most texts of Latin letters have a handful of quotes, dashes and accents: far quicker than letter by letter.
        for char in foreign:
            text = text.replace(char, _FOLDED[ord(char)])
        return text
    return _FOREIGN.sub(_fold_run, text)


def _fold_run(match: re.Match[str]) -> str:
    folded = unicodedata.normalize("NFC", match.group()).translate(_FOLDED)
    # Once more: the half width forms of voiced kana come apart.
    return _CJK_RUN.sub(_pairs, unicodedata.normalize("NFC", folded)) if _CJK_RUN.search(folded) else folded


def _pairs(match: re.Match[str]) -> str:
    run = match.group()
    if len(run) == 1:
        return f" {run} "
    return f" {' '.join(map(''.join, pairwise(run)))} "


def capital_names(text: str) -> frozenset[str]:
    """Names of a text that a stemmer of English would leave out: its common words in capitals."""
    return _COMMON.intersection(_CAPITALS.findall(text))


def stemming(language: str) -> tuple[str, bool]:
    """How a text of a language (BCP 47) is indexed: its configuration, and whether its words as written are added.

    English is stemmed alone: names are found by their stem, since queries are stemmed alike. In other languages a word
    must also be found by who does not say which language is meant. A text of unknown language is taken for English.
    """
    primary = language.partition("-")[0].lower()
    if primary == "en":
        return ENGLISH, False
    if primary in _UNKNOWN:
        return ENGLISH, True
    config = STEMMED.get(primary, AS_WRITTEN)
    return config, config != AS_WRITTEN


@dataclass(frozen=True, slots=True)
class Group:
    """Words that must stand together, in the syntax of to_tsquery; empty where there are none.

    `wanted` in whichever form, `written` as they are written, `unwanted` (one text each) in no form.
    """

    wanted: str
    unwanted: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The free words of a query. A text matches when one of the groups does; `configs` are tried beside `simple`.

    `has_phrase`: some words must follow each other.
    """

    groups: tuple[Group, ...] = ()
    configs: tuple[str, ...] = ()
    has_phrase: bool = False


_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


def read_words(words: str, language: str = "") -> Words:
    """Read free words: all must stand there, "a phrase" in its order, -this not, `this or that`, begin* as a beginning.

    `language` is the one that is asked for; without it, words are taken for English beside the language of their script.
    """
    groups: list[tuple[list[str], list[str], list[str]]] = [([], [], [])]
    has_phrase = False
    # Who writes all in capitals does not mean any word by it.
    capitals = frozenset() if len(words.split()) > 1 and words.isupper() else _COMMON
    for match in _TERM.finditer(words):
        minus, phrase, word = match.groups()
        if word is not None and word.lower() == "or" and not minus:
            groups.append(([], [], []))
            continue
        term, is_phrase = _operand(phrase if word is None else word, may_begin=word is not None)
        if term:
            kind = 1 if minus else 2 if word in capitals else 0
            groups[-1][kind].append(term)
            has_phrase = has_phrase or is_phrase
    made = tuple(
        Group(" & ".join(wanted), tuple(unwanted), " & ".join(written))
        for wanted, unwanted, written in groups
        if wanted or unwanted or written
    )
    return Words(made, _configs(words, language), has_phrase) if made else Words()


def _operand(text: str, *, may_begin: bool) -> tuple[str, bool]:
    """One term in the syntax of to_tsquery, empty when it has no letter; and whether it is of several words."""
    form = search_form(text)
    for char in _APOSTROPHES:
        form = form.replace(char, " ")
    parts = [part for part in form.split() if any(char.isalnum() for char in part)]
    if not parts:
        return "", False
    # One character of Chinese is the beginning of pairs.
    is_beginning = (may_begin and text.endswith("*")) or (len(parts) == 1 and _is_lone_character(parts[0]))
    return f"'{' '.join(parts)}'{':*' if is_beginning else ''}", len(parts) > 1


def _is_lone_character(part: str) -> bool:
    return len(part) == 1 and _CJK_RUN.fullmatch(part) is not None


def _configs(words: str, language: str) -> tuple[str, ...]:
    primary = language.partition("-")[0].lower()
    if primary and primary not in _UNKNOWN:
        config = STEMMED.get(primary)
        return (config,) if config else ()
    return (ENGLISH, *(config for config, script in _SCRIPTS if script.search(words)))


def search_limit(words: str, language: str) -> str:
    """What is limited about searching these words, or articles of this language; empty for English. One sentence."""
    primary = language.partition("-")[0].lower()
    if primary in PAIRED or _CJK_RUN.search(words):
        return "Search is limited for this language: words are matched by pairs of characters."
    if primary in {"", "en"}:
        return ""
    if primary in STEMMED:
        return "Search is limited for this language: accents are not told apart, names are linked as written."
    return (
        "Search is limited for this language: words are found as they are written, not in their other forms."
    )

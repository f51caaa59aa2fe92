"""Which language a text is in: what was stated, unless the text plainly says otherwise; pure.

Scripts that one large language writes tell it at once, letters tell apart those that share Cyrillic or Arabic, and
the small words of a language tell apart those in Latin letters. Where these leave a doubt, nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

_LOOKED_AT = 2000  # characters of a text
_LEAST_LETTERS = 40  # of a script that only one language writes
_LEAST_SHARED = 200  # of a script that several languages write
_LEAST_WORDS = 40
_OF_ONE_SCRIPT = 0.6
# The share of a text's words that are small words of its language, how far ahead of the next language that must be, and
# what a stated language may at most have of its own small words to be plainly wrong.
_SURE, _AHEAD, _PLAINLY_NOT = 0.14, 1.3, 0.05
_KANA_IN_JAPANESE = 0.05

_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]{1,8})*\s*")
_SAYS_NOTHING = frozenset({"und", "mul", "zxx", "mis"})
# Old and regional spellings of the same language.
_SAME = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "fil": "tl", "cmn": "zh", "yue": "zh", "jp": "ja", "kr": "ko", "cz": "cs", "gr": "el", "ua": "uk", "dk": "da", "cn": "zh", "tw": "zh"}  # fmt: skip

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS = {
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "han": re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile(r"[\u3041-\u30ff]"),
    "hangul": re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]"),
    "arabic": re.compile(r"[\u0620-\u06ff\u0750-\u077f]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "hebrew": re.compile(r"[\u05d0-\u05f4]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "bengali": re.compile(r"[\u0980-\u09ff]"),
    "gurmukhi": re.compile(r"[\u0a00-\u0a7f]"),
    "gujarati": re.compile(r"[\u0a80-\u0aff]"),
    "odia": re.compile(r"[\u0b00-\u0b7f]"),
    "tamil": re.compile(r"[\u0b80-\u0bff]"),
    "telugu": re.compile(r"[\u0c00-\u0c7f]"),
    "kannada": re.compile(r"[\u0c80-\u0cff]"),
    "malayalam": re.compile(r"[\u0d00-\u0d7f]"),
    "sinhala": re.compile(r"[\u0d80-\u0dff]"),
    "lao": re.compile(r"[\u0e80-\u0eff]"),
    "burmese": re.compile(r"[\u1000-\u109f]"),
    "georgian": re.compile(r"[\u10a0-\u10ff]"),
    "ethiopic": re.compile(r"[\u1200-\u137f]"),
    "khmer": re.compile(r"[\u1780-\u17ff]"),
    "armenian": re.compile(r"[\u0530-\u058f]"),
}
_ONLY = {
    "hangul": "ko", "greek": "el", "hebrew": "he", "thai": "th", "bengali": "bn", "gurmukhi": "pa", "gujarati": "gu",
    "odia": "or", "tamil": "ta", "telugu": "te", "kannada": "kn", "malayalam": "ml", "sinhala": "si", "lao": "lo",
    "burmese": "my", "georgian": "ka", "ethiopic": "am", "khmer": "km", "armenian": "hy",
}  # fmt: skip
_SMALL_WORDS = {
    "en": "the of and to in is that for it was on with as by are from be this have has not were which will their but they been",
    "de": "der die und das von zu mit den ist nicht im dem für auf ein eine sich auch als werden wird bei hat des er es sie",
    "fr": "le la les des et est en que une dans qui pour sur pas par plus au avec ce il sont aux cette de du un ont",
    "es": "el la los las de que y en un una por con para se del su al lo como más fue es no ha sus entre",
    "pt": "o a os as de que e do da em um uma para com não por mais dos das se na no foi ao é à pelo",
    "it": "il di che la e in un per è del non una con sono della dei gli nel alla si da le al ha i",
    "nl": "de het een van en in is dat op te zijn voor met niet die aan er ook door bij heeft worden",
    "sv": "och att det som en på är av för med den till inte har ett de om vid var från",
    "da": "og at det som en på er af for med den til ikke har et de om var blev ved fra",
    "no": "og å det som en på er av for med den til ikke har et de om var ble ved fra",
    "fi": "ja on ei että oli se hän mutta ovat myös kuin sekä joka mukaan vuoden ole jo ne",
    "pl": "i w na z do nie się że jest to o jak po od za przez był dla oraz a są która",
    "cs": "a v na se je že s z do o to k i jako ale by pro jsou bylo podle který ve",
    "sk": "a v na sa je že s z do o to k aj ako ale by pre sú bolo podľa ktorý vo",
    "hu": "a az és hogy nem is egy meg volt azt csak ez már mint szerint vagy de el",
    "ro": "și de în a la cu pe că care nu din este pentru un o mai au fost sunt să ale",
    "tr": "ve bir bu için da de ile olarak olan daha çok gibi olduğu ise en ne dedi",
    "id": "yang dan di ini dari itu dengan untuk pada tidak dalam akan juga ke oleh ada",
    "vi": "và của là có trong cho được các một không với những đã người này ở",
    "ca": "el la els les de que i en un una per amb del no és al més va ha dels a",
    "hr": "i u na je se da su za od s koji će ne što kao iz bi nakon o a",
    "sl": "in je na za v se da so z ki pa tudi ne bi po kot od iz ter",
    "et": "ja on ei et see oli ta kui ka oma aga mis ning",
    "lv": "un ir ka no ar par to uz tas kas arī bet pēc kā",
    "lt": "ir kad yra su į iš tai bet kaip dėl buvo jis apie ne o",
    "sq": "të dhe në e i për me një që nga është ka më se",
    "tl": "ang ng mga sa na ay at si ni ito para hindi",
    "sw": "ya na wa kwa ni katika la za cha kuwa hii",
    "af": "die en van in is het nie dat 'n te vir met op wat",
    "is": "og að í á er sem til um við það en var",
}  # fmt: skip
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _WORDS.items() if word in words)
    for word in frozenset().union(*_WORDS.values())
}
# In which scripts a language is written; languages that are not here may be written in any.
_WRITTEN_IN = {
    **{language: {"latin"} for language in _WORDS},
    **{language: {script} for script, language in _ONLY.items() if language not in {"he", "bn", "am"}},
    "zh": {"han"}, "ja": {"han", "kana"}, "ko": {"hangul", "han"},
    **{language: {"cyrillic"} for language in ("ru", "uk", "bg", "be", "mk")},
    **{language: {"arabic"} for language in ("ar", "fa", "ur", "ps")},
    **{language: {"devanagari"} for language in ("hi", "mr", "ne")},
    "he": {"hebrew"}, "bn": {"bengali"}, "am": {"ethiopic"},
}  # fmt: skip


def language_of(stated: Iterable[str], text: str) -> str:
    """The primary subtag (BCP 47) of a text's language, lower case; "" when nobody says it and the text leaves a doubt.

    `stated` are language tags, the most trusted first. A stated one holds unless the text plainly contradicts it.
    """
    told = next((tag for raw in stated if (tag := primary_tag(raw))), "")
    return found if (found := _language_against(told, text[:_LOOKED_AT])) else told


def primary_tag(raw: str) -> str:
    """The primary subtag of a language tag, "" for what is none or says nothing."""
    match = _TAG.fullmatch(raw[:80])
    tag = match[1].lower() if match else ""
    return "" if tag in _SAYS_NOTHING else _SAME.get(tag, tag)


def _language_against(told: str, sample: str) -> str:
    """The language of a sample when nothing was told or the sample contradicts it, else ""."""
    letters = len(_LETTER.findall(sample))
    if letters < _LEAST_LETTERS:
        return ""
    script, count = _script_of(sample, letters)
    if told and script != "latin" and script in _WRITTEN_IN.get(told, {script}):
        return ""
    if script in {"han", "kana"}:
        found = "ja" if len(_SCRIPTS["kana"].findall(sample)) >= _KANA_IN_JAPANESE * letters else "zh"
    elif script in _ONLY or count < _LEAST_SHARED:
        found = _ONLY.get(script, "")
    elif script == "latin":
        found = _by_small_words(told, sample)
    else:
        found = _BY_LETTERS[script](sample) if script in _BY_LETTERS else ""
    return found


def _script_of(sample: str, letters: int) -> tuple[str, int]:
    """The script of most letters, and how many they are; "" when it is mixed."""
    for script, pattern in _SCRIPTS.items():
        count = len(pattern.findall(sample))
        if count >= _OF_ONE_SCRIPT * letters:
            return script, count
    cjk = sum(len(_SCRIPTS[script].findall(sample)) for script in ("han", "kana"))
    return ("han", cjk) if cjk >= _OF_ONE_SCRIPT * letters else ("", 0)


def _by_small_words(told: str, sample: str) -> str:
    words = [word.lower() for word in _WORD.findall(sample)]
    if len(words) < _LEAST_WORDS:
        return ""
    counts = Counter(language for word in words for language in _LANGUAGES_OF.get(word, ()))
    (best, most), (_, next_most) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
    if most < _SURE * len(words) or most < _AHEAD * next_most:
        return ""
    if told and told != best:
        # A language whose small words are not known here is contradicted by nothing but its script.
        is_wrong = (
            told in _WORDS and counts[told] <= _PLAINLY_NOT * len(words)
        ) or "latin" not in _WRITTEN_IN.get(told, {"latin"})
        return best if is_wrong else ""
    return best


# Letters that tell apart the languages of one script, the rarest first: all of the first, none of the second.
_CYRILLIC = (
    ("kk", "ұ", ""), ("kk", "қә", ""), ("tg", "ҷ", ""), ("tg", "ӣ", ""), ("ky", "өүң", ""), ("mn", "өү", "ң"), ("", "қ", ""),
    ("", "ғ", ""), ("be", "ў", ""), ("uk", "ї", ""), ("uk", "є", ""), ("mk", "јѓ", ""), ("mk", "јќ", ""), ("mk", "јѕ", ""),
    ("sr", "ј", ""), ("ru", "ы", ""), ("ru", "э", ""), ("bg", "ъ", ""),
)  # fmt: skip
_ARABIC = (
    ("ur", "ٹ", ""), ("ur", "ڈ", ""), ("ur", "ے", ""), ("ps", "ښ", ""), ("ps", "ټ", ""), ("ps", "ډ", ""), ("ckb", "ۆ", ""),
    ("ckb", "ێ", ""), ("fa", "پی", "ة"), ("fa", "گی", "ة"), ("ar", "ة", "پگ"), ("ar", "ي", "پگ"),
)  # fmt: skip


def _by_letters(table: Sequence[tuple[str, str, str]], sample: str) -> str:
    has = frozenset(sample.lower())
    return next(
        (language for language, some, none in table if has.issuperset(some) and has.isdisjoint(none)), ""
    )


def _by_devanagari(sample: str) -> str:
    words = Counter(re.findall(r"[\u0900-\u097f]+", sample))
    told = {
        "hi": words["है"] + words["और"] + words["में"] + words["के"] + words["की"],
        "mr": words["आहे"] + words["आणि"] + words["या"] + words["होते"] + words["आहेत"],
        "ne": words["छ"] + words["र"] + words["छन्"] + words["गरेको"] + words["हो"],
    }
    (best, most), (_, next_most) = Counter(told).most_common(2)
    return best if most > _AHEAD * next_most else ""


_BY_LETTERS: dict[str, Callable[[str], str]] = {
    "cyrillic": partial(_by_letters, _CYRILLIC),
    "arabic": partial(_by_letters, _ARABIC),
    "devanagari": _by_devanagari,
}

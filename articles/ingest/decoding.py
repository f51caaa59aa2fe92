"""Bytes become text by the character set they are really in, whatever the labels say."""

from __future__ import annotations

import codecs
import re

# The labels of the web mean these larger sets (WHATWG Encoding); the small ones fail on real pages.
_REAL_NAMES = {
    "ascii": "windows-1252",
    "us-ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "windows-874",
    "tis-620": "windows-874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "windows-874": "cp874",
}
# Sets in which "<" is not the byte 0x3C, or which are no character sets at all: a label may not hide markup from the
# checks that follow.
_NEVER = re.compile(
    r"utf[-_]?7|utf7|.*(?:punycode|idna|escape|hex|base64|uu|zlib|bz2|rot|quopri|mbcs|oem).*|cp0?\d\d|cp\d{3}_.*|hz.*"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_BOM = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_XML_LABEL = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]{2,40})""")
_META_LABEL = re.compile(rb"""<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEADER_LABEL = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_ESCAPE = b"\x1b"
_HEAD = 4096
# Text of another set than UTF-8 breaks its rules at nearly every letter outside ASCII; a cut or badly joined UTF-8 page
# only here and there.
_GOOD_FOR_EACH_BAD = 10
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")


def _stray_letter(error: UnicodeError) -> tuple[str, int]:
    """A byte that stands alone between letters of ASCII came with pasted text: it is windows-1252.

    What is left of a cut sequence is lost.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    around = error.object[max(0, error.start - 1) : error.start] + error.object[error.end : error.end + 1]
    lone = error.end - error.start == 1 and around.isascii()
    letter = error.object[error.start : error.end].decode("windows-1252", "replace") if lone else "\ufffd"
    return letter, error.end


_STRAY_LETTERS = "newsdesk-stray-letters"
codecs.register_error(_STRAY_LETTERS, _stray_letter)


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """(text, name of the set used). Never fails: what cannot be read becomes U+FFFD.

    Single bytes of windows-1252 in what is otherwise UTF-8 are read as what they are."""
    marked = _by_mark(body)
    if marked is not None:
        return marked
    names = _labelled(body, content_type)
    if not (_ESCAPE in body and any(name.startswith("iso2022") for name in names)):
        # Bytes that keep the rules of UTF-8 are UTF-8: no other set does so by chance.
        names = ["utf-8", *names]
    for name in names:
        try:
            return body.decode(name), name
        except UnicodeDecodeError:
            continue
    mended = body.decode("utf-8", "replace")
    if mended.count("\ufffd") * _GOOD_FOR_EACH_BAD <= len(_BEYOND_ASCII.findall(mended)):
        return body.decode("utf-8", _STRAY_LETTERS), "utf-8"
    first = next((name for name in names if name != "utf-8"), "windows-1252")
    return body.decode(first, "replace"), first


def _by_mark(body: bytes) -> tuple[str, str] | None:
    """By the byte order mark, or by the zeroes round the first "<"."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    head = body[:_HEAD].lstrip()
    for start, name in _WITHOUT_BOM:
        if head.startswith(start):
            return body.decode(name, "replace"), name
    return None


def _labelled(body: bytes, content_type: str) -> list[str]:
    """The sets that the header, the XML declaration and the meta element name, known ones only, in that order."""
    labels = [
        *(_HEADER_LABEL.findall(content_type)[:1]),
        *(match.decode("ascii", "replace") for match in _XML_LABEL.findall(body[:_HEAD].lstrip())[:1]),
        *(match.decode("ascii", "replace") for match in _META_LABEL.findall(body[: 4 * _HEAD])[:1]),
    ]
    return [name for label in labels if (name := _known(label))]


def _known(label: str) -> str:
    name = label.strip().lower()
    name = _REAL_NAMES.get(name, name)
    if _NEVER.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name).name
        # Only codecs from bytes to text, and only those that leave markup where it is.
        if b"<a>".decode(found) != "<a>":
            return ""
    except (LookupError, UnicodeError, AttributeError, TypeError, ValueError):
        return ""
    return "iso2022" + found[8:] if found.startswith("iso2022") else found

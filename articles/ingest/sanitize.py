"""The one door through which foreign markup and foreign text become fit to store and to show."""

from __future__ import annotations

import html
import re
from typing import Literal

import nh3

# nh3 builds a real tree: ten thousand nested elements cost it 0.7 s and a hundred thousand more than a minute.
MAX_DEPTH = 200
MAX_ELEMENTS = 50_000
MAX_MARKUP = 2_000_000

_TAGS = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "hreflang", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "bdo": {"dir"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "ol": {"start"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
# Elements whose content is no text of the article either.
_DROPPED_WITH_CONTENT = {
    "applet", "audio", "button", "canvas", "embed", "form", "frameset", "head", "iframe", "math", "noembed",
    "noframes", "object", "script", "select", "style", "svg", "template", "textarea", "title", "video",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}

# Void elements never stay open, and those with an optional end tag are closed by the next of their kind.
_NEVER_DEEP = "area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|tbody|td|tfoot|th|thead|tr|track|wbr"
_OPEN_OR_CLOSE = re.compile(rf"<(/?)(?!(?:{_NEVER_DEEP})[\s/>])[A-Za-z]", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")
_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|"
    r"footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul)[\s/>])",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

# C0 and C1 controls but tab and newline, DEL, lone surrogates, non-characters, the invisible marks that split words
# (soft hyphen, zero-width space, word joiner, byte order mark), and the overrides that can turn a line round.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u200b\u2060\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_SPACE_RUN = re.compile(r"\s+")
_INLINE_SPACE = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n")


def plain_text(text: str) -> str:
    """The same text without what PostgreSQL, JSON or a reader's eye cannot take; line ends become newlines.

    Markup is left alone: this is for text that is text. See `text_of_html` for the other kind.
    """
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str, limit: int = 0) -> str:
    """Clean text on one line with single spaces, cut at `limit` characters (0 = not cut)."""
    line = _SPACE_RUN.sub(" ", plain_text(text)).strip()
    return f"{line[: limit - 1].rstrip()}…" if limit and len(line) > limit else line


def safe_html(markup: str, base_url: str = "") -> str:
    """Markup that may be shown as it is: no scripts, forms, frames, images, styles, ids, classes or comments.

    Links keep http, https and mailto only; relative ones are resolved against `base_url` and dropped without it.
    Markup nested too deeply to be built safely comes back as escaped text in one paragraph.
    """
    cleaned = plain_text(markup)[:MAX_MARKUP]
    if not cleaned.strip():
        return ""
    if "<" not in cleaned and "&" not in cleaned:
        return html.escape(cleaned, quote=False).strip()
    if is_too_deep(cleaned):
        return f"<p>{html.escape(_without_tags(cleaned), quote=False)}</p>"
    return _clean(cleaned, base_url).strip()


def html_of_text(text: str) -> str:
    """Paragraphs of escaped HTML from plain text whose paragraphs are separated by blank lines."""
    blocks = [block.strip() for block in _BLANK_LINES.split(plain_text(text))]
    return "\n".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks if block)


def text_of_html(markup: str) -> str:
    """What a reader sees of the markup: paragraphs separated by one blank line, entities resolved."""
    cleaned = plain_text(markup)[:MAX_MARKUP]
    if "<" not in cleaned and "&" not in cleaned:
        return _tidy(cleaned)
    # White space in markup means nothing; only the blocks that are put in here break a line.
    flowing = _SPACE_RUN.sub(" ", cleaned)
    broken = _BLOCK.sub("\n\n<", _LINE_BREAK.sub("\n", flowing))
    if is_too_deep(broken):
        return _tidy(_without_tags(broken))
    return _tidy(html.unescape(nh3.clean(broken, tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)))


def is_too_deep(markup: str) -> bool:
    """Whether building a tree of this markup could take more than a blink. One linear pass, no tree."""
    depth = elements = 0
    for match in _OPEN_OR_CLOSE.finditer(markup):
        if match.group(1):
            depth = max(0, depth - 1)
            continue
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            return True
    return False


def _clean(markup: str, base_url: str) -> str:
    def clean(relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str]) -> str:
        return nh3.clean(
            markup,
            tags=_TAGS,
            clean_content_tags=_DROPPED_WITH_CONTENT,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            url_relative=relative,
            link_rel="noopener noreferrer nofollow",
        )

    if not base_url.startswith(("http://", "https://")):
        return clean("deny")
    try:
        return clean(("rewrite_with_base", base_url))
    except ValueError:
        # nh3 is stricter than we are about what an address is.
        return clean("deny")


def _without_tags(markup: str) -> str:
    return plain_text(html.unescape(_ANY_TAG.sub(" ", markup))).strip()


def _tidy(text: str) -> str:
    lines = (_INLINE_SPACE.sub(" ", line).strip() for line in plain_text(text).split("\n"))
    return "\n\n".join(block.strip() for block in re.split(r"\n{2,}", "\n".join(lines)) if block.strip())

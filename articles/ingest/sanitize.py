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
    "bdo": {"dir"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "ol": {"start"},
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
# Tags as nh3 writes them: lower case, values in double quotes.
_SAFE_REST = r"""(?:\s[^<>"]*(?:"[^"]*"[^<>"]*)*)?>"""
SAFE_BLOCK = re.compile(
    r"</?(?:blockquote|caption|center|d[dlt]|details|div|figcaption|figure|h[1-6r]|[ou]l|li|p|pre|table|tbody|t[dhr]|tfoot|"
    r"thead)" + _SAFE_REST
)
_SAFE_TAG = re.compile(r"</?[a-z][a-z0-9]*" + _SAFE_REST)
_LINE_RUN = re.compile(r"\n{2,}")
# An address that may be relative to the page: anything that does not plainly name its scheme.
_RELATIVE = re.compile(r"""href\s*=\s*(?!["']?(?:https?://|mailto:))""")

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
    # All that is unwanted is unprintable to Python too, and this test is ten times as fast as the patterns.
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str, limit: int = 0) -> str:
    """Clean text on one line with single spaces, cut at `limit` characters (0 = not cut)."""
    line = _single_spaced(plain_text(text))
    return f"{line[: limit - 1].rstrip()}…" if limit and len(line) > limit else line


def safe_html(markup: str, base_url: str = "") -> str:
    """Markup that may be shown as it is: no scripts, forms, frames, images, styles, ids, classes or comments.

    Links keep http, https and mailto only; relative ones are resolved against `base_url` and dropped without it.
    Markup nested too deeply to be built safely comes back as escaped text in one paragraph.
    """
    cleaned = plain_text(markup)[:MAX_MARKUP]
    if not cleaned.strip():
        return ""
    if "<" not in cleaned:
        # Without tags a tree would hold one text: this is what it would be written as.
        told = plain_text(html.unescape(cleaned)) if "&" in cleaned else cleaned
        return html.escape(told.strip(), quote=False).replace("\xa0", "&nbsp;")
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
    if "<" not in cleaned:
        # Nothing but text: then its own line ends are all the paragraphs there are.
        return _tidy(html.unescape(cleaned) if "&" in cleaned else cleaned)
    # White space in markup means nothing; only the blocks that are put in here break a line.
    flowing = _SPACE_RUN.sub(" ", cleaned)
    broken = _BLOCK.sub("\n\n<", _LINE_BREAK.sub("\n", flowing))
    if is_too_deep(broken):
        return _tidy(_without_tags(broken))
    return _tidy(html.unescape(nh3.clean(broken, tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)))


def text_of_safe_html(markup: str) -> str:
    """`text_of_html` for markup that `safe_html` made, at a tenth of the cost: its tags are few and well formed."""
    if "<" not in markup:
        return _tidy(_unescaped(markup))
    blocks = []
    for part in SAFE_BLOCK.split(markup):
        if "<br>" in part:
            lines = "\n".join(safe_line(line) for line in part.split("<br>"))
            blocks += [block.strip() for block in _LINE_RUN.split(lines)]
        else:
            blocks.append(safe_line(part))
    return "\n\n".join(filter(None, blocks))


def is_too_deep(markup: str) -> bool:
    """Whether building a tree of this markup could take more than a blink. One linear pass, no tree."""
    if markup.count("<") <= MAX_DEPTH:
        return False
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


def _cleaner(relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative=relative,
        link_rel="noopener noreferrer nofollow",
    )


_CLEANER = _cleaner("deny")


def _clean(markup: str, base_url: str) -> str:
    # Making a cleaner costs as much as cleaning, and only relative links need one of their own.
    if not base_url.startswith(("http://", "https://")) or not _has_relative_link(markup):
        return _CLEANER.clean(markup)
    try:
        return _cleaner(("rewrite_with_base", base_url)).clean(markup)
    except ValueError:
        # nh3 is stricter than we are about what an address is.
        return _CLEANER.clean(markup)


def _has_relative_link(markup: str) -> bool:
    return "=" in markup and _RELATIVE.search(markup.lower()) is not None


def safe_line(markup: str) -> str:
    """The words of a piece of safe markup between two blocks, on one line."""
    text = _SAFE_TAG.sub("", markup) if "<" in markup else markup
    return _single_spaced(plain_text(_unescaped(text)))


def safe_tags(markup: str) -> str:
    """The tags of a piece of safe markup without its words."""
    return "".join(_SAFE_TAG.findall(markup))


def _single_spaced(text: str) -> str:
    # Most texts are so already, and telling it is much cheaper than taking the words apart.
    return text.strip() if "  " not in text and text.isprintable() else " ".join(text.split())


def _unescaped(text: str) -> str:
    """The text without the four references that nh3 writes."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\xa0").replace("&amp;", "&")


def _without_tags(markup: str) -> str:
    return plain_text(html.unescape(_ANY_TAG.sub(" ", markup))).strip()


def _tidy(text: str) -> str:
    clean = plain_text(text)
    if "\n" not in clean:
        return _single_spaced(clean)
    lines = (_INLINE_SPACE.sub(" ", line).strip() for line in clean.split("\n"))
    return "\n\n".join(block.strip() for block in _LINE_RUN.split("\n".join(lines)) if block.strip())

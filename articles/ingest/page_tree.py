"""The element tree of a page: built within limits, and made ready for finding the article in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import cast

from lxml import etree
from lxml import html as lxml_html

from articles.errors import ParseFailedError
from articles.ingest.limits import PageLimits

# A comment inside of a paragraph would part its text, and nothing here reads comments.
_PARSER = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
# What never holds text of an article. It is much of a page, and every step after this one copies what is left.
_NO_TEXT = (
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "link", "meta", "input",
    "select", "textarea", "datalist", "audio", "video", "map", "head",
)  # fmt: skip
_INLINE = frozenset({"a", "span", "b", "i", "em", "strong"})
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)(?=[\s/])[^<>]{8000,}>?")
_MOST_ATTRIBUTES, _LONG_LIST = 500, 2000
# The attributes that are searched for words, and how much of them.
_SEARCHED, _LONGEST_VALUE = ("class", "id", "style"), 2000
_WITH_LONG_VALUES = etree.XPath(
    "//*[" + " or ".join(f"string-length(@{name}) > {_LONGEST_VALUE}" for name in _SEARCHED) + "]"
)
_COUNT = etree.XPath("count(//*)")
_TEXT_LENGTH = etree.XPath("string-length(/)")
_PARTS = ("div", "section")
# So much running text makes an element a part of a body rather than a teaser.
_LEAST_PART = 250
_COMMENTS = re.compile(r"comment|reply|reader|forum|review", re.IGNORECASE)
_LEAST_LINKS_OF_CARD, _LEAST_CARD = 2, 40
_SPACES = re.compile(r"\s+")


def parse_page(markup: str, limits: PageLimits) -> lxml_html.HtmlElement:
    """The tree of a page without its comments. Raises ParseFailedError when there is none or too much of it."""
    # lxml refuses text that declares an encoding, and stops building at its own depth limit.
    bounded = _LONG_TAG.sub(_without_attributes, _XML_DECLARATION.sub("", markup))
    try:
        tree = lxml_html.document_fromstring(bounded, parser=_PARSER)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ParseFailedError("The page holds no markup that can be read.") from error
    for element in cast("list[lxml_html.HtmlElement]", _WITH_LONG_VALUES(tree)):
        for name in _SEARCHED:
            if (value := element.get(name)) is not None:
                element.set(name, value[:_LONGEST_VALUE])
    count = _number(_COUNT, tree)
    if count > limits.max_elements:
        raise ParseFailedError(
            f"The page has {count:,} elements, more than the {limits.max_elements:,} allowed."
        )
    return tree


def reading_copy(tree: lxml_html.HtmlElement, limits: PageLimits) -> lxml_html.HtmlElement:
    """A copy of the page for finding its article in: no scripts, no cards inside of sentences, a body in one piece.

    What is beyond the limits of text and of elements to be read is cut off.
    """
    copy = deepcopy(tree)
    for element in list(copy.iter(*_NO_TEXT)):
        _cut(element)
    _cut_off(copy, limits)
    for card in list(_cards(copy)):
        _cut(card)
    for parts in list(_parted_bodies(copy)):
        for part in parts[1:]:
            _move_into(parts[0], part)
    return copy


def _number(question: etree.XPath, tree: lxml_html.HtmlElement) -> int:
    return int(cast("float", question(tree)))


def _without_attributes(tag: re.Match[str]) -> str:
    # libxml2 compares each attribute of an element with all others.
    return f"<{tag[1]}>" if tag[0].count("=") > _MOST_ATTRIBUTES or tag[0].count(" ") > _LONG_LIST else tag[0]


def _cut_off(copy: lxml_html.HtmlElement, limits: PageLimits) -> None:
    """Drop all that comes after as many characters and elements as are read."""
    if _number(_TEXT_LENGTH, copy) <= limits.max_text and _number(_COUNT, copy) <= limits.max_read_elements:
        return
    length = 0
    too_many: list[lxml_html.HtmlElement] = []
    for number, element in enumerate(copy.iter()):
        if length > limits.max_text or number > limits.max_read_elements:
            too_many.append(element)
            continue
        text, tail = element.text or "", element.tail or ""
        if len(text) > limits.max_text:
            element.text = text[: limits.max_text]
        if len(tail) > limits.max_text:
            element.tail = tail[: limits.max_text]
        length += len(text) + len(tail)
    for element in reversed(too_many):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _cards(tree: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    """Cards about a name that open over a sentence: a picture and links and nothing else, inside of a paragraph."""
    looked_at: set[lxml_html.HtmlElement] = set()
    for picture in tree.iter("img"):
        card = picture.getparent()
        while card is not None and card.tag in _INLINE and card not in looked_at:
            looked_at.add(card)
            links = card.findall(".//a")
            if len(links) >= _LEAST_LINKS_OF_CARD:
                words = _length(card)
                linked = sum(map(_length, links))
                if words >= _LEAST_CARD and linked > words * 0.9 and _is_in_sentence(card):
                    yield card
                break
            card = card.getparent()


def _is_in_sentence(element: lxml_html.HtmlElement) -> bool:
    return next(element.iterancestors("p", "li"), None) is not None


def _parted_bodies(tree: lxml_html.HtmlElement) -> Iterator[list[lxml_html.HtmlElement]]:
    """Runs of elements that are one text which advertisements part: alike, and no headline between them."""
    alike: dict[tuple[object, str, int], list[lxml_html.HtmlElement]] = {}
    seen: set[lxml_html.HtmlElement] = set()
    for paragraph in tree.iter("p"):
        part = paragraph.getparent()
        if part is None or part in seen:
            continue
        seen.add(part)
        name = part.get("class") or ""
        if part.tag not in _PARTS or not name or _COMMENTS.search(name):
            continue
        alike.setdefault((part.tag, name, _depth(part)), []).append(part)
    for parts in alike.values():
        if len(parts) > 1:
            yield from _runs(parts)


def _runs(parts: list[lxml_html.HtmlElement]) -> Iterator[list[lxml_html.HtmlElement]]:
    run = [parts[0]] if _is_running_text(parts[0]) else []
    for before, part in pairwise(parts):
        is_text = _is_running_text(part)
        if run and is_text and _is_continued(before, part):
            run.append(part)
            continue
        if len(run) > 1:
            yield run
        run = [part] if is_text else []
    if len(run) > 1:
        yield run


def _is_running_text(part: lxml_html.HtmlElement) -> bool:
    paragraphs = part.findall("p")
    length = sum(map(_length, paragraphs))
    linked = sum(_length(link) for paragraph in paragraphs for link in paragraph.iter("a"))
    return length >= _LEAST_PART and linked < length / 3


def _is_continued(before: lxml_html.HtmlElement, part: lxml_html.HtmlElement) -> bool:
    """Whether nothing between two elements says that another text begins."""
    above = set(before.iterancestors())
    for element in part.iterancestors():
        if element.tag == "article" and element not in above:
            return False
        if element in above:
            between = _between(element, before, part)
            return not any(one.tag in {"h1", "h2", "article"} for one in between)
    return False


def _between(
    root: lxml_html.HtmlElement, before: lxml_html.HtmlElement, part: lxml_html.HtmlElement
) -> Iterator[lxml_html.HtmlElement]:
    """The elements after the end of `before` and up to the start of `part`, in the page's order."""
    follower: lxml_html.HtmlElement | None = before
    while follower is not None and follower is not root:
        for sibling in follower.itersiblings():
            for element in sibling.iter():
                if element is part:
                    return
                yield element
        follower = follower.getparent()


def _move_into(first: lxml_html.HtmlElement, part: lxml_html.HtmlElement) -> None:
    if part.text and part.text.strip():
        last = first[-1] if len(first) else None
        if last is None:
            first.text = f"{first.text or ''} {part.text}"
        else:
            last.tail = f"{last.tail or ''} {part.text}"
    first.extend(list(part))
    _cut(part)


def _cut(element: lxml_html.HtmlElement) -> None:
    """Take an element away and leave the text behind it."""
    if element.getparent() is not None:
        element.drop_tree()


def _length(element: lxml_html.HtmlElement) -> int:
    return len(_SPACES.sub(" ", str(element.text_content())).strip())


def _depth(element: lxml_html.HtmlElement) -> int:
    return sum(1 for _ in element.iterancestors())

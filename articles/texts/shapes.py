"""Rules: which paragraphs of a plain text are headings, list items, quotations or rows, told from its HTML twin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from lxml import etree
from lxml import html as lxml_html

Shape = Literal["text", "heading", "item", "quote", "row"]

# A block of the HTML that is not in the text (a caption, a table's head) is passed over; further than so many blocks
# ahead nobody looks, for the two say the same in the same order.
LOOK_AHEAD = 40
# Of a block, so many letters tell it from its neighbours.
COMPARED = 80

_LETTERS = re.compile(r"[^\W_]+")
_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "item"),
    "blockquote": "quote",
    "tr": "row",
    "p": "text",
    "pre": "text",
    "div": "text",
}


def shapes_of(html: str, paragraphs: Sequence[str]) -> list[Shape]:
    """The shape of each paragraph of a text, in order; "text" where the HTML does not say or says something else."""
    shapes: list[Shape] = ["text"] * len(paragraphs)
    if not html or not paragraphs:
        return shapes
    blocks = list(_blocks(html))
    at = 0
    for number, paragraph in enumerate(paragraphs):
        key = _key(paragraph)
        for place in range(at, min(len(blocks), at + LOOK_AHEAD)):
            block, shape = blocks[place]
            # A paragraph may be several lines of one block, and one item may hold several paragraphs.
            if key and block and (block.startswith(key) or key.startswith(block)):
                shapes[number] = shape
                at = place if len(block) > len(key) else place + 1
                break
    return shapes


def _blocks(html: str) -> Iterator[tuple[str, Shape]]:
    """(the first letters of a block, its shape), in the order of the document; a block in a block counts alone."""
    try:
        tree = lxml_html.fragment_fromstring(html, create_parent="div")
    except (etree.LxmlError, ValueError):
        return
    for element in tree.iter(*_SHAPES):
        if element is tree:
            continue
        own = _SHAPES[element.tag]
        if own in {"text", "heading"} or next(element.iterdescendants("p", "li", "tr"), None) is None:
            shape = own if own != "text" else _around(element)
            yield _key("".join(element.itertext())), shape


def _around(element: lxml_html.HtmlElement) -> Shape:
    """What a bare paragraph is inside of: a quotation, an item."""
    for above in element.iterancestors("blockquote", "li", "tr"):
        return _SHAPES[above.tag]
    return "text"


def _key(text: str) -> str:
    return "".join(_LETTERS.findall(text[: COMPARED * 3].casefold()))[:COMPARED]

"""Which blocks of a page are its article: those that trafilatura found, and what stands among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from articles.ingest.blocks import Block, blocks_of_tree, placed_blocks

# Texts are compared by runs of so many words; a block is found again when this part of its runs is.
_RUN = 4
_FOUND_AGAIN = 0.6
# The element that holds this part of what was found is the article's own.
_MOST_OF_TEXT = 0.9
# Less of trafilatura's text found again, and its own tree is the better answer.
_LEAST_FOUND = 0.9
_MOST_CLAIMED = 1.1
_LINK_ONLY = 0.8
# Characters of a page that may have been taken whole.
_SMALL_PAGE = 1500
_LEAST_ARTICLES = 2
_POST = re.compile(r"(?:^|\s)post-(\d+)(?:\s|$)")
# A quoted post lies in a box or two of its own.
_QUOTED_WITHIN = 3
_WORD = re.compile(r"\w+")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

Run = tuple[str, ...]
Signature = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Place:
    """A block of the page, where it stands, and whether trafilatura found it."""

    block: Block
    source: etree._Element
    is_found: bool
    signature: Signature | None = None  # tags and classes from its element up to the article's own


def pick_blocks(body: etree._Element | None, found: etree._Element | None) -> list[Block]:
    """The article's blocks from the page's `body`, told by the tree that trafilatura returned for it.

    What trafilatura drops from amid a text (a heading with a link, a paragraph that is short, a quoted post) is taken
    back when it stands like the rest. A small page that it returned in one piece comes in its own blocks. Without enough in common trafilatura's own tree is read.
    """
    own = blocks_of_tree(found)
    if body is None or not own:
        return own
    if (small := _small_page(body, own)) is not None:
        return small
    places = _places(body, own)
    article = _article_element(places)
    if article is None:
        return own
    inside = _inside(places, article)
    kept = [place for place in inside if place.is_found]
    if _size(place.block for place in kept) < _LEAST_FOUND * _size(own):
        return own
    return [place.block for place in _of_first_article(list(_with_gaps_filled(inside, kept)))]


def _small_page(body: etree._Element, own: Sequence[Block]) -> list[Block] | None:
    """The page's blocks when trafilatura found no article and put all that a small page says into one paragraph."""
    if len(own) > 1 or len(own[0].text) > _SMALL_PAGE:
        return None
    blocks = [block for block, _ in placed_blocks(body)]
    all_words = " ".join(own[0].text.split())
    is_all = len(blocks) > 1 and all(" ".join(block.text.split()) in all_words for block in blocks)
    return blocks if is_all else None


def _places(body: etree._Element, own: Sequence[Block]) -> list[_Place]:
    """The page's blocks; each of trafilatura's is found again once, where it is most alike and stands among others."""
    places = [_Place(block, source, is_found=False) for block, source in placed_blocks(body)]
    among: dict[Run, int] = {}
    lengths = []
    for number, block in enumerate(own):
        runs = _runs(block.text)
        lengths.append(len(runs))
        for run in runs:
            among.setdefault(run, number)
    claims: dict[int, list[tuple[float, int, _Place]]] = {}
    for place in places:
        runs = _runs(place.block.text)
        votes = Counter(among[run] for run in runs if run in among)
        if votes and votes.total() >= _FOUND_AGAIN * len(runs):
            number, shared = votes.most_common(1)[0]
            claims.setdefault(number, []).append((shared / max(len(runs), lengths[number]), len(runs), place))
    neighbours: Counter[etree._Element | None] = Counter()
    for claimed in claims.values():
        for _, length, place in claimed:
            neighbours[place.source.getparent()] += length
    for number, claimed in claims.items():
        # One of trafilatura's may be several of the page's, but not the same words twice.
        claimed.sort(key=lambda claim: (-round(claim[0], 2), -neighbours[claim[2].source.getparent()]))
        left = lengths[number] * _MOST_CLAIMED
        for _, length, place in claimed:
            place.is_found = left == lengths[number] * _MOST_CLAIMED or length <= left
            left -= length if place.is_found else 0
    return places


def _runs(text: str) -> list[Run]:
    words = _WORD.findall(text)
    if len(words) < _RUN:
        return [tuple(words)]
    return list(zip(*(words[start:] for start in range(_RUN)), strict=False))


def _article_element(places: Sequence[_Place]) -> etree._Element | None:
    """The innermost element around blocks that holds most of what was found.

    A paragraph is none: beside a long one the short ones of its article would be left out.
    """
    weights: Counter[etree._Element] = Counter()
    for place in places:
        if place.is_found:
            source = place.source
            element: etree._Element | None = source.getparent() if source.tag == "p" else source
            while element is not None:
                weights[element] += len(place.block.text)
                element = element.getparent()
    if not weights:
        return None
    least = _MOST_OF_TEXT * max(weights.values())
    # Ancestors weigh no less than what is in them: the last of the heavy ones in the page's order is the innermost.
    heavy = [element for element, weight in weights.items() if weight >= least]
    return max(heavy, key=lambda element: sum(1 for _ in element.iterancestors()))


def _inside(places: Sequence[_Place], article: etree._Element) -> list[_Place]:
    inside = []
    for place in places:
        signature = _signature(place.source, article)
        if signature is not None:
            place.signature = signature
            inside.append(place)
    return inside


def _signature(element: etree._Element, article: etree._Element) -> Signature | None:
    path: list[tuple[str, str]] = []
    current: etree._Element | None = element
    while current is not None and current is not article:
        path.append((str(current.tag), current.get("class") or ""))
        current = current.getparent()
    return None if current is None else tuple(path)


def _with_gaps_filled(inside: list[_Place], kept: list[_Place]) -> Iterator[_Place]:
    known = {place.signature for place in kept}
    first, last = inside.index(kept[0]), inside.index(kept[-1])
    for number, place in enumerate(inside):
        if place.is_found or (first < number < last and _belongs(place, known)):
            yield place


def _belongs(place: _Place, known: set[Signature | None]) -> bool:
    """Whether a block that trafilatura passed over stands where the article's own do."""
    block, signature = place.block, place.signature or ()
    if link_share(block) > _LINK_ONLY:
        return False
    if signature in known:
        return True
    tag, name = signature[0] if signature else ("", "")
    if tag in _HEADINGS and len(signature) == 1:
        return not name
    return (
        block.kind == "quote"
        and any(one == "blockquote" for one, _ in signature)
        and len(signature) <= _QUOTED_WITHIN
    )


def _of_first_article(places: list[_Place]) -> list[_Place]:
    """Without the whole texts that follow the page's own: what lies in other article elements than the first.

    Another article has a headline that links to it, or WordPress's class with the number of another post. An article
    without either may be a part of the text, such as an entry of a live blog.
    """
    above = [tuple(place.source.iterancestors("article")) for place in places]
    articles = list(dict.fromkeys(article for chain in above for article in reversed(chain)))
    if len(articles) < _LEAST_ARTICLES:
        return places
    own = next((article for article in articles if article.find(".//h1") is not None), articles[0])
    number = _post_number(own)
    others = {
        article
        for article in articles
        if article is not own
        and own not in article.iterdescendants("article")
        and (_has_linked_headline(article) or (number and _post_number(article) not in {"", number}))
    }
    return [place for place, chain in zip(places, above, strict=True) if others.isdisjoint(chain)]


def _has_linked_headline(article: etree._Element) -> bool:
    head = next(article.iter("h1", "h2", "h3"), None)
    if head is None:
        return False
    parent = head.getparent()
    return head.find(".//a[@href]") is not None or (parent is not None and parent.tag == "a")


def _post_number(article: etree._Element) -> str:
    match = _POST.search(article.get("class") or "")
    return match[1] if match else ""


def link_share(block: Block) -> float:
    """The part of a block's text that is links."""
    return sum(mark.end - mark.start for mark in block.marks if mark.kind == "a") / max(1, len(block.text))


def _size(blocks: Iterator[Block] | Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)

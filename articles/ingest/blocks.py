"""An element tree becomes blocks, and blocks become plain text and clean HTML that say the same."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from lxml import etree

from articles.ingest.sanitize import one_line, plain_text

BlockKind = Literal["paragraph", "heading", "item", "quote", "row", "caption", "code"]
MarkKind = Literal["a", "em", "strong", "code", "sub", "sup"]

PARAGRAPH_BREAK = "\n\n"
_CELL_BREAK = " | "
# A cell with more text than this, or with blocks of its own, is a part of the page's layout and no datum.
_LONGEST_DATUM = 240
_MOST_COLUMNS = 100
_LONGEST_SAMPLE = 2000  # of preformatted text, to tell code from prose
_AT_SPACE = frozenset({"", " ", "\n"})
_DEEPEST_LIST = 6

# Two vocabularies: HTML's and that of trafilatura's own tree (which follows TEI). They do not contradict each other.
_PARAGRAPHS = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "center", "address", "body", "html",
     "figure", "fieldset", "form", "details", "summary", "hgroup", "hr", "dialog", "ab", "search"}
)  # fmt: skip
_HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 4, "h5": 4, "h6": 4}
_LISTS = frozenset({"ul", "ol", "dl", "menu", "list"})
_ITEMS = frozenset({"li", "dt", "dd", "item"})
_QUOTES = frozenset({"blockquote", "quote"})
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "cell")
_TABLE_PARTS = frozenset({*_ROWS, *_CELLS, "table", "tbody", "thead", "tfoot"})
_OPENING = _PARAGRAPHS | _TABLE_PARTS | _LISTS | _ITEMS | _QUOTES | set(_HEADINGS) | {"head", "caption"}
_BREAKS = frozenset({"br", "lb"})
_BLOCKS_IN_CELLS = (*_LISTS, *_HEADINGS, *_QUOTES, "pre", "table", "article", "section", "form")
_INLINE: dict[str, MarkKind] = {
    "a": "a", "ref": "a", "em": "em", "i": "em", "b": "strong", "strong": "strong", "sub": "sub", "sup": "sup",
    "kbd": "code", "samp": "code", "tt": "code", "code": "code",
}  # fmt: skip
_RENDITIONS: dict[str, MarkKind] = {"#i": "em", "#b": "strong", "#t": "code", "#sub": "sub", "#sup": "sup"}
# What is no text of the article: what runs, what is filled in, what is only drawn, and the words below a picture.
_LEFT_OUT = frozenset(
    {"script", "style", "noscript", "template", "title", "svg", "math", "canvas", "iframe", "frame", "frameset",
     "object", "embed", "applet", "audio", "video", "track", "source", "img", "graphic", "picture", "map", "figcaption",
     "button", "input", "select", "option", "optgroup", "textarea", "datalist", "progress", "meter", "link", "meta",
     "rp", "rt", "noframes", "noembed", "area", "base", "col", "colgroup", "param"}
)  # fmt: skip
_BESIDE = frozenset({"nav", "footer", "aside", "menu", "dialog"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CODE = re.compile(r"[{};]\s*$|^\s*(?:\$|>>>|#!|def |class |import |<\w+[^>]*>)", re.MULTILINE)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a block's text, [start, end), that is a link or is set off. `words` are those very characters."""

    start: int
    end: int
    kind: MarkKind
    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, quoted paragraph, table row or listing. Its lines are parted by newlines.

    `level` is 2 to 4 of a heading and the depth of a list item, from 1. Blocks of one list, quotation or table have
    the same `group`. `cells` are (text, is a heading) of a row. A text that was shortened since keeps the marks whose
    words it still has.
    """

    kind: BlockKind
    text: str
    level: int = 0
    is_ordered: bool = False
    group: int = 0
    marks: tuple[Mark, ...] = ()
    cells: tuple[tuple[str, bool], ...] = ()


def blocks_of_tree(body: etree._Element | None) -> list[Block]:
    """The blocks of an HTML element or of the body that trafilatura returns, in order; [] for None.

    Pictures, their captions, scripts, forms' fields and what is hidden are left out. The tree is not changed.
    """
    if body is None:
        return []
    walk = _Walk()
    walk.run(body)
    return walk.blocks


def placed_blocks(body: etree._Element) -> list[tuple[Block, etree._Element]]:
    """As `blocks_of_tree`, each block with the block-level element that its text begins in.

    What HTML itself says to stand beside the text (navigation, footers, asides) is left out.
    """
    walk = _Walk(left_out=_LEFT_OUT | _BESIDE)
    walk.run(body)
    return [
        (block, body if node is None else node) for block, node in zip(walk.blocks, walk.sources, strict=True)
    ]


def blocks_of_text(text: str) -> list[Block]:
    """The paragraphs of a plain text, which blank lines part."""
    return [
        Block("paragraph", "\n".join(filter(None, map(one_line, part.split("\n")))))
        for part in _BLANK_LINES.split(text)
        if part.strip()
    ]


def first_blocks(blocks: Sequence[Block], limit: int) -> list[Block]:
    """The blocks whose text fits into `limit` characters; a first one that is longer is cut."""
    kept: list[Block] = []
    length = 0
    for block in blocks:
        length += len(block.text) + (len(PARAGRAPH_BREAK) if kept else 0)
        if length > limit:
            break
        kept.append(block)
    if blocks and not kept:
        return [Block(blocks[0].kind, blocks[0].text[:limit].rstrip(), blocks[0].level)]
    return kept


def text_of(blocks: Iterable[Block]) -> str:
    """The plain text: each block a paragraph, parted by blank lines."""
    return PARAGRAPH_BREAK.join(block.text for block in blocks)


def html_of(blocks: Iterable[Block]) -> str:
    """The blocks as HTML of few tags without classes. Links are as the page wrote them: `safe_html` must see it."""
    writer = _Writer()
    for block in blocks:
        writer.write(block)
    return writer.finish()


@dataclass(slots=True)
class _Frame:
    """A block-level element that the walk is in: what its text becomes."""

    node: etree._Element | None = None
    kind: BlockKind = "paragraph"
    level: int = 0
    is_ordered: bool = False
    group: int = 0
    item: _Frame | None = None  # the list item that it lies in
    place: int = -1  # of a list item: where its block stands, as long as more of its text may follow there


class _Walk:
    """Goes through a tree once, without recursion, and gathers text into blocks."""

    def __init__(self, left_out: frozenset[str] = _LEFT_OUT) -> None:
        self._left_out = left_out
        self.blocks: list[Block] = []
        self.sources: list[etree._Element | None] = []  # of each block the element that it begins in
        self._frames = [_Frame()]
        self._groups = 0
        self._parts: list[str] = []
        self._length = 0
        self._last = ""  # the last character of the text so far
        self._open: list[tuple[etree._Element, MarkKind, str, int]] = []
        self._marks: list[tuple[int, int, MarkKind, str]] = []

    def run(self, root: etree._Element) -> None:
        """Gather what is in this element; its own tail is not looked at."""
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in walker:
            if event == "start":
                if self._enter(node, is_root=node is root):
                    self._add(node.text)
                else:
                    walker.skip_subtree()
                continue
            if event == "end":
                self._leave(node)
            if node is not root:
                self._add(node.tail)
        self._flush()

    def _enter(self, node: etree._Element, *, is_root: bool) -> bool:
        """Whether the element's content is to be walked through."""
        tag = str(node.tag)
        if (
            tag in self._left_out
            or (not is_root and _is_hidden(node))
            or (tag == "head" and _is_of_html(node))
        ):
            return False
        mark = _mark_of(node)
        if tag in _BREAKS:
            self._break()
        elif tag == "pre" or (tag == "code" and _is_listing(node)):
            self._flush()
            self._listing(node)
            return False
        elif mark is not None:
            self._open.append((node, mark, str(node.get("href") or node.get("target") or ""), self._length))
        elif tag == "table" and _is_data(node):
            self._flush()
            self._table(node)
            return False
        else:
            self._open_frame(node, tag)
        return True

    def _open_frame(self, node: etree._Element, tag: str) -> None:
        above = self._frames[-1]
        if tag not in _OPENING:
            return
        self._flush()  # into the block that is open, before another begins
        if tag in _LISTS:
            depth = above.level + 1 if above.kind == "item" else 1
            is_ordered = tag == "ol" or (tag == "list" and node.get("rend") == "ol")
            frame = _Frame(node, "item", min(depth, _DEEPEST_LIST), is_ordered, self._new_group(above))
        elif tag in _ITEMS:
            is_listed = above.kind == "item"
            group = above.group if is_listed else self._groups
            frame = _Frame(node, "item", above.level if is_listed else 1, above.is_ordered, group)
            frame.item = frame
        elif tag in _HEADINGS or tag == "head":
            level = _HEADINGS.get(str(node.get("rend")) if tag == "head" else tag, 2)
            frame = _Frame(node, "heading", level, item=above.item)
        elif tag in _QUOTES:
            is_inside = above.kind == "quote"
            frame = _Frame(node, "quote", group=above.group if is_inside else self._new_group(above))
        elif tag == "caption":
            frame = _Frame(node, "caption")
        else:
            frame = _Frame(node, above.kind, above.level, above.is_ordered, above.group, above.item)
        self._frames.append(frame)

    def _leave(self, node: etree._Element) -> None:
        if self._open and self._open[-1][0] is node:
            _, kind, href, start = self._open.pop()
            self._marks.append((start, self._length, kind, href))
        elif self._frames[-1].node is node:
            self._flush()
            self._frames.pop()

    def _new_group(self, above: _Frame) -> int:
        # What follows a list inside of an item may not be put before that list.
        if above.item is not None:
            above.item.place = -1
        self._groups += 1
        return self._groups

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if text.isspace():  # most of what lies between elements is only their indentation
            if self._last not in _AT_SPACE:
                self._parts.append(" ")
                self._length += 1
                self._last = " "
            return
        run = _SPACES.sub(" ", plain_text(text))
        if self._last in _AT_SPACE:
            run = run.lstrip(" ")
        if run:
            self._parts.append(run)
            self._length += len(run)
            self._last = run[-1]

    def _break(self) -> None:
        if self._last == "\n":
            if self._frames[-1].kind != "item":
                self._flush()  # two line breaks are how some write a new paragraph
        elif self._last:
            self._parts.append("\n")
            self._length += 1
            self._last = "\n"

    def _flush(self) -> None:
        """Make a block of what was gathered since the last one."""
        if not self._parts:
            return
        raw = "".join(self._parts)
        # A mark that is open across two blocks is in both.
        ends = [*self._marks, *((start, len(raw), kind, href) for _, kind, href, start in self._open)]
        self._parts, self._length, self._last, self._marks = [], 0, "", []
        self._open = [(node, kind, href, 0) for node, kind, href, _ in self._open]
        text, ends = _without_spaces_at_breaks(raw, ends)
        if text:
            marks = tuple(
                mark for start, end, kind, href in ends if (mark := _mark(text, start, end, kind, href))
            )
            self._put(text, marks)

    def _put(self, text: str, marks: tuple[Mark, ...]) -> None:
        frame = self._frames[-1]
        item = frame.item
        if frame.kind != "item" or item is None:
            if item is not None:
                item.place = -1
            self._append(
                Block(frame.kind, text, frame.level, frame.is_ordered, frame.group, marks), frame.node
            )
            return
        if item.place < 0:
            item.place = len(self.blocks)
            self._append(Block("item", text, frame.level, frame.is_ordered, frame.group, marks), item.node)
            return
        begun = self.blocks[item.place]
        by = len(begun.text) + 1
        moved = tuple(replace(mark, start=mark.start + by, end=mark.end + by) for mark in marks)
        self.blocks[item.place] = replace(begun, text=f"{begun.text}\n{text}", marks=begun.marks + moved)

    def _append(self, block: Block, source: etree._Element | None) -> None:
        self.blocks.append(block)
        self.sources.append(source)

    def _listing(self, node: etree._Element) -> None:
        """Preformatted text keeps its lines: as code, or, when it reads like prose, as paragraphs."""
        parts: list[str] = []
        for event, inner in etree.iterwalk(node, events=("start", "end")):
            if event == "start":
                parts.append("\n" if inner.tag in _BREAKS else "")
                parts.append(inner.text or "")
            elif inner is not node:
                parts.append(inner.tail or "")
        raw = plain_text("".join(parts))
        if node.tag == "code" or _is_code(node, raw):
            lines = [line.rstrip() for line in raw.expandtabs(4).split("\n")]
            text = "\n".join(line for line in lines if line)
            if text.strip():
                self._append(Block("code", text), node)
        else:
            for block in blocks_of_text(raw):
                self._append(block, node)

    def _table(self, table: etree._Element) -> None:
        """The rows of a table of data."""
        group = self._new_group(self._frames[-1])
        for caption in table.iter("caption"):
            words = _words(caption)
            if words:
                self._append(Block("caption", words, group=group), table)
        for row in table.iter(*_ROWS):
            cells = tuple((_words(cell), _is_head(cell)) for cell in islice(row.iter(*_CELLS), _MOST_COLUMNS))
            text = _CELL_BREAK.join(words for words, _ in cells if words)
            if text:
                self._append(Block("row", text, group=group, cells=cells), table)


def _without_spaces_at_breaks(
    raw: str, ends: list[tuple[int, int, MarkKind, str]]
) -> tuple[str, list[tuple[int, int, MarkKind, str]]]:
    """The text without spaces before its line breaks and at its end, and the marks moved with it."""
    text = raw.rstrip()
    if " \n" not in text:
        return text, ends
    gone = [match.start() for match in re.finditer(r" (?=\n)", text)]
    moved = [
        (start - bisect_left(gone, start), end - bisect_left(gone, end), kind, href)
        for start, end, kind, href in ends
    ]
    return text.replace(" \n", "\n"), moved


def _mark(text: str, start: int, end: int, kind: MarkKind, href: str) -> Mark | None:
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    words = words.strip()
    if not words or (kind == "a" and not href):
        return None
    return Mark(start, start + len(words), kind, words, href)


def _mark_of(node: etree._Element) -> MarkKind | None:
    if node.tag == "hi":
        return _RENDITIONS.get(str(node.get("rend")))
    return _INLINE.get(str(node.tag))


def _all_text(element: etree._Element) -> str:
    return str(element.xpath("string()"))


def _is_of_html(head: etree._Element) -> bool:
    """Whether an element named head is HTML's own; trafilatura calls its headings so."""
    parent = head.getparent()
    return parent is None or parent.tag == "html"


def _is_hidden(node: etree._Element) -> bool:
    if node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    style = node.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def _is_listing(node: etree._Element) -> bool:
    """Whether an element named code is a block: it stands alone and has lines."""
    parent = node.getparent()
    return parent is not None and parent.tag == "body" and "\n" in _all_text(node).strip()


def _is_code(node: etree._Element, raw: str) -> bool:
    return node.find(".//code") is not None or _CODE.search(raw[:_LONGEST_SAMPLE]) is not None


def _is_data(table: etree._Element) -> bool:
    """Whether a table holds rows of data; else it only lays out a page, and its cells are read one by one."""
    if table.get("role") in {"presentation", "none"} or table.find(".//table") is not None:
        return False
    rows = columns = 0
    for row in table.iter(*_ROWS):
        filled = 0
        for cell in row.iter(*_CELLS):
            if next(cell.iter(*_BLOCKS_IN_CELLS), None) is not None:
                return False
            length = len(_all_text(cell).strip())
            if length > _LONGEST_DATUM:
                return False
            filled += length > 0
        rows += filled > 0
        columns = max(columns, filled)
    return rows > 1 and columns > 1


def _is_head(cell: etree._Element) -> bool:
    return cell.tag == "th" or cell.get("role") == "head"


def _words(element: etree._Element) -> str:
    """The words of an element on one line."""
    walk = _Walk()
    walk.run(element)
    return one_line(" ".join(block.text for block in walk.blocks))


class _Writer:
    """Writes blocks as HTML; lists, quotations and tables stay open as long as blocks of theirs come."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._lists: list[tuple[int, str]] = []  # (group, tag) of the lists that are open, outermost first
        self._around = ("", 0)  # what else is open: (blockquote or table, its group)

    def write(self, block: Block) -> None:
        """Add one block."""
        if block.kind == "item":
            self._close_around()
            self._write_item(block)
            return
        self._close_lists(0)
        around = {"quote": "blockquote", "row": "table"}.get(block.kind, "")
        if self._around != (around, block.group):
            self._close_around()
            if around:
                self._parts.append(f"<{around}>")
                self._around = (around, block.group)
        match block.kind:
            case "heading":
                tag = f"h{min(max(block.level, 2), 4)}"
                self._parts.append(f"<{tag}>{_inline(block)}</{tag}>")
            case "row":
                self._parts.append(_row(block))
            case "code":
                self._parts.append(f"<pre><code>{html.escape(block.text, quote=False)}</code></pre>")
            case _:
                self._parts.append(f"<p>{_inline(block)}</p>")

    def finish(self) -> str:
        """All that was written, with everything closed."""
        self._close_lists(0)
        self._close_around()
        return "\n".join(self._parts)

    def _write_item(self, block: Block) -> None:
        # An item whose outer one was cleaned away moves outwards.
        depth = min(max(block.level, 1), len(self._lists) + 1)
        self._close_lists(depth)
        tag = "ol" if block.is_ordered else "ul"
        if len(self._lists) == depth and self._lists[-1] != (block.group, tag):
            self._close_lists(depth - 1)
        if len(self._lists) == depth:
            self._parts.append("</li>")
        else:
            self._parts.append(f"<{tag}>")
            self._lists.append((block.group, tag))
        self._parts.append(f"<li>{_inline(block)}")

    def _close_lists(self, depth: int) -> None:
        while len(self._lists) > depth:
            self._parts.append(f"</li></{self._lists.pop()[1]}>")

    def _close_around(self) -> None:
        if self._around[0]:
            self._parts.append(f"</{self._around[0]}>")
        self._around = ("", 0)


def _row(block: Block) -> str:
    cells = block.cells
    if _CELL_BREAK.join(words for words, _ in cells if words) != block.text:
        cells = ((block.text, False),)
    tags = (("th" if is_head else "td", words) for words, is_head in cells)
    return (
        "<tr>" + "".join(f"<{tag}>{html.escape(words, quote=False)}</{tag}>" for tag, words in tags) + "</tr>"
    )


def _inline(block: Block) -> str:
    """The text with its marks as elements, properly nested."""
    edges: list[tuple[int, int, str]] = []
    open_until = [len(block.text)]
    for mark in sorted(_settled(block), key=lambda mark: (mark.start, -mark.end)):
        while len(open_until) > 1 and open_until[-1] <= mark.start:
            open_until.pop()
        if mark.end > open_until[-1]:
            continue  # it would overlap another
        open_until.append(mark.end)
        href = f' href="{html.escape(mark.href)}"' if mark.kind == "a" else ""
        order = len(edges)
        edges.append((mark.start, order, f"<{mark.kind}{href}>"))
        edges.append((mark.end, -order - 1, f"</{mark.kind}>"))
    parts: list[str] = []
    done = 0
    for place, _, tag in sorted(edges):
        parts += [_escaped(block.text[done:place]), tag]
        done = place
    return "".join([*parts, _escaped(block.text[done:])])


def _settled(block: Block) -> Iterator[Mark]:
    """The marks where their words stand now; those that lost their words are dropped."""
    for mark in block.marks:
        if block.text[mark.start : mark.end] == mark.words:
            yield mark
        elif (start := block.text.find(mark.words)) >= 0:
            yield replace(mark, start=start, end=start + len(mark.words))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")

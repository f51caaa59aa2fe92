"""Lists of feeds as OPML: read from other readers, written for them; pure, and deaf to every DOCTYPE."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from articles.errors import ParseFailedError

MAX_BYTES = 2 * 1024 * 1024
MAX_FEEDS = 2000
MAX_DEPTH = 20
_FEED_TYPES = frozenset({"rss", "atom", "feed", "rdf"})
# Attributes are read without regard to case: other readers write xmlurl and xmlURL too.
# Lists made by hand and by careless writers hold "Science & Nature"; in UTF-16 this finds nothing and does no harm.
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
# For lists that are no XML at all.
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OUTLINE_EDGE = re.compile(r"(?=<outline[\s>/]|</outline>)")
_KNOWN_ATTRIBUTE = re.compile(
    r"\s(text|title|xmlUrl|htmlUrl|category|language)\s*=\s*\"([^\"]*)\"", re.IGNORECASE
)
_ILLEGAL = {code: None for code in range(32) if code not in {9, 10, 13}}


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list; `url` is empty when an outline that calls itself a feed has no address.

    `folder` is the text of the outline around it, or its first category. `tags` are the folders further out and the
    other categories. `line` is its line in the file, 0 when that is not known.
    """

    url: str
    title: str
    site_url: str = ""
    folder: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


class _Reader:
    """Collects outlines while expat reads."""

    def __init__(self) -> None:
        self.outlines: list[Outline] = []
        self.folders: list[str] = []
        self.root = ""

    def start(self, name: str, attributes: dict[str, str], line: int = 0) -> None:
        tag = name.lower()
        if not self.root:
            self.root = tag
        if tag != "outline":
            return
        found = {key.lower(): value.strip() for key, value in attributes.items()}
        title = found.get("title") or found.get("text", "")
        url = found.get("xmlurl", "")
        is_feed = bool(url) or found.get("type", "").lower() in _FEED_TYPES
        if is_feed:
            if len(self.outlines) >= MAX_FEEDS:
                raise ParseFailedError(f"The list has more than {MAX_FEEDS:,} feeds. Split it.")
            categories = [part.strip("/ ") for part in found.get("category", "").split(",")]
            around = [folder for folder in reversed(self.folders) if folder]
            folders = [*around, *(part for part in categories if part)]
            self.outlines.append(
                Outline(
                    url,
                    title or url,
                    found.get("htmlurl", ""),
                    folders[0] if folders else "",
                    found.get("language", ""),
                    tuple(dict.fromkeys(folder for folder in folders[1:] if folder != folders[0])),
                    line,
                )
            )
        self.folders.append("" if is_feed else title)
        if len(self.folders) > MAX_DEPTH:
            raise ParseFailedError(f"The list is nested more than {MAX_DEPTH} folders deep.")

    def end(self, name: str) -> None:
        if name.lower() == "outline":
            self.folders.pop()


def _refuse_doctype(*_parts: object) -> None:
    raise ParseFailedError("The file declares a DOCTYPE, which no list of feeds needs; it is refused.")


def read_opml(body: bytes) -> list[Outline]:
    """The feeds of an OPML file, in its order, doubles included.

    Raises ParseFailedError for what is no OPML, is too large, or declares a DOCTYPE.
    """
    if len(body) > MAX_BYTES:
        raise ParseFailedError(f"The list is larger than {MAX_BYTES // 1024:,} KB.")
    reader = _Reader()
    skipped_lines = body[: len(body) - len(body.lstrip())].count(b"\n")
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, attributes, parser.CurrentLineNumber + skipped_lines
    )
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(_BARE_AMPERSAND.sub(b"&amp;", body.lstrip()), True)  # noqa: FBT003 - the C function takes no keywords
    except expat.ExpatError as error:
        loose = _read_loosely(body)
        if loose:
            return loose
        raise ParseFailedError(
            f"The file is no OPML: {expat.ErrorString(error.code)} in line {error.lineno}."
        ) from error
    except (LookupError, UnicodeError, ValueError) as error:
        raise ParseFailedError("The file is in an encoding that cannot be read. Save it as UTF-8.") from error
    if reader.root != "opml":
        raise ParseFailedError(f"The file is no OPML: it begins with <{reader.root[:40]}>.")
    if not reader.outlines:
        raise ParseFailedError("The file is OPML, but no feed stands in it.")
    return reader.outlines


def _read_loosely(body: bytes) -> list[Outline]:
    """What can be told from a list that is no XML: some writers put raw markup into their attributes."""
    text = body.decode("utf-8", "replace")
    if "<opml" not in text or _DECLARATION.search(text):
        return []
    reader = _Reader()
    head, *pieces = _OUTLINE_EDGE.split(text)
    line = 1 + head.count("\n")
    for piece in pieces:
        here, line = line, line + piece.count("\n")
        if piece.startswith("</"):
            if reader.folders:
                reader.folders.pop()
            continue
        reader.start(
            "outline", {name: html.unescape(value) for name, value in _KNOWN_ATTRIBUTE.findall(piece)}, here
        )
        if piece.rstrip().endswith("/>"):
            reader.end("outline")
    return reader.outlines


def write_opml(title: str, outlines: Iterable[Outline]) -> str:
    """OPML 2.0 of the feeds, in folders in the order in which each folder first comes."""
    folders: dict[str, list[Outline]] = {}
    for outline in outlines:
        folders.setdefault(outline.folder, []).append(outline)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{_attribute(title)[1:-1]}</title></head>", "  <body>"]
    for folder, members in folders.items():
        indent = "    "
        if folder:
            lines.append(f"    <outline text={_attribute(folder)}>")
            indent = "      "
        lines += [f"{indent}{_element(member)}" for member in members]
        if folder:
            lines.append("    </outline>")
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines)


def _element(outline: Outline) -> str:
    parts = [
        'type="rss"',
        f"text={_attribute(outline.title)}",
        f"title={_attribute(outline.title)}",
        f"xmlUrl={_attribute(outline.url)}",
    ]
    if outline.site_url:
        parts.append(f"htmlUrl={_attribute(outline.site_url)}")
    if outline.language:
        parts.append(f"language={_attribute(outline.language)}")
    if outline.tags:
        # The folder comes first, so that a reader of ours finds it again; OPML 2.0 parts categories by commas.
        categories = [part.replace(",", " ") for part in (outline.folder, *outline.tags) if part]
        parts.append(f"category={_attribute(','.join(categories))}")
    return f"<outline {' '.join(parts)}/>"


def _attribute(text: str) -> str:
    """Quoted for XML; characters that XML 1.0 cannot carry are dropped."""
    return quoteattr(text.translate(_ILLEGAL), {'"': "&quot;"})

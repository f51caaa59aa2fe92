"""Well-formed feeds of the usual kinds become `ParsedFeed` straight from the tree; all else is left to feedparser.

It is a dozen times as fast as feedparser and made to say the same. Whatever is not plainly RSS (0.91-2.0), RDF (0.9, 1.0)
or Atom 1.0 with the common modules, in well-formed XML without a document type, is handed over (the answer is None).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from articles.ingest.canonical import absolute_url
from articles.ingest.dates import read_date
from articles.ingest.fields import (
    LeftOut,
    field_html,
    labels,
    mended,
    newest,
    person_name,
    plain_title,
    ttl_minutes,
)
from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import one_line
from articles.types import ParsedEntry, ParsedFeed

ATOM = "http://www.w3.org/2005/Atom"
RSS_1 = "http://purl.org/rss/1.0/"
RSS_09 = "http://my.netscape.com/rdf/simple/0.9/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
XHTML = "http://www.w3.org/1999/xhtml"
_SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
_DC = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Above so many tags a tree would take more memory than a child may have.
MOST_TAGS = 400_000

_CORE = ("", f"{{{ATOM}}}", f"{{{RSS_1}}}", f"{{{RSS_09}}}")
_CORE_FIELDS = {
    "title": "title",
    "link": "link",
    "guid": "id",
    "id": "id",
    "pubDate": "published",
    "pubdate": "published",
    "published": "published",
    "issued": "published",
    "updated": "updated",
    "modified": "updated",
    "lastBuildDate": "updated",
    "lastbuilddate": "updated",
    "created": "created",
    "description": "description",
    "summary": "summary",
    "content": "content",
    "author": "author",
    "category": "category",
    "managingEditor": "editor",
    "managingeditor": "editor",
    "source": "source",
    "language": "language",
    "ttl": "ttl",
}
# What feedparser would take for a part of the entry and this reader knows nothing of.
_CORE_DOUBTS = frozenset(
    {
        "abstract", "body", "channel", "email", "entry", "feed", "fullitem", "homepage", "info", "item", "items",
        "keywords", "name", "newlocation", "rdf", "rss", "tagline", "tags", "uri", "where",
    }
)  # fmt: skip
# Elements with parts of their own which are none of the entry's.
_PASSED_OVER = frozenset(
    {"image", "textinput", "contributor", "enclosure", "cloud", "skiphours", "skipdays", "items"}
)
_FIELDS: dict[str, str] = {
    **{f"{core}{name}": kind for core in _CORE for name, kind in _CORE_FIELDS.items()},
    f"{{{_DC}}}title": "dc_title",
    f"{{{_DC}}}creator": "author",
    f"{{{_DC}}}author": "author",
    f"{{{_DC}}}date": "updated",
    f"{{{_DC}}}description": "dc_description",
    f"{{{_DC}}}subject": "category",
    f"{{{_DC}}}language": "language",
    f"{{{_TERMS}}}created": "created",
    f"{{{_TERMS}}}issued": "published",
    f"{{{_TERMS}}}modified": "updated",
    "{http://purl.org/rss/1.0/modules/content/}encoded": "encoded",
    "{http://rssnamespace.org/feedburner/ext/1.0}origLink": "origlink",
    f"{{{_SYNDICATION}}}updatePeriod": "period",
    f"{{{_SYNDICATION}}}updateFrequency": "frequency",
    f"{{{TOMBSTONES}}}deleted-entry": "deleted",
}
for _media in _MEDIA:
    _FIELDS |= {
        f"{{{_media}}}title": "media_title",
        f"{{{_media}}}description": "media_description",
        f"{{{_media}}}keywords": "category",
        f"{{{_media}}}category": "category",
        f"{{{_media}}}group": "media",
        f"{{{_media}}}content": "media",
    }
for _itunes in (_ITUNES, "http://www.itunes.com/DTDs/PodCast-1.0.dtd"):
    _FIELDS |= {
        f"{{{_itunes}}}author": "author",
        f"{{{_itunes}}}summary": "itunes_summary",
        f"{{{_itunes}}}keywords": "category",
        f"{{{_itunes}}}category": "itunes_category",
    }
# Namespaces of which feedparser reads more than this reader, by any prefix or spelling.
_DOUBTFUL_NAMESPACES = re.compile(
    r"purl\.org/(?:dc/|rss/1\.0/(?!modules/(?!content))|atom|pie|echo)|w3\.org/(?:2005/atom|1999/xhtml)|userland\.com/rss|"
    r"law\.harvard\.edu/tech/rss|search\.yahoo\.com/mrss|itunes\.com/dtds|rssnamespace\.org/feedburner|example\.com|netscape",
    re.IGNORECASE,
)
_KNOWN_ELSEWHERE = {_DC, _TERMS, RSS_1, RSS_09, ATOM, "http://purl.org/rss/1.0/modules/content/", *_MEDIA, _ITUNES,
                    "http://www.itunes.com/DTDs/PodCast-1.0.dtd", "http://rssnamespace.org/feedburner/ext/1.0"}  # fmt: skip
_DOUBTFUL_PREFIXES = frozenset({"dc", "dcterms", "content", "media", "itunes", "feedburner", "xhtml"})
_LOWER_FIELDS = frozenset(tag.lower() for tag in _FIELDS)

_KINDS = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
}
_XHTML_KINDS = frozenset({"xhtml", "application/xhtml+xml"})
_HTML_KINDS = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_REFERENCE_IN_LINK = re.compile(r"&([A-Za-z0-9_]+);")
_VERSIONS = {"0.91": "rss09x", "0.92": "rss09x", "0.93": "rss09x", "0.94": "rss09x"}
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
# The end tags that the serialiser writes for elements that have none.
VOID_END = re.compile(
    r"</(?:area|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)>", re.IGNORECASE
)

Element = etree._Element  # noqa: SLF001 - the type has no public name
Found = dict[str, list[Element]]


class _UnusualError(Exception):
    """The feed holds something that feedparser should read."""


@dataclass(slots=True)
class _Document:
    """What the whole document says about each of its elements."""

    url: str
    bounds: FeedLimits
    has_bases: bool
    is_atom: bool
    verdicts: dict[tuple[str, str | None], str] = field(default_factory=dict)


def read_wellformed(text: str, url: str, bounds: FeedLimits, most_entries: int) -> ParsedFeed | None:
    """The feed, or None when feedparser should read it. Of more than `most_entries` the rest is not looked at."""
    if "<!DOCTYPE" in text or text.count("<") > MOST_TAGS:
        return None
    try:
        body = _XML_DECLARATION.sub("", text, count=1).encode()
        root = etree.fromstring(body, _parser(), base_url=url)
        return _feed(root, _document(root, text, url, bounds), most_entries)
    except Exception:  # noqa: BLE001 - not well-formed, unusual, or a surprise: then it is feedparser's turn
        return None


def _parser() -> etree.XMLParser:
    # A parser for each document: one that met an error may remember it.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )


def _document(root: Element, text: str, url: str, bounds: FeedLimits) -> _Document:
    return _Document(
        url=url, bounds=bounds, has_bases="xml:base" in text, is_atom=root.tag == f"{{{ATOM}}}feed"
    )


def _feed(root: Element, document: _Document, most_entries: int) -> ParsedFeed:
    kind, head, items = _structure(root)
    bounds, url = document.bounds, document.url
    found = _children(head, document, skip=frozenset(item.tag for item in items[:1]))
    link = _last_link(found.get("link", ()), document)
    if not link and document.is_atom:
        link = absolute_url(_last(found, "id"), url)
    base = url or link
    left_out, problems = LeftOut(), []
    if len(items) > most_entries:
        problems.append(
            f"The feed has {len(items)} entries; those after the first {most_entries} are not looked at."
        )
        left_out.add(
            f"Only the first {most_entries:,} entries of an answer are looked at.",
            _example(items[most_entries]),
            len(items) - most_entries,
        )
        items = items[:most_entries]
    if len(items) > bounds.max_entries:
        problems.append(f"The feed has {len(items)} entries; only the newest {bounds.max_entries} are read.")
        items = _newest(items, document, left_out)
    feed_authors = _authors(found, bounds) if document.is_atom else ()
    return ParsedFeed(
        format=kind,
        title=_title(found, bounds),
        link=link,
        language=one_line(_language(root, found), bounds.max_label),
        entries=tuple(_entry(item, base, document, feed_authors) for item in items),
        ttl_minutes=ttl_minutes(_last(found, "ttl"), _last(found, "period"), _last(found, "frequency")),
        problems=tuple(problems),
        hub_url=_related(found, "hub", document),
        self_url=_related(found, "self", document),
        withdrawn=tuple(
            dict.fromkeys(
                guid
                for item in found.get("deleted", ())
                if (guid := one_line(item.get("ref", ""), bounds.max_guid))
            )
        ),
        skipped=left_out.rows(),
    )


def _structure(root: Element) -> tuple[str, Element, list[Element]]:
    """(format, the element that holds the head, the entries in order)."""
    if root.tag == f"{{{ATOM}}}feed":
        kind, head, name = "atom", root, f"{{{ATOM}}}entry"
        items = list(root.iterchildren(name))
    elif root.tag == "rss":
        version = root.get("version", "").strip()
        kind = _VERSIONS.get(version) or ("rss20" if version.startswith("2.") else "rss")
        head, items = _channel(root, "")
        name = "item"
    elif root.tag == f"{{{RDF}}}RDF":
        core = next((f"{{{ns}}}" for ns in (RSS_1, RSS_09) if root.find(f"{{{ns}}}channel") is not None), "")
        kind = "rss10" if core == f"{{{RSS_1}}}" else "rss09x"
        if not core:
            raise _UnusualError
        head, items = _channel(root, core)
        name = f"{core}item"
    else:
        raise _UnusualError
    if sum(1 for _ in root.iter(name)) != len(items):
        raise _UnusualError  # entries where none should be
    return kind, head, items


def _channel(root: Element, core: str) -> tuple[Element, list[Element]]:
    channels = list(root.iterchildren(f"{core}channel"))
    if len(channels) != 1:
        raise _UnusualError
    return channels[0], [*channels[0].iterchildren(f"{core}item"), *root.iterchildren(f"{core}item")]


def _children(parent: Element, document: _Document, skip: frozenset[str] = frozenset()) -> Found:
    """The parts of an element by what they are. Raises _UnusualError for parts that only feedparser knows."""
    found: Found = {}
    for child in parent:
        tag = child.tag
        if tag in skip:
            continue
        kind = _FIELDS.get(tag)
        if kind is None:
            _pass_over(child, document)
        elif kind == "media":
            _media_parts(child, document, found)
        else:
            found.setdefault(kind, []).append(child)
    return found


def _media_parts(group: Element, document: _Document, found: Found) -> None:
    for child in group:
        kind = _FIELDS.get(child.tag)
        if kind == "media":
            _media_parts(child, document, found)
        elif kind is None:
            _pass_over(child, document)
        elif kind.startswith("media_"):
            # What is nested describes the picture first and the entry only for want of anything better.
            parts = found.setdefault(kind, [])
            parts.insert(0, child) if kind == "media_title" else parts.append(child)
        elif kind == "category":
            found.setdefault(kind, []).append(child)
        else:
            raise _UnusualError


def _pass_over(child: Element, document: _Document) -> None:
    """Nothing, when neither the element nor what it holds means anything to any reader."""
    key = (child.tag, child.prefix)
    verdict = document.verdicts.get(key)
    if verdict is None:
        verdict = document.verdicts[key] = _verdict(*key)
    if verdict == "doubt":
        raise _UnusualError
    if len(child) and verdict != "closed":
        for part in child.iterdescendants():
            if part.tag in _FIELDS or _verdict(part.tag, part.prefix) == "doubt":
                raise _UnusualError


def _verdict(tag: str, prefix: str | None) -> str:
    """`open` for an element of which nothing is read, `closed` when that holds for its parts too, else `doubt`."""
    space, _, name = tag.removeprefix("{").rpartition("}")
    lower = name.lower()
    if space in {"", ATOM, RSS_1, RSS_09}:
        if lower in _PASSED_OVER:
            return "closed"
        is_doubtful = lower in _CORE_DOUBTS or lower in _CORE_FIELDS
    elif prefix is None:
        # feedparser takes an unknown default namespace for that of the feed.
        is_doubtful = lower in _CORE_DOUBTS or lower in _CORE_FIELDS
    elif space == XHTML:
        is_doubtful = lower == "body"
    elif space in _KNOWN_ELSEWHERE:
        # A known name in another spelling is one that feedparser knows too.
        is_doubtful = tag.lower() in _LOWER_FIELDS
    else:
        is_doubtful = prefix.lower() in _DOUBTFUL_PREFIXES or _DOUBTFUL_NAMESPACES.search(space) is not None
    return "doubt" if is_doubtful else "open"


def _entry(item: Element, base: str, document: _Document, feed_authors: tuple[str, ...]) -> ParsedEntry:
    bounds = document.bounds
    found = _children(item, document)
    if "editor" in found or "itunes_category" in found:
        raise _UnusualError  # they belong into the head
    guid, is_permalink = _guid(item, found)
    link = _entry_link(found, guid if is_permalink else "", base, document)
    published_raw = _last(found, "published") or _last(found, "created") or _last(found, "updated")
    updated = _date(found, "updated")
    source = found.get("source")
    source_name, source_url = _source(source[-1], document) if source else ("", "")
    return ParsedEntry(
        guid=one_line(guid, bounds.max_guid),
        url=link,
        title=_title(found, bounds),
        authors=_authors(found, bounds) or feed_authors,
        published=_date(found, "published") or _date(found, "created") or updated,
        published_raw=one_line(published_raw, bounds.max_label),
        updated=updated,
        summary_html=_summary(found, link or base, document),
        content_html=_content(found, link or base, document),
        categories=labels(_categories(found), bounds),
        source_name=source_name,
        source_url=source_url,
    )


def _text(element: Element) -> str:
    """The element's text, mended. Raises _UnusualError when it holds elements."""
    if len(element):
        raise _UnusualError
    text = element.text
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else mended(text)


def _last(found: Found, name: str) -> str:
    """The text of the last such element, as feedparser has it."""
    elements = found.get(name)
    return _text(elements[-1]) if elements else ""


def _kind(element: Element, default: str) -> str:
    attributes = element.attrib
    if not attributes:
        return default
    if "mode" in attributes:
        raise _UnusualError  # Atom 0.3
    given = attributes.get("type")
    if given is None:
        if any(str(name).lower() in {"type", "mode"} for name in attributes):
            raise _UnusualError
        return default
    kind = _KINDS.get(given.lower()) or (given.lower() if given.lower() in _XHTML_KINDS else "")
    if not kind:
        raise _UnusualError
    return kind


def _title(found: Found, bounds: FeedLimits) -> str:
    candidates = [*found.get("title", ()), *found.get("dc_title", ())]
    if len(candidates) > 1:
        # The one that stands first in the document.
        candidates.sort(key=lambda element: element.getparent().index(element))
    for element in (*candidates, *reversed(found.get("media_title", ()))):
        kind = _kind(element, "text/plain")
        if kind in _XHTML_KINDS:
            raise _UnusualError
        text = _text(element)
        if text:
            return plain_title(text, kind, bounds)
    return ""


def _guid(item: Element, found: Found) -> tuple[str, bool]:
    """(the id, whether it may stand in for the link)."""
    elements = found.get("id")
    if not elements:
        return item.get(f"{{{RDF}}}about", ""), False
    if len(elements) > 1:
        raise _UnusualError
    element = elements[0]
    permalink = element.get("isPermaLink")
    if permalink is None and len(element.attrib):
        permalink = next((str(v) for name, v in element.items() if str(name).lower() == "ispermalink"), None)
    return _text(element), permalink in {None, "true"}


def _base(element: Element, document: _Document, base: str) -> str:
    """Where relative addresses in the element start from."""
    if not document.has_bases:
        return base
    own = element.base
    return (absolute_url(own) if own and own != document.url else "") or base


def _href(element: Element) -> str | None:
    """The address of an Atom link; None for the links of RSS, which are text."""
    if not len(element.attrib):
        return None
    for name in ("url", "uri", "href"):
        if address := element.get(name):
            return address
    if any(str(name).lower() in {"url", "uri", "href"} and value for name, value in element.items()):
        raise _UnusualError
    return None


def _told_links(
    elements: Sequence[Element], document: _Document, base: str
) -> Iterator[tuple[str, str, bool]]:
    """(address, rel, whether it is the kind of link that names the page)."""
    for element in elements:
        href = _href(element)
        rel = element.get("rel", "alternate").lower()
        if href is None:
            text = _REFERENCE_IN_LINK.sub(r"&\1", _text(element).replace("&amp;", "&"))
            yield absolute_url(one_line(text), _base(element, document, base)), rel, True
        else:
            names_page = rel == "alternate" and element.get("type", "text/html").lower() in _HTML_KINDS
            yield absolute_url(one_line(href), _base(element, document, base)), rel, names_page


def _last_link(elements: Sequence[Element], document: _Document) -> str:
    pages = [
        url for url, _, names_page in _told_links(elements, document, document.url) if names_page and url
    ]
    return pages[-1] if pages else ""


def _entry_link(found: Found, permalink: str, base: str, document: _Document) -> str:
    origin = _last(found, "origlink")
    if origin and (url := absolute_url(one_line(origin), base)):
        return url
    told = list(_told_links(found.get("link", ()), document, base))
    pages = [url for url, _, names_page in told if names_page and url]
    if pages:
        return pages[-1]
    if (
        permalink
        and not told
        and (url := absolute_url(one_line(permalink), _base(found["id"][0], document, base)))
    ):
        return url
    return next((url for url, rel, _ in told if rel in {"", "alternate"} and url), "")


def _related(found: Found, rel: str, document: _Document) -> str:
    """The first address of a kind of link (hub, self)."""
    elements = [element for element in found.get("link", ()) if element.get("rel", "").lower() == rel]
    return next((url for url, _, _ in _told_links(elements, document, document.url) if url), "")


def _date(found: Found, name: str) -> datetime | None:
    raw = _last(found, name)
    if not raw:
        return None
    moment = read_date(raw)
    if moment is None:
        raise _UnusualError  # feedparser knows some more
    return moment


def _authors(found: Found, bounds: FeedLimits) -> tuple[str, ...]:
    elements = found.get("author")
    return labels((_person(element) for element in elements), bounds) if elements else ()


def _person(element: Element) -> str:
    if not len(element):
        return person_name(_text(element)[:500])
    told: dict[str, str] = {}
    for part in element:
        space, _, name = part.tag.removeprefix("{").rpartition("}")
        if space in {"", ATOM, RSS_1} and name in {"name", "email"}:
            told[name] = _text(part)
        elif len(part):
            raise _UnusualError
    return told.get("name") or told.get("email") or ""


def _markup(element: Element, default: str, base: str, document: _Document) -> str:
    kind = _kind(element, default)
    base = _base(element, document, base)
    value = _inner_xhtml(element) if kind in _XHTML_KINDS else _text(element)
    return field_html(value, kind, base, document.bounds) if value else ""


def _inner_xhtml(element: Element) -> str:
    """The markup in an element of XHTML, without the `div` that RFC 4287 4.1.3.3 wraps round it."""
    parts = list(element)
    if any(part.prefix for part in element.iterdescendants()):
        raise _UnusualError
    if (
        len(parts) == 1
        and parts[0].tag == f"{{{XHTML}}}div"
        and not ((element.text or "").strip() or (parts[0].tail or "").strip())
    ):
        element = parts[0]
    told = _escaped(element.text or "") + "".join(
        etree.tostring(part, encoding="unicode", method="html", with_tail=True) for part in element
    )
    return mended(VOID_END.sub("", told).strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _content(found: Found, base: str, document: _Document) -> str:
    texts = [_markup(element, "text/html", base, document) for element in found.get("encoded", ())]
    texts += [_markup(element, "text/plain", base, document) for element in found.get("content", ())]
    return max(texts, key=len, default="")


def _summary(found: Found, base: str, document: _Document) -> str:
    told = [*found.get("description", ()), *found.get("summary", ()), *found.get("dc_description", ())]
    if len(told) > 1:
        raise _UnusualError
    if told:
        return _markup(told[0], "text/plain" if "summary" in found else "text/html", base, document)
    if "itunes_summary" in found:
        return _markup(found["itunes_summary"][-1], "text/plain", base, document)
    if "media_description" in found and not ("encoded" in found or "content" in found):
        return _markup(found["media_description"][0], "text/html", base, document)
    return ""


def _categories(found: Found) -> Iterator[str]:
    for element in found.get("category", ()):
        text = _text(element)
        if element.tag.endswith("keywords"):
            if not element.attrib:
                yield from text.split(",")
            continue
        term = element.get("term", "")
        yield element.get("label", "") or term or text
        if text and term:
            yield text


def _source(element: Element, document: _Document) -> tuple[str, str]:
    """(name, address) of the true publisher: RSS `<source url>`, or the head of the Atom feed that was copied from."""
    bounds = document.bounds
    if not len(element):
        return plain_title(_text(element), "text/html", bounds), absolute_url(
            element.get("url", ""), document.url
        )
    found = _children(element, document)
    address = _last_link(found.get("link", ()), document) or _related(found, "self", document)
    return _title(found, bounds), address or absolute_url(_last(found, "id"))


def _language(root: Element, found: Found) -> str:
    return _last(found, "language") or root.get(_XML_LANG, "").replace("_", "-")


def _newest(items: list[Element], document: _Document, left_out: LeftOut) -> list[Element]:
    count = document.bounds.max_entries
    kept, first = newest([_entry_date(_children(item, document)) for item in items], count)
    left_out.add(
        f"Only the newest {count:,} entries of an answer are read.",
        _example(items[first]),
        len(items) - count,
    )
    return [items[place] for place in kept]


def _entry_date(found: Found) -> datetime | None:
    return _date(found, "published") or _date(found, "created") or _date(found, "updated")


def _example(item: Element) -> str:
    """A title or a guid by which a person knows the entry again."""
    for child in item:
        if _FIELDS.get(child.tag) in {"title", "id"} and child.text:
            return str(child.text)
    return ""

"""What a page says about itself: JSON-LD, meta elements, its headline, its language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from articles.ingest.bylines import MAX_AUTHORS, people_of
from articles.ingest.sanitize import one_line, text_of_html

_ARTICLE = re.compile(
    r"(?:\w*article|blogposting|report|liveblogposting|webpage|newsitem|posting)$", re.IGNORECASE
)
_META_DATES = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.created",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "publicationdate", "published-date",
    "published_time", "cxenseparse:recs:publishtime", "bt:pubdate", "rnews:datepublished", "originalpublicationdate",
    "article_date_original", "cre_date", "date", "displaydate", "shareaholic:article_published_time", "ptime", "iso-8601-publish-date",
    "citation_publication_date", "citation_date", "vr:published_time", "prism.publicationdate", "lastpubdate", "timestamp",
)  # fmt: skip
_META_AUTHORS = (
    "article:author_name", "author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "citation_author", "article:author", "cxenseparse:author", "twitter:creator:name", "author-name", "og:article:author",
)  # fmt: skip
_META_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_META_UPDATES = (
    "article:modified_time", "article:modified", "og:updated_time", "og:modified_time", "og:article:modified_time", "datemodified",
    "modified_time", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "revised", "rnews:datemodified",
    "cxenseparse:recs:modifiedtime", "iso-8601-modified-date", "prism.modificationdate",
)  # fmt: skip
_META_SECTIONS = (
    "article:section", "og:article:section", "parsely-section", "section", "cxenseparse:recs:category", "dc.subject.section",
    "rnews:articlesection", "articlesection",
)  # fmt: skip
_META_KEYWORDS = ("news_keywords", "article:tag", "parsely-tags", "keywords", "sailthru.tags", "dc.subject")
_META_IMAGES = (
    "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "parsely-image-url", "thumbnailurl",
    "sailthru.image.full",
)  # fmt: skip
_META_SITES = ("og:site_name", "application-name", "dc.publisher", "publisher", "copyright-holder")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z0-9]{2,8}))?(?:[-_]\w+)*")
_BYLINE_CLASS = re.compile(r"(?:^|[-_ ])(?:byline|author|writer)(?:[-_ ]?name)?s?(?:$|[-_ ])", re.IGNORECASE)
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|posted", re.IGNORECASE)
# What is named in comments and teasers wrote something else.
_OTHERS_CLASS = re.compile(
    r"comment|related|preview|teaser|thumb|card|recommend|sidebar|popular|trending|list-of", re.IGNORECASE
)
_BYLINE = re.compile(
    r"(?:written |posted |texto? )?(?:by|por|par|von|автор|di)[: ]\s*\S.{2,70}", re.IGNORECASE
)
_HANDHELD = re.compile(r"handheld|max-(?:device-)?width", re.IGNORECASE)
_UPDATED_CLASS = re.compile(r"updated|modified", re.IGNORECASE)
_MOBILE = "alternate handheld"
_MAX_TEXT, _MAX_LIST = 5000, 100
_MAX_JSONLD = 1_000_000
_MAX_NODES = 2000
_MAX_BYLINE = 120
_MOST_TEXTS = 3000


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Statements of the page, unchecked but for their characters; "" or () where it is silent."""

    headline: str = ""
    meta_title: str = ""
    document_title: str = ""
    first_heading: str = ""
    site_name: str = ""
    authors: tuple[str, ...] = ()
    jsonld_dates: tuple[str, ...] = ()
    meta_dates: tuple[str, ...] = ()
    language: str = ""
    jsonld_updates: tuple[str, ...] = ()
    meta_updates: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    logos: tuple[str, ...] = ()
    # As the page writes them: rel=canonical, then og:url; the AMP form; the mobile form.
    canonicals: tuple[str, ...] = ()
    amp: str = ""
    mobile: str = ""
    # When the bare WebPage or WebSite in JSON-LD came out: the article's day, or its template's.
    page_dates: tuple[str, ...] = ()


def read_facts(tree: HtmlElement) -> PageFacts:
    """Gather what the page states about itself. The dates come best first."""
    metas, links = _metas(tree), _links(tree)
    everything = list(_jsonld(tree))
    named = {node["@id"]: node for node in everything if isinstance(node.get("@id"), str) and "name" in node}
    nodes = [node for node in everything if _ARTICLE.search(_kind(node))]
    # A bare WebPage knows its date and title, but an article in the same graph knows better.
    nodes.sort(key=_is_of_page)
    publishers = [name for node in nodes for name in _people(_resolved(node.get("publisher"), named))]
    sites = [name for key in _META_SITES for name in metas.get(key, ())]
    heads = (heading for tag in tree.iter("h1") if (heading := _words(tag)))
    titles = (title for tag in tree.iterfind(".//head//title") if (title := _words(tag)))
    return PageFacts(
        headline=next((text for node in nodes if (text := _string(node.get("headline")))), ""),
        meta_title=_first(metas, _META_TITLES),
        document_title=next(titles, ""),
        first_heading=next(heads, ""),
        site_name=_first(metas, _META_SITES[:1])
        or next(iter(publishers), "")
        or _first(metas, _META_SITES[1:]),
        authors=_authors(tree, metas, nodes, [*publishers, *sites], named),
        jsonld_dates=tuple(
            text for node in nodes if not _is_of_page(node) and (text := _string(node.get("datePublished")))
        ),
        page_dates=tuple(
            text for node in nodes if _is_of_page(node) and (text := _string(node.get("datePublished")))
        ),
        meta_dates=(*(date for key in _META_DATES for date in metas.get(key, ())), *_marked_dates(tree)),
        language=_language(tree, metas, nodes),
        jsonld_updates=tuple(text for node in nodes if (text := _string(node.get("dateModified")))),
        meta_updates=(
            *(date for key in _META_UPDATES for date in metas.get(key, ())),
            *_marked_updates(tree),
        ),
        sections=(
            *(text for node in nodes for text in _texts(node.get("articleSection"))),
            *(text for key in _META_SECTIONS for text in metas.get(key, ())),
        ),
        keywords=_first_of(
            [text for node in nodes for text in _texts(node.get("keywords"))],
            *(metas.get(key, ()) for key in _META_KEYWORDS),
        ),
        images=(
            *(text for node in nodes for text in _addresses(node.get("image"))),
            *(text for key in _META_IMAGES for text in metas.get(key, ())),
            *links.get("image_src", ()),
        ),
        logos=tuple(
            text
            for node in nodes
            if isinstance(publisher := node.get("publisher"), dict)
            for text in _addresses(publisher.get("logo"))
        ),
        canonicals=(*links.get("canonical", ()), *metas.get("og:url", ())),
        amp=next(iter(links.get("amphtml", ())), ""),
        mobile=next(iter(links.get(_MOBILE, ())), ""),
    )


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        content = one_line(html.unescape(_attribute(tag, "content")))
        for name in ("property", "name", "itemprop", "http-equiv"):
            key = _attribute(tag, name).strip().lower()
            if key and content:
                found.setdefault(key, []).append(content)
    return found


def _jsonld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """All objects in the page's JSON-LD, outer ones first, at most _MAX_NODES."""
    queue: list[Any] = []
    for tag in tree.iter("script"):
        raw = tag.text or ""
        if (
            not _attribute(tag, "type").strip().lower().startswith("application/ld+json")
            or len(raw) > _MAX_JSONLD
        ):
            continue
        try:
            queue.append(json.loads(raw.strip().strip(";"), strict=False))
        except (ValueError, RecursionError):
            continue
    seen = 0
    while queue and seen < _MAX_NODES:
        node = queue.pop(0)
        seen += 1
        if isinstance(node, list):
            queue.extend(node)
        elif isinstance(node, dict):
            yield node
            queue.extend(
                value
                for key, value in node.items()
                if key in {"@graph", "mainEntity", "mainEntityOfPage"} and isinstance(value, dict | list)
            )


def _kind(node: Mapping[str, Any]) -> str:
    kind = node.get("@type")
    return " ".join(str(item) for item in kind) if isinstance(kind, list) else str(kind or "")


def _is_of_page(node: Mapping[str, Any]) -> bool:
    """Whether an object speaks of the page, or the site, and of no article."""
    return _kind(node).lower() in {"webpage", "website"}


def _resolved(value: object, named: Mapping[str, Mapping[str, Any]]) -> object:
    """Those whom a JSON-LD value only refers to (`{"@id": ...}`), as the objects with names; one step, no further."""
    if isinstance(value, list):
        return [_resolved(item, named) for item in value[:MAX_AUTHORS] if not isinstance(item, list)]
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return named.get(value["@id"], value)
    return value


def _people(value: object) -> list[str]:
    if isinstance(value, str):
        return [one_line(text_of_html(value))]
    if isinstance(value, dict):
        return _people(value.get("name"))
    if isinstance(value, list):
        return [name for item in value[:MAX_AUTHORS] for name in _people(item)]
    return []


def _authors(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    nodes: list[dict[str, Any]],
    organizations: list[str],
    named: Mapping[str, Mapping[str, Any]],
) -> tuple[str, ...]:
    """The people that the best of the page's statements names: JSON-LD, meta, marked elements, a printed byline."""
    for raws in _bylines_by_trust(tree, metas, nodes, named):
        people = people_of(raws, organizations)
        if people:
            return people
    return ()


def _bylines_by_trust(
    tree: HtmlElement,
    metas: dict[str, list[str]],
    nodes: list[dict[str, Any]],
    named: Mapping[str, Mapping[str, Any]],
) -> Iterator[list[str]]:
    """Bylines, most certain first; what is far to seek is looked for only when nothing before it names a person."""
    yield [name for node in nodes for name in _people(_resolved(node.get("author"), named))]
    yield from ([name] for key in _META_AUTHORS for name in metas.get(key, ()))
    yield from _bylines(tree)
    yield _printed(tree)


def _bylines(tree: HtmlElement) -> Iterator[list[str]]:
    """Names in elements marked as the author's: rel, itemprop, then class names."""
    by_class = (
        tag
        for tag in tree.iter("a", "span", "p", "div", "address", "td", "li")
        if _BYLINE_CLASS.search(_attribute(tag, "class")) and not _is_others(tag)
    )
    for tags in (
        [
            tag
            for tag in tree.xpath("//*[contains(concat(' ', @rel, ' '), ' author ')]")[:6]
            if not _is_others(tag)
        ],
        tree.xpath("//*[@itemprop='author']")[:6],
        islice(by_class, 3),
    ):
        texts = []
        for tag in tags:
            named = tag.xpath(".//*[@itemprop='name']")
            name = named[0] if named else tag
            text = one_line(_attribute(name, "content")) or _words(name)
            if text and len(text) <= _MAX_BYLINE:
                texts.append(text)
        yield texts


def _is_others(tag: HtmlElement) -> bool:
    chain = (tag, *islice(tag.iterancestors(), 6))
    return any(
        _OTHERS_CLASS.search(f"{_attribute(one, 'class')} {_attribute(one, 'id')}")
        for one in chain
        if one.tag not in {"body", "html", "main"}
    )


def _printed(tree: HtmlElement) -> list[str]:
    """The first line that reads like a byline, such as "By Ana Reyes", outside of links."""
    for element in islice(tree.iter(), _MOST_TEXTS):
        if element.tag in {"script", "style", "a", "option", "button", "label"}:
            continue
        for text in (element.text, *(child.tail for child in element)):
            line = one_line(text or "")
            if len(line) <= _MAX_BYLINE and _BYLINE.fullmatch(line) and people_of([line]):
                return [line]
    return []


def _marked_dates(tree: HtmlElement) -> list[str]:
    """Dates in elements that are marked as the time of publication, most certain first."""
    marked = [
        _attribute(tag, "datetime") or _attribute(tag, "content") or _words(tag)
        for tag in tree.xpath("//*[@itemprop='datePublished']")[:5]
    ]
    times = [tag for tag in islice(tree.iter("time"), 20) if tag.get("datetime")]
    stated = [
        tag
        for tag in times
        if tag.get("pubdate") is not None or _PUBLISHED_CLASS.search(_attribute(tag, "class"))
    ]
    # One <time> alone is the article's own; of several one may belong to a teaser.
    certain = stated[:1] or (times if len(times) == 1 else [])
    return [
        one_line(text)
        for text in (*marked, *(_attribute(tag, "datetime") for tag in certain))
        if text.strip()
    ]


def _language(tree: HtmlElement, metas: dict[str, list[str]], nodes: list[dict[str, Any]]) -> str:
    root = tree.getroottree().getroot()
    stated = [
        _attribute(root, "lang") or _attribute(root, "xml:lang"),
        *metas.get("content-language", ())[:1],
        *metas.get("og:locale", ())[:1],
        *metas.get("dc.language", ())[:1],
        *(_string(node.get("inLanguage")) for node in nodes[:1]),
    ]
    for text in stated:
        match = _LANGUAGE.fullmatch(text.strip())
        if match:
            return match[1].lower() + (f"-{match[2]}" if match[2] else "")
    return ""


def _links(tree: HtmlElement) -> dict[str, list[str]]:
    """Addresses of link elements by what they are: canonical, amphtml, image_src, or the alternate for handhelds."""
    found: dict[str, list[str]] = {}
    for tag in tree.iter("link"):
        href = _attribute(tag, "href").strip()
        for rel in _attribute(tag, "rel").lower().split() if href else ():
            if rel == "alternate" and _HANDHELD.search(_attribute(tag, "media")):
                found.setdefault(_MOBILE, []).append(href)
            elif rel in {"canonical", "amphtml", "image_src"}:
                found.setdefault(rel, []).append(href)
    return found


def _marked_updates(tree: HtmlElement) -> list[str]:
    """Times in elements that are marked as the last change."""
    marked = tree.xpath("//*[@itemprop='dateModified']")[:3]
    times = [tag for tag in islice(tree.iter("time"), 20) if _UPDATED_CLASS.search(_attribute(tag, "class"))]
    texts = [
        _attribute(tag, "datetime") or _attribute(tag, "content") or _words(tag)
        for tag in (*marked, *times[:1])
    ]
    return [one_line(text) for text in texts if text.strip()]


def _texts(value: object) -> list[str]:
    """The texts of a JSON-LD value: one, a list of them, or things with names."""
    if isinstance(value, str):
        text = one_line(html.unescape(value[:_MAX_TEXT]))
        return [text] if text else []
    if isinstance(value, dict):
        return _texts(value.get("name"))
    if isinstance(value, list):
        return [text for item in value[:_MAX_LIST] if not isinstance(item, list) for text in _texts(item)]
    return []


def _addresses(value: object) -> list[str]:
    """The addresses of a JSON-LD image or logo: a text, an object, or a list of either."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, dict):
        return _addresses(value.get("url") or value.get("contentUrl") or value.get("@id"))
    if isinstance(value, list):
        return [text for item in value[:_MAX_LIST] if not isinstance(item, list) for text in _addresses(item)]
    return []


def _first_of(*found: Sequence[str]) -> tuple[str, ...]:
    """The first of these that is not empty."""
    return next((tuple(texts) for texts in found if texts), ())


def _first(metas: dict[str, list[str]], keys: tuple[str, ...]) -> str:
    return next((metas[key][0] for key in keys if metas.get(key)), "")


def _string(value: object) -> str:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), "")
    return one_line(html.unescape(value)) if isinstance(value, str) else ""


def _attribute(tag: HtmlElement, name: str) -> str:
    return str(tag.get(name) or "")


def _words(tag: HtmlElement) -> str:
    return one_line(" ".join(tag.itertext()))

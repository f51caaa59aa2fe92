"""What a page says about itself: JSON-LD, meta elements, its headline, its language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from articles.ingest.bylines import MAX_AUTHORS, people_of
from articles.ingest.canonical import absolute_url
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
    canonical: str = ""


def read_facts(tree: HtmlElement) -> PageFacts:
    """Gather what the page states about itself. The dates come best first."""
    metas = _metas(tree)
    nodes = [node for node in _jsonld(tree) if _ARTICLE.search(_kind(node))]
    # A bare WebPage knows its date and title, but an article in the same graph knows better.
    nodes.sort(key=lambda node: _kind(node).lower() == "webpage")
    publishers = [name for node in nodes for name in _people(node.get("publisher"))]
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
        authors=_authors(tree, metas, nodes, [*publishers, *sites]),
        jsonld_dates=tuple(text for node in nodes if (text := _string(node.get("datePublished")))),
        meta_dates=(*(date for key in _META_DATES for date in metas.get(key, ())), *_marked_dates(tree)),
        language=_language(tree, metas, nodes),
        canonical=_canonical(tree, metas),
    )


def stated_address(facts: PageFacts, url: str) -> str:
    """The page's own word for its address; a home page given for every article is not believed."""
    found = absolute_url(facts.canonical, url)
    if not found:
        return ""
    is_home = re.fullmatch(r"https?://[^/]+/?", found) is not None
    return "" if is_home and url and re.fullmatch(r"https?://[^/]+/?", url) is None else found


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


def _kind(node: dict[str, Any]) -> str:
    kind = node.get("@type")
    return " ".join(str(item) for item in kind) if isinstance(kind, list) else str(kind or "")


def _people(value: object) -> list[str]:
    if isinstance(value, str):
        return [one_line(text_of_html(value))]
    if isinstance(value, dict):
        return _people(value.get("name"))
    if isinstance(value, list):
        return [name for item in value[:MAX_AUTHORS] for name in _people(item)]
    return []


def _authors(
    tree: HtmlElement, metas: dict[str, list[str]], nodes: list[dict[str, Any]], organizations: list[str]
) -> tuple[str, ...]:
    """The people that the best of the page's statements names: JSON-LD, meta, marked elements, a printed byline."""
    stated = [name for node in nodes for name in _people(node.get("author"))]
    for raws in (
        stated,
        *([name] for key in _META_AUTHORS for name in metas.get(key, ())),
        *_bylines(tree),
        _printed(tree),
    ):
        people = people_of(raws, organizations)
        if people:
            return people
    return ()


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


def _canonical(tree: HtmlElement, metas: dict[str, list[str]]) -> str:
    for tag in tree.iter("link"):
        if "canonical" in _attribute(tag, "rel").lower().split() and _attribute(tag, "href").strip():
            return _attribute(tag, "href").strip()
    return next(iter(metas.get("og:url", ())), "")


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

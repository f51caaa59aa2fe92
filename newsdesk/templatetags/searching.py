"""Links to searches: with a filter added, with a filter dropped, with a page or a peeked row."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from articles.search.language import Filter, Key, Query

register = template.Library()


def _address(query: Query, **more: object) -> str:
    pairs = {"q": str(query), **{name: str(value) for name, value in more.items() if value is not None}}
    text = urlencode({name: value for name, value in pairs.items() if value})
    return reverse("articles") + (f"?{text}" if text else "")


def _kept(context: Context) -> dict[str, object]:
    """How the list is shown, which every link within it keeps."""
    return {"fold": context.get("fold_asked")}


@register.simple_tag(takes_context=True)
def search_link(context: Context, query: Query, **more: object) -> str:
    """The list for a query; named values such as `after`, `peek` and `fold` are added to the address."""
    return _address(query, **_kept(context) | more)


@register.simple_tag(takes_context=True)
def search_with(context: Context, query: Query, key: Key, value: str) -> str:
    """The list with one more filter, or without it when it is there already."""
    wanted = Filter(key, value)
    asked = query.without(wanted) if wanted in query.filters else query.having(key, value)
    return _address(asked, **_kept(context))


@register.simple_tag(takes_context=True)
def search_without(context: Context, query: Query, dropped: Filter) -> str:
    """The list with one filter less."""
    return _address(query.without(dropped), **_kept(context))


@register.simple_tag(takes_context=True)
def search_without_key(context: Context, query: Query, key: Key) -> str:
    """The list without any filter of a key."""
    return _address(query.without_key(key), **_kept(context))


@register.simple_tag
def search_for(key: Key, value: object) -> str:
    """The list for one filter alone."""
    return _address(Query().having(key, str(value)))


@register.simple_tag
def search_for_both(one: str, other: str) -> str:
    """The list for the articles that name two entities."""
    return _address(Query().having("entity", one).having("entity", other))


@register.simple_tag
def holds(query: Query, key: Key, value: str) -> bool:
    """Whether a query has a filter."""
    return Filter(key, value) in query.filters


@register.simple_tag
def export_link(query: Query, form: str) -> str:
    """The same view as a file."""
    return reverse("articles_export", args=[form]) + (f"?{urlencode({'q': str(query)})}" if query else "")


@register.simple_tag
def search_for_event(event: int, what: str = "", source: str = "", language: str = "") -> str:
    """The list for the articles of an event: its copies or originals alone, those of one publisher or one language."""
    query = Query().having("event", str(event))
    narrower: tuple[tuple[Key, str], ...] = (("is", what), ("source", source), ("lang", language))
    for key, value in narrower:
        query = query.having(key, value) if value else query
    return _address(query)

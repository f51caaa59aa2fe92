"""Acts: who published an entry that a feed only passes on (RSS <source>, atom:source)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.text import slugify

from articles.ingest.canonical import host_of
from articles.ingest.claim import ClaimedFeed
from articles.models import Publisher

NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class NamedSource:
    """Whom an entry names as its source: a name, and the address of a feed or site, which may be missing."""

    name: str
    url: str


def true_publishers(sources: Iterable[NamedSource], feed: ClaimedFeed) -> Mapping[NamedSource, int]:
    """The publisher's id for each source that is not the feed's own publisher; unknown ones are made.

    Names are compared without case. A publisher made here is marked as named by a feed: nobody has looked at it yet.
    """
    named = {source for source in sources if source.name.strip()}
    if not named:
        return {}
    own = _own_names(feed)
    own_hosts = {_bare(host_of(feed.url)), _bare(host_of(feed.site_url))} - {""}
    strangers = {
        source
        for source in named
        if _folded(source.name) not in own and _bare(host_of(source.url)) not in own_hosts
    }
    # Of several spellings the first counts, always the same one.
    spelled = {_folded(source.name): source for source in sorted(strangers, key=_spelling, reverse=True)}
    ids = _find_or_make({_named(source.name): source for source in spelled.values()}, sample=feed.sample)
    by_source = {source: ids.get(_folded(_named(source.name))) for source in strangers}
    return {source: publisher_id for source, publisher_id in by_source.items() if publisher_id is not None}


def _own_names(feed: ClaimedFeed) -> set[str]:
    name = Publisher.objects.filter(pk=feed.publisher_id).values_list("name", flat=True).first()
    return {_folded(name or ""), _folded(feed.title)}


def _find_or_make(sources: Mapping[str, NamedSource], *, sample: bool) -> dict[str, int]:
    found = _find(sources)
    missing = {name: source for name, source in sources.items() if _folded(name) not in found}
    if missing:
        with connection.cursor() as cursor:
            for name in sorted(missing):
                host = host_of(missing[name].url)
                cursor.execute(
                    """INSERT INTO articles_publisher (name, slug, owner, owner_source, owner_as_of, country, language,
                                                       named_by_feed, homepage, sample, created_at)
                       VALUES (%s, %s, '', '', '', '', '', true, %s, %s, statement_timestamp())
                       ON CONFLICT DO NOTHING""",
                    [name, _free_slug(name), f"https://{host}/" if host else "", sample],
                )
        found = _find(sources)
    return found


def _find(names: Collection[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        # The oldest of several that differ in case only: always the same one.
        cursor.execute(
            "SELECT name, id FROM articles_publisher WHERE lower(name) = ANY(%s) ORDER BY id DESC",
            [sorted({name.lower() for name in names})],
        )
        return {_folded(name): publisher_id for name, publisher_id in cursor.fetchall()}


def _free_slug(name: str) -> str:
    base = slugify(name)[:100] or "publisher"
    taken = set(Publisher.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _spelling(source: NamedSource) -> tuple[str, str]:
    return source.name, source.url


def _named(name: str) -> str:
    return " ".join(name.split())[:NAME_CHARACTERS].strip()


def _folded(name: str) -> str:
    return " ".join(name.split()).lower()


def _bare(host: str) -> str:
    return host.removeprefix("www.")

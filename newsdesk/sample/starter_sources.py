"""Acts: a first list of well-known public news feeds, so that a new desk follows the world at once."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from articles.ingest.canonical import url_sha256
from articles.models import Feed, Publisher, RemovedSource
from entities.history import MACHINE, record_change
from entities.models import Change

HISTORY_KIND = "source"
HISTORY_ACT = "added"


@dataclass(frozen=True, slots=True)
class StarterSource:
    """A public feed that its publisher offers to readers. `owner` is who controls the publisher."""

    name: str
    owner: str
    url: str
    site: str
    country: str
    section: str
    title: str = ""
    language: str = "en"


# Addresses as the publishers give them on their own feed pages. Two feeds may share a publisher.
STARTER_SOURCES = (
    StarterSource(
        "BBC News",
        "British Broadcasting Corporation",
        "https://feeds.bbci.co.uk/news/world/rss.xml",
        "https://www.bbc.co.uk/news/world",
        "GB",
        "World",
        title="BBC News: World",
    ),
    StarterSource(
        "BBC News",
        "British Broadcasting Corporation",
        "https://feeds.bbci.co.uk/news/business/rss.xml",
        "https://www.bbc.co.uk/news/business",
        "GB",
        "Business",
        title="BBC News: Business",
    ),
    StarterSource(
        "The Guardian",
        "Guardian Media Group",
        "https://www.theguardian.com/world/rss",
        "https://www.theguardian.com/world",
        "GB",
        "World",
        title="The Guardian: World",
    ),
    StarterSource(
        "The Guardian",
        "Guardian Media Group",
        "https://www.theguardian.com/business/rss",
        "https://www.theguardian.com/business",
        "GB",
        "Business",
        title="The Guardian: Business",
    ),
    StarterSource(
        "The New York Times",
        "The New York Times Company",
        "https://rss.nytimes.com/services/xml/rss/nyt/World.xml",
        "https://www.nytimes.com/section/world",
        "US",
        "World",
        title="The New York Times: World",
    ),
    StarterSource(
        "The New York Times",
        "The New York Times Company",
        "https://rss.nytimes.com/services/xml/rss/nyt/Business.xml",
        "https://www.nytimes.com/section/business",
        "US",
        "Business",
        title="The New York Times: Business",
    ),
    StarterSource(
        "CNBC",
        "Versant Media Group",
        "https://www.cnbc.com/id/100003114/device/rss/rss.html",
        "https://www.cnbc.com/",
        "US",
        "Business",
    ),
    StarterSource(
        "NPR",
        "National Public Radio",
        "https://feeds.npr.org/1004/rss.xml",
        "https://www.npr.org/sections/world/",
        "US",
        "World",
        title="NPR: World",
    ),
    StarterSource(
        "Deutsche Welle",
        "Deutsche Welle",
        "https://rss.dw.com/rdf/rss-en-all",
        "https://www.dw.com/en/",
        "DE",
        "World",
    ),
    StarterSource(
        "France 24",
        "France Médias Monde",
        "https://www.france24.com/en/rss",
        "https://www.france24.com/en/",
        "FR",
        "World",
    ),
    StarterSource(
        "Al Jazeera",
        "Al Jazeera Media Network",
        "https://www.aljazeera.com/xml/rss/all.xml",
        "https://www.aljazeera.com/",
        "QA",
        "World",
    ),
    StarterSource(
        "South China Morning Post",
        "Alibaba Group",
        "https://www.scmp.com/rss/92/feed",
        "https://www.scmp.com/business",
        "HK",
        "Asia",
        title="South China Morning Post: Business",
    ),
    StarterSource(
        "Channel NewsAsia",
        "Mediacorp",
        "https://www.channelnewsasia.com/api/v1/rss-outbound-feed?_format=xml&category=6936",
        "https://www.channelnewsasia.com/business",
        "SG",
        "Asia",
        title="Channel NewsAsia: Business",
    ),
    StarterSource(
        "The Straits Times",
        "SPH Media Trust",
        "https://www.straitstimes.com/news/asia/rss.xml",
        "https://www.straitstimes.com/asia",
        "SG",
        "Asia",
        title="The Straits Times: Asia",
    ),
    StarterSource(
        "The Japan Times",
        "News2u Holdings",
        "https://www.japantimes.co.jp/feed/",
        "https://www.japantimes.co.jp/",
        "JP",
        "Asia",
    ),
    StarterSource(
        "Nikkei Asia",
        "Nikkei",
        "https://asia.nikkei.com/rss/feed/nar",
        "https://asia.nikkei.com/",
        "JP",
        "Asia",
    ),
    StarterSource(
        "The Hindu",
        "Kasturi & Sons",
        "https://www.thehindu.com/business/feeder/default.rss",
        "https://www.thehindu.com/business/",
        "IN",
        "Business",
        title="The Hindu: Business",
    ),
    StarterSource(
        "Ars Technica",
        "Condé Nast",
        "https://feeds.arstechnica.com/arstechnica/index",
        "https://arstechnica.com/",
        "US",
        "Technology",
    ),
    StarterSource(
        "TechCrunch",
        "Regent",
        "https://techcrunch.com/feed/",
        "https://techcrunch.com/",
        "US",
        "Technology",
    ),
    StarterSource(
        "The Register",
        "Situation Publishing",
        "https://www.theregister.com/headlines.atom",
        "https://www.theregister.com/",
        "GB",
        "Technology",
    ),
    StarterSource(
        "The Verge",
        "Vox Media",
        "https://www.theverge.com/rss/index.xml",
        "https://www.theverge.com/",
        "US",
        "Technology",
    ),
)


@transaction.atomic
def load_starter_sources() -> int:
    """Subscribe to the starter feeds that the desk neither has nor had; how many are new.

    An address that an admin removed or changed stays away; a feed or publisher that is there is left as it is.
    """
    keys = {url_sha256(source.url): source for source in STARTER_SOURCES}
    there = {
        bytes(key)
        for model in (Feed, RemovedSource)
        for key in model.objects.filter(url_sha256__in=list(keys)).values_list("url_sha256", flat=True)
    }
    # An admin may have changed the address of a starter feed: the history knows the one that it came with.
    loaded = Change.objects.filter(subject_kind=HISTORY_KIND, act=HISTORY_ACT, after__starter=True)
    there.update(url_sha256(url) for url in loaded.values_list("after__url", flat=True))
    created = 0
    for key, source in keys.items():
        if key in there:
            continue
        feed = Feed.objects.create(
            publisher=_publisher(source),
            url=source.url,
            url_sha256=key,
            host=urlsplit(source.url).netloc,
            site_url=source.site,
            title=source.title or source.name,
            language=source.language,
            section=source.section,
            starter=True,
            added_by=MACHINE,
            next_fetch_at=Now(),
        )
        record_change(HISTORY_KIND, feed.pk, MACHINE, HISTORY_ACT, after={"url": source.url, "starter": True})
        created += 1
    return created


def _publisher(source: StarterSource) -> Publisher:
    """The publisher of that name, whoever made it, else a new one."""
    home = "{0.scheme}://{0.netloc}/".format(urlsplit(source.site))
    publisher, _ = Publisher.objects.get_or_create(
        name=source.name,
        defaults={
            "slug": slugify(source.name),
            "owner": source.owner,
            # Known to us, read nowhere: pages say "not verified".
            "owner_source": "editorial",
            "owner_as_of": "2025-10",
            "country": source.country,
            "homepage": home,
        },
    )
    return publisher

"""One pass of the real path (fetch, parse in a child, store) over a street of odd servers and honest neighbours."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from articles import pipeline
from articles.models import Article, Feed, FetchRun
from tests.articles.ingest.rows import make_feed
from tests.feedworld import generated_feed
from tests.servers import Handler, LoopbackServer, text_reply

NEIGHBOURS, ENTRIES = 3, 2
_numbers = itertools.count(9000)  # a neighbour's stories are its own, however many passes there are
# The limit of one visit, short: what is tested is that it holds, not how long it is. It counts the time of a processor.
CPU_SECONDS = 2
# By the clock all may take as long as this machine needs; who tests one of these limits sets it.
PATIENT = 600.0


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass left behind: the last run of each odd path, and how long the whole took."""

    runs: Mapping[str, FetchRun]
    seconds: float

    def articles(self, path: str) -> list[Article]:
        """What this path's feed brought."""
        feed_id = self.runs[path].feed_id
        found = Article.objects.filter(sightings__feed=feed_id).select_related("revision")
        return list(found.order_by("id"))


def short_limits(settings: Any) -> None:
    """Little time of a processor for parsing and no politeness: every server here is our own."""
    settings.FETCH_HOST_SECONDS, settings.FETCH_HOST_BUDGET = 0.0, 1000
    settings.FETCH_CONNECT_SECONDS = settings.FETCH_TOTAL_SECONDS = 60.0
    settings.FETCH_BATCH_SECONDS = PATIENT
    settings.SANDBOX_CPU_SECONDS = CPU_SECONDS
    forget_children()


def forget_children() -> None:
    """The pool of parsing children is made again with the settings of now."""
    while pipeline._sandboxes:
        pipeline._sandboxes.pop().close()


def visit(handlers: Mapping[str, Handler], server: LoopbackServer | None = None) -> Pass:
    """Fetch each path once, three honest feeds among them, and see that those came whole."""
    honest = {
        f"/neighbour-{number}.xml": generated_feed(number, ENTRIES)
        for number in itertools.islice(_numbers, NEIGHBOURS)
    }

    def served(body: bytes) -> Handler:
        return lambda _: text_reply(body)

    every = {**handlers, **{path: served(body) for path, body in honest.items()}}
    if server is None:
        with LoopbackServer(every) as made:
            return _visit(list(handlers), list(honest), made)
    server.handlers.update(every)
    return _visit(list(handlers), list(honest), server)


def _visit(odd: list[str], honest: list[str], server: LoopbackServer) -> Pass:
    # The honest ones come last: whoever is served in order must still get to them.
    feeds = {path: make_feed(path, url=server.url(path), host=server.address) for path in [*odd, *honest]}
    started = time.monotonic()
    pipeline.ingest_due_feeds(PATIENT)
    seconds = time.monotonic() - started
    runs = {run.feed_id: run for run in FetchRun.objects.order_by("id")}
    for path in honest:
        run = runs[feeds[path].pk]
        assert (run.outcome, run.new) == ("stored", ENTRIES), f"the neighbour {path} suffered: {run.message}"
    assert not Feed.objects.filter(lease_token__isnull=False).exists(), "every feed was given back"
    return Pass({path: runs[feeds[path].pk] for path in odd}, seconds)


def page_of(*items: str, head: str = "") -> bytes:
    """An RSS document of these items."""
    words = f"<title>Odd Times</title><link>https://odd.example/</link>{head}"
    return f'<rss version="2.0"><channel>{words}{"".join(items)}</channel></rss>'.encode(
        "utf-8", "surrogatepass"
    )


def item(guid: str, title: str = "", *, link: str = "", date: str = "", text: str = "") -> str:
    """An RSS item; what is empty is left out. The text is long enough to need no page."""
    parts = {"guid": guid, "title": title or f"Story {guid}", "link": link, "pubDate": date}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value)
    return f"<item>{inner}<description>{text or f'Words of {guid}. ' + LONG}</description></item>"


LONG = "The council met on Monday and put the matter of the old bridge off until its next session. " * 20

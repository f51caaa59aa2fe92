"""Pages made to be slow or broken end in time, with a text or with a named reason."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator

import pytest

from articles.errors import ParseFailedError, SandboxKilledError
from articles.ingest.sandbox import Sandbox

P = "<p>A sentence of text that is long enough to be a paragraph of an article about a port.</p>"
# By hand, on a machine that does nothing else: FUZZ_CASES=1000 FUZZ_SECONDS=6.
WAIT = float(os.environ.get("FUZZ_SECONDS", "200"))
CASES = int(os.environ.get("FUZZ_CASES", "12"))

HOSTILE: dict[str, Callable[[], str]] = {
    "100,000 nested elements": lambda: "<div>" * 100_000 + P,
    "5 MB flat": lambda: (P * (5 * 1024 * 1024 // len(P)))[: 5 * 1024 * 1024 - 100],
    "10 MB flat": lambda: "<p>" + "word " * 2_000_000,
    "5 MB on a line": lambda: "<html><body><p>" + "a" * 4_900_000,
    "NUL between all": lambda: "\0".join(P * 60),
    "a huge attribute": lambda: f"<div class='{'byline ' * 600_000}'>" + P * 20,
    "100,000 attributes": lambda: "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + ">" + P * 20,
    "200,000 table cells": lambda: "<table>" + ("<tr>" + "<td>1" * 40) * 5000,
    "48,000 table cells": lambda: "<table>" + ("<tr>" + "<td>1" * 40) * 1200,
    "entities": lambda: "<p>" + "&amp;&#x41;&nbsp;&bogus;" * 150_000,
    "deep lists": lambda: "<ul><li>a" * 20_000,
    "links": lambda: "<p>" + "<a href=/x>the headline of a story to be read</a>" * 45_000,
    "parts alike": lambda: ("<div class=a><p>" + "word " * 60 + "</p></div>") * 15_000,
    "pictures in a line": lambda: "<p><span>" + "<img src=x>" * 20_000 + "<a>b</a>" * 20_000,
    "articles": lambda: f"<article class=post-1><h2><a href=/x>Headline of it</a></h2>{P}</article>" * 9_000,
    "a long title": lambda: "<title>" + "a " * 2_000_000 + "</title>" + P,
    "dates": lambda: "<p>" + "12 March 2020 10:10 " * 200_000,
    "bylines": lambda: "<span class=byline>By Ana Reyes and</span>" * 40_000,
    "code": lambda: "<pre>" + "def x():\n    pass\n" * 200_000,
    "cut off": lambda: ("<html><body>" + P * 50)[:-9] + '<a href="',
    "much JSON-LD": lambda: f'<script type="application/ld+json">[{{"@type":"NewsArticle","articleBody":"{"x " * 2_000_000}"}}]</script>{P}',
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(size=1) as one:
        one.extract_page(f"<html><body>{P * 8}</body></html>")  # started before the clock runs
        yield one


def _ends(sandbox: Sandbox, page: bytes) -> float:
    """How long the page took; it must have a text or say in words why not."""
    started = time.monotonic()
    try:
        found = sandbox.extract_page(page, "https://port.example/2026/ferry", "text/html")
        text, reason = found.text, found.kind_why
    except (ParseFailedError, SandboxKilledError) as error:
        text, reason = "", str(error)
    assert text or reason.endswith(".")
    assert "\0" not in text
    return time.monotonic() - started


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_with_a_text_or_a_named_reason(sandbox: Sandbox, name: str) -> None:
    assert _ends(sandbox, HOSTILE[name]().encode()) < WAIT


SCRAPS = [
    "<p>", "</p>", "<div class='article-body'>", "</div>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<a href=/x>",
    "</a>", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<style>", "<svg>", "<math>", "<pre>", "<code>", "<h2>", "</h2>",
    "<blockquote>", "<br>", "<article>", "</article>", "<img src=x>", "<template>", "&", "&#", "&#0;", "&#xD800;", "&lt;", "\0", "\ufffe",
    "<time datetime=x>", "<meta charset=utf-16>", "<base href=//x>", "<html>", "<body>", "<frameset>", "<plaintext>", "<xmp>", "<a b='", '"',
    "<span style='display:none'>", "\r", "\u2028", "𝄞", "<?xml version='1.0' encoding='utf-7'?>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", P,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(CASES))
def test_scraps_in_any_order_and_encoding_end_with_a_text_or_a_named_reason(
    sandbox: Sandbox, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same cases each time, not secrets
    chosen = rng.choices(SCRAPS, k=rng.randint(1, 12))
    markup = "".join(rng.choice(chosen) * rng.choice([1, 2, 50]) for _ in range(rng.randint(5, 400)))
    page = markup.encode(rng.choice(["utf-8", "utf-16", "windows-1252", "shift_jis"]), "replace")
    if rng.random() < 0.5:
        damaged = bytearray(page)
        for _ in range(len(damaged) // 200 + 1):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        page = bytes(damaged)
    assert _ends(sandbox, page) < WAIT

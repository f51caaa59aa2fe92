"""Lists of sources: what is read of a file, what a dry run says of each line, what is written, and secrets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils import timezone

from articles.editing import sources
from articles.editing.page_rules import RulesDraft, save_rules
from articles.editing.source_lists import (
    SEALED,
    counts_places,
    import_list,
    pack_list,
    plan_list,
    read_list,
    unpack_list,
    write_json_list,
    write_opml_list,
)
from articles.editing.sources import SecretEdit, SourceDraft
from articles.errors import ParseFailedError, RefusedError
from articles.ingest.secrets import unseal
from articles.models import Feed, PageRules, Publisher
from articles.queries.sources_list import sources_for_export
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

OPML = b"""<opml version="2.0"><body>
<outline text="Asia"><outline text="Chips">
<outline type="rss" text="Paper" xmlUrl="https://paper.example/feed" category="daily,markets"/>
</outline></outline>
<outline type="rss" text="Lost"/>
<outline text="Odd" xmlUrl="gopher://x"/>
<outline text="Paper again" xmlUrl="http://www.paper.example/feed/"/>
</body></opml>"""


def listed(**columns: Any) -> bytes:
    """A JSON list of one source."""
    row = {
        "url": "https://paper.example/feed",
        "title": "Paper",
        "publisher": {"name": "Paper Ltd"},
        **columns,
    }
    return json.dumps({"newsdesk_sources": 1, "sources": [row]}).encode()


def test_it_turns_folders_into_sections_and_tags_and_names_each_bad_line() -> None:
    lines = plan_list(read_list(OPML))
    assert [(line.line, line.problem) for line in lines] == [
        (3, ""),
        (5, "it has no xmlUrl"),
        (6, "no web address"),
        (7, "stands in the list twice, first in line 3"),
    ]
    assert (lines[0].draft.section, lines[0].draft.tags) == ("Chips", ("asia", "daily", "markets"))
    assert import_list("ada", read_list(OPML)) == 1
    assert Feed.objects.get().tags == ["asia", "daily", "markets"]


def test_it_brings_back_from_json_all_that_people_decided() -> None:
    feed = make_source("Post")
    Publisher.objects.update(owner="Harbour Group", country="HK", language="en")
    draft = SourceDraft(feed.url, "Post", "Post Ltd", "World", "zh", ("asia",), "Ask Kim.", 45, "Desk/1")
    sources.edit_source("ada", feed.pk, draft, secrets=SecretEdit({"cookie": "a=topsecret"}))
    sources.choose_identity("ada", feed.pk, "url")
    sources.pause_source("ada", feed.pk)
    before = sources.config_of(Feed.objects.select_related("publisher").get())
    text = write_json_list(sources_for_export(), timezone.now())
    assert "topsecret" not in text
    with_secrets = write_json_list(sources_for_export(), timezone.now(), with_secrets=True)
    Feed.objects.all().delete()
    Publisher.objects.all().delete()
    assert import_list("ada", read_list(with_secrets.encode())) == 1
    again = Feed.objects.select_related("publisher").get()
    assert sources.config_of(again) == before
    assert unseal(again.secrets) == {"cookie": "a=topsecret"}
    publisher = again.publisher
    assert (publisher.owner, publisher.country, publisher.language) == ("Harbour Group", "HK", "en")


def test_it_holds_secrets_sealed_between_the_steps() -> None:
    read = read_list(listed(secrets={"cookie": "a=topsecret"}))
    packed = pack_list(read)
    assert packed.startswith(SEALED)
    assert "topsecret" not in packed
    assert unpack_list(packed) == read
    assert "topsecret" not in repr(read)


def test_it_takes_a_packed_list_apart_as_it_was() -> None:
    read = read_list(OPML)
    assert unpack_list(pack_list(read)) == read
    for broken in ("", "x", "[1]", '[{"a": 1}]', SEALED + "x", pack_list(read)[:-5]):
        with pytest.raises(RefusedError, match="did not arrive whole"):
            unpack_list(broken)


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ({"url": None}, "no address"),
        ({"url": "gopher://x"}, "no web address"),
        ({"tags": "asia"}, "tags are no list"),
        ({"interval_minutes": "soon"}, "interval is no whole number"),
        ({"interval_minutes": 4}, "interval is no whole number of minutes from 5 to 1,440"),
        ({"interval_minutes": True}, "interval is no whole number"),
        ({"state": "gone"}, "neither active nor paused"),
        ({"identity": "luck"}, "none of guid"),
        ({"secrets": ["x"]}, "secrets are no texts"),
        ({"secrets": {"cookie": "a\nb"}}, "cookie"),
        ({"secrets": {"shell": "x"}}, "shell"),
    ],
)
def test_it_says_what_is_wrong_with_a_source_of_a_json_list(columns: dict[str, Any], part: str) -> None:
    (line,) = plan_list(read_list(listed(**columns)))
    assert part in line.problem
    assert line.line == 1
    assert import_list("ada", read_list(listed(**columns))) == 0


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "no JSON"),
        (b'{\n"a": ,}', "line 2"),
        (b"[1]", "is missing"),
        (b"{}", "is missing"),
        (b'{"newsdesk_sources": 2, "sources": []}', "version 2"),
        (b'{"newsdesk_sources": 1, "sources": []}', "No source"),
        (b'{"newsdesk_sources": 1, "sources": {"a": 1}}', "No source"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"newsdesk_sources": 1, "sources": [' + b"1," * 2000 + b"1]}", "more than 2,000"),
    ],
)
def test_it_says_what_is_wrong_with_a_json_file(body: bytes, part: str) -> None:
    with pytest.raises(ParseFailedError, match=part):
        read_list(body)


def test_it_bears_a_list_of_things_that_are_no_sources() -> None:
    body = b'{"newsdesk_sources": 1, "sources": [1, null, [], "x", {"url": 7}]}'
    assert all(line.problem for line in plan_list(read_list(body)))
    assert counts_places(body)
    assert not counts_places(OPML)


def test_it_takes_out_of_a_list_what_no_column_can_hold() -> None:
    (line,) = plan_list(read_list(listed(title="Po\x00st", note="a\x00b\x07", section="x" * 99)))
    assert (line.draft.title, line.draft.note, len(line.draft.section)) == ("Post", "ab", 60)


def test_it_writes_opml_that_it_reads_again() -> None:
    feed = make_source("Post & Sons", section="Asia <East>", tags=["chips", "daily"])
    text = write_opml_list(sources_for_export())
    feed.delete()
    assert import_list("ada", read_list(text.encode())) == 1
    again = Feed.objects.get()
    assert (again.title, again.section, again.tags) == ("Post & Sons", "Asia <East>", ["chips", "daily"])


def test_it_carries_how_a_publishers_pages_are_read_and_never_overwrites_what_is_here() -> None:
    feed = make_source("Post")
    save_rules("ada", feed.publisher_id, RulesDraft(keep="main\narticle", date="time"), version=0)
    text = write_json_list(sources_for_export(), timezone.now())
    assert json.loads(text)["sources"][0]["publisher"]["page_rules"] == {
        "keep": ["main", "article"],
        "date": ["time"],
    }
    feed.delete()
    PageRules.objects.all().delete()
    (source,) = read_list(text.encode())
    assert unpack_list(pack_list([source])) == [source]
    import_list("bea", [source])
    rules = PageRules.objects.get()
    assert (rules.keep, rules.date, rules.changed_by) == ("main\narticle", "time", "bea")
    Feed.objects.all().delete()
    save_rules("ada", rules.publisher_id, RulesDraft(keep="div.ours"), version=1)
    import_list("bea", [source])
    assert PageRules.objects.get().keep == "div.ours"


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ({"keep": "main"}, "no lists of selectors"),
        (["main"], "no lists of selectors"),
        ({"keep": ["div["]}, "“div\\[” cannot be used"),
    ],
)
def test_it_names_page_rules_that_cannot_be_used(told: object, part: str) -> None:
    (source,) = read_list(listed(publisher={"name": "Paper", "page_rules": told}))
    assert re.search(part, source.problem)
    assert source.page_rules == {}

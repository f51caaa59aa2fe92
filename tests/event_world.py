"""One event that has all that a page can show: copies, owners, a digest with the words it rests on, developments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from articles.models import (
    Article,
    ArticleCopy,
    CopyGroup,
    Event,
    EventDigest,
    Membership,
    Publisher,
    StorylineLink,
)
from entities.models import Entity
from tests.stories_world import make_article, make_entity, make_event

AGREED = "The two associations agreed on Thursday to form a working group."
SILENT = "SIA did not respond to a request for comment."
NOTICE = f"{AGREED}\n\nShares of Skagen Steel rose 7.9 percent in Halvard. {SILENT}"
REPORT = (
    "China's chip association says it has agreed a working group with its American counterpart last Thursday."
)


def span_of(article: Article, words: str, field: str = "text") -> dict[str, Any]:
    """Where words stand in an article, as digests have it."""
    assert article.revision is not None
    source = article.revision.title if field == "title" else article.revision.text
    start = source.index(words)
    return {"article": article.pk, "field": field, "start": start, "end": start + len(words)}


def said(article: Article, words: str, **more: Any) -> dict[str, Any]:
    """A piece of a digest."""
    return {"text": words, "span": span_of(article, words), **more}


def make_copies(origin: Article, *others: Article) -> None:
    """The others carry the first one's text."""
    group = CopyGroup.objects.create(origin=origin, article_count=1 + len(others))
    for place, one in enumerate((origin, *others)):
        kind = "verbatim" if place else "origin"
        ArticleCopy.objects.create(article=one, group=group, kind=kind, rule_version="copy-1")


def make_told(now: datetime) -> list[Article]:
    """A notice, a wire report with two repeats, a report of one's own: five articles, two of them of one owner."""
    csia, sia = make_entity("CSIA", "organization"), make_entity("SIA", "organization")
    skagen = make_entity("Skagen Steel", ticker="SKST")
    title = "A working group, CSIA says"
    notice = make_article(
        "Notice on a working group of CSIA and SIA",
        NOTICE,
        now,
        publisher="CSIA News",
        entities=[csia, sia, skagen],
    )
    wire = make_article(
        title, REPORT, now + timedelta(minutes=17), publisher="Kestrel Wire", entities=[csia], feed=True
    )
    tape = [
        make_article(title, REPORT, now + timedelta(minutes=26 + n), publisher=name)
        for n, name in enumerate(("Market Tape", "Strait Courier"))
    ]
    post = make_article(
        "A rare line, if it holds", "Its own words.", now + timedelta(hours=2), publisher="Harbour Post"
    )
    make_copies(wire, *tape)
    Publisher.objects.filter(name="Harbour Post").update(owner="Kestrel Wire", country="NO")
    return [notice, wire, *tape, post]


def make_told_event(told: list[Article]) -> Event:
    """These articles as an event with a digest."""
    notice, wire = told[0], told[1]
    made = make_event(
        notice.title, told, lead=notice, dek=AGREED, type="agreement",
        type_why=[{"code": "trigger", "words": "“agreed” in 3 texts", "weight": 1.4}], heat=3.14, growth=2.0,
    )  # fmt: skip
    sia, skagen = Entity.objects.get(name="SIA"), Entity.objects.get(name="Skagen Steel")
    thursday = {"first": "2022-06-02", "last": "2022-06-02", "precision": "day"}
    EventDigest.objects.create(
        event=made,
        built_from=made.version,
        rule_version="digest-1",
        summary=[said(notice, AGREED), said(wire, REPORT)],
        slots={
            "who": [said(wire, "China's chip association", entity=None)],
            "whom": [said(notice, "SIA", entity=sia.pk)],
            "when": [said(wire, "last Thursday", entity=None, **thursday)],
            "moves": [
                said(
                    notice, "Shares of Skagen Steel rose 7.9 percent in Halvard.", entity=skagen.pk, name="Skagen Steel",
                    direction="up", percent=7.9, hedge="", market="Halvard",
                )
            ],
        },
        times=[said(wire, "last Thursday", **thursday)],
        unconfirmed=[said(notice, SILENT, party="SIA", entity=sia.pk, code="no_answer")],
    )  # fmt: skip
    return made


def make_doubts(event: Event, told: list[Article], now: datetime) -> dict[str, Event]:
    """What an editor has to do with it: an unsure placement, an earlier development to decide, a later one decided."""
    other = make_event("Another line of talks", [make_article("Another line of talks", "Text.", now)])
    early = make_event("First talks", [make_article("First talks", "Text.", now - timedelta(days=60))])
    late = make_event("The group meets", [make_article("The group meets", "Text.", now)])
    Membership.objects.filter(article=told[4]).update(
        score=0.41, threshold=0.4, parts={"names": 0.3, "dense": 0.11}, runner_up=other, runner_up_score=0.22,
        unsure="threshold", checked_by="",
        why=[
            {"code": "names", "words": "shares CSIA", "weight": 0.3},
            {"code": "dense", "words": "reads alike", "weight": 0.11},
        ],
    )  # fmt: skip
    Membership.objects.filter(article=told[0]).update(checked_by="mina")
    why = [{"code": "names", "words": "both name CSIA and SIA", "weight": 0.5}]
    StorylineLink.objects.create(earlier=early, later=event, why=why, score=0.5)
    StorylineLink.objects.create(earlier=event, later=late, status="confirmed", decided_by="ed", score=0.6)
    return {"other": other, "early": early, "late": late}

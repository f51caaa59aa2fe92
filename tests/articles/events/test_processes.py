"""Several processes place one stream at once, and one is killed: each article gets one event, figures hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connections
from django.db.models import Count

from articles.events import database
from articles.events.placing import place_articles
from articles.models import Article, Event, EventVector, Membership, PlacedTerms, PlacingShard
from tests.articles.events.told import BRIDGE, ELECTION, VACCINE, Told, store_article
from tests.workers import ROOT, test_environment, wait_until

PLACE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "newsdesk.settings"
import newsdesk.celery
import django
django.setup()
import articles.tasks
from articles.events.placing import place_articles
for article_id in map(int, sys.argv[1:]):
    place_articles([article_id])
# The process that keeps all live events has no room for a language model beside them.
models = {"spacy", "thinc", "onnxruntime", "tokenizers"} & sys.modules.keys()
assert not models, models
"""
STORIES = {"bridge": BRIDGE, "vaccine": VACCINE, "election": ELECTION}


def _start(ids: list[int]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PLACE, *map(str, ids)]
    return subprocess.Popen(command, cwd=ROOT, env=test_environment())


@pytest.mark.django_db(transaction=True)
def test_processes_that_place_side_by_side_or_die_leave_each_article_with_one_event() -> None:
    database._held.clear()
    articles: list[Article] = []
    for number in range(60):
        story = list(STORIES)[number % 3]
        sentences = STORIES[story].split(". ")
        # Every telling leaves out another sentence and adds words of its own: alike, not all copies.
        kept = [sentence for at, sentence in enumerate(sentences) if at != number % len(sentences)]
        own = " ".join(f"{story}{number}detail{part}" for part in range(12))
        text = ". ".join(reversed(kept)) + " " + own
        articles.append(store_article(Told(story, f"paper-{number}", number, f"{story} told {number}", text)))
    ids = [article.pk for article in articles]
    doomed, other = _start(ids), _start(ids[::-1])
    wait_until(lambda: Membership.objects.count() >= 15, "the two processes have placed some")
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait(240)
    assert other.wait(240) == 0
    place_articles(ids)
    assert dict(Membership.objects.values_list("article_id").annotate(n=Count("id"))) == dict.fromkeys(ids, 1)
    events = {article.pk: Membership.objects.get(article=article).event_id for article in articles}
    assert len({events[article.pk] for article in articles}) == 3
    for event in Event.objects.all():
        assert (
            event.article_count
            == event.memberships.count()
            == EventVector.objects.get(event=event).size
            == 20
        )
    shard = PlacingShard.objects.get(name="en")
    assert shard.documents + PlacedTerms.objects.count() == 60
    connections.close_all()

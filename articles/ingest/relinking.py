"""Acts: articles are linked anew after names, rules or the language model changed, behind all that is new.

Where an article stands among the events is left as it is: people have read it there.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from articles.errors import SearchTooSlowError
from articles.ingest.embeddings import mend_embedding
from articles.ingest.link import link_revision, relink_article, write_mentions
from articles.ingest.naming import FAILED, NamesRead, read_one
from articles.jobs import (
    ClaimedJob,
    add_jobs,
    add_jobs_within,
    claim_jobs,
    finish_jobs,
    holds_job,
    is_outage,
    retry_or_fail,
)
from articles.models import Article, Job, SoughtName
from articles.search.naming import newest_with
from entities.lexicon import current_lexicon
from entities.ner import ner_model_name

logger = logging.getLogger(__name__)

# An article over which linking trips is tried again after so many seconds each, then an admin must look at it.
TRIED_AGAIN_AFTER = (60.0, 600.0)
LONGEST_MESSAGE = 500
# Names that are looked for in the texts themselves after one change; of an entity with more, the first.
MOST_SEARCHED = 20
LONGEST_NAME = 300
IS_GONE = "The article is gone."
IS_READ_ANYWAY = "Its text is read anew anyway, and linked then."

_LINKED_STAGES = (Article.Stage.LINKED, Article.Stage.DONE)
_BY_MENTION = """
SELECT a.id, a.published_at FROM articles_article a
WHERE (a.revision_id IN (SELECT m.revision_id FROM articles_mention m WHERE m.text = ANY(%(names)s) OR m.rule_id = ANY(%(rules)s))
       OR a.revision_id IN (SELECT r.revision_id FROM articles_rulerefusal r WHERE r.rule_id = ANY(%(rules)s))
       OR a.id IN (SELECT x.article_id FROM articles_articleentity x WHERE x.entity_id = ANY(%(entities)s)))
  AND (%(publisher)s::bigint IS NULL OR a.publisher_id = %(publisher)s)
  AND (%(beside)s::bigint IS NULL OR a.id IN (SELECT b.article_id FROM articles_articleentity b WHERE b.entity_id = %(beside)s))
ORDER BY a.published_at DESC, a.id DESC LIMIT %(most)s
"""
_AT_IT = """
SELECT j.subject_id FROM articles_job j
WHERE j.state = 'waiting' AND j.kind IN ('read', 'look', 'link') AND j.lease_until > statement_timestamp()
"""


def relink_later(article_ids: Iterable[int], *, seconds: float = 0.0) -> int:
    """Have these articles linked anew in the background, due in `seconds`; how many. Inside any transaction."""
    rows = [(article_id, "", 0, None) for article_id in sorted(set(article_ids))]
    add_jobs(Job.Kind.LINK, rows, seconds=seconds)
    return len(rows)


def relink_names(names: Iterable[str], *, entity_ids: Iterable[int] = (), is_new: bool = True) -> int:
    """Have the articles linked anew that a change of these names may touch; how many.

    They are those whose current text has one of the names as a mention of any sort, or is linked to one of these
    entities: the newest NEWSDESK_RELINK_MOST of them, and besides those that a worker is just linking by the names of
    before. They come due when every worker has seen that names changed. With `is_new`, for names that were not known or
    too weak, those in whose words one only stands are looked for besides, behind people's backs. Call it inside the
    transaction of the change, after `entities.lexicon.names_changed`.
    """
    wanted = tuple(sorted({name for name in names if name}))
    if is_new:
        seek_names(wanted)
    found = articles_naming(Naming(wanted, entity_ids=tuple(entity_ids)))
    return relink_later({*found, *articles_at_work()}, seconds=settings.LEXICON_CHECK_SECONDS + 1)


def seek_names(names: Iterable[str]) -> None:
    """Have texts searched for these names soon, by whoever tidies the desk; inside any transaction.

    Before `relink_later` of the same transaction: all lock sought names first, then the jobs of articles.
    """
    wanted = sorted({name[:LONGEST_NAME] for name in names if name})
    if not wanted:
        return
    SoughtName.objects.bulk_create(
        [SoughtName(text=name) for name in wanted],
        update_conflicts=True,
        unique_fields=["text"],
        update_fields=["asked_at"],
    )
    add_jobs_within(Job.Kind.TIDY, [0], 0.0)


def relink_now(article_ids: Iterable[int]) -> int:
    """Link a few articles anew at once, each in a transaction of its own, with what the model once read; how many.

    Their jobs, if any wait, are done with it. One that fails keeps its job.
    """
    done = 0
    current_lexicon()  # after an update it is compiled first: seconds that should not pass while a row is locked
    for article_id in article_ids:
        try:
            with transaction.atomic():
                relink_article(article_id)
                Job.objects.filter(
                    kind=Job.Kind.LINK, subject_id=article_id, state=Job.State.WAITING, lease_token=None
                ).update(state=Job.State.DONE, finished_at=Now())
        except Article.DoesNotExist:
            continue
        except DatabaseError as error:
            if is_outage(error):
                raise
            logger.exception("article %s could not be linked anew at once", article_id)
            continue
        done += 1
    return done


@dataclass(frozen=True, slots=True)
class Naming:
    """Which articles are meant: those whose current text has one of the `names` as a mention of any sort, with
    `is_searched` also those in whose words it only stands; those that are linked to one of the entities or by one of
    the rules. Of these, with `publisher_id` only that publisher's, with `beside_id` only those linked to that entity.
    """

    names: tuple[str, ...] = ()
    is_searched: bool = False
    entity_ids: tuple[int, ...] = ()
    rule_ids: tuple[int, ...] = ()
    publisher_id: int | None = None
    beside_id: int | None = None


def articles_naming(wanted: Naming) -> list[int]:
    """The newest NEWSDESK_RELINK_MOST of the articles that are meant, newest first.

    A search that takes longer than NEWSDESK_SEARCH_SECONDS adds nothing; the mentions are always looked up.
    """
    most = settings.RELINK_MOST
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_MENTION,
            {
                "names": list(wanted.names),
                "rules": list(wanted.rule_ids),
                "entities": list(wanted.entity_ids),
                "publisher": wanted.publisher_id,
                "beside": wanted.beside_id,
                "most": most,
            },
        )
        found: dict[int, datetime] = dict(cursor.fetchall())
    if wanted.is_searched:
        for name in wanted.names[:MOST_SEARCHED]:
            try:
                with transaction.atomic():  # a search that is cut off takes no more with it than itself
                    found |= newest_with(
                        name, most, publisher_id=wanted.publisher_id, entity_id=wanted.beside_id
                    )
            except SearchTooSlowError:
                logger.warning("the search for %r took too long: articles are found by mentions alone", name)
    return sorted(found, key=lambda article_id: (found[article_id], article_id), reverse=True)[:most]


def articles_at_work() -> set[int]:
    """Articles that a worker is reading, looking at or linking at this moment, perhaps by what held before."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_IT)
        return {article_id for (article_id,) in cursor.fetchall()}


def claim_links(limit: int, lease_seconds: float) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim up to `limit` articles that are to be linked anew, longest due first; none when nothing is due."""
    return claim_jobs(Job.Kind.LINK, limit, lease_seconds)


def relink_claimed(token: uuid.UUID, jobs: Sequence[ClaimedJob], is_over: Callable[[], bool]) -> int:
    """Link claimed articles anew, each in a transaction of its own, until the time is over; how many of the jobs are done.

    The language model reads those that it has not read yet, or that another model read.
    """
    current_lexicon()
    for done, job in enumerate(jobs):
        if is_over():
            return done
        try:
            _relink(token, job)
        except Exception as error:
            if is_outage(error):
                raise  # the database is in trouble, not this article
            logger.exception("article %s could not be linked anew", job.subject_id)
            message = f"It could not be linked anew ({type(error).__name__}: {error})."[:LONGEST_MESSAGE]
            retry_or_fail(token, job, TRIED_AGAIN_AFTER, message)
    return len(jobs)


def _relink(token: uuid.UUID, job: ClaimedJob) -> None:
    names = _unread(job.subject_id)
    with transaction.atomic():
        article = (
            Article.objects.select_for_update(of=("self",))
            .select_related("revision")
            .filter(pk=job.subject_id)
            .first()
        )
        if not holds_job(token, job.id):
            return
        revision = article.revision if article is not None else None
        if article is None or revision is None:
            finish_jobs(token, [job.id], IS_GONE)
            return
        if article.stage not in _LINKED_STAGES:
            finish_jobs(token, [job.id], IS_READ_ANYWAY)
            return
        # Of a text that took its place meanwhile the names are read already, by whoever wrote it.
        names_now = names[1] if names is not None and names[0] == revision.pk else None
        linked = link_revision(revision, language=article.language, names=names_now)
        write_mentions(article, revision, linked)
        mend_embedding(article, revision)
        if names_now is not None and not names_now.problem and FAILED in article.message:
            article.message = article.message.partition(FAILED)[0].strip()
            article.save(update_fields=["message"])
        finish_jobs(token, [job.id], names_now.problem if names_now is not None else "")


def _unread(article_id: int) -> tuple[int, NamesRead] | None:
    """What the language model reads in a text that it, or the model of now, has not read yet: the revision, its names.

    Before any row is locked: it takes its time.
    """
    row = (
        Article.objects.filter(pk=article_id, stage__in=_LINKED_STAGES, revision__isnull=False)
        .exclude(revision__names__model=ner_model_name())
        .values_list("revision_id", "revision__title", "revision__text", "language")
        .first()
    )
    if row is None or row[0] is None:
        return None
    revision_id, title, text, language = row
    return revision_id, read_one(title, text, language)

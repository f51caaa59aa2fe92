"""Acts: a correction of a name becomes a rule for all articles; what it would change is shown before, and each step undone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.ingest.link import decisions_about, link_by
from articles.ingest.name_rules import ruled, rules_among, rules_with
from articles.ingest.naming import kept_in
from articles.ingest.relinking import Naming, articles_at_work, articles_naming, relink_later, relink_now
from articles.models import Article, LinkRule, Mention, Publisher
from articles.texts.snippets import Snippet, sentence_around
from entities.history import record_change
from entities.models import Change, Entity
from entities.names import plain_form
from entities.types import NameRule

SUBJECT = "link_rule"
MAKE, SWITCH = "make_rule", "switch_rule"
LONGEST_NAME = 300
SHORTEST_NAME = 2
LONGEST_REASON = 1000
# Articles that a preview tries the rule on, the newest; and that are linked anew before the page answers.
PREVIEWED = 20
AT_ONCE = 10
NOBODY = "no entity"


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a name means: an entity, or None: nothing that we follow. Everywhere, or only in articles of one publisher,
    or only beside another entity that the text is linked to.
    """

    surface: str
    entity_id: int | None
    publisher_id: int | None = None
    beside_id: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewedArticle:
    """What a rule would do to one article: whom the name means there now, and then, in words.

    `decided_by` names who decided about the name in this very article: no rule goes over that.
    """

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    before: str
    after: str
    before_id: int | None  # the entity, when it is one and the same throughout
    after_id: int | None
    is_changed: bool
    decided_by: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would do. `total`: articles with the words (`capped`: there may be more); `articles` are the newest
    of them, on which it was tried; `n_changed`: how many of these it changes. `standing` is the rule that it replaces,
    and `in_force` whether that says the very same.
    """

    total: int
    articles: tuple[PreviewedArticle, ...]
    n_changed: int
    capped: bool
    standing: int | None = None
    in_force: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it was tried on every article that has the words."""
        return not self.capped and self.total == len(self.articles)


def preview_rule(draft: RuleDraft, *, without: int | None = None) -> RulePreview:
    """Try a rule on the newest articles that have the words; writes nothing. `without`: an article that is left out.

    Raises RefusedError when there can be no such rule.
    """
    sound = _checked(draft)
    ids = articles_naming(_naming(sound))
    capped = len(ids) >= settings.RELINK_MOST
    ids = [article_id for article_id in ids if article_id != without]
    rows = {
        row.pk: row
        for row in Article.objects.filter(pk__in=ids[:PREVIEWED]).select_related("revision", "publisher")
    }
    standing = _standing(sound).order_by("pk").first()
    tried = _try_all([rows[article_id] for article_id in ids[:PREVIEWED] if article_id in rows], sound)
    return RulePreview(
        total=len(ids),
        articles=tuple(_in_words(tried)),
        n_changed=sum(one.before != one.after for one in tried),
        capped=capped,
        standing=standing.pk if standing is not None else None,
        in_force=standing is not None and standing.entity_id == sound.entity_id,
    )


def make_rule(draft: RuleDraft, by: str, why: str, article_id: int | None = None) -> Change:
    """Make a rule, in force at once: the newest articles are linked anew before this returns, the rest in the background.

    `article_id` is where the correction was made. A rule on the same words and conditions is switched off by it.
    Raises RefusedError when there can be no such rule, or the same is in force.
    """
    with transaction.atomic():
        sound = _checked(draft)
        standing = list(_standing(sound).select_for_update().order_by("pk"))
        if any(row.entity_id == sound.entity_id for row in standing):
            raise RefusedError(f"A rule says so already: “{sound.surface}” means that.")
        LinkRule.objects.filter(pk__in=[row.pk for row in standing]).update(off_at=Now(), off_by=by)
        rule = LinkRule(
            surface=sound.surface,
            entity_id=sound.entity_id,
            publisher_id=sound.publisher_id,
            beside_id=sound.beside_id,
            article_id=Article.objects.filter(pk=article_id or 0).values_list("pk", flat=True).first(),
            by=by,
            why=why.strip()[:LONGEST_REASON],
        )
        try:
            with transaction.atomic():
                rule.save(force_insert=True)
        except IntegrityError:
            raise RefusedError(
                f"Somebody has just made a rule on “{sound.surface}”: look at it first."
            ) from None
        change = record_change(
            SUBJECT,
            rule.pk,
            by,
            MAKE,
            before={"replaced": [row.pk for row in standing]},
            after=_told(rule),
            why=rule.why,
        )
        touched = _relink([rule, *standing])
    relink_now(touched)
    return change


def switch_rule(rule_id: int, by: str, *, on: bool) -> Change:
    """Switch a rule off, or on again; its articles are linked anew as if it had never been made, or as it says.

    Raises RefusedError when it is so already, or when another rule on the same words and conditions is in force.
    """
    with transaction.atomic():
        rule = _locked(rule_id)
        change = record_change(
            SUBJECT,
            rule.pk,
            by,
            SWITCH,
            before={"on": rule.off_at is None},
            after={**_told(rule), "on": on},
        )
        _switch(rule, by, on=on)
        touched = _relink([rule])
    relink_now(touched)
    return change


def undo_rule_change(change: Change, by: str) -> Change:
    """Take back that a rule was made (it is switched off, what it replaced is in force again) or switched.

    Raises RefusedError when it was taken back already, or the rule was switched or replaced since.
    """
    if change.subject_kind != SUBJECT or change.act not in {MAKE, SWITCH}:
        raise RefusedError("This cannot be taken back.")
    with transaction.atomic():
        rule = _locked(change.subject_id)
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("That was taken back already.")
        was_on = change.act == MAKE or bool(change.after["on"])
        if (rule.off_at is None) != was_on:
            raise RefusedError("The rule was switched since: take that back first.")
        _switch(rule, by, on=not was_on)
        replaced = list(
            LinkRule.objects.select_for_update()
            .filter(pk__in=change.before.get("replaced", ()), off_at__isnull=False)
            .order_by("pk")
        )
        for row in replaced:
            _switch(row, by, on=True)
        undone = record_change(
            SUBJECT,
            rule.pk,
            by,
            f"undo_{change.act}",
            before=change.after,
            after={**change.before, "on": not was_on},
            undoes=change,
        )
        touched = _relink([rule, *replaced])
    relink_now(touched)
    return undone


# --- what a rule may be ----------------------------------------------------------------------------------


def _checked(draft: RuleDraft) -> RuleDraft:
    """The draft as it can stand: entities that became part of others are those. Raises RefusedError."""
    surface = " ".join(draft.surface.split())
    if not SHORTEST_NAME <= len(surface) <= LONGEST_NAME:
        raise RefusedError(f"Name the words of the rule: {SHORTEST_NAME} to {LONGEST_NAME} characters.")
    if not any(char.isalnum() for char in surface):
        raise RefusedError(f"“{surface}” is no name: it has no letter.")
    entity_id, beside_id = _standing_entity(draft.entity_id), _standing_entity(draft.beside_id)
    if beside_id is not None and beside_id == entity_id:
        raise RefusedError("Beside itself a name needs no rule: choose another entity for the condition.")
    if draft.publisher_id is not None and not Publisher.objects.filter(pk=draft.publisher_id).exists():
        raise RefusedError("This publisher is not here any more.")
    return RuleDraft(surface, entity_id, draft.publisher_id, beside_id)


def _standing_entity(entity_id: int | None) -> int | None:
    if entity_id is None:
        return None
    entity = Entity.objects.filter(pk=entity_id).first()
    while entity is not None and entity.merged_into_id is not None:
        entity = Entity.objects.filter(pk=entity.merged_into_id).first()
    if entity is None:
        raise RefusedError("This entity is not here any more. Search for it again.")
    return entity.pk


def _standing(draft: RuleDraft) -> QuerySet[LinkRule]:
    """The rules in force on the same words and conditions: one at most."""
    conditions = {"publisher": draft.publisher_id, "beside": draft.beside_id}
    return LinkRule.objects.filter(surface=draft.surface, off_at__isnull=True, **conditions)


def _locked(rule_id: int) -> LinkRule:
    rule = LinkRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise RefusedError("There is no such rule any more.")
    return rule


def _switch(rule: LinkRule, by: str, *, on: bool) -> None:
    if (rule.off_at is None) == on:
        raise RefusedError(f"The rule is {'in force' if on else 'switched off'} already.")
    if on:
        if _standing(_draft_of(rule)).exists():
            raise RefusedError(
                f"Another rule on “{rule.surface}” is in force by now: switch that one off first."
            )
        LinkRule.objects.filter(pk=rule.pk).update(off_at=None, off_by="")
    else:
        LinkRule.objects.filter(pk=rule.pk).update(off_at=Now(), off_by=by)
    rule.refresh_from_db(fields=["off_at", "off_by"])


def _draft_of(rule: LinkRule) -> RuleDraft:
    return RuleDraft(rule.surface, rule.entity_id, rule.publisher_id, rule.beside_id)


def _told(rule: LinkRule) -> dict[str, Any]:
    """The rule for the history, by numbers and names."""
    return {
        "surface": rule.surface,
        "entity": rule.entity_id,
        "name": rule.entity.name if rule.entity else "",
        "publisher": rule.publisher.name if rule.publisher else "",
        "beside": rule.beside.name if rule.beside else "",
        "article": rule.article_id,
        "on": True,
    }


# --- whom it touches -------------------------------------------------------------------------------------


def _naming(draft: RuleDraft, rule_ids: tuple[int, ...] = ()) -> Naming:
    surface = draft.surface
    return Naming(
        tuple(dict.fromkeys((surface, surface.replace("'", "’"), surface.replace("’", "'")))),
        is_searched=True,
        rule_ids=rule_ids,
        publisher_id=draft.publisher_id,
        beside_id=draft.beside_id,
    )


def _relink(rules: Sequence[LinkRule]) -> list[int]:
    """Have the articles of these rules linked anew; the newest of them, for doing it at once."""
    found: dict[int, None] = {}
    for rule in rules:
        found |= dict.fromkeys(articles_naming(_naming(_draft_of(rule), (rule.pk,))))
    relink_later({*found, *articles_at_work()})
    return list(found)[:AT_ONCE]


# --- what it would change --------------------------------------------------------------------------------


def _snippet(title: str, text: str, surface: str) -> Snippet:
    """The first sentence with the name; the headline when it stands there alone."""
    pattern = re.compile(rf"(?<!\w){re.escape(plain_form(surface))}(?!\w)")
    for source in (text, title):
        match = pattern.search(plain_form(source))
        if match is not None:
            return sentence_around(source, match.start(), match.end())
    return Snippet("", "", "")


@dataclass(frozen=True, slots=True)
class _Meant:
    """Whom a name means in an article: entities, candidates where it stays open, or a name of somebody unknown."""

    entity_ids: tuple[int, ...] = ()
    open_ids: tuple[int, ...] = ()
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class _Tried:
    article: Article
    before: _Meant
    after: _Meant
    decided_by: str
    snippet: Snippet


def _try_all(articles: Sequence[Article], draft: RuleDraft) -> list[_Tried]:
    """The rule on each of these; so many queries whatever their number."""
    revisions = [article.revision_id for article in articles if article.revision_id is not None]
    now: dict[int, list[Mention]] = {}
    for row in Mention.objects.filter(revision_id__in=revisions).order_by("field", "start"):
        now.setdefault(row.revision_id, []).append(row)
    decisions, names = decisions_about([article.pk for article in articles]), kept_in(revisions)
    tried = NameRule(0, draft.surface, draft.entity_id, "", "", draft.beside_id)
    rules = rules_with(ruled(tried, draft.publisher_id))
    form = plain_form(draft.surface)
    found = []
    for article in articles:
        revision = article.revision
        if revision is None:
            continue
        decided = decisions.get(article.pk, [])
        linked = link_by(
            revision,
            language=article.language,
            decisions=decided,
            rules=rules_among(rules, article.publisher_id, revision.title, revision.text),
            spans=names.get(revision.pk),
        )
        before = [
            (one.status, one.entity_id, [candidate["entity"] for candidate in one.candidates])
            for one in now.get(revision.pk, ())
            if plain_form(one.text) == form
        ]
        after = [
            (one.status, one.entity_id, [candidate.entity_id for candidate in one.candidates])
            for one in linked.mentions
            if plain_form(one.text) == form
        ]
        found.append(
            _Tried(
                article,
                _meant(before),
                _meant(after),
                next((one.by for one in reversed(decided) if plain_form(one.surface) == form), ""),
                _snippet(revision.title, revision.text, draft.surface),
            )
        )
    return found


def _meant(found: Sequence[tuple[str, int | None, Sequence[int]]]) -> _Meant:
    linked = {entity_id for _, entity_id, _ in found if entity_id is not None}
    unsure = {one for status, _, candidates in found if status == "ambiguous" for one in candidates}
    return _Meant(
        tuple(sorted(linked)),
        tuple(sorted(unsure - linked)),
        is_unknown=any(status == "proposed" for status, _, _ in found),
    )


def _in_words(tried: Sequence[_Tried]) -> list[PreviewedArticle]:
    """All of them, with the names of all entities by one query."""
    ids = {
        pk
        for one in tried
        for meant in (one.before, one.after)
        for pk in (*meant.entity_ids, *meant.open_ids)
    }
    names = dict(Entity.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        PreviewedArticle(
            article_id=one.article.pk,
            title=one.article.title,
            publisher=one.article.publisher.name,
            published_at=one.article.published_at,
            before=_words(one.before, names),
            after=_words(one.after, names),
            before_id=_only(one.before),
            after_id=_only(one.after),
            is_changed=one.before != one.after,
            decided_by=one.decided_by,
            snippet=one.snippet,
        )
        for one in tried
    ]


def _only(meant: _Meant) -> int | None:
    return meant.entity_ids[0] if len(meant.entity_ids) == 1 and not meant.open_ids else None


def _words(meant: _Meant, names: Mapping[int, str]) -> str:
    parts = [names[pk] for pk in meant.entity_ids if pk in names]
    unsure = [names[pk] for pk in meant.open_ids if pk in names]
    if unsure:
        parts.append(f"open: {' or '.join(unsure)}")
    if meant.is_unknown and not parts:
        parts.append("an unknown name")
    return ", ".join(parts) or NOBODY

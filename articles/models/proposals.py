"""What texts say and the knowledge base does not know: unknown names and stated positions, until a person decides."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models.article import Article, Revision
from entities.models import Entity, Position


class Proposal(models.Model):
    """A name that articles use for somebody or something we do not know; its mentions point here."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"  # `entity` says as whom
        REJECTED = "rejected", "Rejected"  # for ever: the name is not proposed again

    key = models.CharField(max_length=200, unique=True)  # entities.names.proposal_key(name)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    kinds = models.JSONField(default=dict)  # {kind: votes of articles}
    names = models.JSONField(default=dict)  # {as written: articles}
    articles = models.PositiveIntegerField(default=0)  # whose current text has it
    told = models.PositiveIntegerField(default=0)  # of these: whose text itself says what it is
    # Whether editors are asked about it (articles.ingest.askable), said anew with each change of the figures.
    askable = models.BooleanField(default=True)
    first_at = models.DateTimeField()  # of the articles' publication
    last_at = models.DateTimeField()
    # Another open proposal that is probably the same, and the entity that it probably is, each with the reason.
    like = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="likes")
    like_entity = models.ForeignKey(
        Entity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    like_why = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    entity = models.ForeignKey(
        Entity, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposals"
    )
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)  # when the machine last looked whom it is like

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "rejected"]), name="proposal_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-articles", "id"], condition=Q(state="open", askable=True), name="proposal_most"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProposalArticle(models.Model):
    """An article whose current text has an unknown name: what the proposal's figures are sums of."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="article_rows")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="proposal_rows")
    name = models.CharField(max_length=200)  # as the article writes it
    kind = models.CharField(max_length=12)  # as the article shows it
    published_at = models.DateTimeField()
    told = models.BooleanField(default=False)  # whether its text itself says what it is

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "article"], name="proposal_article_once")]
        indexes = [models.Index(fields=["proposal", "-published_at"], name="proposal_article_newest")]


class PositionProposal(models.Model):
    """A position that articles state: who is (or was) what at whom. Contradicting ones stand side by side."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"  # `position` is the row that came of it
        REJECTED = "rejected", "Rejected"

    # person, title and organisation folded; ids where both are known entities
    key = models.CharField(max_length=300, unique=True)
    person = models.ForeignKey(
        Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="position_proposals"
    )
    organization = models.ForeignKey(
        Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="people_proposals"
    )
    person_name = models.CharField(max_length=200)
    organization_name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    former = models.BooleanField(default=False)
    first_at = models.DateTimeField()  # of the articles' publication
    last_at = models.DateTimeField()
    articles = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    position = models.ForeignKey(
        Position, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposals"
    )
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-articles", "id"], condition=Q(state="open"), name="position_proposal_most"
            ),
        ]


class PositionEvidence(models.Model):
    """Where an article states a position: the words, and when they were published."""

    proposal = models.ForeignKey(PositionProposal, on_delete=models.CASCADE, related_name="evidence")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="position_evidence")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    start = models.PositiveIntegerField()  # in the revision's text
    end = models.PositiveIntegerField()
    quote = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "article"], name="position_evidence_once"),
        ]


class EntityMerge(models.Model):
    """Two entities that a person made one, with all that was moved: what taking it back puts in its place again."""

    keep = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="merges_kept")
    gone = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="merges_gone")
    change_id = models.BigIntegerField(unique=True)  # the row of history
    moved = models.JSONField(default=dict)  # {sort of row: numbers or rows as they were}
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at__isnull=True), name="entity_merge_one_in_force"
            ),
        ]


class Watch(models.Model):
    """A user follows an entity."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="watches")
    at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)  # articles stored later are news to the user

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "entity"], name="watch_once")]

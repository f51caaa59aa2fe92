"""Acts: names gain and lose trust by what people decided about them in articles."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from articles.ingest.relinking import relink_names
from articles.models import LinkDecision
from entities.lexicon import names_changed
from entities.models import Alias
from entities.names import fold
from entities.trust import trusted


def count_trust(surface: str, entity_ids: Collection[int] | None = None) -> bool:
    """Count anew how often a name meant each entity that bears it, by the decisions in force; whether that made it
    another name for the machine (weak, strong or none): then the lexicon is renewed and its articles are linked anew.

    Right is an article in which a person said that the name means the entity; wrong is one in which the machine took
    the name for the entity and a person said that it does not. Without `entity_ids` for all that bear the name. Call it
    in the transaction of the decision.
    """
    aliases = (
        Alias.objects.select_for_update(of=("self",))
        .filter(folded=fold(surface))
        .annotate(meant=Coalesce("entity__merged_into_id", "entity_id"))
        .order_by("pk")
    )
    if entity_ids is not None:
        aliases = aliases.filter(entity_id__in=entity_ids)
    found = list(aliases)
    if not found:
        return False
    right, wrong = _counts(surface)
    flipped = []
    touched = set()
    for alias in found:
        counted = right.get(alias.meant, 0), wrong.get(alias.meant, 0)
        if counted == (alias.right, alias.wrong):
            continue
        before = trusted(alias.weak, alias.right, alias.wrong)
        alias.right, alias.wrong = counted
        alias.save(update_fields=["right", "wrong"])
        if trusted(alias.weak, alias.right, alias.wrong) != before and alias.off_at is None:
            flipped.append(alias.text)
            touched.add(alias.meant)
    if flipped:
        names_changed(touched)
        relink_names(flipped)
    return bool(flipped)


def _counts(surface: str) -> tuple[dict[int, int], dict[int, int]]:
    """In how many articles the name was said to mean an entity, and not to mean it, by entity."""
    decisions = LinkDecision.objects.filter(surface__iexact=surface, withdrawn_at__isnull=True).annotate(
        meant=Coalesce("entity__merged_into_id", "entity_id"), taken=Coalesce("was__merged_into_id", "was_id")
    )
    n = Count("article_id", distinct=True)
    right = decisions.filter(meant__isnull=False).values("meant").annotate(n=n).values_list("meant", "n")
    said_otherwise = decisions.filter(taken__isnull=False).filter(Q(meant=None) | ~Q(meant=F("taken")))
    wrong = said_otherwise.values("taken").annotate(n=n).values_list("taken", "n")
    return dict(right), dict(wrong)

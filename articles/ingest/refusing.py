"""What rules that say "no entity" took away from a text: counted, so that such a rule shows its hits like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from articles.models import RuleRefusal
from entities.names import plain_form
from entities.types import FoundMention, NameRule

# A rule, and whom the machine would have linked; None: it was unsure, or did not know the name.
Refused = tuple[int, int | None]


def taken_away(
    rules: Sequence[NameRule], without: Iterable[FoundMention], linked: Iterable[FoundMention]
) -> Mapping[Refused, int]:
    """At how many places each of the rules took whom away; `without` them a text had what it has not when `linked`.

    Of two rules on the same words the later stands, as in linking.
    """
    by_words = {plain_form(rule.surface): rule.id for rule in rules}
    left = {(one.field, one.start, one.end) for one in linked}
    found: Counter[Refused] = Counter()
    for one in without:
        rule_id = by_words.get(plain_form(one.text))
        if rule_id is not None and (one.field, one.start, one.end) not in left:
            found[rule_id, one.entity_id] += 1
    return found


def keep_refusals(revision_id: int, refused: Mapping[Refused, int]) -> None:
    """Keep what was taken away from a revision in the place of what stood there, inside the caller's transaction."""
    standing = {
        (row.rule_id, row.entity_id, row.places): row.pk
        for row in RuleRefusal.objects.filter(revision_id=revision_id)
    }
    wanted = {(*key, places) for key, places in refused.items()}
    gone = [pk for key, pk in standing.items() if key not in wanted]
    if gone:
        RuleRefusal.objects.filter(pk__in=gone).delete()
    RuleRefusal.objects.bulk_create(
        RuleRefusal(rule_id=rule_id, revision_id=revision_id, entity_id=entity_id, places=places)
        for rule_id, entity_id, places in sorted(
            wanted - standing.keys(), key=lambda key: (key[0], key[1] or 0)
        )
    )

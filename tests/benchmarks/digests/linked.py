"""Articles with the names that the desk's own linking finds in them, against the knowledge base as it ships."""

from __future__ import annotations

from dataclasses import replace

import django

django.setup()

# What reads models comes after the set-up.
from articles.events.spans import Field, Name, Report, names_by_place  # noqa: E402
from entities.lexicon import current_lexicon  # noqa: E402
from entities.linking import link_text  # noqa: E402
from entities.models import Entity  # noqa: E402
from entities.ner import read_names  # noqa: E402


def link(report: Report) -> Report:
    """The article with its names linked, as the desk links them."""
    spans = read_names([(report.title, report.text)], "en")
    result = link_text(
        report.title, report.text, current_lexicon(), language="en", spans=spans[0] if spans else None
    )
    found = [one for one in result.mentions if one.status == "linked" and one.entity_id is not None]
    known = {
        pk: rest
        for pk, *rest in Entity.objects.filter(pk__in=[one.entity_id for one in found]).values_list(
            "pk", "name", "kind", "country"
        )
    }
    names: dict[Field, list[Name]] = {"title": [], "text": []}
    for one in found:
        if one.entity_id in known:
            which: Field = "title" if one.field == "title" else "text"
            names[which].append(Name(one.start, one.end, one.text, one.entity_id, *known[one.entity_id]))
    return replace(report, names={which: names_by_place(rows) for which, rows in names.items()})

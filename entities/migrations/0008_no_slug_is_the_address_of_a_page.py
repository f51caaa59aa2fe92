"""Entities whose address was that of another page get one of their own, and none gets such an address again."""

from django.db import migrations, models
from django.db.models import Q

SHADOWED = ("changes", "compare", "imports", "new")


def give_addresses(apps, _schema_editor):
    """Nobody could open them at the old address: there is nothing to lead on from it."""
    entity, change = apps.get_model("entities", "Entity"), apps.get_model("entities", "Change")
    for row in entity.objects.filter(slug__in=SHADOWED).order_by("pk"):
        taken = set(entity.objects.filter(slug__startswith=f"{row.slug}-").values_list("slug", flat=True))
        was = row.slug
        row.slug = next(slug for n in range(2, len(taken) + 3) if (slug := f"{was}-{n}") not in taken)
        row.save(update_fields=["slug"])
        change.objects.create(
            subject_kind="entity",
            subject_id=row.pk,
            act="move_entity",
            by="newsdesk",
            before={"slug": was},
            after={"slug": row.slug, "words": f"gave it the address {row.slug}"},
            why=f"The address entities/{was}/ is another page's.",
        )


class Migration(migrations.Migration):
    dependencies = [("entities", "0007_judged_names_are_found")]

    operations = [
        migrations.RunPython(give_addresses, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=~Q(slug__in=["changes", "compare", "imports", "new"]),
                name="entity_slug_not_shadowed",
            ),
        ),
    ]

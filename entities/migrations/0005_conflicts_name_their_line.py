"""A conflict names the market line that it is about in a column of its own; its two sides are bare values."""

from django.db import migrations, models

PLACE_LENGTH = 40


def part_lines_from_values(apps, _schema_editor):
    """ "GB0002634946 at HALV XLON" and "HALV XLON is Halvard" become a place and a value."""
    conflict = apps.get_model("entities", "Conflict")
    for row in conflict.objects.filter(field__in=["isin", "listing"], place="").order_by("id").iterator():
        if row.field == "isin":
            ours, _, place = row.ours.partition(" at ")
            theirs, _, other = row.theirs.partition(" at ")
        else:
            place, _, ours = row.ours.partition(" is ")
            other, _, theirs = row.theirs.partition(" is ")
        if place and place == other and ours and theirs and len(place) <= PLACE_LENGTH:
            conflict.objects.filter(pk=row.pk).update(place=place, ours=ours, theirs=theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("entities", "0004_links_that_can_be_trusted"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="conflict", name="conflict_told_once"),
        migrations.AddField(
            model_name="conflict",
            name="place",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.RunPython(part_lines_from_values, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.UniqueConstraint(
                fields=("entity", "field", "place", "ours", "theirs", "theirs_source"),
                name="conflict_told_once",
            ),
        ),
    ]

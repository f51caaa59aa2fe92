"""Two addresses of one article can be parted again; a revision knows the one before it; names wait to be searched for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0020_events_by_words")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="follows",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="copydecision",
            name="kind",
            field=models.CharField(
                choices=[("not_copy", "No copy"), ("origin", "The origin"), ("apart", "Two articles")],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="SoughtName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300, unique=True)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]

"""What stood at two articles before they became one has a table of its own, and goes with the article."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0021_addresses_parted"),
        ("entities", "0008_no_slug_is_the_address_of_a_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="MergedRows",
            fields=[
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="entities.change",
                    ),
                ),
                ("rows", models.JSONField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merged_rows",
                        to="articles.article",
                    ),
                ),
            ],
        ),
    ]

"""Articles of a year by entity, counted now and then; what rules took away; the few articles on their way are found."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0017_events_told"),
        ("entities", "0006_compiled_names_are_marked"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntityYear",
            fields=[
                (
                    "entity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="year",
                        serialize=False,
                        to="entities.entity",
                    ),
                ),
                ("n", models.PositiveIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["-n", "entity"], name="entity_year_most")]},
        ),
        migrations.CreateModel(
            name="RuleRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("places", models.PositiveIntegerField()),
                (
                    "entity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entities.entity",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="articles.revision",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="articles.linkrule",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "revision", "entity"), nulls_distinct=False, name="rule_refusal_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=Q(("stage__in", ["new", "linked"])),
                fields=["stage", "fetched_at"],
                name="article_on_its_way",
            ),
        ),
    ]

"""Events have a type, a heat, a digest and earlier developments; articles have embeddings."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from pgvector.django import HnswIndex, VectorExtension, VectorField


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0016_names_worth_asking"),
    ]

    operations = [
        VectorExtension(),
        migrations.CreateModel(
            name="ArticleEmbedding",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="embedding",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                ("revision_id", models.BigIntegerField()),
                ("model", models.CharField(max_length=60)),
                ("vector", VectorField(dimensions=384)),
                ("title_vector", VectorField(dimensions=384)),
            ],
        ),
        migrations.CreateModel(
            name="EventDigest",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="digest",
                        serialize=False,
                        to="articles.event",
                    ),
                ),
                ("built_from", models.PositiveIntegerField()),
                ("rule_version", models.CharField(max_length=20)),
                ("summary", models.JSONField(default=list)),
                ("slots", models.JSONField(default=dict)),
                ("times", models.JSONField(default=list)),
                ("unconfirmed", models.JSONField(default=list)),
                ("built_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="StorylineLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("suggested", "Suggested"),
                            ("confirmed", "Confirmed"),
                            ("refused", "Refused"),
                        ],
                        default="suggested",
                        max_length=10,
                    ),
                ),
                ("score", models.FloatField(default=0.0)),
                ("why", models.JSONField(default=list)),
                ("decided_by", models.CharField(blank=True, max_length=150)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="event",
            name="dek",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="event",
            name="growth",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="heat",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="articles.article",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="measured_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="type",
            field=models.CharField(
                blank=True,
                choices=[
                    ("agreement", "Partnership or agreement"),
                    ("regulation", "Regulation or sanction"),
                    ("appointment", "Appointment or departure"),
                    ("deal", "Deal"),
                    ("results", "Results"),
                    ("price_move", "Price move"),
                    ("product", "Product"),
                    ("accident", "Accident"),
                    ("legal", "Legal action"),
                    ("election", "Election"),
                    ("conflict", "Conflict"),
                    ("other", "Other"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="type_why",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="event",
            name="typed_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="eventvector",
            name="dense",
            field=VectorField(blank=True, dimensions=384, null=True),
        ),
        migrations.AddField(
            model_name="eventvector",
            name="dense_title",
            field=VectorField(blank=True, dimensions=384, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="checked_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="membership",
            name="parts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="membership",
            name="threshold",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="unsure",
            field=models.CharField(
                blank=True,
                choices=[("threshold", "Close to the bar"), ("runner_up", "Close to another event")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("read", "Read and link an article"),
                    ("place", "Place an article in an event"),
                    ("link", "Link an article anew"),
                    ("digest", "Sum up an event"),
                    ("look", "Look whether an article changed"),
                    ("subscribe", "Ask a hub for pushes"),
                    ("push", "Store what a hub sent"),
                    ("mail", "Mail a notice to the admins"),
                    ("tidy", "Drop what is older than it is kept"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True)),
                fields=["-first_at", "-id"],
                name="event_first_seen",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("heat__isnull", False), ("merged_into__isnull", True)),
                fields=["-heat", "-id"],
                name="event_hottest",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("growth__isnull", False), ("merged_into__isnull", True)),
                fields=["-growth", "-id"],
                name="event_growing",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True)),
                fields=["type", "-last_at"],
                name="event_by_type",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("unsure", ""), _negated=True),
                fields=["-placed_at", "-id"],
                name="membership_unsure",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("type", ""),
                    (
                        "type__in",
                        [
                            "agreement",
                            "regulation",
                            "appointment",
                            "deal",
                            "results",
                            "price_move",
                            "product",
                            "accident",
                            "legal",
                            "election",
                            "conflict",
                            "other",
                        ],
                    ),
                    _connector="OR",
                ),
                name="event_type_known",
            ),
        ),
        migrations.AddIndex(
            model_name="articleembedding",
            index=HnswIndex(fields=["vector"], name="articleembedding_near", opclasses=["vector_ip_ops"]),
        ),
        migrations.AddField(
            model_name="storylinelink",
            name="earlier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="later_links", to="articles.event"
            ),
        ),
        migrations.AddField(
            model_name="storylinelink",
            name="later",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="earlier_links", to="articles.event"
            ),
        ),
        migrations.AddIndex(
            model_name="storylinelink",
            index=models.Index(fields=["later", "status"], name="articles_st_later_i_96acfa_idx"),
        ),
        migrations.AddIndex(
            model_name="storylinelink",
            index=models.Index(fields=["earlier", "status"], name="articles_st_earlier_a04130_idx"),
        ),
        migrations.AddConstraint(
            model_name="storylinelink",
            constraint=models.UniqueConstraint(fields=("earlier", "later"), name="storylinelink_once"),
        ),
        migrations.AddConstraint(
            model_name="storylinelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("earlier", models.F("later")), _negated=True),
                name="storylinelink_of_two_events",
            ),
        ),
        migrations.AddConstraint(
            model_name="storylinelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["suggested", "confirmed", "refused"])),
                name="storylinelink_status_known",
            ),
        ),
    ]

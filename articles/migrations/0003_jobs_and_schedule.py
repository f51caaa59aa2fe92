"""Every step after the fetch becomes a job row; feeds learn their rhythm; notices, subscriptions, tombstones."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# What waited in the articles' own columns waits as jobs from here on.
CARRY_OVER = """
INSERT INTO articles_job (kind, subject_id, state, shard, batch, order_at, not_before, attempts, tries, message, created_at)
SELECT CASE stage WHEN 'linked' THEN 'place' ELSE 'read' END, id,
       CASE stage WHEN 'quarantined' THEN 'quarantined' ELSE 'waiting' END,
       CASE stage WHEN 'linked' THEN language ELSE '' END, batch, published_at, not_before, attempts, page_tries, message, now()
FROM articles_article WHERE stage IN ('new', 'linked', 'quarantined')
"""


class Migration(migrations.Migration):
    """The tables of work that waits."""

    dependencies = [
        ("articles", "0002_search_columns"),
    ]

    operations = [
        migrations.CreateModel(
            name="FetchDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("runs", models.PositiveIntegerField(default=0)),
                ("stored", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                ("milliseconds", models.BigIntegerField(default=0)),
                ("entries", models.PositiveIntegerField(default=0)),
                ("new", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="HostTime",
            fields=[
                ("host", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("free_at", models.DateTimeField()),
                ("why", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("read", "Read and link an article"),
                            ("place", "Place an article in an event"),
                            ("subscribe", "Ask a hub for pushes"),
                            ("push", "Store what a hub sent"),
                            ("mail", "Mail a notice to the admins"),
                            ("tidy", "Drop what is older than it is kept"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject_id", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("quarantined", "Quarantined"),
                            ("dropped", "Dropped"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("shard", models.CharField(blank=True, max_length=16)),
                ("batch", models.BigIntegerField(default=0)),
                ("order_at", models.DateTimeField(blank=True, null=True)),
                ("not_before", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("message", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("failing", "Fails"),
                            ("silent", "Fell silent"),
                            ("gone", "Is gone"),
                            ("quarantined", "Was set aside"),
                            ("moved", "Has moved"),
                            ("identity", "Changed how it names its entries"),
                            ("healed", "Works again"),
                            ("offline", "No source answers"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("seen_by", models.CharField(blank=True, max_length=150)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body", models.BinaryField()),
                ("content_type", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "feed",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="subscription",
                        serialize=False,
                        to="articles.feed",
                    ),
                ),
                ("hub", models.TextField()),
                ("topic", models.TextField()),
                ("token", models.CharField(max_length=64, unique=True)),
                ("secret", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("active", "Active"),
                            ("denied", "Refused by the hub"),
                            ("failed", "The hub did not answer"),
                            ("ended", "Ended"),
                        ],
                        default="asked",
                        max_length=6,
                    ),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("renew_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("message", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("pushed_at", models.DateTimeField(blank=True, null=True)),
                ("pushes", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("guid_sha256", models.BinaryField(max_length=32)),
                ("url_sha256", models.BinaryField(max_length=32)),
                (
                    "reason",
                    models.CharField(
                        choices=[("deleted", "Deleted here"), ("expired", "Older than articles are kept")],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="article",
            name="article_to_read",
        ),
        migrations.RemoveIndex(
            model_name="article",
            name="article_to_place",
        ),
        migrations.RemoveField(
            model_name="article",
            name="attempts",
        ),
        migrations.RemoveField(
            model_name="article",
            name="lease_token",
        ),
        migrations.RemoveField(
            model_name="article",
            name="lease_until",
        ),
        migrations.RemoveField(
            model_name="article",
            name="not_before",
        ),
        migrations.RemoveField(
            model_name="article",
            name="page_tries",
        ),
        migrations.AddField(
            model_name="article",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="error_weight",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="feed",
            name="fixed_seconds",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="floor_seconds",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="feed",
            name="full_fetch_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="hub_url",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="identity",
            field=models.CharField(
                choices=[
                    ("guid", "by its guid"),
                    ("url", "by its address"),
                    ("content", "by its title and text"),
                ],
                default="guid",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="identity_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="feed",
            name="identity_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="identity_why",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="known_share",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="next_why",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="note",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="secret_names",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="secrets",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="topic_url",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="turnover_seconds",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="user_agent",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="fetchrun",
            name="answer",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="fetchrun",
            name="forced",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="fetchrun",
            name="pushed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="fetchrun",
            name="skipped",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="publisher",
            name="language",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="publisher",
            name="named_by_feed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(("identity__in", ["guid", "url", "content"])), name="feed_identity_known"
            ),
        ),
        migrations.AddField(
            model_name="fetchday",
            name="feed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="days", to="articles.feed"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["kind", "not_before"], name="job_due"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("kind", "place"), ("state", "waiting")),
                fields=["shard", "batch", "order_at", "subject_id"],
                name="job_to_place",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "done")), fields=["-finished_at"], name="job_done"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ["failed", "quarantined"])),
                fields=["-id"],
                name="job_in_trouble",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(fields=("kind", "subject_id"), name="job_once_a_subject"),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "done", "failed", "quarantined", "dropped"])),
                name="job_state_known",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="feed",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="articles.feed",
            ),
        ),
        migrations.AddField(
            model_name="push",
            name="feed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="waiting_pushes", to="articles.feed"
            ),
        ),
        migrations.AddField(
            model_name="tombstone",
            name="feed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tombstones", to="articles.feed"
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchday",
            constraint=models.UniqueConstraint(fields=("feed", "day"), name="fetchday_once"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["-at"], name="notice_newest"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("feed", "kind"),
                name="notice_one_open",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="tombstone",
            constraint=models.UniqueConstraint(fields=("feed", "guid_sha256"), name="tombstone_once_a_feed"),
        ),
    ]

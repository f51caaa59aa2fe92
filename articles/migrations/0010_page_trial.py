import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0009_page_headline"),
    ]

    operations = [
        migrations.CreateModel(
            name="PageTrial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.TextField()),
                ("url_sha256", models.BinaryField(max_length=32)),
                ("final_url", models.TextField()),
                ("content_type", models.CharField(blank=True, max_length=200)),
                ("status", models.PositiveSmallIntegerField()),
                ("milliseconds", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("fetched_at", models.DateTimeField()),
                (
                    "publisher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="page_trials",
                        to="articles.publisher",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("publisher", "url_sha256"), name="pagetrial_once_a_publisher"
                    )
                ],
            },
        ),
    ]

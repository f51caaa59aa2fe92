"""When each part of the machine was last alive, how large the data were, and dropped jobs in their order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables that Health reads."""

    dependencies = [("articles", "0004_search_partitions")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SizeDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("part", models.CharField(max_length=40)),
                ("bytes", models.BigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="heartbeat",
            constraint=models.UniqueConstraint(fields=("part", "name"), name="heartbeat_once"),
        ),
        migrations.AddConstraint(
            model_name="sizeday",
            constraint=models.UniqueConstraint(fields=("day", "part"), name="sizeday_once"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "dropped")), fields=["-finished_at"], name="job_dropped"
            ),
        ),
    ]

"""Tombstones remember when their entry was last listed, and are found by its address without reading a feed's all."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_search_newest")]

    operations = [
        migrations.RemoveField(model_name="tombstone", name="reason"),
        migrations.AddField(
            model_name="tombstone", name="seen_at", field=models.DateTimeField(db_default=Now())
        ),
        migrations.AddIndex(
            model_name="tombstone",
            index=models.Index(fields=["feed", "url_sha256"], name="tombstone_address"),
        ),
        migrations.AddIndex(
            model_name="tombstone", index=models.Index(fields=["feed", "seen_at"], name="tombstone_seen")
        ),
    ]

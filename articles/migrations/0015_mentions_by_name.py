"""Articles are found by a name that stands in them, whatever it was taken for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = [("articles", "0014_proposals_by_article")]
    operations = [
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["text"], name="mention_text"),
        ),
    ]

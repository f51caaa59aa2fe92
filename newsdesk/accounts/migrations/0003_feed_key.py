"""A key for feed readers, which cannot sign in."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_fold_copies"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="feed_key_sha256",
            field=models.BinaryField(blank=True, max_length=32, null=True, unique=True),
        ),
    ]

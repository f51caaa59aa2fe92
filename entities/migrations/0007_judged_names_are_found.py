"""The few names about which people said something are found without reading all."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("entities", "0006_compiled_names_are_marked"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(
                condition=Q(("right__gt", 0), ("wrong__gt", 0), ("off_at__isnull", False), _connector="OR"),
                fields=["-wrong", "-right", "id"],
                name="alias_judged",
            ),
        ),
    ]

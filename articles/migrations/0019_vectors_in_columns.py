"""The terms of events become packed columns: a tenth of the memory, and read without parsing."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Any

from django.db import migrations, models
from django.db.models import Q

PARTS = ("all", "title", "names", "lead")
SCALE = 1 << 16
KEY_MASK = (1 << 63) - 8
BATCH = 500


def _packed(terms: dict[str, dict[str, float]]) -> bytes:
    rows = sorted(
        (
            int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
            & KEY_MASK
            | number,
            round(weight * SCALE),
        )
        for number, part in enumerate(PARTS)
        for term, weight in terms.get(part, {}).items()
    )
    return struct.pack(
        f"<{len(rows)}q{len(rows)}i", *(key for key, _ in rows), *(weight for _, weight in rows)
    )


def pack(apps: Any, _schema_editor: Any) -> None:
    """Write the terms of each event as columns; those that wait to be computed anew keep waiting."""
    table = apps.get_model("articles", "EventVector")
    after = 0
    while rows := list(table.objects.filter(event_id__gt=after).order_by("event_id")[:BATCH]):
        for row in rows:
            row.stale = row.terms == {"stale": True}
            row.data = b"" if row.stale else _packed(row.terms)
        table.objects.bulk_update(rows, ["stale", "data"])
        after = rows[-1].event_id


class Migration(migrations.Migration):
    """Adds the columns, fills them from the terms, and drops those."""

    dependencies = [("articles", "0018_a_year_counted")]

    operations = [
        migrations.AddField("eventvector", "data", models.BinaryField(default=b"")),
        migrations.AddField("eventvector", "stale", models.BooleanField(default=False)),
        migrations.RunPython(pack, migrations.RunPython.noop),
        migrations.RemoveField("eventvector", "terms"),
        migrations.AddIndex(
            "eventvector",
            models.Index(fields=["shard"], condition=Q(stale=True), name="eventvector_stale"),
        ),
    ]

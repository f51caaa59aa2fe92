"""Events are found by the words of their titles through an index, in the form in which `articles.queries.events` asks."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("articles", "0019_vectors_in_columns")]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX event_words ON articles_event
            USING gin ((to_tsvector('english', title) || to_tsvector('simple', title)))
            WHERE merged_into_id IS NULL
            """,
            "DROP INDEX event_words",
        ),
    ]

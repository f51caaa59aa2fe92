"""Editors are asked about unknown names that are worth a question, no longer about all of them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

# What can be told without the texts; what their words say of a name is counted when they are linked next.
_SAY = """
UPDATE articles_proposal p SET askable = p.kind IN ('person', 'company', 'organization', 'public_body') AND (
    p.articles >= 3 OR EXISTS (
        SELECT FROM jsonb_object_keys(p.names) AS n(name) WHERE regexp_replace(n.name, '^the ', '', 'i') ~ '[^ ] [^ ]'))
"""


class Migration(migrations.Migration):
    """Two columns of figures, one of the answer, and the index of the queue over what is asked."""

    dependencies = [("articles", "0015_mentions_by_name")]
    operations = [
        migrations.AddField(model_name="proposal", name="told", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="proposal", name="askable", field=models.BooleanField(default=True)),
        migrations.AddField(
            model_name="proposalarticle", name="told", field=models.BooleanField(default=False)
        ),
        migrations.RunSQL(_SAY, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="proposal", name="proposal_most"),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["-articles", "id"], condition=Q(state="open", askable=True), name="proposal_most"
            ),
        ),
    ]

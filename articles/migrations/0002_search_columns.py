"""The search table's vector and entity ids, which the ORM never writes."""

from django.db import migrations

ADD = """
ALTER TABLE articles_searchrow
    ADD COLUMN tsv tsvector NOT NULL DEFAULT ''::tsvector,
    ADD COLUMN entity_ids integer[] NOT NULL DEFAULT '{}';
ALTER TABLE articles_searchrow SET (fillfactor = 80);
ALTER TABLE articles_searchrow ALTER COLUMN tsv SET STATISTICS 1000;
CREATE INDEX search_tsv ON articles_searchrow USING gin (tsv) WITH (fastupdate = on, gin_pending_list_limit = 16384);
"""
DROP = """
DROP INDEX search_tsv;
ALTER TABLE articles_searchrow DROP COLUMN tsv, DROP COLUMN entity_ids;
"""


class Migration(migrations.Migration):
    """Columns that only SQL writes: see articles.search.index."""

    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]

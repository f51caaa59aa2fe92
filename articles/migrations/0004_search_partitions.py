"""The search table becomes range-partitioned by date; its rows are carried over, vectors and all."""

import django.db.models.deletion
from django.db import migrations, models

# The grid of the partitions is that of articles.search.grid, written out: 14 days from 2000-01-03, the last 400 days
# and 56 days ahead, one table for all before and one for whatever fits nowhere.
TABLE = """
ALTER TABLE articles_searchrow RENAME TO articles_searchrow_before;
ALTER TABLE articles_searchrow_before RENAME CONSTRAINT articles_searchrow_pkey TO articles_searchrow_before_pkey;
ALTER INDEX search_newest RENAME TO search_newest_before;
ALTER INDEX search_tsv RENAME TO search_tsv_before;

CREATE TABLE articles_searchrow (
    article_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    published_at timestamptz NOT NULL,
    title varchar(1000) NOT NULL,
    language varchar(16) NOT NULL,
    tsv tsvector NOT NULL DEFAULT ''::tsvector,
    entity_ids integer[] NOT NULL DEFAULT '{}',
    CONSTRAINT articles_searchrow_pkey PRIMARY KEY (article_id, published_at)
) PARTITION BY RANGE (published_at);
ALTER TABLE articles_searchrow ALTER COLUMN tsv SET STATISTICS 1000;
CREATE INDEX search_newest ON articles_searchrow (published_at DESC, article_id DESC);
CREATE INDEX search_tsv ON articles_searchrow USING gin (tsv) WITH (fastupdate = on, gin_pending_list_limit = 16384);
-- Its publisher needs no key of its own: the article's keeps it.
ALTER TABLE articles_searchrow ADD CONSTRAINT articles_searchrow_article
    FOREIGN KEY (article_id) REFERENCES articles_article (id) ON DELETE CASCADE;
"""
PARTITIONS = """
DO $$
DECLARE
    epoch CONSTANT timestamptz := '2000-01-03 00:00:00+00';
    length CONSTANT integer := 14 * 86400;
    first integer := floor(extract(epoch FROM now() - interval '400 days' - epoch) / length);
    last integer := floor(extract(epoch FROM now() - epoch) / length) + 4;
    place integer;
    name text;
BEGIN
    FOR place IN first - 1 .. last + 1 LOOP
        name := 'articles_searchrow_' || CASE
            WHEN place < first THEN 'old' WHEN place > last THEN 'rest'
            ELSE to_char((epoch + make_interval(secs => place * length::float8)) AT TIME ZONE 'UTC', 'YYYYMMDD') END;
        EXECUTE format('CREATE TABLE %I PARTITION OF articles_searchrow %s WITH (fillfactor = 80)', name, CASE
            WHEN place < first THEN format('FOR VALUES FROM (MINVALUE) TO (%L)',
                epoch + make_interval(secs => first * length::float8))
            WHEN place > last THEN 'DEFAULT'
            ELSE format('FOR VALUES FROM (%L) TO (%L)', epoch + make_interval(secs => place * length::float8),
                epoch + make_interval(secs => (place + 1) * length::float8)) END);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN tsv SET STATISTICS 1000', name);
    END LOOP;
END $$;
"""
CARRY_OVER = """
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv, entity_ids)
SELECT article_id, publisher_id, published_at, title, language, tsv, entity_ids FROM articles_searchrow_before
ORDER BY published_at, article_id;
DROP TABLE articles_searchrow_before;
"""
BACK = """
ALTER TABLE articles_searchrow RENAME TO articles_searchrow_parts;
ALTER TABLE articles_searchrow_parts RENAME CONSTRAINT articles_searchrow_pkey TO articles_searchrow_parts_pkey;
ALTER INDEX search_newest RENAME TO search_newest_parts;
ALTER INDEX search_tsv RENAME TO search_tsv_parts;
CREATE TABLE articles_searchrow (
    article_id bigint NOT NULL CONSTRAINT articles_searchrow_pkey PRIMARY KEY
        REFERENCES articles_article (id) DEFERRABLE INITIALLY DEFERRED,
    published_at timestamptz NOT NULL,
    title varchar(1000) NOT NULL,
    language varchar(16) NOT NULL,
    publisher_id bigint NOT NULL REFERENCES articles_publisher (id) DEFERRABLE INITIALLY DEFERRED,
    tsv tsvector NOT NULL DEFAULT ''::tsvector,
    entity_ids integer[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 80);
ALTER TABLE articles_searchrow ALTER COLUMN tsv SET STATISTICS 1000;
CREATE INDEX articles_searchrow_publisher_id ON articles_searchrow (publisher_id);
CREATE INDEX search_newest ON articles_searchrow (published_at DESC, article_id DESC);
CREATE INDEX search_tsv ON articles_searchrow USING gin (tsv) WITH (fastupdate = on, gin_pending_list_limit = 16384);
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv, entity_ids)
SELECT article_id, publisher_id, published_at, title, language, tsv, entity_ids FROM articles_searchrow_parts;
DROP TABLE articles_searchrow_parts;
"""


class Migration(migrations.Migration):
    """Tables that only SQL can make; Django is told what they look like."""

    dependencies = [("articles", "0003_jobs_and_schedule")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE + PARTITIONS + CARRY_OVER, BACK)],
            state_operations=[
                migrations.DeleteModel("SearchRow"),
                migrations.CreateModel(
                    name="SearchRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "article_id",
                                "published_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("published_at", models.DateTimeField()),
                        ("title", models.CharField(max_length=1000)),
                        ("language", models.CharField(blank=True, max_length=16)),
                        (
                            "article",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="articles.article",
                            ),
                        ),
                        (
                            "publisher",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="articles.publisher",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-published_at", "-article"], name="search_newest")]
                    },
                ),
            ],
        )
    ]

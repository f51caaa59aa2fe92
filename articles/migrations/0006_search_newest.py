"""How the newest matches are found: a function that asks one window of time after the other and stops in time."""

from django.db import migrations

# Vectors hardly shrink: trying costs more than the bytes that are saved. And each plan for a partition reads the whole
# of its statistics: with the thousand most frequent words instead of ten thousand it is made in a third of the time.
STORAGE = """
ALTER TABLE articles_searchrow ALTER COLUMN tsv SET STORAGE EXTERNAL, ALTER COLUMN tsv SET STATISTICS 100;
"""
# `query` and `conditions` are texts of SQL that articles.search.find writes; the rights are the caller's own, so that
# nothing can be done by them that the caller could not do without. Windows are planned one at a time: a plan for all
# partitions costs more than finding the matches in the newest.
NEWEST = """
CREATE FUNCTION articles_search_newest(
    query text, conditions text, edges timestamptz[], wanted integer, by_words boolean
) RETURNS TABLE (
    article_id bigint, publisher_id bigint, published_at timestamptz, title varchar, language varchar,
    entity_ids integer[]
) LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
#variable_conflict use_column
DECLARE
    -- Below so many rows in a window its words are looked up, however common they may be.
    few CONSTANT float8 := 2000;
    -- Words that stand in more than this share of the rows are met soon enough by going through the newest rows.
    common CONSTANT float8 := 0.1;
    words tsquery;
    walks boolean := CASE WHEN by_words THEN false END;
    part text;
    window_of text;
    plan json;
    rows_there float8;
    found integer := 0;
    more integer;
BEGIN
    IF query <> '' THEN
        EXECUTE 'SELECT ' || query INTO words;
        IF numnode(words) = 0 THEN
            RETURN;
        END IF;
    END IF;
    FOR place IN 1 .. cardinality(edges) - 1 LOOP
        window_of := format('FROM articles_searchrow s WHERE s.published_at >= %L AND s.published_at < %L',
                            edges[place + 1], edges[place]);
        -- What is common is so in one of the newest two windows: the newest may just have begun.
        IF words IS NOT NULL AND walks IS NULL AND place <= 2 THEN
            EXECUTE 'EXPLAIN (FORMAT JSON) SELECT ' || window_of INTO plan;
            rows_there := plan -> 0 -> 'Plan' ->> 'Plan Rows';
            IF rows_there > few THEN
                EXECUTE format('EXPLAIN (FORMAT JSON) SELECT %s AND s.tsv @@ %L::tsquery', window_of, words) INTO plan;
                walks := (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > rows_there * common;
            END IF;
        END IF;
        part := 'SELECT s.article_id, s.publisher_id, s.published_at, s.title, s.language, s.entity_ids ' || window_of
            || CASE WHEN words IS NULL THEN ''
                    -- No index answers to this form, and none on the date to an order by a sum.
                    WHEN walks THEN format(' AND (s.tsv @@ %L::tsquery) IS TRUE', words)
                    ELSE format(' AND s.tsv @@ %L::tsquery', words) END
            || conditions
            || CASE WHEN words IS NULL OR walks THEN ' ORDER BY s.published_at DESC, s.article_id DESC LIMIT '
                    ELSE ' ORDER BY s.published_at + interval ''0'' DESC, s.article_id DESC LIMIT ' END
            || wanted - found;
        RETURN QUERY EXECUTE part;
        GET DIAGNOSTICS more = ROW_COUNT;
        found := found + more;
        EXIT WHEN found >= wanted;
    END LOOP;
END $$;
"""
PARTS = """
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'articles_searchrow'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN tsv SET STORAGE EXTERNAL, ALTER COLUMN tsv SET STATISTICS 100', part);
    END LOOP;
END $$;
"""
BACK = "DROP FUNCTION articles_search_newest(text, text, timestamptz[], integer, boolean);"


class Migration(migrations.Migration):
    """The function and the storage of the vectors."""

    dependencies = [("articles", "0005_heartbeats_and_sizes")]
    operations = [migrations.RunSQL(STORAGE + PARTS + NEWEST, BACK)]

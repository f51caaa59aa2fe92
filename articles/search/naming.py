"""Search for a name: the newest articles in whose words it stands, as it is written."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from articles.search.find import Meaning, ask, newest_sql
from articles.search.folding import read_words
from articles.search.language import Query

# Words are found in other forms and in lower case, too: so many times as many are looked at for those as it is written.
LOOKED_AT = 4
_AS_WRITTEN = """
SELECT a.id, a.published_at FROM articles_article a JOIN articles_revision r ON r.id = a.revision_id
WHERE a.id = ANY(%s) AND (strpos(r.title, %s) > 0 OR strpos(r.text, %s) > 0)
ORDER BY a.published_at DESC, a.id DESC LIMIT %s
"""


def newest_with(
    name: str, most: int, *, publisher_id: int | None = None, entity_id: int | None = None
) -> dict[int, datetime]:
    """The newest articles whose current text has these very words, by number, with their times; at most `most`.

    Of that publisher alone, or of those linked to that entity, where one is given.
    Raises SearchTooSlowError when NEWSDESK_SEARCH_SECONDS are up; the transaction is lost then.
    """
    words = read_words(f'"{name.replace(chr(34), " ")}"')
    if not words.groups:
        return {}
    meaning = Meaning(
        Query(),
        timezone.now(),
        words=words,
        publisher_ids=() if publisher_id is None else (publisher_id,),
        entity_ids=() if entity_id is None else (entity_id,),
    )
    sql, values = newest_sql(meaning, limit=most * LOOKED_AT)
    ids = [row[0] for row in ask(f"SELECT article_id FROM ({sql}) n", values)]  # noqa: S608 - see newest_sql
    with connection.cursor() as cursor:
        cursor.execute(_AS_WRITTEN, [ids, name, name, most])
        return dict(cursor.fetchall())

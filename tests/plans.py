"""How PostgreSQL would answer a query if its tables held nothing but the rows of this test."""

from __future__ import annotations

import re

from django.db import connection
from psycopg.sql import SQL, Identifier

_NAME = re.compile(r"\b(?:articles|entities|accounts)_\w+")


def plan_of(query: str, *, also: str = "") -> str:
    """The plan of a query that may read no table as a whole; `also` switches more off ("enable_sort").

    Rows of earlier tests that were rolled back still fill pages of tables and indexes, and which of several indexes is
    cheapest depends on them: the tables are counted and their indexes built anew first, inside the test's transaction.
    """
    with connection.cursor() as cursor:
        known = set(connection.introspection.table_names(cursor))
        for table in sorted(known.intersection(_NAME.findall(query))):
            cursor.execute(SQL("REINDEX TABLE {}").format(Identifier(table)))
            cursor.execute(SQL("ANALYZE {}").format(Identifier(table)))
        for setting in ("enable_seqscan", *also.split()):
            cursor.execute(SQL("SET LOCAL {} = off").format(Identifier(setting)))
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(line for (line,) in cursor.fetchall())

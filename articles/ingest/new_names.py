"""Act: texts are searched for names that are new or count for more, behind people's backs, within the tidying.

Articles in which such a name is known to stand are linked anew at once. Those that nothing read as a name are found here.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from articles.ingest.relinking import Naming, articles_naming, relink_later
from articles.models import SoughtName

STEP = "articles of new names"
NAMES_A_PORTION = 5  # each search may take NEWSDESK_SEARCH_SECONDS


def search_new_names(_now: datetime) -> tuple[int, bool]:
    """Have the articles linked anew in whose words a sought name stands; how many, and whether more names wait.

    Nothing is locked while texts are searched, so that no editor waits for it: a name that is asked for again meanwhile
    stays, and is searched for again.
    """
    waiting = SoughtName.objects.order_by("id").values_list("id", "text", "asked_at")
    names = {pk: (text, asked_at) for pk, text, asked_at in waiting[:NAMES_A_PORTION]}
    if not names:
        return 0, False
    found = articles_naming(Naming(tuple(sorted(text for text, _ in names.values())), is_searched=True))
    with transaction.atomic():
        count = relink_later(found, seconds=settings.LEXICON_CHECK_SECONDS + 1)
        # What is locked is just being asked for again. This transaction waits for no name, so nobody's for it crosswise.
        rows = SoughtName.objects.select_for_update(skip_locked=True).filter(pk__in=names)
        done = [row.pk for row in rows if row.asked_at == names[row.pk][1]]
        SoughtName.objects.filter(pk__in=done).delete()
    return count, bool(done) and len(names) == NAMES_A_PORTION

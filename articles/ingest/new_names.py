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

    A name that is asked for again while its search runs is searched for again.
    """
    with transaction.atomic():
        waiting = SoughtName.objects.select_for_update(skip_locked=True).order_by("id")
        names = dict(waiting.values_list("id", "text")[:NAMES_A_PORTION])
        if not names:
            return 0, False
        SoughtName.objects.filter(pk__in=names).delete()
        found = articles_naming(Naming(tuple(sorted(names.values())), is_searched=True))
        count = relink_later(found, seconds=settings.LEXICON_CHECK_SECONDS + 1)
        return count, len(names) == NAMES_A_PORTION

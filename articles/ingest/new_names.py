"""Act: texts are searched for names that people added, behind their backs; a portion at a time, within the tidying.

Articles in which such a name is known to stand are linked anew at once. Those that nothing read as a name are found here.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from articles.ingest.relinking import Naming, articles_naming, relink_later
from articles.models import Progress
from entities.models import Alias

STEP = "articles of new names"
NAMES_A_PORTION = 20  # each search may take NEWSDESK_SEARCH_SECONDS


def search_new_names(_now: datetime) -> tuple[int, bool]:
    """Have the articles linked anew in whose words a name stands that a person added since; how many, and whether more wait.

    It begins with the names that are added after it first ran.
    """
    with transaction.atomic():
        progress = Progress.objects.select_for_update().filter(step=STEP).first()
        if progress is None:
            last = Alias.objects.aggregate(last=Max("pk"))["last"] or 0
            Progress.objects.create(step=STEP, number=last)
            return 0, False
        by_people = Alias.objects.filter(
            pk__gt=progress.number, entity__edited_by_human=True, entity__merged_into=None, off_at=None
        ).exclude(kind=Alias.Kind.TICKER)
        names = list(by_people.order_by("pk").values_list("pk", "text")[:NAMES_A_PORTION])
        if not names:
            return 0, False
        found = articles_naming(Naming(tuple(sorted({text for _, text in names})), is_searched=True))
        Progress.objects.filter(pk=STEP).update(number=names[-1][0])
        return relink_later(found, seconds=settings.LEXICON_CHECK_SECONDS + 1), len(names) == NAMES_A_PORTION

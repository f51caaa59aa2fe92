"""Imports each table twice, beside the starter set and the data packages, and tells minutes, memory and changes."""

from __future__ import annotations

import cProfile
import csv
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import django
from stdnum.iso7064 import mod_97_10

# Form of each shared table, in an order in which later ones find whom earlier ones brought in.
TABLES = (
    ("iso10383", "iso10383-mic.csv"),
    ("index_members", "index-members.json"),
    ("sec", "sec-cik-ticker-name-exchange.csv"),
    ("listings", "listings.csv.gz"),
    ("leaders", "world-leaders-2021-wikidata.csv"),
    ("ticker_aliases", "wikidata-ticker-aliases.csv"),
)


def measure_imports(names: Sequence[str], folder: Path | None, *, is_profiled: bool, made: int) -> bool:
    """Print a line an import; False when a second one changed something."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - the settings are read when the servers stand
    from django.core.management import call_command  # noqa: PLC0415

    from entities.sources import load_knowledge_base  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    load_knowledge_base(lambda _line: None)
    _say(f"starter set and packages: {time.monotonic() - began:.1f} s")
    _ask_duplicates()
    root = folder or Path(settings.BASE_DIR).parent / "shared" / "data" / "entities"
    same = True
    for form, name in TABLES:
        path = root / name
        if names and form not in names and name not in names:
            continue
        if path.exists():
            same &= _twice(form, path, is_profiled=is_profiled)
        else:
            _say(f"{name}: not there")
    if made:
        with tempfile.TemporaryDirectory() as where:
            for form, path in _made_register(Path(where), made):
                same &= _twice(form, path, is_profiled=is_profiled)
    return same


def _ask_duplicates() -> None:
    """What a fresh desk asks its editors about our own data, pair by pair."""
    from django.utils import timezone  # noqa: PLC0415 - see measure_imports

    from articles.ingest.resembling import find_duplicates  # noqa: PLC0415
    from entities.models import Resemblance  # noqa: PLC0415

    began, is_more = time.monotonic(), True
    while is_more:
        _, is_more = find_duplicates(timezone.now())
    pairs = Resemblance.objects.select_related("left", "right").order_by("-score", "id")
    asked = [f"{pair.left.name} and {pair.right.name} ({pair.score})" for pair in pairs]
    _say(f"likely duplicates of our own: {len(asked)} in {time.monotonic() - began:.1f} s")
    for words in asked[:20]:
        _say(f"  {words}")


def _twice(form: str, path: Path, *, is_profiled: bool) -> bool:
    from entities.sources.tables.importing import import_table  # noqa: PLC0415 - see measure_imports

    profile = cProfile.Profile()
    spent = time.process_time()
    if is_profiled:
        profile.enable()
    first = import_table(form, path, _say)
    if is_profiled:
        profile.disable()
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(45)
    spent = time.process_time() - spent
    second = import_table(form, path, _say)
    changes = sum(second.added.values()) + sum(second.updated.values()) + second.conflicts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"{path.name} ({form}) first: {first}")
    _say(f"{path.name} ({form}) again: {second}")
    _say(
        f"{path.name}: {first.seconds / 60:.1f} min (the program itself {spent:.0f} s of a processor), again {second.seconds / 60:.1f} min with {changes} changes; "
        f"at most {peak:.0f} MB"
    )
    return changes == 0


def _made_register(folder: Path, rows: int) -> Iterator[tuple[str, Path]]:
    """Levels 1 and 2 of a register as large as asked for: every name is made up, some lines bear known names."""
    first, second = folder / "level-1.csv", folder / "level-2.csv"
    leis = [_lei(number) for number in range(rows)]
    filler = [f"Registration.Filler.{n}" for n in range(300)]  # the real table has some 340 columns
    with first.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["LEI", "Entity.LegalName", "Entity.LegalAddress.Country", "Entity.EntityStatus",
                        "Entity.EntityCategory", "Registration.RegistrationStatus", *filler])  # fmt: skip
        known = _known_names(min(rows, 5000))
        for number, lei in enumerate(leis):
            name, country = known[number] if number < len(known) else (f"Made Firm {number} Limited", "GB")
            table.writerow([lei, name, country, "ACTIVE", "GENERAL", "ISSUED", *[""] * len(filler)])
    with second.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Relationship.StartNode.NodeID", "Relationship.StartNode.NodeIDType",
                        "Relationship.EndNode.NodeID", "Relationship.EndNode.NodeIDType",
                        "Relationship.RelationshipType", "Relationship.RelationshipStatus",
                        "Registration.RegistrationStatus"])  # fmt: skip
        for child, parent in zip(leis[1::2], leis[::2], strict=False):
            table.writerow(
                [child, "LEI", parent, "LEI", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "PUBLISHED"]
            )
    yield "gleif", first
    yield "gleif_relations", second


def _known_names(most: int) -> list[tuple[str, str]]:
    from entities.models import Entity  # noqa: PLC0415 - see measure_imports

    rows = Entity.objects.filter(kind="company").exclude(country="").order_by("pk")
    return list(rows.values_list("name", "country")[:most])


def _lei(number: int) -> str:
    stem = f"5493{number:014d}"
    return stem + mod_97_10.calc_check_digits(stem)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

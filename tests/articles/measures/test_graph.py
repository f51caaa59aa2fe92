"""The ego graph: the same picture each time, in its box, labels that cover nothing."""

from __future__ import annotations

from itertools import combinations

import pytest

from articles.measures.graph import Graph, Node, Tie, lay_out, width_of


def ties(n: int) -> list[Tie]:
    return [Tie(number, f"Company of {number}", 3 + 200 // number) for number in range(1, n + 1)]


def drawn(n: int, width: int = 740, height: int = 560) -> Graph:
    pairs = [(one, one + 1, 2) for one in range(1, n)] + [(1, 9999, 5)]
    return lay_out("Middle", ties(n), pairs, width=width, height=height)


def test_the_same_graph_gives_the_same_picture() -> None:
    assert drawn(25) == drawn(25)
    again = lay_out(
        "Middle", list(reversed(ties(25))), [(one, one + 1, 2) for one in range(1, 25)], width=740, height=560
    )
    assert again.nodes == drawn(25).nodes


@pytest.mark.parametrize(
    ("n", "width", "height"), [(1, 328, 400), (2, 740, 560), (14, 328, 400), (40, 740, 560)]
)
def test_all_nodes_stand_in_the_box_and_apart(n: int, width: int, height: int) -> None:
    graph = drawn(n, width, height)
    assert len(graph.nodes) == n + 1
    for node in graph.nodes:
        assert node.radius <= node.x <= width - node.radius
        assert node.radius <= node.y <= height - node.radius
    near = [
        (one.name, other.name)
        for one, other in combinations(graph.nodes, 2)
        if abs(one.x - other.x) < 16 and abs(one.y - other.y) < 16
    ]
    assert near == []


def box_of(node: Node) -> tuple[float, float, float, float]:
    wide = width_of(node.label)
    left = node.text_x - {"start": 0.0, "middle": wide / 2, "end": wide}[node.anchor]
    return left, node.text_y - 11, left + wide, node.text_y + 3


def test_labels_cover_neither_each_other_nor_leave_the_box() -> None:
    graph = drawn(40)
    boxes = [box_of(node) for node in graph.nodes if node.label]
    assert len(boxes) >= 36
    assert graph.nodes[0].label == "Middle"
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert right <= graph.width
        assert top >= 0
        assert bottom <= graph.height
    for one, other in combinations(boxes, 2):
        assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])


def test_what_has_no_room_below_is_named_beside_its_node() -> None:
    names = ["Ängelholm AB", "SMIC", "中芯国际集成电路", "MMMMMMMMMMMMMMMMMMMM", "il"]
    graph = lay_out(
        "Middle", [Tie(n, name, 9 - n) for n, name in enumerate(names, 1)], [], width=328, height=240
    )
    assert [node.name for node in graph.nodes if not node.label] == []
    assert width_of("SMIC") > width_of("smic")
    assert width_of("中芯") > width_of("ab") > width_of("il")
    for one, other in combinations([box_of(node) for node in graph.nodes], 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_more_articles_are_a_larger_node_and_a_thicker_line() -> None:
    graph = drawn(12)
    radii = [node.radius for node in graph.nodes[1:]]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > radii[-1]
    assert sum(edge.far for edge in graph.edges) == 11  # unknown ends are passed over
    widths = [edge.width for edge in graph.edges if not edge.far]
    assert widths == sorted(widths, reverse=True)


def test_long_names_are_cut_and_nobody_is_a_graph_too() -> None:
    graph = lay_out("M" * 60, [], [], width=328, height=400)
    assert len(graph.nodes) == 1
    assert graph.edges == ()
    assert len(graph.nodes[0].label) == 20
    assert graph.nodes[0].name == "M" * 60

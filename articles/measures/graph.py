"""Rule: where the nodes of an ego graph stand. The same graph gives the same picture, at once and without motion.

Forces by Fruchterman and Reingold (networkx), from places that we give and not from chance: the others stand on a
golden-angle spiral around the middle, the most named nearest. Then labels are pushed apart, and written where they
cover neither a node nor another label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin, sqrt

GOLDEN_ANGLE = pi * (3 - sqrt(5))
ROUNDS = 80
LINE = 15.0  # the height of a line of the labels, in pixels
# The width of their letters, in pixels: sans-serif, 12 high, the widest fonts of readers included.
LETTER, CAPITAL, NARROW_LETTER, FULL_WIDTH = 6.6, 8.4, 3.6, 12.0
NARROW_ONES = frozenset("iljtfrI.,:;'’|()- ")
FIRST_CJK = "\u1100"
HALO = 3.0  # free on either side of a label
LONGEST = 20
LEAST_RADIUS, MOST_RADIUS, MIDDLE_RADIUS = 4.0, 9.0, 10.0
THIN, THICK = 1.0, 4.5
MARGIN = 14.0
APART = 40


@dataclass(frozen=True, slots=True)
class Tie:
    """One who is named together with the middle, by a number of ours; `n` articles."""

    id: int
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node in its place; `label` is empty where there is no room for it, `text_y` is the label's base line and
    `text_x` its middle, its start or its end, as `anchor` says in the words of SVG.
    """

    id: int
    name: str
    x: float
    y: float
    radius: float
    label: str
    text_y: float
    n: int
    text_x: float = 0.0
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two nodes; `far` ones do not touch the middle."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    far: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph laid out in a box; the first node is the middle."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def lay_out(
    label: str, ties: Sequence[Tie], pairs: Sequence[tuple[int, int, int]], *, width: int, height: int
) -> Graph:
    """The graph around a label. `pairs` are (id, id, articles) among the ties; unknown ids are passed over."""
    ties = sorted(ties, key=lambda tie: (-tie.n, tie.id))
    known = {tie.id for tie in ties}
    pairs = [pair for pair in pairs if pair[0] in known and pair[1] in known]
    places = _fitted(_forces(ties, pairs), ties, width, height)
    places = _pushed_apart(places, ties, width, height)
    middle = (width / 2, height / 2)
    most = max((tie.n for tie in ties), default=1)
    nodes = [Node(0, label, *_rounded(middle), MIDDLE_RADIUS, _cut(label), middle[1] + MIDDLE_RADIUS + 14, 0)]
    for tie in ties:
        x, y = _rounded(places[tie.id])
        nodes.append(Node(tie.id, tie.label, x, y, _radius(tie.n, most), _cut(tie.label), 0.0, tie.n))
    lines = [
        Edge(*_rounded(middle), *_rounded(places[tie.id]), _width(tie.n, most), far=False) for tie in ties
    ]
    far = [
        Edge(*_rounded(places[left]), *_rounded(places[right]), THIN, far=True) for left, right, _ in pairs
    ]
    return Graph(width, height, _labelled(nodes, width, height), (*far, *lines))


def _forces(ties: Sequence[Tie], pairs: Sequence[tuple[int, int, int]]) -> dict[int, tuple[float, float]]:
    """Where forces put the ties around (0, 0)."""
    if not ties:
        return {}
    # Loading it (and numpy) takes a third of a second and 30 MB: only who draws a graph pays for that.
    import networkx as nx  # noqa: PLC0415

    graph: nx.Graph[int] = nx.Graph()
    graph.add_node(0)
    most = max(tie.n for tie in ties)
    start = {0: (0.0, 0.0)}
    for place, tie in enumerate(ties):
        graph.add_edge(0, tie.id, weight=0.3 + tie.n / most)
        far = 0.35 + 0.65 * sqrt((place + 1) / len(ties))
        start[tie.id] = (far * cos(place * GOLDEN_ANGLE), far * sin(place * GOLDEN_ANGLE))
    for left, right, n in pairs:
        graph.add_edge(left, right, weight=0.5 * n / most)
    found = nx.spring_layout(
        graph, pos=start, fixed=[0], k=1.6 / sqrt(len(ties) + 1), iterations=60, weight="weight", seed=1
    )
    return {tie.id: (float(found[tie.id][0]), float(found[tie.id][1])) for tie in ties}


def _fitted(
    places: dict[int, tuple[float, float]], ties: Sequence[Tie], width: int, height: int
) -> dict[int, tuple[float, float]]:
    """The places stretched over the box, with room for the labels at its edges."""
    across = max((abs(x) for x, _ in places.values()), default=0.0) or 1.0
    down = max((abs(y) for _, y in places.values()), default=0.0) or 1.0
    half = (width / 2 - MARGIN - 36, height / 2 - MARGIN - LINE)
    return {
        tie.id: (
            width / 2 + places[tie.id][0] / across * half[0],
            height / 2 + places[tie.id][1] / down * half[1],
        )
        for tie in ties
    }


def _pushed_apart(
    places: dict[int, tuple[float, float]], ties: Sequence[Tie], width: int, height: int
) -> dict[int, tuple[float, float]]:
    """Nodes with their labels as boxes, moved until they overlap no more or the rounds are over."""
    order = [0, *(tie.id for tie in ties)]
    spot = {0: (width / 2, height / 2), **places}
    wide = {0: 44.0, **{tie.id: max(24.0, width_of(_cut(tie.label)) + 6) for tie in ties}}
    for _ in range(ROUNDS):
        moved = False
        for at, left in enumerate(order):
            for right in order[at + 1 :]:
                dx, dy = spot[right][0] - spot[left][0], spot[right][1] - spot[left][1]
                over_x = (wide[left] + wide[right]) / 2 - abs(dx)
                over_y = APART - abs(dy)
                if over_x <= 0 or over_y <= 0:
                    continue
                moved = True
                # Along the way that is shorter; two at one spot part by their order.
                if over_x < over_y:
                    step = (over_x / 2 + 0.5) * (1 if dx >= 0 else -1), 0.0
                else:
                    step = 0.0, (over_y / 2 + 0.5) * (1 if dy >= 0 else -1)
                for one, sign in ((left, -1), (right, 1)):
                    if one:
                        x, y = spot[one][0] + sign * step[0], spot[one][1] + sign * step[1]
                        edge = max(MARGIN, wide[one] / 2)
                        spot[one] = (
                            min(max(x, edge), width - edge),
                            min(max(y, MARGIN), height - MARGIN - LINE),
                        )
        if not moved:
            break
    return {tie.id: spot[tie.id] for tie in ties}


def width_of(label: str) -> float:
    """How wide a label is at most, in pixels."""
    return sum(
        FULL_WIDTH
        if char >= FIRST_CJK
        else NARROW_LETTER
        if char in NARROW_ONES
        else CAPITAL
        if char.isupper() or char in "mwMW…"
        else LETTER
        for char in label
    )


def _labelled(nodes: Sequence[Node], width: int, height: int) -> tuple[Node, ...]:
    """Labels below their nodes, else above, right or left, else none: in the order of the nodes, so that the most named
    keep theirs.
    """
    taken: list[tuple[float, float, float, float]] = []
    done = []
    for node in nodes:
        wide = width_of(node.label)
        aside = node.radius + 6
        for x, text_y, anchor, left in (
            (node.x, node.y + node.radius + 13, "middle", node.x - wide / 2),
            (node.x, node.y - node.radius - 5, "middle", node.x - wide / 2),
            (node.x + aside, node.y + 4, "start", node.x + aside),
            (node.x - aside, node.y + 4, "end", node.x - aside - wide),
        ):
            box = (left - HALO, text_y - 11, left + wide + HALO, text_y + 3)
            inside = box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
            on_node = any(_touches(box, other) for other in nodes if other is not node)
            if inside and not on_node and not any(_overlaps(box, other) for other in taken):
                taken.append(box)
                done.append(replace(node, text_x=round(x, 1), text_y=round(text_y, 1), anchor=anchor))
                break
        else:
            done.append(replace(node, label=""))
    return tuple(done)


def _touches(box: tuple[float, float, float, float], node: Node) -> bool:
    """Whether a box covers a part of a node."""
    near_x = min(max(node.x, box[0]), box[2])
    near_y = min(max(node.y, box[1]), box[3])
    return hypot(node.x - near_x, node.y - near_y) < node.radius


def _overlaps(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _radius(n: int, most: int) -> float:
    return round(LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * sqrt(n / most), 1)


def _width(n: int, most: int) -> float:
    return round(THIN + (THICK - THIN) * n / most, 1)


def _rounded(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[0], 1), round(place[1], 1)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"

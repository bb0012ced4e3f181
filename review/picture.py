"""A picture of a stack's components: what needs what, and what changes where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import drawsvg
import igraph

from review.changes import Component
from review.wording import OPERATIONS

_WIDTH, _HEIGHT = 180, 46
_GAP_X, _GAP_Y = 56, 22
_MARGIN = 12
_LONGEST_NAME = 24
# The worst that happens in a component gives it its class.
_WORST = ("delete", "forget", "replace", "update", "create", "import")
Point = tuple[float, float]


class _Link(drawsvg.DrawingParentElement):
    """A link around what is drawn."""

    TAG_NAME = "a"


@dataclass(frozen=True)
class _Placed:
    """Where the boxes are, and by which points the lines go between them."""

    boxes: Sequence[Point]
    lines: Sequence[Sequence[Point]]


def picture(components: Sequence[Component], label: str, anchors: Sequence[str]) -> str:
    """An SVG element whose boxes link to `anchors`, one for each component; colours come by class.

    What a component needs is to its left. Anchors must be plain identifiers.
    """
    placed = _place(components)
    width = max((x for x, _ in placed.boxes), default=0) + _WIDTH + 2 * _MARGIN
    low = [y for _, y in placed.boxes] + [y for line in placed.lines for _, y in line]
    height = max(low, default=0) + _HEIGHT + 2 * _MARGIN
    drawing = drawsvg.Drawing(width, height, class_="graph", role="group")
    drawing.append_title(label)
    arrow = f"{anchors[0]}-arrow" if anchors else "arrow"
    drawing.append(_arrow(arrow))
    for line in placed.lines:
        drawing.append(_line(line, arrow))
    for component, place, anchor in zip(components, placed.boxes, anchors, strict=True):
        drawing.append(_box(component, place, anchor))
    text = drawing.as_svg() or ""
    return text.partition("?>")[2].strip()


def _place(components: Sequence[Component]) -> _Placed:
    """Layers from left to right, by Sugiyama's method, with few crossings."""
    index = {component.name: number for number, component in enumerate(components)}
    edges = [
        (index[need], number)
        for number, component in enumerate(components)
        for need in component.needs
        if need in index
    ]
    graph = _reduced(igraph.Graph(n=len(components), edges=edges, directed=True))
    boxes: dict[int, Point] = {}
    lines: list[Sequence[Point]] = []
    top = float(_MARGIN)
    # One part at a time: of a whole graph, igraph 1.0 tells the bends of one part's edges as another's.
    found: Any = graph.connected_components(mode="weak")
    parts: list[list[int]] = list(found)
    for part in sorted(parts, key=len, reverse=True):
        placed = _place_part(graph.induced_subgraph(part), top)
        boxes |= dict(zip(part, placed.boxes, strict=True))
        lines += placed.lines
        points = [*placed.boxes, *(point for line in placed.lines for point in line)]
        top = max(y for _, y in points) + _HEIGHT + _GAP_Y
    return _Placed([boxes[number] for number in range(len(components))], lines)


def _place_part(graph: igraph.Graph, top: float) -> _Placed:
    """A connected part, from this height downwards; igraph layers from top to bottom, we to the right."""
    layout = graph.layout_sugiyama(hgap=_HEIGHT + _GAP_Y, vgap=_WIDTH + _GAP_X)
    bends: Sequence[Sequence[Point]] = layout.edge_routing or [[] for _ in graph.es]
    every = [*layout.coords, *(point for edge in bends for point in edge)]
    first, left = min(x for x, _ in every), min(y for _, y in every)

    def moved(point: Sequence[float]) -> Point:
        return point[1] - left + _MARGIN, point[0] - first + top

    boxes = [moved(point) for point in layout.coords]
    lines = [
        [*_ends(boxes[edge.source], boxes[edge.target], [moved(it) for it in bends[number]])]
        for number, edge in enumerate(graph.es)
    ]
    return _Placed(boxes, lines)


def _reduced(graph: igraph.Graph) -> igraph.Graph:
    """Without the edges that other paths tell already."""
    graph.simplify()
    if not graph.is_dag():
        return graph
    told = []
    for edge in graph.es:
        others = set(graph.successors(edge.source)) - {edge.target}
        if any(edge.target in graph.subcomponent(it, mode="out") for it in others):
            told.append(edge.index)
    graph.delete_edges(told)
    return graph


def _ends(source: Point, target: Point, between: Sequence[Point]) -> Iterator[Point]:
    middle = _HEIGHT / 2
    yield source[0] + _WIDTH, source[1] + middle
    # Where a line passes a column of boxes, it goes straight through the gap that is kept for it.
    for x, y in between:
        yield x, y + middle
        yield x + _WIDTH, y + middle
    yield target[0], target[1] + middle


def _line(points: Sequence[Point], arrow: str) -> drawsvg.Path:
    path = drawsvg.Path(class_="needs", fill="none", marker_end=f"url(#{arrow})")
    path.M(*points[0])
    for (x, y), (to_x, to_y) in pairwise(points):
        if y == to_y:
            path.L(to_x, to_y)
        else:
            bend = (x + to_x) / 2
            path.C(bend, y, bend, to_y, to_x, to_y)
    return path


def _arrow(name: str) -> drawsvg.Marker:
    arrow = drawsvg.Marker(-8, -4, 0, 4, orient="auto", id=name)
    arrow.append(drawsvg.Lines(-8, -4, -8, 4, 0, 0, close=True, class_="arrow"))
    return arrow


def _box(component: Component, place: Point, anchor: str) -> _Link:
    x, y = place
    worst = next((it for it in _WORST if component.changes.get(it)), "same")
    link = _Link(href=f"#{anchor}", class_=f"component {worst}")
    link.append_title(f"{component.name} ({component.type}): {told(component)}")
    link.append(drawsvg.Rectangle(x, y, _WIDTH, _HEIGHT, rx=6, ry=6))
    name = component.name
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    link.append(drawsvg.Text(short, 14, x + 10, y + 19, class_="name"))
    link.append(drawsvg.Text(told(component), 11, x + 10, y + 36, class_="told"))
    return link


def told(component: Component) -> str:
    """What happens in a component."""
    found = [f"{component.changes[it]} {it}" for it in OPERATIONS if component.changes.get(it)]
    return ", ".join(found) or f"{component.resources} unchanged"

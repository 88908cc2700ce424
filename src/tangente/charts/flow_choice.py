"""Which touchpoints and transitions a flow picture shows: few enough to be taken in at a glance, and how much that is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tangente.method.reporting import SMALLEST_CELL

MOST_NODES = 12  # people recognise a dozen boxes at a glance
EDGES_PER_NODE = 1.5
SHOWN_SHARE = 0.9  # of the transitions: no more edges than it takes


@dataclass(frozen=True, kw_only=True)
class Node:
    """A touchpoint: contacts, customers who begin and end there; lane: department or phase, None where unknown."""

    key: str
    name: str
    order: int
    contacts: int
    starts: int
    ends: int
    lane: str | None


@dataclass(frozen=True, kw_only=True)
class Edge:
    source: str
    target: str
    contacts: int
    customers: int
    median_wait_s: float

    @property
    def is_loop(self) -> bool:
        return self.source == self.target


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is drawn: `edges` without loops, `loops` apart, `share` of all transitions these make."""

    nodes: list[Node]
    edges: list[Edge]
    loops: list[Edge]
    share: float
    transitions: int  # different ones in the log

    def named(self, key: str) -> str:
        """A touchpoint shown, as the table of transitions calls it."""
        return f"{self.letter(key)} {next(node.name for node in self.nodes if node.key == key)}"

    def row(self, edge: Edge) -> str:
        """Of the table of transitions."""
        return f"{self.named(edge.source)} → {self.named(edge.target)}"

    def letter(self, key: str) -> str:
        return letter(next(index for index, node in enumerate(self.nodes) if node.key == key))


def letter(index: int) -> str:
    """A … Z, then AA, AB …"""
    first, last = divmod(index, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def choose(nodes: Sequence[Node], edges: Sequence[Edge]) -> Choice:
    """The most frequented touchpoints, always with the largest start, end and return; the edges that carry the most."""
    kept = _nodes(nodes, edges)
    keys = {node.key for node in kept}
    inner = [e for e in edges if {e.source, e.target} <= keys and e.customers >= SMALLEST_CELL]
    loops = [edge for edge in inner if edge.is_loop]
    total = sum(edge.contacts for edge in edges)
    chosen = _edges(kept, [edge for edge in inner if not edge.is_loop])
    drawn = sum(edge.contacts for edge in [*chosen, *loops])
    return Choice(nodes=kept, edges=chosen, loops=loops, share=drawn / total if total else 0.0, transitions=len(edges))


def _nodes(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Node]:
    order = {node.key: node.order for node in nodes}
    known = [edge for edge in edges if edge.source in order and edge.target in order]
    returns = [edge for edge in known if order[edge.target] < order[edge.source]]
    wanted = [_largest(nodes, lambda node: node.starts), _largest(nodes, lambda node: node.ends)]
    if returns:
        back = max(returns, key=lambda edge: (edge.contacts, edge.source, edge.target))
        wanted += [back.source, back.target]
    wanted += [node.key for node in sorted(nodes, key=lambda node: (-node.contacts, node.order))]
    keys = set(list(dict.fromkeys(wanted))[:MOST_NODES])
    return sorted((node for node in nodes if node.key in keys), key=lambda node: node.order)


def _largest(nodes: Sequence[Node], size: Callable[[Node], int]) -> str:
    return max(nodes, key=lambda node: (size(node), -node.order)).key


def _edges(nodes: Iterable[Node], edges: Sequence[Edge]) -> list[Edge]:
    """Each node's strongest way in and out, then the strongest others until nine tenths or one and a half a node."""
    nodes = list(nodes)
    ordered = sorted(edges, key=lambda edge: (-edge.contacts, edge.source, edge.target))
    kept: dict[tuple[str, str], Edge] = {}
    for node in nodes:
        for strongest in (
            next((edge for edge in ordered if edge.source == node.key), None),
            next((edge for edge in ordered if edge.target == node.key), None),
        ):
            if strongest:
                kept[strongest.source, strongest.target] = strongest
    total = sum(edge.contacts for edge in ordered)
    for edge in ordered:
        shown = sum(other.contacts for other in kept.values())
        if len(kept) >= EDGES_PER_NODE * len(nodes) or shown >= SHOWN_SHARE * total:
            break
        kept[edge.source, edge.target] = edge
    return [edge for edge in ordered if (edge.source, edge.target) in kept]

"""Shortest-path trees on a graph, kept for as long as there is room: one tree answers all targets of a source."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

ROOM_BYTES = 64 * 1024 * 1024
BYTES_A_NODE = 8 + 8 + 4
KEPT_MIN = 16
Weighting = tuple[str, NDArray[np.float64]]  # its name and the weight of each arc


class Tree(NamedTuple):
    """From one source: along the best ways, the seconds and metres to each node, and each node's node before."""

    source: int
    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]
    before: NDArray[np.int32]

    def path(self, node: int) -> list[int]:
        """The nodes from the source to `node`, both included."""
        path = [node]
        while path[-1] != self.source:
            path.append(int(self.before[path[-1]]))
        return path[::-1]


class Trees:
    """Trees by source and weighting, the least recently used dropped first. Threads may share it."""

    def __init__(
        self, tail: NDArray[np.int64], head: NDArray[np.int64], metres: NDArray[np.float64], nodes: int
    ) -> None:
        self._tail, self._head, self._metres, self._nodes = tail, head, metres, nodes
        self._kept: OrderedDict[tuple[str, str, int], Tree] = OrderedDict()
        self._most = max(KEPT_MIN, ROOM_BYTES // (BYTES_A_NODE * max(1, nodes)))
        self._lock = threading.Lock()

    def of(self, sources: Sequence[int], cost: Weighting, seconds: Weighting) -> list[Tree]:
        """The trees of these sources that are best by `cost`, their times measured by `seconds`."""
        found: dict[int, Tree] = {}
        with self._lock:
            for source in dict.fromkeys(sources):
                tree = self._kept.get((cost[0], seconds[0], source))
                if tree is not None:
                    self._kept.move_to_end((cost[0], seconds[0], source))
                    found[source] = tree
        missing = [source for source in dict.fromkeys(sources) if source not in found]
        if missing:
            grown = self._grow(missing, cost[1], seconds[1])
            found.update(zip(missing, grown, strict=True))
            with self._lock:
                self._kept.update({(cost[0], seconds[0], tree.source): tree for tree in grown[-self._most :]})
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return [found[source] for source in sources]

    def _grow(self, sources: list[int], cost: NDArray[np.float64], seconds: NDArray[np.float64]) -> list[Tree]:
        size = (self._nodes, self._nodes)
        _, before = dijkstra(
            csr_array((cost, (self._tail, self._head)), shape=size), indices=sources, return_predecessors=True
        )
        arcs = csr_array((np.arange(1, len(cost) + 1), (self._tail, self._head)), shape=size)
        trees = []
        for source, row in zip(sources, before, strict=True):
            parent = np.where(row < 0, np.arange(self._nodes), row)  # scipy says -9999 for the source
            last = np.asarray(arcs[parent, np.arange(self._nodes)]).ravel()  # the arc into each node, 0 for the source
            steps = np.stack([seconds, self._metres])[:, last - 1] * (last > 0)
            total = _summed(steps, parent)
            trees.append(Tree(source, total[0], total[1], row.astype(np.int32)))
        return trees


def _summed(steps: NDArray[np.float64], parent: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sum of the steps from the source down to each node: pointers jump twice as far each round."""
    total, up = steps.copy(), parent.copy()
    while (up != up[up]).any():
        total += total[:, up]
        up = up[up]
    return total

"""The Merkle tree of RFC 6962 section 2.1 (unchanged in RFC 9162 section 2.1), over SHA-256.

Leaves are numbered from 0. A node is named by (level, index): it is the root of the complete subtree over the leaves
`index << level` up to `(index + 1) << level`; level 0 is the leaf hashes. Such nodes never change once they exist, so a
log stores them and answers any proof from about 2 log2(n) of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

Place = tuple[int, int]
Span = tuple[int, int]  # leaves first..last (exclusive)

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """MTH({d}) = SHA-256(0x00 || d)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes."""
    peaks: list[tuple[int, bytes]] = []
    for number, leaf in enumerate(leaves):
        push(peaks, number, leaf)
    return root_of_peaks([peak for _, peak in peaks])


def push(peaks: list[tuple[int, bytes]], number: int, leaf: bytes) -> list[tuple[Place, bytes]]:
    """Appends leaf `number` to a tree given by its peaks (level, hash; highest first), in place.

    Answers the nodes (level >= 1) that became complete.
    """
    made: list[tuple[Place, bytes]] = []
    level, current = 0, leaf
    while peaks and peaks[-1][0] == level:
        current = node_hash(peaks.pop()[1], current)
        level += 1
        made.append(((level, number >> level), current))
    peaks.append((level, current))
    return made


def root_of_peaks(peaks: Iterable[bytes]) -> bytes:
    """The tree head from the complete subtrees of a tree, largest first."""
    rest = list(peaks)
    if not rest:
        return EMPTY_ROOT
    head = rest.pop()
    while rest:
        head = node_hash(rest.pop(), head)
    return head


def peaks_of(first: int, last: int) -> list[Place]:
    """The complete subtrees, largest first, whose roots fold to the subtree over leaves first..last.

    `first` is a multiple of the largest power of two below `last - first`, as in every subtree RFC 6962 speaks of.
    """
    places = []
    while first < last:
        level = (last - first).bit_length() - 1
        places.append((level, first >> level))
        first += 1 << level
    return places


def inclusion_spans(number: int, size: int) -> list[Span]:
    """The subtrees whose heads are PATH(number, D[size]), section 2.1.1, from the leaf upwards."""
    if not 0 <= number < size:
        raise ValueError(f"leaf {number} is not in a tree of {size}")
    first, last, spans = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if number < middle:
            spans.append((middle, last))
            last = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """The subtrees whose heads are PROOF(old, D[size]), section 2.1.2. Nothing to prove for old = 0 or old = size."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} has no earlier size {old}")
    if old in (0, size):
        return []
    first, last, whole, spans = 0, size, True, []
    while old != last:
        middle = first + _split(last - first)
        if old <= middle:
            spans.append((middle, last))
            last = middle
        else:
            spans.append((first, middle))
            first, whole = middle, False
    if not whole:
        spans.append((first, last))
    return spans[::-1]


def places_of(spans: Iterable[Span]) -> list[Place]:
    """All stored nodes that `proof` needs for those spans."""
    return [place for first, last in spans for place in peaks_of(first, last)]


def proof(spans: Iterable[Span], node: Mapping[Place, bytes]) -> list[bytes]:
    """The heads of the spans, computed from stored nodes."""
    return [root_of_peaks(node[place] for place in peaks_of(*span)) for span in spans]


def inclusion_proof(number: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of leaf `number` in the tree over these leaf hashes."""
    return [root(leaves[first:last]) for first, last in inclusion_spans(number, len(leaves))]


def consistency_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree over these leaf hashes extends the one over the first `old` of them."""
    return [root(leaves[first:last]) for first, last in consistency_spans(old, len(leaves))]


def verify_inclusion(leaf: bytes, number: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Whether `leaf` (a leaf hash) is leaf `number` of the tree of `size` with that head (RFC 9162 section 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    place, last, current = number, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            current = node_hash(step, current)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            current = node_hash(current, step)
        place, last = place >> 1, last >> 1
    return last == 0 and current == head


def verify_consistency(old: int, size: int, path: Sequence[bytes], old_head: bytes, head: bytes) -> bool:
    """Whether the tree of `size` extends the tree of `old` leaves (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        return not path and (old_head == head if old else old_head == EMPTY_ROOT)
    if not path:
        return False
    steps = list(path) if old & (old - 1) else [old_head, *path]
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_head and after == head


def extend(
    size: int, peaks: Sequence[bytes], leaves: Iterable[bytes], keep: Callable[[Place, bytes], None]
) -> list[bytes]:
    """Appends leaf hashes to a tree of `size` given by its peaks (largest first); `keep` takes each new node.

    Answers the new peaks.
    """
    levels = [level for level, _ in peaks_of(0, size)]
    stack = list(zip(levels, peaks, strict=True))
    for number, leaf in enumerate(leaves, size):
        for place, node in push(stack, number, leaf):
            keep(place, node)
    return [peak for _, peak in stack]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)

"""The tree: the published vectors of RFC 6962 logs, and that nothing else than the truth verifies."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.events.rules import merkle

# The inputs and results that certificate-transparency implementations share (trillian, certificate-transparency-go).
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(data) for data in INPUTS]
# (leaf, size) -> path
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
# (old, size) -> path
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
sizes = st.integers(1, 130)


def tree(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH as the RFC writes it, for leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return merkle.node_hash(by_definition(leaves[:middle]), by_definition(leaves[middle:]))


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("number", "size"), INCLUSION)
def test_the_published_inclusion_proofs(number: int, size: int) -> None:
    assert [step.hex() for step in merkle.inclusion_proof(number, LEAVES[:size])] == INCLUSION[number, size]


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_the_published_consistency_proofs(old: int, size: int) -> None:
    assert [step.hex() for step in merkle.consistency_proof(old, LEAVES[:size])] == CONSISTENCY[old, size]


@given(sizes)
def test_the_root_is_the_definition_s(size: int) -> None:
    assert merkle.root(tree(size)) == by_definition(tree(size))


@given(sizes, st.data())
def test_every_proof_verifies(size: int, data: st.DataObject) -> None:
    leaves, number, old = tree(size), data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    head = merkle.root(leaves)
    assert merkle.verify_inclusion(leaves[number], number, size, merkle.inclusion_proof(number, leaves), head)
    path = merkle.consistency_proof(old, leaves)
    assert merkle.verify_consistency(old, size, path, merkle.root(leaves[:old]), head)


@given(sizes, st.data())
def test_no_tampered_inclusion_proof_verifies(size: int, data: st.DataObject) -> None:
    leaves, number = tree(size), data.draw(st.integers(0, size - 1))
    path, head = merkle.inclusion_proof(number, leaves), merkle.root(leaves)
    elsewhere = data.draw(st.integers(0, size + 3).filter(lambda place: place != number))
    other = merkle.leaf_hash(b"another")
    assert not merkle.verify_inclusion(other, number, size, path, head)
    assert not merkle.verify_inclusion(leaves[number], elsewhere, size, path, head)
    assert not merkle.verify_inclusion(leaves[number], number, size, path, other)
    assert not merkle.verify_inclusion(leaves[number], number, size, [*path, other], head)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not merkle.verify_inclusion(leaves[number], number, size, path[:at] + path[at + 1 :], head)
        assert not merkle.verify_inclusion(leaves[number], number, size, _flipped(path, at, data), head)


@given(st.integers(2, 130), st.data())
def test_no_tampered_consistency_proof_verifies(size: int, data: st.DataObject) -> None:
    leaves, old = tree(size), data.draw(st.integers(1, size - 1))
    path, head, old_head = merkle.consistency_proof(old, leaves), merkle.root(leaves), merkle.root(leaves[:old])
    other = merkle.leaf_hash(b"another")
    at = data.draw(st.integers(0, len(path) - 1))
    assert not merkle.verify_consistency(old, size, path, other, head)
    assert not merkle.verify_consistency(old, size, path, old_head, other)
    assert not merkle.verify_consistency(old, size, [*path, other], old_head, head)
    assert not merkle.verify_consistency(old, size, path[:at] + path[at + 1 :], old_head, head)
    assert not merkle.verify_consistency(old, size, _flipped(path, at, data), old_head, head)


@given(sizes, st.integers(0, 40), st.data())
def test_proofs_from_stored_nodes_are_the_same_and_read_few(size: int, more: int, data: st.DataObject) -> None:
    """A tree grown in two steps, its nodes kept as a log keeps them, then asked at any size it ever had."""
    leaves = tree(size + more)
    kept: dict[merkle.Place, bytes] = {(0, number): leaf for number, leaf in enumerate(leaves)}
    peaks = merkle.extend(0, [], leaves[:size], kept.__setitem__)
    assert merkle.root_of_peaks(peaks) == merkle.root(leaves[:size])
    peaks = merkle.extend(size, peaks, leaves[size:], kept.__setitem__)
    assert merkle.root_of_peaks(peaks) == merkle.root(leaves)
    then = data.draw(st.integers(1, size + more))
    number, old = data.draw(st.integers(0, then - 1)), data.draw(st.integers(0, then))
    spans = merkle.inclusion_spans(number, then)
    assert merkle.proof(spans, kept) == merkle.inclusion_proof(number, leaves[:then])
    assert len(merkle.places_of(spans)) <= 2 * then.bit_length()
    spans = merkle.consistency_spans(old, then)
    assert merkle.proof(spans, kept) == merkle.consistency_proof(old, leaves[:then])
    assert len(merkle.places_of(spans)) <= 2 * then.bit_length()


@pytest.mark.parametrize(("number", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_is_refused(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="is not in a tree"):
        merkle.inclusion_spans(number, size)
    assert not merkle.verify_inclusion(LEAVES[0], number, size, [], LEAVES[0])


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3)])
def test_a_size_the_tree_never_had_is_refused(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="no earlier size"):
        merkle.consistency_spans(old, size)
    assert not merkle.verify_consistency(old, size, [], LEAVES[0], LEAVES[0])


def _flipped(path: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(path[at])
    changed[bit // 8] ^= 1 << bit % 8
    return [*path[:at], bytes(changed), *path[at + 1 :]]

"""Signed heads: the C2SP formats, read back by the published example's own key and by independent arithmetic."""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lilong.kernel.events.rules import notes

SIGNER = notes.Signer("lilong/test", "seed")
ROOT = sha256(b"root").digest()


def test_a_note_has_the_lines_of_a_checkpoint_and_a_signature_over_them() -> None:
    note = SIGNER.note(42, ROOT)
    body, _, line = note.partition("\n\n")
    assert body.split("\n") == ["lilong/test", "42", base64.b64encode(ROOT).decode()]
    dash, name, encoded = line.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "lilong/test")
    signature = base64.b64decode(encoded)
    origin, identity, key = SIGNER.verifier_key.split("+", 2)
    public = base64.b64decode(key)
    assert sha256(f"{origin}\n".encode() + public).digest()[:4] == signature[:4] == bytes.fromhex(identity)
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], f"{body}\n".encode())


def test_the_published_example_of_signed_notes_verifies() -> None:
    """From the documentation of golang.org/x/mod/sumdb/note (PeterNeumann's key); it is no checkpoint, and says so."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(ValueError, match="not a checkpoint"):
        notes.read(note, key)
    with pytest.raises(ValueError, match="the signature is wrong"):
        notes.read(note.replace("answer", "Answer"), key)


def test_a_note_reads_back() -> None:
    assert notes.read(SIGNER.note(42, ROOT), SIGNER.verifier_key) == notes.Checkpoint("lilong/test", 42, ROOT)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("42", "43"),
        lambda note: note.replace("lilong/test\n", "lilong/tesu\n", 1),
        lambda note: note.replace("\n\n", "\nmore\n\n"),
        lambda note: note[:-1],
        lambda note: note.replace("— ", "- "),
        lambda note: "",
        lambda note: note.replace(base64.b64encode(ROOT).decode(), base64.b64encode(sha256(b"").digest()).decode()),
    ],
)
def test_a_changed_note_is_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"signature|note|base64"):
        notes.read(change(SIGNER.note(42, ROOT)), SIGNER.verifier_key)


def test_another_key_does_not_verify() -> None:
    other = notes.Signer("lilong/test", "another seed")
    with pytest.raises(ValueError, match="no signature by"):
        notes.read(SIGNER.note(1, ROOT), other.verifier_key)

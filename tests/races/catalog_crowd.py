"""What a crowd does to the catalog. Run as a program (see `crowd.be`)."""

from uuid import UUID

from tests.races import crowd


def put(n: int, *, id: str, seller: str, prices: int, version: int | None) -> int:
    """Puts the one offer at one of some prices, made from that version; answers the version that came of it."""
    from lilong.kernel.base.words import Words
    from lilong.kernel.catalog.drafts import OfferDraft
    from lilong.kernel.catalog.services import put_offer
    from lilong.kernel.parties.actor import SYSTEM

    draft = OfferDraft(
        id=UUID(id),
        field="market",
        seller=UUID(seller),
        title=Words(en="Apple"),
        price=100 + n % prices,
        version=version,
    )
    return put_offer(SYSTEM, draft).version


if __name__ == "__main__":
    crowd.be(put)

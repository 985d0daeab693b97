"""Registering, changing and withdrawing products; retiring trade items."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from lilong.fields.market.drafts import ProductDraft, Refused
from lilong.fields.market.events.products import ItemRetired, ProductChanged, ProductRegistered, ProductWithdrawn
from lilong.fields.market.models import Product, Selling, TradeItem
from lilong.fields.market.rules import gtin, products, roles
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Missing, Problem, Violation
from lilong.kernel.catalog import services as catalog
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.catalog.drafts import Refused as OfferRefused
from lilong.kernel.events.services import Emission, emit, emit_many
from lilong.kernel.parties.actor import SYSTEM, Actor

# Columns of a product that its draft carries under the same name.
_PLAIN = (
    "code",
    "brand",
    "category",
    "temperature",
    "vat_percent",
    "shelf_life_days",
    "margin_days",
    "origin",
    "image",
    "emoji",
)


def register_product(actor: Actor, draft: ProductDraft) -> Product:
    """Registers one product; raises what `register_products` would answer."""
    (found,) = register_products(actor, [draft])
    if isinstance(found, Refused):
        raise found.problem
    return found


@transaction.atomic
def register_products(actor: Actor, drafts: Sequence[ProductDraft]) -> list[Product | Refused]:
    """Registers products with their trade items and catalog offers; one answer for each draft, in order.

    The same id with the same draft answers the same product. Refusals: `invalid` (names every bad field), `forbidden`,
    `id-taken`, `code-taken`, `gtin-taken` (the seller has it already), `gtin-retired`.
    """
    known = _Known(drafts)
    answers: list[Product | Refused | None] = []
    ready: dict[UUID, ProductDraft] = {}
    for draft in drafts:
        try:
            standing = known.standing(draft)
            if standing is None and ready.get(draft.id) != draft:
                ready[draft.id] = known.admitted(actor, draft)
            answers.append(standing)
        except Problem as problem:
            answers.append(Refused(id=draft.id, problem=problem))
    made = _create(actor, list(ready.values()))
    return [answer or made[draft.id] for answer, draft in zip(answers, drafts, strict=True)]


class _Known:
    """What the database knows that new products could clash with, read once for the batch and kept up with it."""

    def __init__(self, drafts: Sequence[ProductDraft]) -> None:
        sellers = {draft.seller for draft in drafts}
        mine = Product.objects.filter(seller__in=sellers)
        self.by_id = {p.id: p for p in Product.objects.filter(id__in=[draft.id for draft in drafts])}
        self.codes = set(mine.filter(code__in=[d.code for d in drafts]).values_list("seller", "code"))
        numbers = [d.gtin.zfill(14) for d in drafts if d.gtin]
        self.items = set(mine.filter(item__in=numbers).values_list("seller", "item_id"))
        self.retired = set(
            TradeItem.objects.filter(gtin__in=numbers, retired_at__isnull=False).values_list("gtin", flat=True)
        )
        self.ids: set[UUID] = set()

    def standing(self, draft: ProductDraft) -> Product | None:
        """The product that this very draft made before. Raises Conflict when its id stands for another."""
        found = self.by_id.get(draft.id)
        if found is not None and found.fingerprint != products.fingerprint(draft):
            raise _clash("id-taken", "/id", "same-body")
        return found

    def admitted(self, actor: Actor, draft: ProductDraft) -> ProductDraft:
        """The draft checked and ready to be created."""
        actor.require(draft.seller, *roles.RANGE, scope=roles.WRITE)
        checked = products.checked(draft)
        if draft.id in self.ids:
            raise _clash("id-taken", "/id", "unique")
        if (draft.seller, draft.code) in self.codes:
            raise _clash("code-taken", "/code", "unique")
        if checked.gtin in self.retired:
            raise _clash("gtin-retired", "/gtin", "never-reassigned")
        if checked.gtin and (draft.seller, checked.gtin) in self.items:
            raise _clash("gtin-taken", "/gtin", "unique")
        self.ids.add(draft.id)
        self.codes.add((draft.seller, draft.code))
        self.items.add((draft.seller, checked.gtin))
        return draft


def _clash(code: str, pointer: str, rule: str) -> Conflict:
    return Conflict(code, violations=[Violation(pointer=pointer, rule=rule)])


def _create(actor: Actor, drafts: Sequence[ProductDraft]) -> dict[UUID, Product | Refused]:
    now = clock.now()
    checked = [products.checked(draft) for draft in drafts]
    answers: dict[UUID, Product | Refused] = {}
    good: list[tuple[ProductDraft, str]] = []
    offers = catalog.put_offers(actor, [_offer(draft) for draft in checked])
    for draft, asked, offer in zip(checked, drafts, offers, strict=True):
        if isinstance(offer, OfferRefused):
            answers[draft.id] = Refused(id=draft.id, problem=offer.problem)
        else:
            good.append((draft, products.fingerprint(asked)))
    TradeItem.objects.bulk_create(
        [TradeItem(gtin=d.gtin, registrant=d.seller, registered_at=now) for d, _ in good if d.gtin],
        ignore_conflicts=True,
    )
    rows = [
        Product(
            id=d.id,
            seller=d.seller,
            offer=d.id,
            item_id=d.gtin or None,
            unit=d.unit,
            fingerprint=fingerprint,
            created_at=now,
            name=d.name.stored(),
            summary=d.summary.stored(),
            **{name: getattr(d, name) for name in _PLAIN},
        )
        for d, fingerprint in good
    ]
    Product.objects.bulk_create(rows)
    Selling.objects.bulk_create([Selling(offer=p.offer, product=p) for p in rows])
    emit_many(
        [
            Emission(
                ProductRegistered(
                    product=p.id, seller=p.seller, gtin=p.item_id or "", category=p.category, unit=p.unit
                ),
                subject=p.id,
                actor=actor.party,
            )
            for p in rows
        ]
    )
    return answers | {p.id: p for p in rows}


def _offer(draft: ProductDraft) -> OfferDraft:
    """How a checked product stands in the catalog; its offer has the product's id."""
    return OfferDraft(
        id=draft.id,
        field="market",
        seller=draft.seller,
        kind="product",
        title=draft.name,
        summary=draft.summary,
        unit=draft.unit,
        price=draft.price,
        per=draft.per,
        settle=draft.settle or "now",
        limit_per_buyer=draft.limit_per_buyer,
        tolerance_percent=draft.tolerance_percent or 0,
        place_bound=True,
        tags=tuple(dict.fromkeys((draft.category, *draft.tags))),
        image=draft.image,
        attributes={"brand": draft.brand, "gtin": draft.gtin, "origin": draft.origin, "emoji": draft.emoji},
        state=draft.state,
    )


@transaction.atomic
def change_product(actor: Actor, draft: ProductDraft) -> Product:
    """Makes a product what the draft says: words, price, terms. Unit, seller and a GTIN once given stay.

    Lots already in keep their last day when the margin changes. The same draft again changes nothing. Raises Missing, Forbidden, Invalid, Conflict (`code-taken`, `gtin-taken`,
    `gtin-retired`), Gone (`product-withdrawn`).
    """
    found = _locked(actor, draft.id)
    if found.withdrawn_at:
        raise Gone("product-withdrawn")
    checked = products.checked(draft)
    _require_unchanged(found, checked)
    offer = catalog.put_offer(actor, _offer(checked))
    if checked.gtin and found.item_id is None:
        _give_gtin(found, checked.gtin)
    wanted = {name: getattr(checked, name) for name in _PLAIN}
    wanted |= {"name": checked.name.stored(), "summary": checked.summary.stored()}
    changed = [name for name, value in wanted.items() if getattr(found, name) != value]
    if "code" in changed and Product.objects.filter(seller=found.seller, code=checked.code).exists():
        raise _clash("code-taken", "/code", "unique")
    for name in changed:
        setattr(found, name, wanted[name])
    found.save()
    if changed or offer.changed_at == clock.now():
        emit(
            ProductChanged(product=found.id, seller=found.seller, fields=changed or ["offer"]),
            subject=found.id,
            actor=actor.party,
        )
    return found


def _require_unchanged(found: Product, draft: ProductDraft) -> None:
    fixed = {"seller": found.seller, "unit": found.unit} | ({"gtin": found.item_id} if found.item_id else {})
    bad = [
        Violation(pointer=f"/{name}", rule="fixed") for name, value in fixed.items() if getattr(draft, name) != value
    ]
    if bad:
        raise Conflict("fixed", violations=bad)


def _give_gtin(product: Product, number: str) -> None:
    item, _ = TradeItem.objects.get_or_create(
        gtin=number, defaults={"registrant": product.seller, "registered_at": clock.now()}
    )
    if item.retired_at:
        raise _clash("gtin-retired", "/gtin", "never-reassigned")
    if Product.objects.filter(seller=product.seller, item=item).exists():
        raise _clash("gtin-taken", "/gtin", "unique")
    product.item = item


@transaction.atomic
def withdraw_product(actor: Actor, *, id: UUID) -> Product:
    """Stops selling a product: its offers are withdrawn, its stock stays booked. Again: the same answer."""
    found = _locked(actor, id)
    if found.withdrawn_at is None:
        _withdraw(actor, found)
    return found


def _locked(actor: Actor, id: UUID) -> Product:
    found = Product.objects.select_for_update().filter(id=id).first()
    if found is None:
        raise Missing("no-such-product")
    actor.require(found.seller, *roles.RANGE, scope=roles.WRITE)
    return found


def _withdraw(actor: Actor, product: Product) -> None:
    for selling in product.sellings.all():
        catalog.withdraw(SYSTEM, selling.offer)  # whoever may withdraw the product may its offers
    product.withdrawn_at = clock.now()
    product.save(update_fields=["withdrawn_at"])
    emit(ProductWithdrawn(product=product.id, seller=product.seller), subject=product.id, actor=actor.party)


@transaction.atomic
def retire_item(actor: Actor, *, number: str) -> TradeItem:
    """Retires a GTIN for good: the resolver then answers 410, and nobody can register it again.

    Its registrant may while nobody else sells it; else only the city's operators. Again: the same answer.
    """
    gtin14 = gtin.normalise(number)
    item = TradeItem.objects.select_for_update().filter(gtin=gtin14).first()
    if item is None:
        raise Missing("no-such-item")
    if item.retired_at:
        return item
    selling = list(item.products.filter(withdrawn_at__isnull=True).select_for_update())
    if not actor.staff:
        actor.require(item.registrant, *roles.RANGE, scope=roles.WRITE)
        if any(product.seller != item.registrant for product in selling):
            raise Forbidden("sold-by-others", violations=[Violation(pointer="/gtin", rule="only-seller")])
    for product in selling:
        _withdraw(actor, product)
    item.retired_at = clock.now()
    item.save(update_fields=["retired_at"])
    emit(ItemRetired(gtin=gtin14, products=len(selling)), subject=item.registrant, actor=actor.party)
    return item

"""What invoices say of a seller."""

from uuid import UUID

from django.db import transaction

from lilong.fields.market.models import Trader
from lilong.fields.market.rules import credit_code, roles
from lilong.kernel.base.problems import Conflict, Invalid, Violation
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def set_trader(
    actor: Actor,
    *,
    organisation: UUID,
    legal_name: str,
    tax_number: str,
    street: str,
    city: str,
    postal_code: str = "",
) -> Trader:
    """Sets a seller's legal name, tax number (unified social credit code, GB 32100-2015) and address for invoices to come.

    Raises Forbidden, Invalid (every bad field), Conflict `tax-number-taken`.
    """
    actor.require(organisation, "manager", scope=roles.WRITE)
    code = credit_code.require(tax_number)
    fields = {"legal_name": (legal_name, 120), "street": (street, 120), "city": (city, 60)}
    bad = [
        Violation(pointer=f"/{name}", rule="length", detail=f"1..{most}")
        for name, (text, most) in fields.items()
        if not 1 <= len(text.strip()) <= most
    ]
    if bad or len(postal_code) > 12:  # noqa: PLR2004 (the column's width)
        raise Invalid("invalid", violations=bad or [Violation(pointer="/postal_code", rule="length", detail="12")])
    if Trader.objects.filter(tax_number=code).exclude(organisation=organisation).exists():
        raise Conflict("tax-number-taken", violations=[Violation(pointer="/tax_number", rule="unique")])
    values = {name: text.strip() for name, (text, _) in fields.items()}
    trader, _ = Trader.objects.update_or_create(
        organisation=organisation, defaults=values | {"tax_number": code, "postal_code": postal_code.strip()}
    )
    return trader

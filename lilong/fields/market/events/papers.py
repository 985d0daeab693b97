"""Facts of invoices and imports."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.invoice.issued")
class InvoiceIssued(Fact):
    """An invoice (380) or credit note (381) was issued. Subject: the order. In fen; `tax` is part of `total`."""

    invoice: UUID
    order: UUID
    seller: UUID
    number: int
    type_code: int
    total: int
    tax: int


@fact("market.import.finished")
class ImportFinished(Fact):
    """A table of products or stock was taken in. Subject: the import."""

    seller: UUID
    kind: str
    rows: int
    taken: int
    refused: int

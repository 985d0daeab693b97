"""Who sells, for the tax office; and the invoices issued."""

from django.db import models


class Trader(models.Model):
    """What an invoice says of a seller: legal name, tax number (GB 32100-2015), address."""

    organisation = models.UUIDField(primary_key=True)
    legal_name = models.CharField(max_length=120)
    tax_number = models.CharField(max_length=18, unique=True)
    street = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    postal_code = models.CharField(max_length=12, blank=True)


class InvoiceBook(models.Model):
    """A seller's last invoice number: taken under lock, so that numbers have no gaps."""

    seller = models.UUIDField(primary_key=True)
    last = models.IntegerField(default=0)


class Invoice(models.Model):
    """An issued invoice (380) or credit note (381, UNTDID 1001). Never changed: the database refuses."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    buyer = models.UUIDField()
    number = models.IntegerField()
    type_code = models.SmallIntegerField()
    order = models.UUIDField(db_index=True)
    refund = models.UUIDField(null=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="credit_notes")
    total = models.BigIntegerField()
    document = models.TextField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "number"], name="market_invoice_number"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(type_code=380), name="market_invoice_once_an_order"
            ),
            models.UniqueConstraint(fields=["refund"], name="market_credit_note_once_a_refund"),
            models.CheckConstraint(condition=models.Q(type_code__in=[380, 381]), name="market_invoice_type"),
        ]

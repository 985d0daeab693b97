"""Invoices and credit notes as UBL 2.1 (ISO/IEC 19845) conforming to EN 16931-1 (syntax binding CEN/TS 16931-3-2)."""

from decimal import Decimal

from lxml import etree

from lilong.fields.market.rules.invoice import CREDIT_NOTE, Buyer, Document, Line, Seller
from lilong.kernel.base.money import major

SPECIFICATION = "urn:cen.eu:en16931:2017"
CONTENT_TYPE = "application/xml"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC = f"{{{_UBL}CommonAggregateComponents-2}}"
_CBC = f"{{{_UBL}CommonBasicComponents-2}}"
_GTIN_SCHEME = "0160"  # ISO 6523 ICD of the GTIN


class _Writer:
    """Writes one document; every amount carries its currency."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.credit = document.type_code == CREDIT_NOTE
        kind = "CreditNote" if self.credit else "Invoice"
        spaces = {None: f"{_UBL}{kind}-2", "cac": _CAC[1:-1], "cbc": _CBC[1:-1]}
        self.root = etree.Element(f"{{{_UBL}{kind}-2}}{kind}", nsmap=spaces)

    def text(self, parent: etree._Element, name: str, value: object, **attributes: str) -> None:
        etree.SubElement(parent, _CBC + name, attributes).text = str(value)

    def amount(self, parent: etree._Element, name: str, minor: int) -> None:
        self.text(parent, name, f"{major(minor, self.document.currency):.2f}", currencyID=self.document.currency)

    def under(self, parent: etree._Element, *names: str) -> etree._Element:
        for name in names:
            parent = etree.SubElement(parent, _CAC + name)
        return parent


def write(document: Document) -> bytes:
    """The document as XML, UTF-8."""
    writer = _Writer(document)
    _head(writer)
    _seller(writer, document.seller)
    _buyer(writer, document.buyer)
    if document.delivered_on:
        writer.text(writer.under(writer.root, "Delivery"), "ActualDeliveryDate", document.delivered_on.isoformat())
    _taxes(writer)
    _totals(writer)
    for line in document.lines:
        _line(writer, line)
    return etree.tostring(writer.root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(w: _Writer) -> None:
    document = w.document
    w.text(w.root, "CustomizationID", SPECIFICATION)
    w.text(w.root, "ID", document.number)
    w.text(w.root, "IssueDate", document.issued_on.isoformat())
    w.text(w.root, "CreditNoteTypeCode" if w.credit else "InvoiceTypeCode", document.type_code)
    w.text(w.root, "DocumentCurrencyCode", document.currency)
    w.text(w.under(w.root, "OrderReference"), "ID", document.order)
    if w.credit:
        w.text(w.under(w.root, "BillingReference", "InvoiceDocumentReference"), "ID", document.corrects)


def _seller(w: _Writer, seller: Seller) -> None:
    party = w.under(w.root, "AccountingSupplierParty", "Party")
    w.text(w.under(party, "PartyName"), "Name", seller.legal_name)
    address = w.under(party, "PostalAddress")
    w.text(address, "StreetName", seller.street)
    w.text(address, "CityName", seller.city)
    if seller.postal_code:
        w.text(address, "PostalZone", seller.postal_code)
    w.text(w.under(address, "Country"), "IdentificationCode", seller.country)
    scheme = w.under(party, "PartyTaxScheme")
    w.text(scheme, "CompanyID", seller.country + seller.tax_number)
    w.text(w.under(scheme, "TaxScheme"), "ID", "VAT")
    legal = w.under(party, "PartyLegalEntity")
    w.text(legal, "RegistrationName", seller.legal_name)
    w.text(legal, "CompanyID", seller.tax_number)


def _buyer(w: _Writer, buyer: Buyer) -> None:
    party = w.under(w.root, "AccountingCustomerParty", "Party")
    address = w.under(party, "PostalAddress")
    w.text(address, "CityName", buyer.city)
    w.text(w.under(address, "Country"), "IdentificationCode", buyer.country)
    w.text(w.under(party, "PartyLegalEntity"), "RegistrationName", buyer.name)


def _taxes(w: _Writer) -> None:
    total = w.under(w.root, "TaxTotal")
    w.amount(total, "TaxAmount", w.document.split.tax)
    for group in w.document.split.groups:
        subtotal = w.under(total, "TaxSubtotal")
        w.amount(subtotal, "TaxableAmount", group.taxable)
        w.amount(subtotal, "TaxAmount", group.tax)
        _category(w, subtotal, "TaxCategory", group.percent)


def _category(w: _Writer, parent: etree._Element, name: str, percent: int) -> None:
    category = w.under(parent, name)
    w.text(category, "ID", "S" if percent else "Z")  # UNTDID 5305: standard rate, zero rated
    w.text(category, "Percent", percent)
    w.text(w.under(category, "TaxScheme"), "ID", "VAT")


def _totals(w: _Writer) -> None:
    split = w.document.split
    totals = w.under(w.root, "LegalMonetaryTotal")
    w.amount(totals, "LineExtensionAmount", split.net)
    w.amount(totals, "TaxExclusiveAmount", split.net)
    w.amount(totals, "TaxInclusiveAmount", split.net + split.tax)
    w.amount(totals, "PrepaidAmount", split.paid)
    if split.rounding:
        w.amount(totals, "PayableRoundingAmount", split.rounding)
    w.amount(totals, "PayableAmount", 0)


def _line(w: _Writer, line: Line) -> None:
    element = w.under(w.root, "CreditNoteLine" if w.credit else "InvoiceLine")
    w.text(element, "ID", line.n)
    quantity = "CreditedQuantity" if w.credit else "InvoicedQuantity"
    w.text(element, quantity, _plain(line.quantity), unitCode=line.unit_code)
    w.amount(element, "LineExtensionAmount", line.net)
    item = w.under(element, "Item")
    w.text(item, "Name", line.name)
    w.text(w.under(item, "SellersItemIdentification"), "ID", line.code)
    if line.gtin:
        w.text(w.under(item, "StandardItemIdentification"), "ID", line.gtin, schemeID=_GTIN_SCHEME)
    _category(w, item, "ClassifiedTaxCategory", line.vat_percent)
    price = w.under(element, "Price")
    w.text(price, "PriceAmount", _plain(line.net_price), currencyID=w.document.currency)
    w.text(price, "BaseQuantity", _plain(line.base_quantity), unitCode=line.unit_code)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"

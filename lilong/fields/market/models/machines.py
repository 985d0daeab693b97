"""Machines that sell or collect on their own: their layout, what they said, what they were told, who used them.

How much stands in a slot is what the ledger says of the lots loaded there, never a column.
"""

from django.db import models

from lilong.fields.market.models.lots import Lot
from lilong.fields.market.models.places import Place
from lilong.fields.market.models.products import Product

PURCHASE_STATES = ("reserved", "settled", "released", "late")
SESSION_STATES = ("open", "closed", "timed-out")
DISPUTE_KINDS = ("excess", "unpaid", "late", "contested")
DISPUTE_STATES = ("open", "refunded", "refused", "written-off")
WEIGHING_STATES = ("credited", "quarantined", "refused")


class Machine(models.Model):
    """A device party at a place of its own. Temperatures in thousandths of a degree Celsius.

    `attention` says why a person should look (silent, sequence-reused, unreadable, left-inside); '' when nobody need.
    """

    device = models.UUIDField(primary_key=True)
    place = models.OneToOneField(Place, models.PROTECT, related_name="machine")
    seller = models.UUIDField(db_index=True)
    coldest_mc = models.IntegerField(null=True)
    warmest_mc = models.IntegerField(null=True)
    temperature_mc = models.IntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    attention = models.CharField(max_length=40, blank=True)
    registered_at = models.DateTimeField()


class MachineSlot(models.Model):
    """A spiral, cell or shelf: which product goes there, how many fit, and how many there should be after a refill."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="slots")
    code = models.CharField(max_length=12)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    capacity = models.IntegerField()
    par = models.IntegerField()
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["machine", "code"], name="market_slot_once"),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, par__gte=0, par__lte=models.F("capacity")), name="market_slot_sizes"
            ),
        ]


class SlotLot(models.Model):
    """A lot that was loaded into a slot. A lot stands in one slot of a machine; its count is its stock at the place."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    slot = models.ForeignKey(MachineSlot, models.CASCADE, related_name="loads")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "lot"], name="market_lot_in_one_slot")]


class MachineMessage(models.Model):
    """What a machine said, once for each of its numbers. `outcome` is 'taken' or the code of the refusal."""

    pk = models.CompositePrimaryKey("machine_id", "seq")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="messages")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    subject = models.UUIDField(null=True, db_index=True)
    body = models.JSONField()
    outcome = models.CharField(max_length=60)
    received_at = models.DateTimeField()


class MachineCommand(models.Model):
    """What a machine is told: written with the change it belongs to, void after `expires_at`."""

    id = models.UUIDField(primary_key=True)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="commands")
    kind = models.CharField(max_length=12)
    subject = models.UUIDField(null=True)
    body = models.JSONField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["machine"], name="market_command_undone", condition=models.Q(done_at=None)),
        ]


class Purchase(models.Model):
    """A purchase at a vending machine; `id` is its order's. `parts` are the numbers of the reports that belong to it."""

    id = models.UUIDField(primary_key=True)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="purchases")
    buyer = models.UUIDField(db_index=True)
    state = models.CharField(max_length=8, default="reserved")
    parts = models.JSONField(null=True)
    jammed = models.JSONField(default=list)
    late_order = models.UUIDField(null=True)
    reserved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PURCHASE_STATES), name="market_purchase_state"),
            models.UniqueConstraint(
                fields=["machine"], condition=models.Q(state="reserved"), name="market_one_purchase_at_a_time"
            ),
        ]


class PurchaseLine(models.Model):
    """Line `n` of a purchase's order: so many out of a slot, at a price; `taken` is what the machine reported."""

    pk = models.CompositePrimaryKey("purchase_id", "n")
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="lines")
    n = models.SmallIntegerField()
    slot = models.ForeignKey(MachineSlot, models.PROTECT, related_name="+")
    offer = models.UUIDField()
    quantity = models.IntegerField()
    price = models.BigIntegerField()
    taken = models.IntegerField(null=True)


class MachineSession(models.Model):
    """Somebody inside an unmanned shop (with money held) or at a collection machine. `id` is the pass's."""

    id = models.UUIDField(primary_key=True)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="sessions")
    person = models.UUIDField(db_index=True)
    state = models.CharField(max_length=10, default="open")
    held = models.BigIntegerField(default=0)
    parts = models.JSONField(null=True)
    order = models.UUIDField(null=True, unique=True)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SESSION_STATES), name="market_session_state"),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="open"), name="market_one_session_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="market_session_open", condition=models.Q(state="open")),
        ]


class Dispute(models.Model):
    """What machine and money do not agree on: `quantity` out of a slot, worth `amount` (fen); `line` of its order."""

    id = models.UUIDField(primary_key=True)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="disputes")
    order = models.UUIDField(null=True, db_index=True)
    buyer = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=9)
    slot = models.ForeignKey(MachineSlot, models.PROTECT, related_name="+")
    line = models.SmallIntegerField(null=True)
    quantity = models.IntegerField()
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=11, default="open")
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=DISPUTE_KINDS), name="market_dispute_kind"),
            models.CheckConstraint(condition=models.Q(state__in=DISPUTE_STATES), name="market_dispute_state"),
            models.UniqueConstraint(
                fields=["order", "line"],
                condition=models.Q(kind="contested", state="open"),
                name="market_one_contest_a_line",
            ),
        ]


class Weighing(models.Model):
    """Material handed in at a collection machine, once for each of the machine's numbers. `coins` were credited."""

    id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(MachineSession, models.PROTECT, related_name="weighings")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="weighings")
    seq = models.BigIntegerField()
    person = models.UUIDField()
    material = models.CharField(max_length=8)
    grams = models.IntegerField()
    coins = models.IntegerField()
    state = models.CharField(max_length=11)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["machine", "seq"], name="market_weighing_once"),
            models.CheckConstraint(condition=models.Q(state__in=WEIGHING_STATES), name="market_weighing_state"),
            models.CheckConstraint(condition=models.Q(grams__gt=0, coins__gte=0), name="market_weighing_of_something"),
        ]
        indexes = [models.Index(fields=["person", "at"], name="market_weighing_of_person")]


class CoinDay(models.Model):
    """How many coins a person was credited on a day of the city: the row to lock before crediting more."""

    pk = models.CompositePrimaryKey("person", "day")
    person = models.UUIDField()
    day = models.DateField()
    coins = models.IntegerField(default=0)


class MachineBin(models.Model):
    """A bin of a collection machine that reported itself full."""

    pk = models.CompositePrimaryKey("machine_id", "material")
    machine = models.ForeignKey(Machine, models.CASCADE, related_name="full_bins")
    material = models.CharField(max_length=8)
    since = models.DateTimeField()

"""Vehicles that speak VDA 5050: what master control knows of them, what it told them, what they said that was wrong."""

from django.db import models

from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.runs import Run, Stop
from lilong.fields.delivery.models.shipments import Shipment

CONNECTIONS = ("", "ONLINE", "OFFLINE", "CONNECTIONBROKEN", "HIBERNATING")
ORDER_STATES = ("sent", "running", "cancelling", "finished", "failed", "cancelled", "lost")
ORDER_OPEN = ("sent", "running", "cancelling")
TASK_STATES = ("WAITING", "INITIALIZING", "RUNNING", "PAUSED", "RETRIABLE", "FINISHED", "FAILED", "WITHDRAWN")
INSTANT_STATES = (
    "sent",
    "WAITING",
    "INITIALIZING",
    "RUNNING",
    "PAUSED",
    "RETRIABLE",
    "FINISHED",
    "FAILED",
    "unanswered",
)


class ControlledVehicle(models.Model):
    """A vehicle by its protocol names, and how it was when it last spoke.

    `heard_at` is our clock at its last message of any kind; `marks` the [headerId, timestamp] of the newest message a topic,
    `said` how many we sent a
    topic; `version` is the one we speak to it, `says` the one its own headers have. Position: mm and thousandths of a radian in `map`. `silent_at`: it is given up since;
    `recovering`: it must confirm that its lost order is cancelled before it gets another; `held`: people keep it from getting one.
    """

    vehicle = models.OneToOneField(Vehicle, models.PROTECT, primary_key=True, related_name="control")
    manufacturer = models.CharField(max_length=40)
    serial = models.CharField(max_length=40)
    version = models.CharField(max_length=5)
    says = models.CharField(max_length=5, blank=True)
    connection = models.CharField(max_length=16, default="", blank=True)
    heard_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField(null=True)
    marks = models.JSONField(default=dict)
    said = models.JSONField(default=dict)
    order = models.CharField(max_length=64, blank=True)
    last_node = models.CharField(max_length=100, blank=True)
    map = models.CharField(max_length=100, blank=True)
    x_mm = models.IntegerField(null=True)
    y_mm = models.IntegerField(null=True)
    theta_mrad = models.IntegerField(null=True)
    mode = models.CharField(max_length=16, blank=True)
    driving = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)
    stopped = models.CharField(max_length=16, blank=True)
    charging = models.BooleanField(default=False)
    charge_permille = models.IntegerField(null=True)
    loads = models.JSONField(null=True)
    troubles = models.JSONField(default=list)
    factsheet = models.JSONField(null=True)
    factsheet_at = models.DateTimeField(null=True)
    silent_at = models.DateTimeField(null=True)
    recovering = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    refused = models.IntegerField(default=0)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "serial"], name="delivery_control_names_once"),
            models.CheckConstraint(condition=models.Q(version__in=["2.1.0", "3.0.0"]), name="delivery_control_version"),
            models.CheckConstraint(condition=models.Q(connection__in=CONNECTIONS), name="delivery_control_connection"),
        ]
        indexes = [
            models.Index(fields=["heard_at"], name="delivery_control_heard", condition=models.Q(silent_at=None)),
        ]


class VehicleOrder(models.Model):
    """An order to a vehicle; `id` is its orderId. `course` is the whole of it, as master control knows it; `update` the last
    orderUpdateId sent, `taken` the one the vehicle has; `run_version` what of the
    run it follows; `sent` the part that went out last, to say it again. `why` it did not end well; `give_back`: what it had not aboard is
    yet to be given to others."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(ControlledVehicle, models.PROTECT, related_name="orders")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    run_version = models.IntegerField(default=0)
    state = models.CharField(max_length=10, default="sent")
    update = models.IntegerField(default=0)
    taken = models.IntegerField(null=True)
    course = models.JSONField()
    sent = models.JSONField()
    sent_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=1)
    last_sequence = models.IntegerField(default=0)
    why = models.CharField(max_length=100, blank=True)
    give_back = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ORDER_STATES), name="delivery_order_state"),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(state__in=ORDER_OPEN), name="delivery_one_open_order"
            ),
        ]


class VehicleTask(models.Model):
    """An action on a node of an order; `id` is its actionId. `state` is the vehicle's word for it and never leaves FINISHED
    or FAILED; `settled_at`: its outcome is in the books, with the `problem` that kept it out, if one did."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(VehicleOrder, models.PROTECT, related_name="tasks")
    stop = models.ForeignKey(Stop, models.PROTECT, null=True, related_name="+")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=4)
    sequence = models.IntegerField()
    state = models.CharField(max_length=12, default="WAITING")
    result = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["pick", "drop"]), name="delivery_task_kind"),
            models.CheckConstraint(condition=models.Q(state__in=TASK_STATES), name="delivery_task_state"),
        ]


class InstantAction(models.Model):
    """Something a vehicle was told to do at once; `id` is its actionId. Said again until it shows in the vehicle's state."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(ControlledVehicle, models.PROTECT, related_name="instants")
    order = models.ForeignKey(VehicleOrder, models.PROTECT, null=True, related_name="instants")
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=list)
    state = models.CharField(max_length=12, default="sent")
    tries = models.SmallIntegerField(default=1)
    sent_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=INSTANT_STATES), name="delivery_instant_state"),
        ]
        indexes = [
            models.Index(fields=["vehicle"], name="delivery_instant_open", condition=models.Q(ended_at=None)),
        ]


class RefusedMessage(models.Model):
    """A message that could not be taken, and why; the newest hundred of a vehicle are kept."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(ControlledVehicle, models.PROTECT, related_name="refused_messages")
    topic = models.CharField(max_length=16)
    reason = models.CharField(max_length=400)
    payload = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()

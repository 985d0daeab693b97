"""Tables of the event log. Events, leaves, nodes and signed heads refuse change by triggers (see the migrations)."""

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One recorded fact. `key` is the order of writing; its place in the log is its leaf's `seq`."""

    key = models.BigAutoField(primary_key=True, db_column="pk")
    id = models.UUIDField(unique=True)
    type = models.TextField()
    version = models.SmallIntegerField()
    subject = models.UUIDField()
    actor = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField()
    request = models.TextField(null=True)  # null costs no bytes, and most events have none

    class Meta:
        db_table = "events_event"
        indexes = [
            models.Index(fields=["subject", "key"], name="events_event_subject"),
            models.Index(fields=["type", "occurred_at", "key"], name="events_event_type"),
            models.Index(fields=["actor", "key"], condition=models.Q(actor__isnull=False), name="events_event_actor"),
        ]


class Outbox(models.Model):
    """Events that are not in the tree yet; filled by a trigger on `events_event`, emptied by `sequence`."""

    event_pk = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "events_outbox"


class Leaf(models.Model):
    """The place of an event in the log: 1, 2, 3, ... without gaps. No foreign key, because its check would lock (and so
    rewrite) every event row again; the event cannot be deleted, and `verify` finds one that was."""

    seq = models.BigIntegerField(primary_key=True)
    event_pk = models.BigIntegerField(unique=True)
    leaf_hash = models.BinaryField()

    class Meta:
        db_table = "events_leaf"


class Node(models.Model):
    """The root of a complete subtree: leaves `index << level` up to `(index + 1) << level` (0-based); level from 1."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "events_node"


class Tree(models.Model):
    """The tree's present size and root: one row, whose lock is the right to sequence."""

    id = models.SmallIntegerField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField()

    class Meta:
        db_table = "events_tree"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="events_tree_one_row")]


class Head(models.Model):
    """A signed head (C2SP checkpoint) as it was given out."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        db_table = "events_head"


class Cursor(models.Model):
    """How far a follower of the log has read: a projection, or the relay to the broker ('jetstream')."""

    name = models.TextField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events_cursor"


class Endpoint(models.Model):
    """A subscriber's address for webhooks. `sealed` is the signing secret, encrypted: it must be usable, not shown."""

    id = models.UUIDField(primary_key=True)
    owner = models.UUIDField(db_index=True)
    url = models.TextField()
    types = models.JSONField(default=list)
    sealed = models.BinaryField()
    open = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events_endpoint"


class Delivery(models.Model):
    """One event for one endpoint. `due_at` is when to try (again); while `sending` it is when the try is given up.
    `since` is when the present row of tries began: at first, or when its owner asked for it again."""

    key = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_pk = models.BigIntegerField()
    event = models.UUIDField()
    type = models.TextField()
    state = models.TextField(default="due")
    attempts = models.IntegerField(default=0)
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "events_delivery"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_pk"], name="events_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["due", "sending", "delivered", "dead"]), name="events_delivery_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                condition=models.Q(state__in=["due", "sending"]),
                name="events_delivery_waiting",
            )
        ]

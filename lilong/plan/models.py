"""Tables of the plan's numbers. All are computed from the event log and may be emptied and computed again."""

from django.db import models


class Cell(models.Model):
    """A number of one indicator's part in one month and slice. `parties`: at most five of the parties behind it."""

    pk = models.CompositePrimaryKey("indicator", "part", "month", "slice")
    indicator = models.TextField()
    part = models.CharField(max_length=1)
    month = models.DateField()
    slice = models.TextField()
    value = models.BigIntegerField()
    events = models.BigIntegerField()
    parties = models.TextField()

    class Meta:
        db_table = "plan_cell"
        constraints = [models.CheckConstraint(condition=models.Q(part__in=["n", "d"]), name="plan_cell_part")]


class Use(models.Model):
    """How often a distinct value was seen in a cell, less how often that was taken back. It counts while above zero."""

    pk = models.CompositePrimaryKey("indicator", "part", "month", "slice", "value")
    indicator = models.TextField()
    part = models.CharField(max_length=1)
    month = models.DateField()
    slice = models.TextField()
    value = models.TextField()
    uses = models.BigIntegerField()

    class Meta:
        db_table = "plan_use"


class Source(models.Model):
    """Which events count in which month: the way from a number down to its events."""

    pk = models.CompositePrimaryKey("type", "month", "seq")
    type = models.TextField()
    month = models.DateField()
    seq = models.BigIntegerField()

    class Meta:
        db_table = "plan_source"


class Restatement(models.Model):
    """A closed month's number for the whole city was changed by an event."""

    pk = models.CompositePrimaryKey("indicator", "month", "part", "seq")
    indicator = models.TextField()
    month = models.DateField()
    part = models.CharField(max_length=1)
    seq = models.BigIntegerField()
    event = models.UUIDField()
    at = models.DateTimeField()
    before = models.BigIntegerField()
    after = models.BigIntegerField()

    class Meta:
        db_table = "plan_restatement"


class Progress(models.Model):
    """One row: the latest moment the log has reached, and the definitions that the numbers were computed with."""

    id = models.SmallIntegerField(primary_key=True)
    latest = models.DateTimeField()
    definitions = models.TextField()

    class Meta:
        db_table = "plan_progress"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="plan_progress_one_row")]

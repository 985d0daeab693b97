"""What journeys heard, and what became of it."""

from django.db import models

PENDING, DONE, STUCK, SKIPPED = "pending", "done", "stuck", "skipped"
STATES = (PENDING, DONE, STUCK, SKIPPED)


class Heard(models.Model):
    """An event that a journey's `run` has to answer, or has answered: the row is the receipt that makes it once.

    `seq` is the event's place in the log, `due_at` when it is (again) tried, `problem` the code of the last refusal.
    """

    id = models.UUIDField(primary_key=True)  # named after journey and event, so that there is one row for both
    journey = models.CharField(max_length=32)
    event = models.UUIDField()
    run = models.UUIDField()
    seq = models.BigIntegerField()
    type = models.CharField(max_length=80)
    state = models.CharField(max_length=8, default=PENDING)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(state__in=STATES), name="journeys_heard_state")]
        indexes = [
            models.Index(fields=["journey", "run", "seq"], name="journeys_run"),
            models.Index(fields=["due_at"], name="journeys_due", condition=models.Q(state=PENDING)),
        ]

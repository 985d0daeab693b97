"""Tables that sellers brought along, and what became of each row."""

from django.db import models


class Import(models.Model):
    """One file: its content until it is done, how far it is, and the report. `sha256` makes its rows idempotent."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    actor = models.UUIDField()
    kind = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    dry_run = models.BooleanField()
    whole = models.BooleanField()
    state = models.CharField(max_length=8, default="waiting")
    rows = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    taken = models.IntegerField(default=0)
    report = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["products", "stock"]), name="market_import_kind"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "refused"]), name="market_import_state"
            ),
        ]
        indexes = [models.Index(fields=["seller", "created_at"], name="market_import_of_seller")]

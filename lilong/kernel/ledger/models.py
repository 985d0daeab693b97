"""Tables of the ledger. What the database holds as a constraint, no program can break."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lilong.kernel.ledger.rules import ASSET_KINDS, EXPIRE, POST, POSTED, REVERSE, VOID


class Asset(models.Model):
    """Something countable: a currency, a lot's stock, a show's seats. Amounts are integers, `scale` digits are minor."""

    id = models.AutoField(primary_key=True)
    code = models.TextField(_("code"), unique=True)
    kind = models.TextField(_("kind"))
    unit = models.TextField(_("unit"))
    scale = models.SmallIntegerField(_("scale"), default=0)

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ASSET_KINDS), name="ledger_asset_kind"),
            models.CheckConstraint(condition=Q(scale__gte=0, scale__lte=18), name="ledger_asset_scale"),
        ]

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """Who has how much of an asset, and for what.

    `held` is pending outgoing, `incoming` pending incoming. `last` is the newest move here: the end of the account's own
    chain of moves. No index stands on anything that a move changes, so that updates stay within the page (HOT).
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.UUIDField(_("owner"))
    asset = models.ForeignKey(Asset, models.PROTECT, db_column="asset", db_index=False, verbose_name=_("asset"))
    purpose = models.TextField(_("purpose"))
    floor = models.BigIntegerField(_("floor"), null=True)
    posted = models.BigIntegerField(_("posted"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    incoming = models.BigIntegerField(_("incoming"), default=0)
    closed = models.BooleanField(_("closed"), default=False)
    last = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["owner", "asset", "purpose"], name="ledger_account_once"),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(floor__lte=F("posted") - F("held")), name="ledger_account_floor"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="ledger_account_held"),
            models.CheckConstraint(condition=Q(incoming__gte=0), name="ledger_account_incoming"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Move(models.Model):
    """An immutable move. `source_before` and `target_before` are the moves that came before it at its two accounts:
    each account's moves are a chain from `Account.last`, which costs no index (docs/ledger.md has the figures).
    The columns stand in this order so that no padding is stored.
    """

    id = models.UUIDField(primary_key=True)
    source = models.BigIntegerField()
    target = models.BigIntegerField()
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    kind = models.SmallIntegerField()
    of = models.UUIDField(null=True)
    ref = models.UUIDField(null=True)
    source_before = models.UUIDField(null=True)
    target_before = models.UUIDField(null=True)
    code = models.TextField()

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = [
            models.CheckConstraint(condition=Q(kind__range=(POSTED, REVERSE)), name="ledger_move_kind"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="ledger_move_two_accounts"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, kind__in=(VOID, EXPIRE)), name="ledger_move_amount"
            ),
            models.CheckConstraint(
                condition=Q(kind__lt=POST, of=None) | Q(kind__gte=POST, of__isnull=False), name="ledger_move_of_fits"
            ),
            models.UniqueConstraint(fields=["of"], condition=Q(of__isnull=False), name="ledger_move_settled_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Deadline(models.Model):
    """An open pending move that expires, and when. Gone once it is settled, so that the job never reads history."""

    move = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")

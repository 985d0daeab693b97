"""Tables of the parties: who there is, who belongs to whom, by what they prove it, what they allow, who read them."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words


class Party(models.Model):
    """A person, an organisation or a device. Its id is what the rest of the house knows it by; rows are never deleted."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")
        DEVICE = "device", _("device")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    category = models.TextField(blank=True, default="")  # what kind of organisation or device
    name = models.JSONField()  # base.words.Words; people have one name, under 'en'; {} once erased
    search = models.TextField(default="")  # the names case-folded, for `queries.search`
    district = models.TextField(blank=True, default="")
    language = models.TextField(default="en")
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        indexes = [models.Index(fields=["kind", "-created_at", "-id"], name="parties_party_by_kind")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("person", "organisation", "device")), name="parties_party_kind"
            ),
        ]

    def __str__(self) -> str:
        return str(Words.read(self.name)) or str(self.id)


class UserManager(BaseUserManager["User"]):
    def create_superuser(self, email: str, password: str | None = None, **more: Any) -> "User":
        """For `createsuperuser`: an operator of the city with every right, and the party behind them."""
        with transaction.atomic():
            party = Party.objects.create(kind=Party.Kind.PERSON, name={"en": email}, search=email.casefold())
            user = self.model(
                party=party, email=email.strip().lower(), is_staff=True, is_superuser=True, is_active=True, **more
            )
            user.set_password(password)
            user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Who signs in, by e-mail address. The party behind it is what acts."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="user")
    email = models.EmailField(_("e-mail address"), unique=True)
    is_staff = models.BooleanField(_("operator of the city"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="parties_user_email_lower"),
        ]

    @property
    def username(self) -> str:
        """Django's admin and libraries ask for one."""
        return self.email

    @property
    def name(self) -> str:
        """What the pages call the person."""
        return str(self.party)

    def get_full_name(self) -> str:
        return str(self.party)

    def get_short_name(self) -> str:
        return str(self.party)


class Membership(models.Model):
    """A person's roles in an organisation."""

    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.TextField())
    since = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "person"], name="parties_membership_once"),
            models.CheckConstraint(condition=models.Q(roles__len__gt=0), name="parties_membership_roles"),
        ]


class Device(models.Model):
    """Whose a device is, and the digest of the secret by which it signs in."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="device")
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="devices")
    secret = models.TextField(blank=True, default="")  # SHA-256, hex; '' until one is issued and once it is revoked
    secret_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")


class ApiKey(models.Model):
    """A program's credential for a party. Only the digest of the secret is kept."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="keys")
    issued_by = models.UUIDField()
    name = models.TextField()
    prefix = models.TextField()
    digest = models.TextField(unique=True)
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_on = models.DateField(null=True, blank=True)  # the day of the last use, no finer

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")


class Consent(models.Model):
    """What a party allows another to do with which of its data, until when."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="consents")
    to = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="consents_received")
    purpose = models.TextField()
    categories = ArrayField(models.TextField())
    given_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")


class Address(models.Model):
    """Where something is brought to a party. Personal: read by others only through `services.read_address`.

    A removed one is not listed any more but stays readable for what is under way, until a job forgets it.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="addresses")
    label = models.TextField(blank=True, default="")  # what its owner calls it: 'home'
    recipient = models.TextField()
    phone = models.TextField()
    line = models.TextField()  # street, house, entrance, door
    district = models.TextField()
    latitude_e6 = models.IntegerField()  # WGS 84, millionths of a degree
    longitude_e6 = models.IntegerField()
    default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        indexes = [
            models.Index(fields=["party", "created_at"], name="parties_address_by_party"),
            models.Index(
                fields=["removed_at"], name="parties_address_removed", condition=models.Q(removed_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(default=True), name="parties_address_one_default"
            ),
            models.CheckConstraint(
                condition=models.Q(default=False) | models.Q(removed_at=None), name="parties_address_default_stands"
            ),
        ]


class AccessEntry(models.Model):
    """Who read whose data, what of it, why and when. Append-only: the database refuses changes."""

    id = models.BigAutoField(primary_key=True)
    subject = models.UUIDField()
    reader = models.UUIDField()
    what = models.TextField()
    why = models.TextField()
    at = models.DateTimeField()
    request = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("access to data")
        verbose_name_plural = _("accesses to data")
        indexes = [models.Index(fields=["subject", "-id"], name="parties_access_by_subject")]


class RateWindow(models.Model):
    """How often something was done in the running window. Unlogged: a crash of the database forgets the counts."""

    pk = models.CompositePrimaryKey("name", "key")
    name = models.TextField()
    key = models.TextField()  # a digest: neither addresses nor credentials are kept
    started_at = models.DateTimeField()
    count = models.IntegerField()
    before = models.IntegerField(default=0)  # the count of the window before this one
    ends_at = models.DateTimeField(db_index=True)  # when the row means nothing any more

    class Meta:
        verbose_name = _("rate window")
        verbose_name_plural = _("rate windows")

"""Where goods stand and are handed over."""

from django.db import models

from lilong.kernel.base.districts import SLUGS

KINDS = ("front-warehouse", "vending-machine", "unmanned-shop", "pick-up-point", "collection-point")


class Place(models.Model):
    """A front warehouse, vending machine, unmanned shop or pick-up point. Position: WGS 84, millionths of a degree."""

    id = models.UUIDField(primary_key=True)
    owner = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=16)
    name = models.JSONField()
    district = models.CharField(max_length=16, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    slots = models.UUIDField(null=True)
    lead_seconds = models.IntegerField(default=1800)
    day_before = models.CharField(max_length=5, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="market_place_kind"),
            models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="market_place_district"),
            models.CheckConstraint(
                condition=models.Q(latitude_e6__range=(-90_000_000, 90_000_000)), name="market_place_latitude"
            ),
            models.CheckConstraint(
                condition=models.Q(longitude_e6__range=(-180_000_000, 180_000_000)), name="market_place_longitude"
            ),
        ]


class PlaceDistrict(models.Model):
    """A district that a place delivers to."""

    pk = models.CompositePrimaryKey("place_id", "district")
    place = models.ForeignKey(Place, models.CASCADE, related_name="serves")
    district = models.CharField(max_length=16, db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="market_serves_district")]

"""Delivery in the operators' admin: to look at. What changes goes through services."""

from django.contrib import admin

from lilong.fields.delivery.models import (
    Carrier,
    Claim,
    ClientEvent,
    Depot,
    LockerBank,
    LockerStay,
    Parcel,
    Run,
    ServiceLevel,
    Shipment,
    Vehicle,
)
from lilong.kernel.base.look_only import LookOnly


@admin.register(Carrier)
class CarrierAdmin(LookOnly):
    list_display = ("name", "district", "opened_at", "closed_at")
    search_fields = ("=id",)


@admin.register(Depot)
class DepotAdmin(LookOnly):
    list_display = ("name", "district", "owner", "carrier_id", "closed_at")
    list_filter = ("district",)
    search_fields = ("=id", "=owner")


@admin.register(ServiceLevel)
class ServiceLevelAdmin(LookOnly):
    list_display = ("code", "name", "carrier_id", "seconds", "window_seconds", "per_hour", "base_fee", "closed_at")
    list_filter = ("code",)
    search_fields = ("=id", "=carrier__id")


@admin.register(Vehicle)
class VehicleAdmin(LookOnly):
    list_display = ("name", "kind", "state", "carrier_id", "home_id", "removed_at")
    list_filter = ("kind", "state")
    search_fields = ("=id", "=carrier__id")


@admin.register(Shipment)
class ShipmentAdmin(LookOnly):
    list_display = ("id", "state", "district", "service", "earliest", "latest", "fee", "stopped", "requested_at")
    list_filter = ("state", "district", "temperature")
    list_select_related = ("service",)
    search_fields = ("=id", "=order", "=shipper", "=recipient", "=carrier__id")


@admin.register(Parcel)
class ParcelAdmin(LookOnly):
    list_display = ("id", "shipment_id", "number", "weight_g", "holder_kind", "holder")
    list_filter = ("holder_kind",)
    search_fields = ("=id", "=shipment__id", "=holder")


@admin.register(ClientEvent)
class ClientEventAdmin(LookOnly):
    list_display = ("id", "vehicle_id", "kind", "state", "problem", "client_at", "received_at")
    list_filter = ("state", "kind")
    search_fields = ("=id", "=vehicle__id", "=shipment")


@admin.register(LockerBank)
class LockerBankAdmin(LookOnly):
    list_display = ("name", "district", "carrier_id", "seen_at", "closed_at")
    list_filter = ("district",)
    search_fields = ("=id",)


@admin.register(LockerStay)
class LockerStayAdmin(LookOnly):
    list_display = ("id", "cell_id", "shipment_id", "state", "until", "put_in_at", "ended_at")
    list_filter = ("state",)
    search_fields = ("=id", "=shipment__id", "=cell__id")


@admin.register(Run)
class RunAdmin(LookOnly):
    list_display = ("id", "vehicle_id", "state", "version", "starts_at", "metres")
    list_filter = ("state",)
    search_fields = ("=id", "=vehicle__id")


@admin.register(Claim)
class ClaimAdmin(LookOnly):
    list_display = ("id", "kind", "state", "asked", "granted", "shipment_id", "opened_at", "appealed_at")
    list_filter = ("kind", "state")
    search_fields = ("=id", "=shipment__id", "=claimant")

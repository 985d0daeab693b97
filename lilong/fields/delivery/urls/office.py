"""Addresses of a carrier's office, under `/delivery/carriers/`, in delivery's own namespace."""

from django.urls import path

from lilong.fields.delivery.pages.office import claims, day, fleet, frame, lockers, parcels, plans

_FIRM = "<uuid:organisation>"

urlpatterns = [
    path("", frame.door, name="offices"),
    path(f"{_FIRM}/", day.overview, name="office"),
    path(f"{_FIRM}/map.json", day.features, name="office-map"),
    path(f"{_FIRM}/shipments/", parcels.listed, name="office-shipments"),
    path(f"{_FIRM}/shipments.csv", parcels.export, name="office-export"),
    path(f"{_FIRM}/shipments/<uuid:id>/<slug:what>", parcels.step, name="office-step"),
    path(f"{_FIRM}/kept/<uuid:id>", parcels.seen, name="office-kept"),
    path(f"{_FIRM}/plan/", plans.board, name="office-plan"),
    path(f"{_FIRM}/plan/make", plans.make, name="office-plan-make"),
    path(f"{_FIRM}/fleet/", fleet.listed, name="office-fleet"),
    path(f"{_FIRM}/fleet/<uuid:vehicle>/state", fleet.set_state, name="office-vehicle-state"),
    path(f"{_FIRM}/lockers/", lockers.listed, name="office-lockers"),
    path(f"{_FIRM}/lockers/<uuid:bank>/", lockers.bank, name="office-bank"),
    path(f"{_FIRM}/lockers/<uuid:bank>/cells/<int:number>", lockers.cell, name="office-cell"),
    path(f"{_FIRM}/cold/", claims.cold, name="office-cold"),
    path(f"{_FIRM}/claims/", claims.listed, name="office-claims"),
    path(f"{_FIRM}/claims/<uuid:id>/<slug:what>", claims.decide, name="office-claim"),
]

"""The operator's addresses, under `/mobility/fleet/`, in mobility's own namespace."""

from django.urls import path

from lilong.fields.mobility.pages.fleet import care, desk, overview, published, trips

urlpatterns = [
    path("", desk.door, name="fleet-door"),
    path("<uuid:organisation>/", overview.overview, name="fleet"),
    path("<uuid:organisation>/map.json", overview.map_data, name="fleet-map"),
    path("<uuid:organisation>/vehicles/", overview.vehicles, name="fleet-vehicles"),
    path("<uuid:organisation>/vehicles.csv", overview.export, name="fleet-export"),
    path("<uuid:organisation>/vehicles/<uuid:id>/", overview.vehicle, name="fleet-vehicle"),
    path("<uuid:organisation>/vehicles/<uuid:id>/service", overview.service, name="fleet-service"),
    path("<uuid:organisation>/rentals/", trips.rentals, name="fleet-rentals"),
    path("<uuid:organisation>/rides/", trips.rides, name="fleet-rides"),
    path("<uuid:organisation>/alarms/<uuid:id>", trips.alarm, name="fleet-alarm"),
    path("<uuid:organisation>/maintenance/", care.plans, name="fleet-maintenance"),
    path("<uuid:organisation>/maintenance/plan", care.plan, name="fleet-plan"),
    path("<uuid:organisation>/maintenance/<uuid:id>/<slug:what>", care.step, name="fleet-maintenance-step"),
    path("<uuid:organisation>/charging/", care.charging, name="fleet-charging"),
    path("<uuid:organisation>/charging/<slug:what>", care.charge, name="fleet-charge"),
    path("<uuid:organisation>/zones/", published.all_zones, name="fleet-zones"),
    path("<uuid:organisation>/zones/new", published.zone, name="fleet-zone-new"),
    path("<uuid:organisation>/zones/<uuid:id>/", published.zone, name="fleet-zone"),
    path("<uuid:organisation>/zones/<uuid:id>/withdraw", published.withdraw, name="fleet-zone-withdraw"),
    path("<uuid:organisation>/prices/", published.prices, name="fleet-prices"),
    path("<uuid:organisation>/prices/new", published.price, name="fleet-price-new"),
    path("<uuid:organisation>/prices/<uuid:plan>/", published.price, name="fleet-price"),
    path("<uuid:organisation>/telemetry/", trips.telemetry, name="fleet-telemetry"),
]

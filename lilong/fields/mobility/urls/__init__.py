"""Mobility's addresses, under `/mobility/`."""

from django.urls import include, path

from lilong.fields.mobility.pages import drive, find, licences, rides, shared, trips

app_name = "mobility"

urlpatterns = [
    path("", find.home, name="home"),
    path("vehicles/<uuid:id>/", find.vehicle, name="vehicle"),
    path("vehicles/<uuid:id>/book", find.book, name="vehicle-book"),
    path("vehicles/<uuid:id>/take", find.take, name="vehicle-take"),
    path("trips/", trips.mine, name="trips"),
    path("rentals/<uuid:id>/", trips.rental, name="rental"),
    path("rentals/<uuid:id>/now", trips.rental_now, name="rental-now"),
    path("rentals/<uuid:id>/map.json", trips.rental_map, name="rental-map"),
    path("rentals/<uuid:id>/<slug:what>", trips.rental_do, name="rental-do"),
    path("receipts/<uuid:trip>/", trips.receipt, name="receipt"),
    path("ride/", rides.ask, name="ride-ask"),
    path("ride/request", rides.request_ride, name="ride-request"),
    path("rides/<uuid:id>/", rides.ride, name="ride"),
    path("rides/<uuid:id>/now", rides.ride_now, name="ride-now"),
    path("rides/<uuid:id>/map.json", rides.ride_map, name="ride-map"),
    path("rides/<uuid:id>/<slug:what>", rides.ride_do, name="ride-do"),
    path("shared/<slug:token>/", shared.page, name="shared"),
    path("shared/<slug:token>/now", shared.now, name="shared-now"),
    path("shared/<slug:token>/map.json", shared.map_json, name="shared-map"),
    path("licence/", licences.mine, name="licence"),
    path("licence/desk/", licences.desk, name="licence-desk"),
    path("licence/desk/<uuid:id>", licences.decide, name="licence-decide"),
    path("drive/", drive.drive, name="drive"),
    path("drive/now", drive.drive_now, name="drive-now"),
    path("drive/map.json", drive.drive_map, name="drive-map"),
    path("drive/online", drive.online, name="drive-online"),
    path("drive/here", drive.here, name="drive-here"),
    path("drive/<slug:what>", drive.do, name="drive-do"),
    path("fleet/", include("lilong.fields.mobility.urls.fleet")),
    path("gbfs/3.0/", include("lilong.fields.mobility.urls.gbfs")),
    path("mds/", include("lilong.fields.mobility.urls.mds")),
]

"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path

from lilong.site.api import api
from lilong.site.pages import house, lane, mine, search
from lilong.site.registry import doors
from lilong.site.rooms import edges

PLACES = {"parties": "me/", "calendar": "me/calendar/", "ledger": "me/ledger/"}  # rooms that live behind 'me'

urlpatterns = [
    path("", lane.lane, name="lane"),
    path("search", search.search, name="search"),
    path("me/", mine.hub, name="me"),
    path("me/orders/", mine.my_orders, name="my-orders"),
    path("me/orders/<uuid:id>", mine.my_order, name="my-order"),
    path("me/orders/<uuid:id>/cancel", mine.cancel, name="my-order-cancel"),
    path("me/wallet", mine.wallet, name="my-wallet"),
    path("manifest.webmanifest", house.manifest, name="manifest"),
    path("robots.txt", house.robots, name="robots"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *(path(PLACES.get(code, f"{code}/"), include(room)) for code, room in edges("urls")),
    *(path(f"{door.code}/", lane.closed_door, {"code": door.code}) for door in doors() if not door.open),
]

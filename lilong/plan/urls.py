"""The plan's addresses, under `/plan/`."""

from django.urls import path

from lilong.plan import pages

app_name = "plan"
urlpatterns = [
    path("", pages.board, name="board"),
    path("baseline", pages.baseline, name="baseline"),
    path("indicators/<str:id>", pages.indicator, name="indicator"),
    path("indicators/<str:id>/events", pages.events, name="events"),
    path("indicators/<str:id>/data.csv", pages.data_csv, name="data-csv"),
    path("indicators/<str:id>/data.json", pages.data_json, name="data-json"),
]

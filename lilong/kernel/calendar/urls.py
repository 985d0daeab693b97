"""My calendar; the site mounts it behind 'me'."""

from django.urls import path

from lilong.kernel.calendar import pages

app_name = "calendar"
urlpatterns = [
    path("", pages.agenda, name="agenda"),
    path("agenda.ics", pages.agenda_ics, name="agenda-ics"),
    path("<uuid:id>/release/", pages.release, name="release"),
]

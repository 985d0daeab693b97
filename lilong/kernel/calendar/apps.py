from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "lilong.kernel.calendar"
    label = "calendar"

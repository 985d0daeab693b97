from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "lilong.kernel.events"
    label = "events"

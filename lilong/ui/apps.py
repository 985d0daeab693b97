from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "lilong.ui"
    label = "ui"

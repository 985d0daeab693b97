from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "lilong.kernel.base"
    label = "base"
